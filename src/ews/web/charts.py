"""What a chart of a student's weeks shows: a line, hollow circles, the typical range, terms, a contact.

A chart and its table come from the same weeks. Here only what is shown is worked out; ``drawn.py`` puts it
on paper, twice, wide and narrow, so that labels keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

WIDE, HALF, NARROW = 760, 400, 256
SUMMER = timedelta(days=28)
A_WEEK = timedelta(days=7)
AVERAGED_WEEKS = 4
THINNEST = 0.03  # of the scale: a typical range is never thinner than can be seen


@dataclass(frozen=True)
class Week:
    """One school week: its Monday, what was counted or averaged in it, and what was expected."""

    starts_on: date
    value: float | None
    expected: float | None = None


@dataclass(frozen=True)
class Term:
    """A term mark: its short label (``Q2``) and its first day."""

    label: str
    starts_on: date


@dataclass(frozen=True)
class Mark:
    """Something that happened on a day and is marked on the line: ``21 Oct: phone``."""

    label: str
    on: date


@dataclass(frozen=True)
class Series:
    """What one chart shows.

    marks: the places of the scale that have a line and a label. bounds: the scale's ends; values past
    them stand on them. shown_as: ``averages`` (a line of four-week averages over hollow circles),
    ``line``, or ``events`` (a square where there was one). falling: 0 stands on top, so that falling
    means more days missed. depth: how tall the scale is drawn. none: said where nothing happened.
    """

    title: str
    weeks: tuple[Week, ...]
    terms: tuple[Term, ...]
    marks: tuple[tuple[float, str], ...]
    bounds: tuple[float, float]
    shown_as: Literal["averages", "line", "events"]
    falling: bool = False
    typical: tuple[float, float] | None = None
    contact: Mark | None = None
    depth: int = 118
    none: str = ""

    @property
    def judged(self) -> list[float | None]:
        """The values that the line joins; of events there is none."""
        if self.shown_as == "events":
            return [None] * len(self.weeks)
        return averages(self.weeks) if self.shown_as == "averages" else [week.value for week in self.weeks]

    def within(self, value: float) -> float:
        """``value`` on the scale; past its ends on them."""
        return min(max(value, self.bounds[0]), self.bounds[1])


def steps(weeks: Sequence[Week]) -> list[float]:
    """Where each week stands from left (0) to right (1); a summer is as wide as two weeks."""
    found = [0.0]
    for before, after in pairwise(weeks):
        found.append(found[-1] + (2.0 if is_summer(before, after) else 1.0))
    return [round(step / (found[-1] or 1.0), 4) for step in found[: len(weeks)]]


def is_summer(before: Week, after: Week) -> bool:
    """Whether a summer lies between two weeks."""
    return after.starts_on - before.starts_on > SUMMER


def stretches(weeks: Sequence[Week]) -> list[int]:
    """The stretch that each week belongs to: the line stops where a summer lies between."""
    found = [0]
    for before, after in pairwise(weeks):
        found.append(found[-1] + is_summer(before, after))
    return found[: len(weeks)]


def averages(weeks: Sequence[Week]) -> list[float | None]:
    """The average of each week and the three before it, summers left out; None where nothing is known."""
    found: list[float | None] = []
    for index, week in enumerate(weeks):
        since = week.starts_on - timedelta(weeks=AVERAGED_WEEKS + 2)
        recent = [
            other.value
            for other in weeks[max(0, index - AVERAGED_WEEKS + 1) : index + 1]
            if other.value is not None and other.starts_on > since
        ]
        found.append(sum(recent) / len(recent) if recent and week.value is not None else None)
    return found


def typical_range(series: Series) -> tuple[float, float] | None:
    """The ends of the typical range on the scale, if one is known, far enough apart to be seen."""
    if series.typical is None:
        return None
    low, high = (series.within(value) for value in series.typical)
    least = THINNEST * (series.bounds[1] - series.bounds[0])
    return low, max(high, min(low + least, series.bounds[1]))


def term_steps(series: Series) -> list[tuple[float, str]]:
    """Where each term begins, and its label; terms that began before the first week are left out."""
    across, found = steps(series.weeks), []
    for term in series.terms:
        first = next((i for i, week in enumerate(series.weeks) if week.starts_on >= term.starts_on), None)
        if first is not None and term.starts_on > series.weeks[0].starts_on - A_WEEK:
            found.append((across[first], term.label))
    return found


def contact_step(series: Series) -> tuple[float, float, str] | None:
    """Where the contact stands: its week, what the line says there, its label; None outside the weeks."""
    if series.contact is None:
        return None
    for step, week, value in zip(steps(series.weeks), series.weeks, series.judged, strict=True):
        if week.starts_on <= series.contact.on < week.starts_on + A_WEEK and value is not None:
            return step, series.within(value), series.contact.label
    return None
