"""Who sits in which class? Sections of a course, their period and teacher, and who is enrolled.

A school's students are divided into tracks that rotate through the six periods, so that nobody has
two classes at once and a teacher meets a different class each period.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ews.district.attending import Attending
from ews.district.calendar import term_id
from ews.district.cast import STUDENTS as CAST
from ews.district.courses import (
    CATALOGUE,
    ELD,
    ELEMENTARY,
    HIGH,
    HIGH_ELECTIVES,
    MIDDLE,
    MIDDLE_ELECTIVES,
    POSITION,
)
from ews.district.sizes import LAST_YEAR, Size
from ews.district.streams import Array, stream
from ews.district.students import Students

SLOTS = 6
ABLE = 0.9
"""Standard deviations of ability from which a student takes the honors class in English."""


@dataclass
class Sections:
    """The sections of one year (s of them)."""

    section_id: Array
    school: Array
    course: Array  # position in CATALOGUE
    period: Array
    teacher: Array  # staff_id

    @property
    def is_core(self) -> Array:
        return np.array([course.is_core for course in CATALOGUE])[self.course]

    def __len__(self) -> int:
        return len(self.school)


@dataclass
class Classes:
    """Class enrollments of one year: which stay sits in which section (m of them)."""

    sections: Sections
    stay: Array
    row: Array  # row of Attending
    section: Array
    first: Array
    last: Array

    @property
    def course(self) -> Array:
        return np.asarray(self.sections.course[self.section])

    @property
    def school(self) -> Array:
        return np.asarray(self.sections.school[self.section])


def classes(seed: int, size: Size, students: Students, year: Attending, el_level: Array) -> Classes:
    """Every stay's classes. ``el_level`` (one a student) is 1 to 4 for English learners, 0 for others."""
    rng = stream(seed, "classes", year.calendar.year)
    stays = year.stays
    course = wishes(rng, students, year, el_level)
    track, tracks = tracked(rng, size, year)
    stay, slot = np.nonzero(course >= 0)
    taken, school = course[stay, slot], stays.school[stay]
    period = (slot + track[stay]) % SLOTS + 1
    group = (school.astype(np.int64) * len(CATALOGUE) + taken) * tracks + track[stay]
    section, head = divided(rng, group, CAPACITY[taken])
    sections = Sections(
        section_id=np.array([], dtype=object),
        school=school[head], course=taken[head], period=period[head], teacher=np.array([], dtype=object),
    )  # fmt: skip
    sections.section_id = section_ids(size, sections, year.calendar.year)
    sections.teacher = teachers(size, sections)
    return Classes(sections, stay, year.row_of_stay[stay], section, stays.first[stay], stays.last[stay])


CAPACITY = np.array([46 if course.subject == "pe" else 31 for course in CATALOGUE])


def wishes(rng: np.random.Generator, students: Students, year: Attending, el_level: Array) -> Array:
    """stays x 6: the course in each slot, -1 for none."""
    stays = year.stays
    course = np.full((len(stays), SLOTS), -1)
    for plans, electives in ((ELEMENTARY, ()), (MIDDLE, MIDDLE_ELECTIVES), (HIGH, HIGH_ELECTIVES)):
        for grade, plan in plans.items():
            mine = np.nonzero(stays.grade == grade)[0]
            course[mine, : min(len(plan), 5)] = [POSITION[c.title] for c in plan[:5]]
            if electives:
                able = students.ability[stays.student[mine]] > ABLE
                course[mine[able], 0] = POSITION[plan[5].title]
                options = np.array([POSITION[c.title] for c in electives])
                course[mine, 5] = options[rng.integers(0, len(options), len(mine))]
    level = el_level[stays.student]
    eld = (level >= 1) & (level <= 3) & (stays.grade >= 6)
    course[eld, 5] = np.array([POSITION[c.title] for c in ELD])[level[eld] - 1]
    course[(stays.grade == 12) & (rng.random(len(stays)) < 0.35), 4] = -1
    return with_cast_electives(students, year, course)


def with_cast_electives(students: Students, year: Attending, course: Array) -> Array:
    """The cast sits in the electives of its story in the last year."""
    if year.calendar.year == LAST_YEAR:
        for stay, member in enumerate(students.cast[year.stays.student]):
            if member >= 0:
                course[stay, 5] = POSITION[CAST[member].elective]
    return course


