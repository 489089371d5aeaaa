"""When did the school reach a family, why, how, and who did? More often after absences and Fs.

Schools write few contacts down: by November about half of the students with the most absences and Fs have
one on record this year, and about a fifth of all students.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ews.district.attendance import Absence
from ews.district.attending import Attending
from ews.district.classes import Classes
from ews.district.marks import Percents
from ews.district.sizes import Size
from ews.district.staff import caller_of, disciplinarian_of
from ews.district.streams import Array, chosen, stream
from ews.district.students import Students

ON_A_DAY, WHEN_AWAY, AFTER_AN_F = 0.0016, 0.030, 0.016
"""Chance of a contact on any school day, on a day missed, and on a day soon after an F was posted."""
POSTED_WITHIN, F_IS_NEWS = 4, 15  # school days from a term's end to its marks, and days they are acted on

ATTENDANCE, GRADES, BEHAVIOR, MEETING = range(4)
REASONS = np.array(["attendance", "grades", "behavior", "meeting"], dtype=object)
OTHER_REASONS = (0.30, 0.28, 0.42)  # grades, behavior, meeting

OFFICE, COUNSELOR, TEACHER = range(3)
WHO = {
    ATTENDANCE: (0.66, 0.22, 0.12),
    GRADES: (0.02, 0.38, 0.60),
    BEHAVIOR: (0.55, 0.25, 0.20),
    MEETING: (0.10, 0.60, 0.30),
}
"""By reason: the shares of the office, the student's counselor and one of the student's teachers."""

CHANNELS = ("phone", "text", "email", "in person")
HOW = {
    ATTENDANCE: (0.48, 0.36, 0.12, 0.04),
    GRADES: (0.30, 0.10, 0.46, 0.14),
    BEHAVIOR: (0.55, 0.05, 0.15, 0.25),
    MEETING: (0.12, 0.04, 0.09, 0.75),
}


@dataclass
class Reached:
    """One year's contacts: which row of Attending, on which school day, and why."""

    row: Array
    day: Array
    reason: Array


def contacts_table(
    seed: int,
    size: Size,
    students: Students,
    year: Attending,
    seats: Classes,
    absence: Absence,
    marked: Percents,
    counselors: Mapping[tuple[str, int], str],
) -> pa.Table:
    """The table ``contacts`` of one year. ``counselors``: whose a student is, by id and school position."""
    rng = stream(seed, "contacts", year.calendar.year)
    told = students.cast[year.student] >= 0
    reached = contacts(
        rng, year, Absence.missed(absence.state), soon_after_an_f(size, year, seats, marked), told
    )
    n = len(reached.row)
    ids = students.student_id[year.student[reached.row]]
    minutes = rng.integers(0, 8 * 60, n)  # from 8 in the morning
    clock = np.timedelta64(16, "h") + minutes * np.timedelta64(60, "s")
    return pa.table(
        {
            "contact_id": pa.array([f"K{year.calendar.year}-{i:05d}" for i in range(n)], pa.string()),
            "student_id": pa.array(ids, pa.string()),
            "occurred_at": year.calendar.days[reached.day].astype("datetime64[s]") + clock,
            "direction": pa.array(chosen(rng, ("out", "in"), (0.86, 0.14), n), pa.string()),
            "channel": pa.array(by_reason(rng, HOW, CHANNELS, reached.reason), pa.string()),
            "reason": pa.array(REASONS[reached.reason], pa.string()),
            "by_staff_id": pa.array(callers(rng, size, year, seats, reached, ids, counselors), pa.string()),
            "system": pa.array(["SIS"] * n, pa.string()),
        }
    )


def contacts(rng: np.random.Generator, year: Attending, away: Array, failing: Array, told: Array) -> Reached:
    """Every contact but those of students whose contacts are ``told``."""
    draw = rng.random(year.shape)
    chance = ON_A_DAY + WHEN_AWAY * away + AFTER_AN_F * failing
    row, day = np.nonzero((draw < chance) & year.expected & ~told[:, None])
    # The lowest draws are of absence, the next of Fs, the rest of anything else.
    of_absence = WHEN_AWAY * away[row, day]
    of_fs = of_absence + AFTER_AN_F * failing[row, day]
    other = chosen(rng, (GRADES, BEHAVIOR, MEETING), OTHER_REASONS, len(row)).astype(int)
    why = np.where(draw[row, day] < of_absence, ATTENDANCE, np.where(draw[row, day] < of_fs, GRADES, other))
    return Reached(row, day, why)


def soon_after_an_f(size: Size, year: Attending, seats: Classes, marked: Percents) -> Array:
    """n x 180: whether an F of a quarter or a progress report was news on that day."""
    found = np.zeros(year.shape, dtype=bool)
    lettered = np.array([school.level != "es" for school in size.schools])[seats.school]
    for term in year.calendar.secondary_terms:
        if term.term_type in ("quarter", "progress"):
            first = year.calendar.position(term.end) + POSTED_WITHIN
            failed = np.unique(seats.row[lettered & (marked.of[term.name] < 60)])
            found[failed, first : first + F_IS_NEWS] = True
    return found


def by_reason(
    rng: np.random.Generator,
    shares: Mapping[int, tuple[float, ...]],
    options: tuple[object, ...],
    reason: Array,
) -> Array:
    """One of the options for each contact, in the shares of its reason."""
    steps = np.cumsum([shares[why] for why in range(len(REASONS))], axis=1)
    place = (rng.random(len(reason))[:, None] > steps[reason]).sum(axis=1)
    return np.array(options, dtype=object)[np.minimum(place, len(options) - 1)]


def callers(
    rng: np.random.Generator,
    size: Size,
    year: Attending,
    seats: Classes,
    reached: Reached,
    ids: Array,
    counselors: Mapping[tuple[str, int], str],
) -> Array:
    """The staff id of who reached the family; the office where a student has no counselor or class then."""
    school = year.school[reached.row, reached.day]
    clerk, leader = (
        np.array([who(size, s) for s in size.schools], dtype=object)[school]
        for who in (caller_of, disciplinarian_of)
    )
    office = np.where(reached.reason == BEHAVIOR, leader, clerk)
    counselor = [counselors.get(key) for key in zip(ids, school.tolist(), strict=True)]
    own = np.array([a or b for a, b in zip(counselor, office, strict=True)], dtype=object)
    teacher = teacher_of(rng, seats, reached)
    teacher = np.where(teacher == "", office, teacher)
    return np.choose(by_reason(rng, WHO, (OFFICE, COUNSELOR, TEACHER), reached.reason).astype(int),
                     [office, own, teacher])  # fmt: skip


def teacher_of(rng: np.random.Generator, seats: Classes, reached: Reached) -> Array:
    """One of the teachers whose class the student was in that day; empty when the one drawn was not."""
    order = np.argsort(seats.row, kind="stable")
    first = np.searchsorted(seats.row[order], reached.row)
    count = np.searchsorted(seats.row[order], reached.row, side="right") - first
    place = np.minimum(first + (rng.random(len(first)) * count).astype(int), len(order) - 1)
    seat = order[place]
    there = (count > 0) & (seats.first[seat] <= reached.day) & (reached.day <= seats.last[seat])
    return np.where(there, seats.sections.teacher[seats.section[seat]], "")
