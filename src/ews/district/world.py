"""What may be chosen about a made-up district beside its size? Each choice is part of the hidden truth.

The defaults are the district that everyone knows from the demo. A measurement that should find a thing
is tried in a world where it is there, and in one where it is not.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from ews.district.sizes import Size
from ews.errors import UsageError


@dataclass(frozen=True, kw_only=True)
class World:
    """One world. Its numbers are true of the students; none of them stands in the records.

    recording_bias: at schools where staff do not record alike, how many times likelier a Black or
        Hispanic student is written up for the same conduct. 1 is no bias.
    excusing_bias: at those schools, how many times less often an absence of theirs is excused.
    biased_schools: the share of schools where staff do not record alike.
    pandemic_year: a school year (2025 is 2024-25) of quarantines: on any day any student may be sent home
        for one to two weeks, whoever they are. The year before tells nothing of it.
    quarantine_day: the chance that a quarantine begins, on any school day of that year.
    no_suspensions_from: from this day a suspension is no longer the answer to a moderate matter, and half
        as often to a serious one; a talk takes its place. The students behave as before.
    independent_study_from: from this day half of the days missed through illness are written down as
        independent study, which does not count as missed. The students are as often ill as before.
    school_spread: standard deviation, in log-odds of missing a day, of what each school adds for good.
    interactions: how much more the same disengagement keeps a weak student away than a strong one: 0 is
        alike, at 0.5 half more for the weakest and half less for the strongest.
    list_weeks: school weeks on whose list counselors act the Monday after; without any, staff give support
        by what they see, as in the demo.
    places: the share of a counselor's students who can be in support at once, where they act on lists.
    discretion: how much of a counselor's choice is what they see for themselves, 0 to 1; the list is the
        rest.
    strength: times the programs' effects are as large as ``ews.district.support.PROGRAMS`` says.
    lives: how often each student's year is lived again, untreated, for the truth about untreated risk.
    """

    recording_bias: float = 1.42
    excusing_bias: float = 1.0
    biased_schools: float = 0.34
    pandemic_year: int | None = None
    quarantine_day: float = 0.003
    no_suspensions_from: date | None = None
    independent_study_from: date | None = None
    school_spread: float = 0.0
    interactions: float = 0.0
    list_weeks: tuple[int, ...] = ()
    places: float = 0.08
    discretion: float = 0.2
    strength: float = 1.0
    lives: int = 0

    def as_json(self) -> dict[str, Any]:
        """For the truth folder."""
        return {name: str(v) if isinstance(v, date) else v for name, v in asdict(self).items()}


DEMO = World()
LAST_LIST = 34


def checked(world: World, size: Size) -> World:
    """``world`` itself; UsageError when a choice cannot be in a district of this size."""
    for name in ("recording_bias", "excusing_bias"):
        if not 0.2 <= getattr(world, name) <= 5:
            raise UsageError(
                f"{name} of {getattr(world, name)} asked for.",
                "It says how many times likelier: 0.2 to 5, 1 for no bias.",
            )
    for name in ("biased_schools", "quarantine_day", "places", "discretion"):
        if not 0 <= getattr(world, name) <= 1:
            raise UsageError(f"{name} of {getattr(world, name)} asked for.", "It is a share, 0 to 1.")
    for name, most in (("school_spread", 2), ("interactions", 1), ("strength", 5), ("lives", 100)):
        if not 0 <= getattr(world, name) <= most:
            raise UsageError(f"{name} of {getattr(world, name)} asked for.", f"It is 0 to {most}.")
    if not all(1 <= week <= LAST_LIST for week in world.list_weeks):
        raise UsageError("Lists outside the school year asked for.", f"Weeks are 1 to {LAST_LIST}.")
    if world.pandemic_year is not None and world.pandemic_year not in size.school_years:
        raise UsageError(
            f"A pandemic in {world.pandemic_year} asked for.",
            f"This district has the school years {size.school_years[0]} to {size.school_years[-1]}.",
        )
    return world


def chosen_world(**chosen: Any) -> World:
    """The demo's world but for what was ``chosen``; None is no choice."""
    return replace(DEMO, **{name: value for name, value in chosen.items() if value is not None})
