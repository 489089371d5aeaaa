"""What may be chosen about a made-up district beside its size? Each choice is part of the hidden truth.

The defaults are the district that everyone knows from the demo. A measurement that should find a thing
is tried in a world where it is there, and in one where it is not.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
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
    """

    recording_bias: float = 1.42
    excusing_bias: float = 1.0
    biased_schools: float = 0.34
    pandemic_year: int | None = None
    quarantine_day: float = 0.003

    def as_json(self) -> dict[str, Any]:
        """For the truth folder."""
        return asdict(self)


DEMO = World()


def checked(world: World, size: Size) -> World:
    """``world`` itself; UsageError when a choice cannot be in a district of this size."""
    for name in ("recording_bias", "excusing_bias"):
        if not 0.2 <= getattr(world, name) <= 5:
            raise UsageError(
                f"{name} of {getattr(world, name)} asked for.",
                "It says how many times likelier: 0.2 to 5, 1 for no bias.",
            )
    for name in ("biased_schools", "quarantine_day"):
        if not 0 <= getattr(world, name) <= 1:
            raise UsageError(f"{name} of {getattr(world, name)} asked for.", "It is a share, 0 to 1.")
    if world.pandemic_year is not None and world.pandemic_year not in size.school_years:
        raise UsageError(
            f"A pandemic in {world.pandemic_year} asked for.",
            f"This district has the school years {size.school_years[0]} to {size.school_years[-1]}.",
        )
    return world
