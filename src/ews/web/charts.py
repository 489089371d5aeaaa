"""How a student's weeks are drawn: a line, hollow circles, the typical range and the term marks.

A chart is made from the same weeks as its table. Here only places on the paper are worked out, in
SVG units; ``templates/charts.html`` puts ink on them. Each chart is drawn twice, wide and narrow,
so that its labels keep their size on a phone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Literal

from ews.web.words import day

WIDE, HALF, NARROW = 760, 400, 256
SUMMER = timedelta(days=28)
TOP, BOTTOM = 24, 24
RIGHT = 12
LETTER = 7.0
AVERAGED_WEEKS = 4

Place = tuple[float, float]


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
class Series:
    """What one chart shows.

    marks: the places of the scale that have a line and a label. bounds: the scale's ends; values past
    them stand on them. shown_as: ``averages`` (a line of four-week averages over hollow circles),
    ``line``, or ``events`` (a square where there was one). falling: 0 stands on top, so that falling
    means more days missed. depth: how tall the scale is drawn.
    """

    title: str
    weeks: tuple[Week, ...]
    terms: tuple[Term, ...]
    marks: tuple[tuple[float, str], ...]
    bounds: tuple[float, float]
    shown_as: Literal["averages", "line", "events"]
    falling: bool = False
    typical: tuple[float, float] | None = None
    depth: int = 118


@dataclass(frozen=True)
class Text:
    """A label: where it stands, which of its ends stands there (start, middle, end), what it says."""

    x: float
    y: float
    anchor: str
    says: str


@dataclass(frozen=True)
class Drawing:
    """One drawing of one series, in SVG units: everything the template needs, and nothing else."""

    width: int
    height: int
    left: float
    right: float
    band: tuple[float, float] | None
    grid: tuple[float, ...]
    terms: tuple[float, ...]
    lines: tuple[str, ...]
    dots: tuple[Place, ...]
    squares: tuple[Place, ...]
    last: Place | None
    texts: tuple[Text, ...]


def drawing(series: Series, width: int) -> Drawing:
    """Where everything of ``series`` stands on a drawing ``width`` units wide."""
    left = 12 + LETTER * max((len(label) for _, label in series.marks), default=0)
    across = places(series.weeks, left + 4, width - RIGHT)
    counted = [week.value for week in series.weeks]
    judged = averages(series.weeks) if series.shown_as == "averages" else counted
    drawn = [] if series.shown_as == "events" else lines(series, across, judged)
    terms = term_places(series, across)
    return Drawing(
        width=width,
        height=TOP + series.depth + BOTTOM,
        left=left,
        right=width - RIGHT + 4,
        band=band(series),
        grid=tuple(height(series, value) for value, _ in series.marks),
        terms=tuple(x for x, _ in terms),
        lines=tuple(" ".join(f"{x:g},{y:g}" for x, y in line) for line in drawn if len(line) > 1),
        dots=points(series, across, counted) if series.shown_as == "averages" else (),
        squares=points(series, across, [v or None for v in counted]) if series.shown_as == "events" else (),
        last=drawn[-1][-1] if series.shown_as == "line" and drawn and drawn[-1] else None,
        texts=tuple(texts(series, left, width, terms)),
    )


def places(weeks: Sequence[Week], left: float, right: float) -> list[float]:
    """Where each week stands from left to right; a summer is as wide as two weeks."""
    steps = [0.0]
    for before, after in pairwise(weeks):
        steps.append(steps[-1] + (2.0 if after.starts_on - before.starts_on > SUMMER else 1.0))
    unit = (right - left) / (steps[-1] or 1.0)
    return [round(left + step * unit, 1) for step in steps[: len(weeks)]]


def height(series: Series, value: float) -> float:
    """How far down ``value`` stands; values past the bounds stand on them."""
    low, high = series.bounds
    share = (min(max(value, low), high) - low) / ((high - low) or 1.0)
    return round(TOP + series.depth * (share if series.falling else 1.0 - share), 1)


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


def lines(series: Series, across: Sequence[float], values: Sequence[float | None]) -> list[list[Place]]:
    """The places that a line joins: one line for each stretch without a summer between."""
    stretches: list[list[Place]] = [[]]
    for index, week in enumerate(series.weeks):
        if index and week.starts_on - series.weeks[index - 1].starts_on > SUMMER:
            stretches.append([])
        value = values[index]
        if value is not None:
            stretches[-1].append((across[index], height(series, value)))
    return [stretch for stretch in stretches if stretch]


def points(series: Series, across: Sequence[float], values: Sequence[float | None]) -> tuple[Place, ...]:
    """The place of every week that has a value."""
    pairs = zip(across, values, strict=True)
    return tuple((x, height(series, value)) for x, value in pairs if value is not None)


def band(series: Series) -> tuple[float, float] | None:
    """Top and depth of the typical range, if one is known; never thinner than a line can be seen."""
    if series.typical is None:
        return None
    ends = sorted(height(series, value) for value in series.typical)
    return (ends[0], max(ends[1] - ends[0], 3.0))


def term_places(series: Series, across: Sequence[float]) -> list[tuple[float, str]]:
    """Where each term begins, and its label; terms that began before the first week are left out."""
    found = []
    for term in series.terms:
        first = next((i for i, week in enumerate(series.weeks) if week.starts_on >= term.starts_on), None)
        if first is not None and term.starts_on > series.weeks[0].starts_on - timedelta(days=7):
            found.append((across[first], term.label))
    return found


def texts(series: Series, left: float, width: int, terms: Sequence[tuple[float, str]]) -> list[Text]:
    """Labels of the scale at the left, of the terms on top, of the first and last week below."""
    scale = [Text(left - 8, height(series, value) + 4, "end", label) for value, label in series.marks]
    foot = TOP + series.depth + BOTTOM - 4
    ends = []
    if series.weeks:
        ends = [
            Text(left + 4, foot, "start", day(series.weeks[0].starts_on)),
            Text(width - RIGHT, foot, "end", f"week of {day(series.weeks[-1].starts_on)}"),
        ]
    return scale + term_labels(terms, width) + ends


def term_labels(terms: Sequence[tuple[float, str]], width: int) -> list[Text]:
    """The terms' labels, each only where it does not touch the one before it or the paper's edge."""
    labels: list[Text] = []
    free = 0.0
    for x, says in terms:
        reach = x + 4 + LETTER * len(says)
        if x >= free and reach <= width:
            labels.append(Text(x + 4, 12, "start", says))
            free = reach + 6
    return labels