def tracked(rng: np.random.Generator, size: Size, year: Attending) -> tuple[Array, int]:
    """Each stay's track, and the largest number of tracks: one for about every 70 students of a grade."""
    stays = year.stays
    each = np.array([max(1, min(SLOTS, s.seats // len(s.grades) // 70)) for s in size.schools])
    elementary = np.array([s.level == "es" for s in size.schools])
    each[elementary] = 1
    return (rng.random(len(stays)) * each[stays.school]).astype(int), SLOTS


def divided(rng: np.random.Generator, group: Array, capacity: Array) -> tuple[Array, Array]:
    """Splits every group evenly into sections of at most ``capacity``.

    Returns the section of each class enrollment and, per section, one enrollment that is in it.
    """
    order = np.lexsort((rng.random(len(group)), group))
    _, start, count = np.unique(group[order], return_index=True, return_counts=True)
    place = np.arange(len(group)) - np.repeat(start, count)
    parts = np.ceil(count / capacity[order][start]).astype(int)
    before = np.concatenate([[0], np.cumsum(parts)[:-1]])
    section_sorted = np.repeat(before, count) + place * np.repeat(parts, count) // np.repeat(count, count)
    section = np.empty(len(group), dtype=int)
    section[order] = section_sorted
    return section, order[np.unique(section_sorted, return_index=True)[1]]


def section_ids(size: Size, sections: Sections, year: int) -> Array:
    """``101-2026-0042``: school, year, and a number within the school."""
    number = ranks(sections.school)
    return np.array(
        [
            f"{size.schools[s].org_id}-{year}-{n + 1:04d}"
            for s, n in zip(sections.school, number, strict=True)
        ],
        dtype=object,
    )


def ranks(key: Array) -> Array:
    """For every entry, how many equal entries stand before it."""
    order = np.argsort(key, kind="stable")
    _, start, count = np.unique(key[order], return_index=True, return_counts=True)
    rank = np.empty(len(key), dtype=int)
    rank[order] = np.arange(len(key)) - np.repeat(start, count)
    return rank


def teachers(size: Size, sections: Sections) -> Array:
    """Each section's teacher: the n-th section of a subject in a period is the n-th teacher's."""
    department = np.array([department_of(i) for i in sections.course], dtype=object)
    key = np.array(
        [
            f"{s}|{d}|{p if d[0] != 'E' else 0}"
            for s, d, p in zip(sections.school, department, sections.period, strict=True)
        ],
        dtype=object,
    )
    homeroom = np.array([d.startswith("E") for d in department])
    rank = ranks(key)
    rank[homeroom] = ranks(
        np.array([f"{s}|{c}" for s, c in zip(sections.school, sections.course, strict=True)])
    )[homeroom]
    return np.array(
        [
            teacher_id(size.schools[s].org_id, d, r)
            for s, d, r in zip(sections.school, department, rank, strict=True)
        ],
        dtype=object,
    )


def department_of(course: int) -> str:
    """The subject that a teacher teaches; in elementary schools the grade (one homeroom, every subject)."""
    title = CATALOGUE[course].title
    for grade, plan in ELEMENTARY.items():
        if title in [c.title for c in plan]:
            return f"E{grade}"
    return CATALOGUE[course].subject


def teacher_id(org_id: str, department: str, rank: int) -> str:
    """``T101-math-03``: the same adult every year."""
    return f"T{org_id}-{department}-{rank + 1:02d}"


def sections_table(size: Size, sections: Sections, year: int) -> pa.Table:
    """The table ``sections``: year-long classes."""
    course = [CATALOGUE[i] for i in sections.course]
    high = np.array([size.schools[s].level in ("hs", "alt") for s in sections.school], dtype=bool)
    org = np.array([s.org_id for s in size.schools], dtype=object)[sections.school]
    return pa.table(
        {
            "section_id": sections.section_id,
            "school_id": org,
            "term_id": np.array([term_id(o, year, "Y") for o in org], dtype=object),
            "course_code": np.array([c.code for c in course], dtype=object),
            "course_title": np.array([c.title for c in course], dtype=object),
            "subject": np.array([c.subject for c in course], dtype=object),
            "is_core": sections.is_core,
            "a_g": np.array([c.a_g for c in course], dtype=object),
            "level": np.array([c.level for c in course], dtype=object),
            "credits_possible": pa.array(np.full(len(course), 5.0), mask=~high),
        }
    )


def section_enrollments_table(students: Students, year: Attending, seats: Classes) -> pa.Table:
    """The table ``section_enrollments``."""
    days = year.calendar.days
    return pa.table(
        {
            "student_id": students.student_id[year.student[seats.row]],
            "section_id": seats.sections.section_id[seats.section],
            "begin_date": days[seats.first],
            "end_date": days[seats.last],
        }
    )


def section_staff_table(year: Attending, sections: Sections) -> pa.Table:
    """The table ``section_staff``: who teaches what, when and where."""
    days = year.calendar.days
    n = len(sections)
    room = np.array([f"{t[-5]}{t[-2:]}".upper() for t in sections.teacher], dtype=object)
    return pa.table(
        {
            "section_id": sections.section_id,
            "staff_id": sections.teacher,
            "period": sections.period.astype(str).astype(object),
            "room": room,
            "begin_date": np.full(n, days[0]),
            "end_date": np.full(n, days[-1]),
        }
    )
