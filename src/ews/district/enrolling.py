"""Who is at which school, from when to when? Stays: one student at one school within one year.

Students move up, leave in summer or within the year, come late, change schools; places that fall
empty are filled by new students, so that schools keep their size.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Self

import numpy as np
import pyarrow as pa

from ews.district.calendar import DAYS_A_YEAR, SchoolYear
from ews.district.cast import STUDENTS as CAST
from ews.district.sizes import LAST_YEAR, Size
from ews.district.streams import Array, chosen, logistic, stream
from ews.district.students import Students, cast_students, drawn, with_ids

LAST_DAY = DAYS_A_YEAR - 1
LEAVES_IN_SUMMER = 0.035
LEAVES_IN_YEAR = 0.029
CHANGES_SCHOOL = 0.016
TO_CONTINUATION = 0.05


@dataclass
class Stays:
    """Stays of one school year; all arrays have one entry a stay."""

    student: Array  # position in Students
    school: Array  # position in Size.schools
    grade: Array
    first: Array  # position of the first and the last (inclusive) school day
    last: Array
    exit_type: Array

    def __len__(self) -> int:
        return len(self.student)

    def at(self, which: Array) -> Self:
        """Only these stays (a mask or positions)."""
        return type(self)(**{f.name: getattr(self, f.name)[which] for f in fields(self)})

    def joined(self, *others: Self) -> Self:
        """These stays and after them the others."""
        every = (self, *others)
        return type(self)(
            **{f.name: np.concatenate([getattr(s, f.name) for s in every]) for f in fields(self)}
        )


def full_year(student: Array, school: Array, grade: Array) -> Stays:
    """Stays from the first to the last day of the year."""
    n = len(student)
    exits = np.where(grade == 12, "graduated", "year_end").astype(object)
    return Stays(student, school, grade, np.zeros(n, int), np.full(n, LAST_DAY), exits)


@dataclass
class Enrolled:
    """Everyone ever enrolled, and the stays of each school year."""

    students: Students
    stays: dict[int, Stays]


def enrol(size: Size, seed: int) -> Enrolled:
    """All students of the district and their stays, year after year."""
    years = list(size.school_years)
    students = drawn(np.array([], dtype=int), years[0], stream(seed, "nobody"))
    if size.has_cast:
        students = cast_students(years[0], stream(seed, "cast"))
    everyone = Enrolled(students, {})
    for year in years:
        rng = stream(seed, "enrolling", year)
        before = everyone.stays.get(year - 1)
        continuing = moved_up(size, everyone.students, before, rng) if before is not None else None
        named = cast_stays(size, year)
        stays = filled(size, everyone, [s for s in (named, continuing) if s is not None], year, rng)
        everyone.stays[year] = within_year(size, everyone, stays, year, rng)
    return everyone


def moved_up(size: Size, students: Students, before: Stays, rng: np.random.Generator) -> Stays:
    """Those who ended last year and come back: one grade up, at the feeder's next school where needed."""
    back = np.isin(before.exit_type, ["year_end"]) & (students.cast[before.student] < 0)
    stays = before.at(back & (rng.random(len(before)) > LEAVES_IN_SUMMER))
    grade = stays.grade + (rng.random(len(stays)) > 0.004)
    school = np.array([next_school(size, s, g) for s, g in zip(stays.school, grade, strict=True)], dtype=int)
    fallen_behind = logistic(
        -4.4 - 1.1 * students.ability[stays.student] + 0.8 * students.engagement[stays.student]
    )
    alternative = [i for i, s in enumerate(size.schools) if s.level == "alt"]
    moves = (grade == 11) & (rng.random(len(stays)) < fallen_behind)
    if alternative:
        school = np.where(moves, alternative[0], school)
    return full_year(stays.student, school, grade)


def next_school(size: Size, school: int, grade: int) -> int:
    """The school itself while it teaches the grade, then the one it feeds."""
    place = size.schools[school]
    return school if grade in place.grades or place.feeds is None else size.position(place.feeds)


