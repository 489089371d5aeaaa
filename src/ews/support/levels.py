"""Whom to see first: the suggested list level of every student, within what a school's staff can do.

A level is proposed by the machine from calibrated probabilities; the tier of support is set by people
and stands elsewhere. The rules, from docs on method ("Who to see first"):

* The line for *See first* is .60 and for *See next* .30, on the most urgent of a student's domains, so
  that one severe domain is never hidden by milder ones. Behavior alone never reaches *See first*: a
  suspension is an adult's decision.
* Places are a share of the district's enrollment, dealt out to schools by how many of their students
  stand above the line, and not by how large they are.
* Who is on a level leaves it only after two weekly runs below its line less .10. Who stays that way is
  beside the places: the most urgent always come.
* A counselor gets at most 8 names a week that are news: first those that are new, then those that moved
  level; new ones beyond that wait, and are said to wait. The first list of a school year has everybody
  with a place, and nobody is new on it. With no model in service the same number holds for those who meet a
  hand-set rule, in the list's order.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from ews.settings import Settings

FIRST, NEXT, NOT_THIS_WEEK = "see_first", "see_next", "not_this_week"
NOT_ENOUGH_DATA, NOT_SCORED = "not_enough_data", "not_scored"
LEVEL_WORDS = {
    FIRST: "See first",
    NEXT: "See next",
    NOT_THIS_WEEK: "Not this week",
    NOT_ENOUGH_DATA: "Not enough data yet",
    NOT_SCORED: "Not scored",
}
LISTED = (FIRST, NEXT)
ORDER = {level: place for place, level in enumerate(LEVEL_WORDS)}
WEEKS_TO_LEAVE = 2


@dataclass(frozen=True)
class Lines:
    """The settings that draw the levels; stored with every run."""

    high: float
    elevated: float
    first_share: float
    listed_share: float
    leave_margin: float
    new_names: int
    behavior_joins: bool

    @classmethod
    def of(cls, settings: Settings) -> Lines:
        """The lines that ``ews.toml`` draws."""
        return cls(
            high=settings["bands.high"],
            elevated=settings["bands.elevated"],
            first_share=settings["list.first_share"],
            listed_share=settings["list.capacity_share"],
            leave_margin=settings["list.leave_margin"],
            new_names=settings["list.new_names_per_week"],
            behavior_joins=settings["overall.behavior_joins"],
        )


@dataclass(frozen=True)
class Before:
    """Where a student stood in the weekly run before: their level, whether it was shown, weeks below."""

    level: str
    shown: bool
    weeks_below: int = 0

    @property
    def listed(self) -> bool:
        """Whether the student stood on the list that people saw."""
        return self.shown and self.level in LISTED


@dataclass(frozen=True)
class Standing:
    """What is known of a student before levels are given.

    probabilities: domain -> calibrated probability, for the domains that were scored.
    counselor: whose new names are counted together; a school's when nobody has the student.
    stale: the school's data are late, so that the student cannot become a new name.
    shown_this_week: already shown as a new name in an earlier run of this week.
    """

    student_id: str
    school_id: str
    counselor: str
    probabilities: Mapping[str, float]
    before: Before | None = None
    stale: bool = False
    shown_this_week: bool = False


@dataclass(frozen=True)
class Suggested:
    """The level of one student. ``urgency`` is the running variable that is compared with the lines."""

    level: str
    urgency: float | None
    previous_level: str | None = None
    is_new: bool = False
    changed: bool = False
    waiting: bool = False
    weeks_below: int = 0


@dataclass(frozen=True)
class Places:
    """What one school's staff can do, and where that puts its lines.

    beyond: students above the line for *See next*, on fresh data, who have no place on the list.
    """

    first: int
    listed: int
    first_line: float
    next_line: float
    beyond: int = 0


@dataclass
class Suggestions:
    """The levels of a run, by student, and the places, by school."""

    students: dict[str, Suggested] = field(default_factory=dict)
    schools: dict[str, Places] = field(default_factory=dict)


def suggest(
    standings: Sequence[Standing], enrolled: Mapping[str, int], lines: Lines, *, first_list: bool = False
) -> Suggestions:
    """The level of every student; ``enrolled`` counts the students of each school.

    ``first_list``: nothing was shown before, so nobody waits and nobody is new. The same standings in
    another order give the same answer.
    """
    urgencies = {one.student_id: urgency(one.probabilities, lines) for one in standings}
    ranked = sorted(standings, key=lambda one: (-(urgencies[one.student_id] or 0.0), one.student_id))
    schools = _places(ranked, urgencies, enrolled, lines)
    levels: dict[str, str] = {}
    weeks_below: dict[str, int] = {}
    for school, members in _by_school(ranked).items():
        _fill(members, urgencies, schools[school], lines, levels, weeks_below)
    waiting, moves = (set(), set()) if first_list else _news(ranked, levels, lines.new_names)
    suggestions = Suggestions(schools=schools)
    for one in ranked:
        was = one.before.level if one.before is not None and one.before.listed else None
        level, waits = levels[one.student_id], one.student_id in waiting
        suggestions.students[one.student_id] = Suggested(
            level=level,
            urgency=urgencies[one.student_id],
            previous_level=was,
            is_new=level in LISTED and was is None and not waits and not first_list,
            changed=one.student_id in moves,
            waiting=waits,
            weeks_below=weeks_below[one.student_id],
        )
    for school, members in _by_school(ranked).items():
        beyond = sum(
            is_beyond(levels[one.student_id], urgencies[one.student_id], one.stale, lines.elevated)
            for one in members
        )
        schools[school] = replace(schools[school], beyond=beyond)
    return suggestions


def is_beyond(level: str, value: float | None, stale: bool, line: float) -> bool:
    """Whether a student stands above the line for *See next* and only today's places are short."""
    return level == NOT_THIS_WEEK and value is not None and value >= line and not stale


