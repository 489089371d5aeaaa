"""What is true of the made-up district and stands nowhere in its records?

For judging models, never for making them.
Written to a folder of its own, which nothing in this package reads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ews.district.attendance import Absence, Life
from ews.district.attending import Attending
from ews.district.calendar import WEEKS_A_YEAR
from ews.district.engagement import Engagement, school_effects
from ews.district.recording import biased_schools
from ews.district.sizes import Size
from ews.district.streams import Array
from ews.district.students import Students
from ews.district.support import PROGRAMS, Support
from ews.district.world import World
from ews.school_year import SNAPSHOT_WEEKS

HORIZON_DAYS = 45


@dataclass
class YearOfTruth:
    """What is hidden about one school year."""

    students: pa.Table
    weeks: pa.Table
    outcomes: pa.Table
    support: pa.Table


def year_of_truth(
    seed: int,
    students: Students,
    year: Attending,
    engagement: Engagement,
    given: Support,
    absence: Absence,
    one: Life,
    out: Array,
    world: World,
) -> YearOfTruth:
    """The hidden side of one school year."""
    again = [one.again(seed, time).lived(engagement.latent, out) for time in range(world.lives)]
    return YearOfTruth(
        students_truth(students, year, engagement, given),
        weekly_truth(students, year, engagement, given),
        potential_outcomes(students, year, absence, again),
        support_truth(students, year, given),
    )


def support_truth(students: Students, year: Attending, given: Support) -> pa.Table:
    """Per program given: to whom, from which school day to which, and what it truly adds while it runs."""
    begin, end = given.days(year)
    return pa.table(
        {
            "student_id": pa.array(students.student_id[year.student[given.row]], pa.string()),
            "school_year": np.full(len(given.row), year.calendar.year),
            "program": pa.array([PROGRAMS[i].kind for i in given.program], pa.string()),
            "begin_date": year.calendar.days[begin],
            "end_date": year.calendar.days[end],
            "effect": given.effect,
        }
    )


def students_truth(students: Students, year: Attending, engagement: Engagement, given: Support) -> pa.Table:
    """Per student and year: what stays with the student, when trouble began, which program was given."""
    program = np.full(len(year.student), None, dtype=object)
    program[given.row] = [PROGRAMS[i].kind for i in given.program]
    return pa.table(
        {
            "student_id": students.student_id[year.student],
            "school_year": np.full(len(year.student), year.calendar.year),
            "standing": engagement.standing,
            "onset_week": engagement.onset_week,
            "ability": students.ability[year.student],
            "conduct": students.conduct[year.student],
            "health": students.health[year.student],
            "program": pa.array(program, pa.string()),
        }
    )


def weekly_truth(students: Students, year: Attending, engagement: Engagement, given: Support) -> pa.Table:
    """Per student and week: disengagement in log-odds, and what support added to it."""
    n = len(year.student)
    return pa.table(
        {
            "student_id": np.repeat(students.student_id[year.student], WEEKS_A_YEAR),
            "school_year": np.full(n * WEEKS_A_YEAR, year.calendar.year),
            "week": np.tile(np.arange(1, WEEKS_A_YEAR + 1), n),
            "disengagement": engagement.latent.astype(np.float32).ravel(),
            "support": given.shift(n).astype(np.float32).ravel(),
        }
    )


def potential_outcomes(students: Students, year: Attending, absence: Absence, again: list[Array]) -> pa.Table:
    """Per student and snapshot week: days missed in the 45 after it, with support as given and without.

    ``again``: other lives of the same students without support; ``untreated_risk`` is the share of them in
    which 10 % or more of those days are missed, empty where none was lived.
    """
    weeks = year.calendar.week_of_day
    school_weeks = np.unique(weeks)
    starts = [int(np.searchsorted(weeks, school_weeks[week])) for week in SNAPSHOT_WEEKS]
    return pa.concat_tables(
        [
            outcomes_from(students, year, absence, again, week, start)
            for week, start in zip(SNAPSHOT_WEEKS, starts, strict=True)
        ]
    )


def outcomes_from(
    students: Students, year: Attending, absence: Absence, again: list[Array], week: int, start: int
) -> pa.Table:
    """The potential outcomes of the 45 days from ``start``."""
    window = slice(start, start + HORIZON_DAYS)
    expected = year.expected[:, window].sum(axis=1)
    with_support = Absence.missed(absence.state[:, window]).sum(axis=1)
    without = Absence.missed(absence.untreated[:, window]).sum(axis=1)
    return pa.table(
        {
            "student_id": students.student_id[year.student],
            "school_year": np.full(len(expected), year.calendar.year),
            "week": np.full(len(expected), week),
            "expected_days": expected,
            "missed_with_support": with_support,
            "missed_without": without,
            "untreated_risk": untreated_risk(again, window, expected),
        }
    )


def untreated_risk(again: list[Array], window: slice, expected: Array) -> pa.Array:
    """In which share of the lives 10 % or more of the window's expected days are missed; null without any."""
    happens = [
        10 * Absence.missed(state[:, window]).sum(axis=1) >= np.maximum(expected, 1) for state in again
    ]
    chance = np.mean(happens, axis=0) if happens else np.zeros(len(expected))
    return pa.array(chance, mask=np.full(len(expected), not happens))


def write_truth(
    folder: Path, seed: int, size: Size, world: World, years: list[YearOfTruth], teachers: pa.Table
) -> None:
    """Students, weeks, outcomes and support as Parquet; the world's choices, effects and biases as JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("students", "weeks", "outcomes", "support"):
        pq.write_table(pa.concat_tables([getattr(year, name) for year in years]), folder / f"{name}.parquet")
    pq.write_table(teachers, folder / "teachers.parquet")
    biased = biased_schools(seed, size, world)
    known = {
        "world": world.as_json(),
        "effects": {p.kind: world.strength * p.effect for p in PROGRAMS},
        "school_effects": by_school(size, school_effects(seed, len(size.schools), world)),
        "recording_bias": by_school(size, np.where(biased, world.recording_bias, 1.0)),
        "excusing_bias": by_school(size, np.where(biased, world.excusing_bias, 1.0)),
    }
    (folder / "truth.json").write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")


def by_school(size: Size, values: Array) -> dict[str, float]:
    """One number a school, by its id."""
    return {school.org_id: float(value) for school, value in zip(size.schools, values, strict=True)}
