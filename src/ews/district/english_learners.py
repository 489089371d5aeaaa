"""How do English learners grow, and when are they reclassified? Status, ELPAC, and state tests for all.

Growth is a level from 1 to 4 and beyond that rises by a personal pace each year; at 4 most students
are reclassified the next autumn. A third of learners grow slowly and become long-term.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from ews.district.calendar import SchoolYear
from ews.district.cast import STUDENTS as CAST
from ews.district.enrolling import Enrolled, Stays
from ews.district.sizes import LAST_YEAR, Size
from ews.district.streams import Array, stream
from ews.district.students import Students

START_KINDERGARTEN, START_LATER = 2.0, 1.35
START_SPREAD = 0.75
FLUENT_AT_START = 2.95
GROWTH, GROWTH_SPREAD, YEAR_NOISE = 0.36, 0.18, 0.25
RECLASSIFIED = {4: 0.78, 3: 0.05}
YEARS = 13
TESTED_BEFORE = 2
"""Years of earlier English tests that the records system holds of those who were here then."""

DOMAIN_SHIFT = {"listening": 0.35, "speaking": 0.45, "reading": -0.45, "writing": -0.25}
DOMAIN_SPREAD = 0.35
STATE_TEST = {"ela": (-0.35, -0.45), "math": (-0.30, -0.20)}
"""By subject, what a learner's state test lies lower by: always, and for each level below the fourth."""


@dataclass
class Learners:
    """English acquisition of all students (n), year by year from the first one in the country."""

    initial: Array  # level found at the start, 0 for those who speak English at home
    level: Array  # n x 13: level shown in spring, by years since arrival
    rfep_after: Array  # years since arrival after which a learner was reclassified; 99 never
    is_ifep: Array

    def is_learner(self, students: Students, year: int) -> Array:
        """Who is an English learner in most of the school year ending in ``year``."""
        since = year - students.arrived
        return (self.initial > 0) & ~self.is_ifep & (since >= 0) & (since <= self.rfep_after)

    def level_in(self, students: Students, year: int) -> Array:
        """The level (1 to 4) of learners as last shown, 0 for everyone else."""
        last = np.clip(year - 1 - students.arrived, -1, YEARS - 1)
        shown = np.where(last < 0, self.initial, self.level[np.arange(len(students)), np.maximum(last, 0)])
        return np.where(self.is_learner(students, year), shown, 0)


def learners(seed: int, students: Students) -> Learners:
    """Everyone's growth in English."""
    rng = stream(seed, "english learners")
    n = len(students)
    late = students.arrived > students.kindergarten
    start = np.where(late, START_LATER, START_KINDERGARTEN) + rng.normal(0, START_SPREAD, n)
    pace = np.maximum(GROWTH + GROWTH_SPREAD * rng.normal(0, 1, n) + 0.06 * students.ability, 0.02)
    years = np.arange(1, YEARS + 1)
    shown = start[:, None] + pace[:, None] * years + rng.normal(0, YEAR_NOISE, (n, YEARS))
    level = np.clip(np.floor(shown), 1, 4).astype(int)
    chance = np.where(level == 4, RECLASSIFIED[4], np.where(level == 3, RECLASSIFIED[3], 0.0))
    passes = rng.random((n, YEARS)) < chance
    rfep_after = np.where(passes.any(axis=1), passes.argmax(axis=1), 99)
    speaks_other = students.language != "eng"
    fluent = speaks_other & (start > FLUENT_AT_START)
    for who in np.nonzero(students.cast >= 0)[0]:
        status = CAST[students.cast[who]].english
        fluent[who], rfep_after[who] = status == "IFEP", 5 if status == "RFEP" else 99
    initial = np.where(speaks_other, np.clip(np.floor(start), 1, 4), 0).astype(int)
    return Learners(initial, level, rfep_after, fluent)


def el_status_table(everyone: Enrolled, english: Learners) -> pa.Table:
    """The table ``el_status``: English only, or fluent at the start, or learner and perhaps reclassified."""
    students = everyone.students
    began = begins(everyone)
    reclassified = (
        (english.rfep_after + students.arrived < LAST_YEAR) & (english.initial > 0) & ~english.is_ifep
    )
    changed = november(students.arrived + np.minimum(english.rfep_after, YEARS) + 1)
    first = np.where(english.initial == 0, "EO", np.where(english.is_ifep, "IFEP", "EL")).astype(object)
    ends = np.where(reclassified, changed - 1, np.datetime64("NaT", "D"))
    n = int(reclassified.sum())
    return pa.table(
        {
            "student_id": np.concatenate([students.student_id, students.student_id[reclassified]]),
            "start_date": np.concatenate([began, changed[reclassified]]),
            "elas": np.concatenate([first, np.full(n, "RFEP", dtype=object)]),
            "end_date": np.concatenate([ends, np.full(n, np.datetime64("NaT", "D"))]),
            "first_us_school_date": np.concatenate([began, began[reclassified]]),
        }
    )


def begins(everyone: Enrolled) -> Array:
    """The day each student's status began: the first at school here, or the entry of who came later."""
    began = first_days(everyone.students.arrived)
    for year, stays in everyone.stays.items():
        new = everyone.students.arrived[stays.student] == year
        began[stays.student[new]] = SchoolYear(year).days[stays.first[new]]
    return began