def urgency(probabilities: Mapping[str, float], lines: Lines) -> float | None:
    """How urgent a student is: the highest probability that counts; None when nothing was scored.

    Behavior counts up to just below the line for *See first*. Where it has joined ``overall``, that
    counts in full only with another domain at or above the lower line.
    """
    others = [p for domain, p in probabilities.items() if domain not in ("behavior", "overall")]
    reach = list(others)
    if "overall" in probabilities:
        alone = lines.behavior_joins and max(others, default=0.0) < lines.elevated
        reach.append(_below(probabilities["overall"], lines.high) if alone else probabilities["overall"])
    if "behavior" in probabilities:
        reach.append(_below(probabilities["behavior"], lines.high))
    return max(reach, default=None)


def _below(probability: float, line: float) -> float:
    return min(probability, math.nextafter(line, 0.0))


def shared_out(places: int, need: Mapping[str, int]) -> dict[str, int]:
    """``places`` dealt out in proportion to ``need``, whole ones, none beyond need (largest remainders).

    >>> shared_out(10, {"Alder Creek": 30, "Orchard Bend": 10})
    {'Alder Creek': 8, 'Orchard Bend': 2}
    """
    total = sum(need.values())
    if total <= places:
        return dict(need)
    exact = {school: places * wanted / total for school, wanted in need.items()}
    dealt = {school: int(share) for school, share in exact.items()}
    by_remainder = sorted(need, key=lambda school: (dealt[school] - exact[school], school))
    for school in by_remainder[: places - sum(dealt.values())]:
        dealt[school] += 1
    return dealt


def new_by_rules(
    meeting: Iterable[tuple[str, str]], shown: Set[str], this_week: Set[str], most: int
) -> set[str]:
    """Who is a new name with no model in service, at most ``most`` a counselor. ``meeting``: who meets a
    hand-set rule, with their counselor, in the list's order.

    Nobody is who was ``shown`` in an earlier week; who was already new ``this_week`` stays so.
    """
    names: dict[str, list[str]] = defaultdict(list)
    for student, counselor in meeting:
        if student not in shown:
            names[counselor].append(student)
    return {
        student
        for theirs in names.values()
        for student in sorted(theirs, key=lambda one: one not in this_week)[:most]
    }


def _by_school(ranked: Iterable[Standing]) -> dict[str, list[Standing]]:
    members: dict[str, list[Standing]] = defaultdict(list)
    for one in ranked:
        members[one.school_id].append(one)
    return members


