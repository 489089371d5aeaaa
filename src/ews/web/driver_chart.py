"""What a student's scores are made of: bars of named drivers, in words and not in numbers, and a table."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from ews.support.facts import Reason, reason_of
from ews.support.student_view import StudentView
from ews.web.drawn import Bar, bars

AMOUNTS = ((1.0, "a lot"), (0.4, "some"), (0.0, "a little"))
"""From so many log-odds on, the word for how much a driver raises or lowers a score."""


@dataclass(frozen=True)
class Part:
    """One driver of one score: which way and how much in words, and the fact behind it."""

    score: str
    driver: str
    raises: bool
    amount: str
    size: float
    fact: Reason
    background: bool


@dataclass(frozen=True)
class DriverChart:
    """The parts of every score, drawn, and the same as rows of a table."""

    drawing: Markup
    parts: tuple[Part, ...]


def driver_chart(view: StudentView) -> DriverChart | None:
    """The drivers of the scores shown, each with a sentence; None when there is none.

    Overall is made of the others. What is context (grade, time of year) is for analysts and left out.
    """
    parts = tuple(
        Part(
            score=score.title,
            driver=driver["title"],
            raises=driver["direction"] == "raises",
            amount=amount_of(driver["contribution"]),
            size=abs(driver["contribution"]),
            fact=reason_of(driver),
            background=driver["kind"] == "background",
        )
        for score in view.scores
        if score.domain != "overall"
        for driver in score.drivers
        if driver["kind"] != "context"
    )
    if not parts:
        return None
    return DriverChart(bars(rows_of(parts), "What raises and what lowers each score"), parts)


def rows_of(parts: tuple[Part, ...]) -> tuple[Bar, ...]:
    """The bars under a heading for each score, as long as each weighs beside the heaviest."""
    most = max(part.size for part in parts)
    rows: list[Bar] = []
    for place, part in enumerate(parts):
        if place == 0 or parts[place - 1].score != part.score:
            rows.append(Bar(part.score))
        share = round(part.size / most, 2)
        rows.append(Bar(part.driver, share if part.raises else -share, part.amount))
    return tuple(rows)


def amount_of(contribution: float) -> str:
    """How much a contribution in log-odds is, in words.

    >>> amount_of(-1.3), amount_of(0.5), amount_of(0.1)
    ('a lot', 'some', 'a little')
    """
    return next(word for least, word in AMOUNTS if abs(contribution) >= least)
