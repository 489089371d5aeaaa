"""What work was set in core classes, and what came in? Missing work shows trouble before absence does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ews.district.attendance import Absence, instants
from ews.district.attending import Attending
from ews.district.calendar import SchoolYear
from ews.district.classes import Classes
from ews.district.engagement import Engagement
from ews.district.gradebooks import Newest, coming_out
from ews.district.sizes import Size
from ews.district.staff import Habits
from ews.district.streams import Array, logistic, stream
from ews.district.students import Students

PER_YEAR = 14
EVERY = 12
FIRST_DUE = 6
MISSING = -3.15
CATEGORIES = ("homework", "quiz", "homework", "project", "quiz", "homework", "test")
POINTS = {"homework": 10.0, "quiz": 20.0, "project": 50.0, "test": 100.0}


@dataclass
class Work:
    """One year's results: which class enrollment, which of the section's assignments, what came of it."""

    seat: Array  # position in Classes
    number: Array  # 0 to 13 within the section
    due: Array  # position of the school day
    missing: Array
    late_days: Array  # 0 when on time
    score: Array  # 0 to 1


def due_days(sections: int, rng: np.random.Generator) -> Array:
    """sections x 14: the school day on which each assignment is due, every twelfth day or so."""
    start = FIRST_DUE + rng.integers(0, EVERY, sections)
    return start[:, None] + EVERY * np.arange(PER_YEAR)


def work(
    seed: int,
    size: Size,
    students: Students,
    year: Attending,
    seats: Classes,
    engagement: Engagement,
    state: Array,
) -> Work:
    """Every core class's assignments in middle and high school, and what each student handed in."""
    rng = stream(seed, "assignments", year.calendar.year)
    due = due_days(len(seats.sections), rng)
    levels = np.array([s.level != "es" for s in size.schools])
    core = np.nonzero(seats.sections.is_core[seats.section] & levels[seats.school])[0]
    when = due[seats.section[core]]
    seat, number = np.nonzero((when >= seats.first[core][:, None] + 3) & (when <= seats.last[core][:, None]))
    when, seat = when[seat, number], core[seat]
    row = seats.row[seat]
    disengaged = engagement.early[row, year.calendar.week_of_day[when]]
    ability = students.ability[year.student[row]]
    away = Absence.missed(state[row, when])
    missing = rng.random(len(row)) < logistic(MISSING + 1.05 * disengaged - 0.45 * ability + 0.9 * away)
    late = ~missing & (rng.random(len(row)) < logistic(-2.4 + 0.6 * disengaged))
    score = np.clip(0.80 + 0.09 * ability - 0.04 * disengaged + rng.normal(0, 0.10, len(row)), 0.05, 1.0)
    return Work(seat, number, when, missing, np.where(late, rng.integers(1, 9, len(row)), 0), score)


def missing_share(what: Work, seats: int, edges: Array) -> Array:
    """class enrollments x quarters: the share of work not in; 0 where none was set."""
    quarter = np.searchsorted(edges, what.due, side="right")
    cell = what.seat * 4 + quarter
    asked = np.bincount(cell, minlength=seats * 4)
    lacking = np.bincount(cell, weights=what.missing, minlength=seats * 4)
    return np.asarray((lacking / np.maximum(asked, 1)).reshape(seats, 4))


def assignments_table(seed: int, size: Size, year: SchoolYear, seats: Classes) -> pa.Table:
    """The table ``assignments``: what was set in every core section of middle and high schools."""
    rng = stream(seed, "assignments", year.year)
    due = due_days(len(seats.sections), rng)
    levels = np.array([s.level != "es" for s in size.schools])
    core = np.nonzero(seats.sections.is_core & levels[seats.sections.school])[0]
    section = np.repeat(core, PER_YEAR)
    number = np.tile(np.arange(PER_YEAR), len(core))
    category = np.array(CATEGORIES, dtype=object)[(section + number) % len(CATEGORIES)]
    day = due[section, number]
    return pa.table(
        {
            "assignment_id": assignment_ids(seats, section, number),
            "section_id": seats.sections.section_id[section],
            "category": category,
            "assigned_date": year.days[day - 4],
            "due_date": year.days[day],
            "points_possible": np.array([POINTS[c] for c in category]),
            "weight": np.ones(len(section)),
        }
    )


def assignment_ids(seats: Classes, section: Array, number: Array) -> Array:
    """``101-2026-0042-07``: section and number."""
    names = np.array([f"-{n + 1:02d}" for n in range(PER_YEAR)], dtype=object)
    return np.asarray(seats.sections.section_id[section] + names[number])


def results_table(
    seed: int,
    students: Students,
    year: Attending,
    seats: Classes,
    what: Work,
    habits: Habits,
    newest: Newest | None,
) -> pa.Table:
    """The table ``assignment_results``. A score counts from the day it was entered.

    ``newest``: the marks at which the points are to come out; None leaves them as they were drawn.
    """
    rng = stream(seed, "gradebook", year.calendar.year)
    section = seats.section[what.seat]
    due = year.calendar.days[what.due]
    delay = habits.scoring_days[section] + rng.integers(0, 4, len(due))
    handed_in = due + what.late_days
    scored = np.where(habits.only_at_term_end[section], term_ends(year, what.due) + 3, handed_in + delay)
    category = (section + what.number) % len(CATEGORIES)
    possible = np.array([POINTS[c] for c in CATEGORIES])[category]
    excused = rng.random(len(due)) < 0.006
    status = np.where(what.missing, "missing", np.where(excused, "exempt", "graded")).astype(object)
    nothing = np.asarray(status != "graded")
    score = what.score
    if newest is not None:
        entered = (due >= newest.since) & (due <= newest.until) & (scored <= newest.until)
        counted = entered & (what.missing | ~nothing)
        score = coming_out(newest, what.seat, score, possible, counted, ~nothing)
    points = possible * score
    return pa.table(
        {
            "student_id": students.student_id[year.student[seats.row[what.seat]]],
            "assignment_id": assignment_ids(seats, section, what.number),
            "status": status,
            "is_late": what.late_days > 0,
            "points_earned": pa.array(np.round(points, 1), mask=nothing),
            "submitted_at": pa.array(instants(handed_in, np.zeros(len(due), int)), mask=nothing),
            "scored_at": instants(scored, np.zeros(len(due), int)),
        }
    )


def term_ends(year: Attending, day: Array) -> Array:
    """The end of the quarter that holds each school day."""
    ends = np.array(
        [t.end for t in year.calendar.secondary_terms if t.term_type == "quarter"], "datetime64[D]"
    )
    return ends[np.searchsorted(ends, year.calendar.days[day])]