def _places(
    ranked: Sequence[Standing],
    urgencies: Mapping[str, float | None],
    enrolled: Mapping[str, int],
    lines: Lines,
) -> dict[str, Places]:
    """Each school's places, and its lines: the urgency of the last who fits, never below the set line."""
    above = {
        school: [urgencies[one.student_id] or 0.0 for one in members]
        for school, members in _by_school(ranked).items()
    }
    district = sum(enrolled.values())
    first = shared_out(
        round(lines.first_share * district),
        {school: sum(value >= lines.high for value in values) for school, values in above.items()},
    )
    listed = shared_out(
        round(lines.listed_share * district),
        {school: sum(value >= lines.elevated for value in values) for school, values in above.items()},
    )
    return {
        school: Places(
            first=first[school],
            listed=max(first[school], listed[school]),
            first_line=_line(values, first[school], lines.high),
            next_line=_line(values, max(first[school], listed[school]), lines.elevated),
        )
        for school, values in above.items()
    }


def _line(values: Sequence[float], places: int, line: float) -> float:
    """The urgency from which one gets a place: ``line``, or the last who fits when places are short."""
    if places >= len(values) or values[places] < line:
        return line
    return values[places - 1] if places else values[0]


def _fill(
    members: Sequence[Standing],
    urgencies: Mapping[str, float | None],
    places: Places,
    lines: Lines,
    levels: dict[str, str],
    weeks_below: dict[str, int],
) -> None:
    """Gives every student of a school a level: who may stay stays, and the most urgent always come.

    Who stays takes nobody's place: a student whose need is greater never waits for one whose has eased.
    """
    for one in members:
        scored = urgencies[one.student_id] is not None
        kept, weeks = _kept(one, urgencies[one.student_id], places, lines)
        levels[one.student_id] = kept if scored or kept in LISTED else NOT_ENOUGH_DATA
        weeks_below[one.student_id] = weeks
    for level, line, number in (
        (FIRST, lines.high, places.first),
        (NEXT, lines.elevated, places.listed),
    ):
        may_come = [one for one in members if _may_come(one, urgencies[one.student_id], line)]
        for one in may_come[:number]:
            if ORDER[levels[one.student_id]] > ORDER[level]:
                levels[one.student_id] = level


def _kept(one: Standing, value: float | None, places: Places, lines: Lines) -> tuple[str, int]:
    """The level that a student keeps from the week before, and for how many weeks they stood below it."""
    if one.before is None or not one.before.listed:
        return NOT_THIS_WEEK, 0
    if value is None or one.stale:
        return one.before.level, one.before.weeks_below
    line = places.first_line if one.before.level == FIRST else places.next_line
    if value >= line - lines.leave_margin:
        return one.before.level, 0
    weeks = one.before.weeks_below + 1
    if weeks < WEEKS_TO_LEAVE:
        return one.before.level, weeks
    if one.before.level == FIRST and value >= places.next_line - lines.leave_margin:
        return NEXT, 0
    return NOT_THIS_WEEK, 0


def _may_come(one: Standing, value: float | None, line: float) -> bool:
    """Whether a student stands above ``line`` on fresh data, or was already on the list."""
    if value is None or value < line:
        return False
    return not one.stale or (one.before is not None and one.before.listed)


def _news(ranked: Sequence[Standing], levels: Mapping[str, str], most: int) -> tuple[set[str], set[str]]:
    """(new names that wait, moves that are shown as news), so that a counselor's news are at most ``most``.

    A name that nobody has seen comes before a student on the list who moved between its levels. Who was
    already shown this week stays shown.
    """
    new: dict[str, list[Standing]] = defaultdict(list)
    moved: dict[str, list[Standing]] = defaultdict(list)
    for one in ranked:
        level = levels[one.student_id]
        if level in LISTED and (one.before is None or not one.before.listed):
            new[one.counselor].append(one)
        elif one.before is not None and one.before.listed and one.before.level != level:
            moved[one.counselor].append(one)
    waiting: set[str] = set()
    for names in new.values():
        in_turn = sorted(names, key=lambda one: (not one.shown_this_week, ORDER[levels[one.student_id]]))
        waiting |= {one.student_id for one in in_turn[most:]}
    shown = {
        one.student_id
        for counselor, names in moved.items()
        for one in names[: max(0, most - len(new[counselor]))]
    }
    return waiting, shown
