"""Who works in the district, how do its teachers grade, and which counselor works with whom?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ews.district.calendar import SchoolYear
from ews.district.cast import DIAZ, HIGH, LEE, OKAFOR, CastStaff
from ews.district.cast import STAFF as CAST
from ews.district.classes import teacher_id
from ews.district.enrolling import Enrolled
from ews.district.names import family_names, given_names
from ews.district.sizes import School, Size
from ews.district.streams import Array, chosen, stream

STUDENTS_A_COUNSELOR = 475
LENIENCY = 3.5
"""Standard deviation, in percent points, of how much higher a teacher grades the same work."""


@dataclass
class Habits:
    """How each section's teacher grades (one a section)."""

    leniency: Array
    scoring_days: Array  # days until work is scored
    posting_days: Array  # days until a term mark is posted
    only_at_term_end: Array


def habits(seed: int, size: Size, teacher: Array) -> Habits:
    """The habits of these teachers; the same adult has the same ones in every year."""
    every, back = np.unique(teacher.astype(str), return_inverse=True)
    draws = np.array([stream(seed, "habits", t).random(3) for t in every]).reshape(-1, 3)
    late = np.isin(every, [t for t, person in cast_teachers(size).items() if person.posts_only_at_term_end])
    spread = np.sqrt(12) * (draws[:, 0] - 0.5)
    return Habits(
        leniency=(LENIENCY * spread)[back],
        scoring_days=(2 + draws[:, 1] * 6).astype(int)[back],
        posting_days=(1 + draws[:, 2] * 4).astype(int)[back],
        only_at_term_end=late[back],
    )


def cast_teachers(size: Size) -> dict[str, CastStaff]:
    """Which teaching position each named teacher holds."""
    if not size.has_cast:
        return {}
    return {teacher_id(HIGH, person.subject, person.position): person for person in CAST if person.subject}


def with_cast(size: Size, teacher: Array) -> Array:
    """Staff ids of teaching positions: a named teacher's own where one holds the position."""
    named = {position: person.staff_id for position, person in cast_teachers(size).items()}
    return np.array([named.get(position, position) for position in teacher], dtype=object)


def staff_table(seed: int, size: Size, teachers: list[str]) -> pa.Table:
    """The table ``staff``: the named cast, a principal and counselors for every school, and the teachers."""
    schools = {school.org_id: school for school in size.schools}
    cast = [(p.staff_id, p.name, p.email, p.role, p.school) for p in CAST] if size.has_cast else []
    named = set(cast_teachers(size))
    others = [(i, "teacher", i.split("-")[0][1:]) for i in teachers if i not in named]
    leaders = [(f"P{org}", "principal", org) for org in schools if not (size.has_cast and org == HIGH)]
    counselors = [(c, "counselor", s.org_id) for s in size.schools for c in counselors_of(size, s)]
    fresh = [row for row in (*leaders, *counselors, *others) if row[0] not in {c[0] for c in cast}]
    names = invented_names(seed, len(fresh))
    rows = [
        *cast,
        *(
            (i, n, f"{i.lower()}@tworivers.example", role, org)
            for (i, role, org), n in zip(fresh, names, strict=True)
        ),
    ]
    columns = zip(*rows, strict=True)
    fields = ("staff_id", "name", "email", "role", "school_id")
    return pa.table(
        {field: pa.array(column, pa.string()) for field, column in zip(fields, columns, strict=True)}
    )


def invented_names(seed: int, n: int) -> list[str]:
    """Names of adults."""
    rng = stream(seed, "staff names")
    shares = {"white": 0.5, "latino": 0.24, "black": 0.08, "filipino": 0.07, "chinese": 0.06, "punjabi": 0.05}
    background = chosen(rng, tuple(shares), tuple(shares.values()), n)
    sex = chosen(rng, ("f", "m"), (0.7, 0.3), n)
    given, family = given_names(background, sex, rng), family_names(background, rng)
    return [f"{a} {b}" for a, b in zip(given, family, strict=True)]


def counselors_of(size: Size, school: School) -> list[str]:
    """The counselors of a school: one for every 475 students, at Alder Creek the named four."""
    if size.has_cast and school.org_id == HIGH:
        return [p.staff_id for p in CAST if p.role == "counselor"]
    return [f"C{school.org_id}-{i + 1}" for i in range(max(1, round(school.seats / STUDENTS_A_COUNSELOR)))]


def caller_of(size: Size, school: School) -> str:
    """Who calls families: the attendance liaison at Alder Creek, elsewhere the principal."""
    return LEE if size.has_cast and school.org_id == HIGH else f"P{school.org_id}"


def disciplinarian_of(size: Size, school: School) -> str:
    """Who speaks with families about behavior: the assistant principal at Alder Creek, else the principal."""
    return DIAZ if size.has_cast and school.org_id == HIGH else f"P{school.org_id}"


def caseload_table(size: Size, everyone: Enrolled) -> pa.Table:
    """The table ``staff_caseload``: one counselor for as long as a student is at a school.

    Each year's new students are dealt out in the order of their family names, so caseloads stay even;
    the named students are Ms. Okafor's.
    """
    parts = [caseload_of(size, everyone, position) for position in range(len(size.schools))]
    return pa.concat_tables(parts)


def caseload_of(size: Size, everyone: Enrolled, position: int) -> pa.Table:
    """One school's caseloads over all its years."""
    counselors = np.array(counselors_of(size, size.schools[position]), dtype=object)
    student, begin, end = tenures(everyone, position)
    order = np.lexsort((everyone.students.family[student].astype(str), begin))
    student, begin, end = student[order], begin[order], end[order]
    dealt = counselors[np.arange(len(student)) % len(counselors)]
    if OKAFOR in counselors:
        dealt[everyone.students.cast[student] >= 0] = OKAFOR
    return pa.table(
        {
            "staff_id": pa.array(dealt, pa.string()),
            "student_id": pa.array(everyone.students.student_id[student], pa.string()),
            "role": pa.array(["counselor"] * len(student), pa.string()),
            "begin_date": begin,
            "end_date": end,
        }
    )


def counselors_of_students(size: Size, everyone: Enrolled) -> dict[tuple[str, int], str]:
    """Whose a student is at each school, by student id and the school's position."""
    return {
        (row["student_id"], position): row["staff_id"]
        for position in range(len(size.schools))
        for row in caseload_of(size, everyone, position).to_pylist()
    }


def tenures(everyone: Enrolled, position: int) -> tuple[Array, Array, Array]:
    """Who was ever at this school, from the first to the last day."""
    parts = [
        (s.student[m], SchoolYear(year).days[s.first[m]], SchoolYear(year).days[s.last[m]])
        for year, s in everyone.stays.items()
        for m in [s.school == position]
    ]
    student, begin, end = (np.concatenate(column) for column in zip(*parts, strict=True))
    who, where = np.unique(student, return_inverse=True)
    first = np.full(len(who), np.datetime64("2200-01-01"))
    last = np.full(len(who), np.datetime64("1900-01-01"))
    np.minimum.at(first, where, begin)
    np.maximum.at(last, where, end)
    return who, first, last