def first_days(year: Array) -> Array:
    """About the first day of each school year."""
    return np.asarray((year - 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 229)


def november(year: Array) -> Array:
    """The board's day of reclassifications in the autumn of each school year."""
    return np.asarray((year - 1 - 1970).astype("datetime64[Y]").astype("datetime64[D]") + 308)


def assessments_table(seed: int, size: Size, everyone: Enrolled, english: Learners) -> pa.Table:
    """The table ``assessments``: ELPAC each spring and at the start, state tests in grades 3 to 8 and 11."""
    parts = tests_before(seed, size, everyone, english)
    for year in size.school_years:
        stays = everyone.stays[year]
        spring = SchoolYear(year).position(SchoolYear(year).days[150].astype(object))
        there = stays.at((stays.first <= spring) & (stays.last >= spring))
        rng = stream(seed, "assessments", year)
        parts += [elpac_spring(rng, everyone.students, english, there.student, year)]
        parts += [elpac_start(everyone.students, english, stays, year)]
        tested = there.at(np.isin(there.grade, [3, 4, 5, 6, 7, 8, 11]))
        parts += [
            state_test(rng, everyone.students, english, tested.student, tested.grade, year, s)
            for s in ("ela", "math")
        ]
    return pa.concat_tables(parts)


def tests_before(seed: int, size: Size, everyone: Enrolled, english: Learners) -> list[pa.Table]:
    """The yearly English tests of the years before the first, of those who were enrolled in the first."""
    first = size.school_years[0]
    there = np.unique(everyone.stays[first].student)
    found = []
    for year in range(first - TESTED_BEFORE, first):
        rng = stream(seed, "assessments before", year)
        found.append(elpac_spring(rng, everyone.students, english, there, year))
    return found


def elpac_spring(
    rng: np.random.Generator, students: Students, english: Learners, student: Array, year: int
) -> pa.Table:
    """The yearly summative test of learners, seen by the school in the summer."""
    who = np.unique(student[english.is_learner(students, year)[student]])
    since = np.clip(year - students.arrived[who], 0, YEARS - 1)
    level = english.level[who, since]
    days = SchoolYear(year).days
    taken, points = days[rng.integers(115, 150, len(who))], rng.integers(0, 70, len(who))
    return tests(
        students, who, f"ELPAC-SUM-{year}", "eld", "elpac_sum", taken,
        np.datetime64(f"{year}-07-08"), 1270 + 85 * level + points, level, domains_of(rng, level),
    )  # fmt: skip


def domains_of(rng: np.random.Generator, level: Array) -> Array:
    """``listening=3;speaking=3;reading=1;writing=2``: the four domains of each test, from 1 to 3."""
    told = np.full(len(level), "", dtype=object)
    for name, shift in DOMAIN_SHIFT.items():
        found = (level + shift + rng.normal(0, DOMAIN_SPREAD, len(level))) * 3 / 4
        value = np.clip(np.round(found), 1, 3).astype(int).astype(str).astype(object)
        told = told + (";" if name != "listening" else "") + name + "=" + value
    return told


def elpac_start(students: Students, english: Learners, stays: Stays, year: int) -> pa.Table:
    """The initial test of those who arrive this year, within thirty days."""
    new = (students.arrived[stays.student] == year) & (english.initial[stays.student] > 0)
    who, where = np.unique(stays.student[new], return_index=True)
    level = np.minimum(english.initial[who], 3)
    days = SchoolYear(year).days
    tested = np.minimum(stays.first[new][where] + 18, stays.last[new][where])
    return tests(
        students, who, f"ELPAC-INI-{year}", "eld", "elpac_init", days[tested], days[tested] + 14,
        150 + 110 * level, level,
    )  # fmt: skip


def state_test(
    rng: np.random.Generator, students: Students, english: Learners, student: Array, grade: Array, year: int,
    subject: str,
) -> pa.Table:  # fmt: skip
    """The state's spring test in one subject, taken in English by who is still learning it."""
    who, where = np.unique(student, return_index=True)
    z = 0.8 * students.ability[who] + rng.normal(0, 0.6, len(who)) - (0.15 if subject == "math" else 0)
    english_now = english.level_in(students, year + 1)[who]
    always, each = STATE_TEST[subject]
    z = z + np.where(english_now > 0, always + each * (4 - english_now), 0.0)
    level = np.digitize(z, [-0.7, 0.1, 0.85]) + 1
    tested = np.full(len(who), SchoolYear(year).days[158])
    score = np.round(2400 + 22 * grade[where] + 85 * z)
    return tests(
        students, who, f"SB-{subject.upper()}-{year}", subject, "sb", tested,
        np.datetime64(f"{year}-07-22"), score, level,
    )  # fmt: skip


LEVEL_LABELS = np.array(
    ["Minimally developed", "Somewhat developed", "Moderately developed", "Well developed"], dtype=object
)


def tests(
    students: Students, who: Array, code: str, subject: str, family: str, day: Array, released: Any,
    score: Array, level: Array, domains: Array | None = None,
) -> pa.Table:  # fmt: skip
    """Rows of ``assessments`` of one test."""
    n = len(who)
    label = LEVEL_LABELS[level - 1] if family.startswith("elpac") else np.full(n, None, dtype=object)
    return pa.table(
        {
            "student_id": pa.array(students.student_id[who], pa.string()),
            "assessment_code": pa.array([code] * n, pa.string()),
            "subject": pa.array([subject] * n, pa.string()),
            "administered_on": np.asarray(day, "datetime64[D]"),
            "family": pa.array([family] * n, pa.string()),
            "released_on": np.broadcast_to(np.asarray(released, "datetime64[D]"), n),
            "scale_score": np.asarray(score, float),
            "level": np.asarray(level, int),
            "level_label": pa.array(label, pa.string()),
            "domain_scores": pa.array([None] * n if domains is None else domains, pa.string()),
            "valid": np.ones(n, dtype=bool),
        }
    )