def cast_stays(size: Size, year: int) -> Stays | None:
    """The named cast's stays of one year, from each one's path."""
    if not size.has_cast:
        return None
    calendar = SchoolYear(year)
    rows = [
        (i, size.position(org), person.grade - (LAST_YEAR - year), *between)
        for i, person in enumerate(CAST)
        for org, between in steps(person.path, calendar)
        if person.grade - (LAST_YEAR - year) in size.schools[size.position(org)].grades
    ]
    student, school, grade, first, last = np.array(rows, dtype=int).reshape(-1, 5).T
    exits = np.where(last < LAST_DAY, "transfer_in_district", "year_end").astype(object)
    return Stays(student, school, grade, first, last, exits)


def steps(path: tuple[tuple[str, date], ...], calendar: SchoolYear) -> list[tuple[str, tuple[int, int]]]:
    """The part of a path that falls in one school year: school, first and last day's position."""
    found = []
    ends = [*(start for _, start in path[1:]), date.max]
    for (org, start), end in zip(path, ends, strict=True):
        first, last = calendar.position(start), min(calendar.position(end) - 1, LAST_DAY)
        if first <= last:
            found.append((org, (first, last)))
    return found


def filled(size: Size, everyone: Enrolled, parts: list[Stays], year: int, rng: np.random.Generator) -> Stays:
    """The stays so far and new students in every empty seat."""
    stays = parts[0].joined(*parts[1:]) if parts else full_year(*(np.array([], dtype=int),) * 3)
    early = stays.at(stays.first == 0)
    school, grade = empty_seats(size, early)
    return stays.joined(newcomers(everyone, school, grade, year, rng, is_late=False))


def empty_seats(size: Size, stays: Stays) -> tuple[Array, Array]:
    """School and grade of every seat nobody has."""
    schools, grades = [], []
    for i, place in enumerate(size.schools):
        for grade in place.grades:
            taken = int(((stays.school == i) & (stays.grade == grade)).sum())
            missing = max(place.seats_of(grade) - taken, 0)
            schools += [i] * missing
            grades += [grade] * missing
    return np.array(schools, dtype=int), np.array(grades, dtype=int)


def newcomers(
    everyone: Enrolled, school: Array, grade: Array, year: int, rng: np.random.Generator, *, is_late: bool
) -> Stays:
    """New students take these seats; they join ``everyone``."""
    start = len(everyone.students)
    fresh = with_ids(drawn(grade, year, rng, is_late=is_late), start)
    everyone.students = everyone.students.joined(fresh) if start else fresh
    return full_year(np.arange(start, start + len(grade)), school, grade)


def within_year(size: Size, everyone: Enrolled, stays: Stays, year: int, rng: np.random.Generator) -> Stays:
    """The year's moves: some leave, some change schools, late students take the empty places."""
    students = everyone.students
    free = students.cast[stays.student] < 0
    unsettled = 1 + 2.0 * students.homeless + 4.5 * students.foster + 0.5 * students.poor
    leaves = free & (rng.random(len(stays)) < LEAVES_IN_YEAR * unsettled[stays.student])
    left = leaving(stays.at(leaves), rng)
    late = newcomers(everyone, left.school, left.grade, year, rng, is_late=True)
    late.first = np.minimum(left.last + rng.integers(1, 25, len(left)), LAST_DAY - 12)
    staying = stays.at(~leaves)
    return changed_schools(size, everyone.students, staying, rng).joined(left, late)


def leaving(stays: Stays, rng: np.random.Generator) -> Stays:
    """These stays ended within the year, most by moving away; a few never showed up."""
    stays.last = rng.integers(3, LAST_DAY - 15, len(stays))
    older = stays.grade >= 10
    away = chosen(rng, ("transfer_out", "other", "unknown"), (0.9, 0.06, 0.04), len(stays))
    gone = chosen(rng, ("transfer_out", "dropout", "completed_other"), (0.68, 0.28, 0.04), len(stays))
    stays.exit_type = np.where(older, gone, away)
    no_show = rng.random(len(stays)) < 0.03
    stays.last[no_show] = 0
    stays.exit_type[no_show] = "no_show"
    return stays


