"""Do a course's points come out at its mark? At most teachers' they do; some count in another way.

Points are drawn apart from marks. For the semester that runs when the records are handed over, the points
of graded work are moved until all that was due, what is missing as 0, comes out near the newest mark. Only
``points_earned`` is touched: what came in, when and late is what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from ews.district.attending import Attending
from ews.district.calendar import Term
from ews.district.classes import Classes
from ews.district.marks import Percents
from ews.district.staff import Habits
from ews.district.streams import Array, stream

BY_POINTS = 0.85  # of sections in which the mark is what the points come to
NEAR = 1.2  # standard deviation in percent points: extra credit, a curve, a piece the teacher left out
LEAST, MOST = 0.05, 1.0  # of a piece's points
ROUNDS = 12
TOO_FAR = 0.02  # of the points asked for


@dataclass(frozen=True)
class Newest:
    """The newest mark of each class enrollment, in percent; NaN where the points are left as they were.

    since, until: the days of the semester so far (datetime64).
    """

    percent: Array
    since: np.datetime64
    until: np.datetime64


def newest_marks(
    seed: int, year: Attending, seats: Classes, marked: Percents, habits: Habits, until: date
) -> Newest | None:
    """What the points are to come to on ``until``; None when no semester of the year runs that day."""
    terms = year.calendar.secondary_terms
    running = next((t for t in terms if t.term_type == "semester" and t.start <= until <= t.end), None)
    if running is None:
        return None
    rng = stream(seed, "gradebooks agree", year.calendar.year)
    by_points = rng.random(len(seats.sections)) < BY_POINTS
    percent = np.full(len(seats.row), np.nan)
    for term in sorted(terms, key=lambda one: one.end):
        if term.term_type in ("quarter", "progress") and running.start <= term.start:
            given = posted(term, seats, habits, until) & ~np.isnan(marked.of[term.name])
            percent = np.where(given, marked.of[term.name], percent)
    percent = percent + rng.normal(0, NEAR, len(percent))
    percent = np.where(by_points[seats.section], percent, np.nan)
    return Newest(percent, np.datetime64(running.start, "D"), np.datetime64(until, "D"))


def posted(term: Term, seats: Classes, habits: Habits, until: date) -> Array:
    """Which class enrollments had their mark of a term by a day."""
    silent = habits.only_at_term_end[seats.section]
    days = habits.posting_days[seats.section] + 1 + 8 * silent
    on = np.datetime64(term.end, "D") + days
    return np.asarray((on <= np.datetime64(until, "D")) & ~(silent & (term.term_type == "progress")))


def coming_out(
    newest: Newest, seat: Array, share: Array, possible: Array, counted: Array, done: Array
) -> Array:
    """The share of its points that each piece of work gets, so that they come out at the newest marks.

    All one a piece: ``seat`` its class enrollment, ``share`` as drawn, ``counted`` whether it is due and
    entered by then, ``done`` whether it was graded. Where they cannot (the missing alone is too much), the
    points stay as drawn.
    """
    n = len(newest.percent)
    asked = np.bincount(seat, weights=possible * counted, minlength=n)
    wanted = np.clip(newest.percent, 0, 100) / 100 * asked
    moved, graded = share.copy(), counted & done
    for _ in range(ROUNDS):
        got = np.bincount(seat, weights=possible * moved * graded, minlength=n)
        with np.errstate(invalid="ignore", divide="ignore"):
            factor = wanted / got
        factor = np.where(np.isfinite(factor), factor, 1.0)
        moved = np.where(graded, np.clip(moved * factor[seat], LEAST, MOST), moved)
    got = np.bincount(seat, weights=possible * moved * graded, minlength=n)
    comes_out = np.abs(got - wanted) <= TOO_FAR * asked  # never where there is no mark
    return np.where(graded & comes_out[seat], moved, share)