def changed_schools(size: Size, students: Students, stays: Stays, rng: np.random.Generator) -> Stays:
    """Some go on at another school of the same level; a few older ones at the continuation school."""
    target = np.array(
        [other_school(size, s, g) for s, g in zip(stays.school, stays.grade, strict=True)], dtype=int
    )
    unsettled = 1 + students.homeless + 4 * students.foster
    share = np.where(
        stays.grade >= 11, TO_CONTINUATION * logistic(students.engagement[stays.student] - 2.5), 0
    )
    share = np.where(stays.grade <= 8, CHANGES_SCHOOL * unsettled[stays.student], share)
    can = (target >= 0) & (students.cast[stays.student] < 0)
    moves = can & (rng.random(len(stays)) < share)
    before, after = stays.at(moves), stays.at(moves)
    before.last = rng.integers(8, LAST_DAY - 20, len(before))
    before.exit_type = np.full(len(before), "transfer_in_district", dtype=object)
    after.first = before.last + rng.integers(1, 4, len(before))
    after.school = target[moves]
    return stays.at(~moves).joined(before, after)


def other_school(size: Size, school: int, grade: int) -> int:
    """Where a student would go on without leaving the district; -1 where there is nowhere."""
    level = size.schools[school].level
    wanted = "alt" if level == "hs" and grade >= 11 else level
    options = [
        i for i, s in enumerate(size.schools) if s.level == wanted and i != school and grade in s.grades
    ]
    return options[(school + grade) % len(options)] if options else -1


def enrollments_table(size: Size, everyone: Enrolled, seed: int) -> pa.Table:
    """The table ``enrollments``; a few records of moves came in late."""
    return pa.concat_tables([enrollments_of(size, everyone, year, seed) for year in size.school_years])


def enrollments_of(size: Size, everyone: Enrolled, year: int, seed: int) -> pa.Table:
    """One year's enrollments. The exit is its own fact with its own date, so ``recorded_at`` tells
    only when the entry was entered."""
    stays, calendar = everyone.stays[year], SchoolYear(year)
    rng = stream(seed, "late records", year)
    n = len(stays)
    entry = calendar.days[stays.first]
    late = (stays.first > 0) & (rng.random(n) < 0.25)
    recorded = np.where(late, entry + rng.integers(2, 16, n), np.datetime64("NaT", "D"))
    return pa.table(
        {
            "student_id": everyone.students.student_id[stays.student],
            "school_id": np.array([s.org_id for s in size.schools], dtype=object)[stays.school],
            "entry_date": entry,
            "exit_date": calendar.days[stays.last],
            "exit_type": stays.exit_type,
            "grade_level": stays.grade,
            "is_primary": np.full(n, True),
            "fte": np.ones(n),
            "calendar_id": np.full(n, "main", dtype=object),
            "school_year": np.full(n, year),
            "recorded_at": recorded.astype("datetime64[s]") + np.timedelta64(22, "h"),
        }
    )


def orgs_table(size: Size) -> pa.Table:
    """The table ``orgs``: the district and its schools."""
    district = {"org_id": "D01", "org_type": "district", "name": "Two Rivers Unified School District"}
    return pa.Table.from_pylist(
        [
            {**district, "parent_org_id": None, "state_org_code": "99100010000000", "school_level": None},
            *(
                {
                    "org_id": s.org_id,
                    "org_type": "school",
                    "name": s.name,
                    "parent_org_id": "D01",
                    "state_org_code": f"99100010{int(s.org_id):06d}",
                    "school_level": s.level,
                }
                for s in size.schools
            ),
        ]
    )
