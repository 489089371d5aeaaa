"""What the records say of families: guardians, notices in force, who is of age, languages at home.

Read from the lake at a run and kept in the application database, so that no page opens the lake. Languages
spoken at home are only ever counted, a school at a time: they say in which languages notices are due.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table, delete, func, select

from ews.school_year import first_day, school_year_of
from ews.store.family_tables import attendance_notices, guardians, home_languages, of_age
from ews.store.store import Transaction
from ews.store.tables import runs
from ews.support.known_rows import known_table
from ews.support.recipients import Guardian, Notice

if TYPE_CHECKING:
    from ews.records.lake import Records

GUARDIAN_COLUMNS = tuple(column.name for column in guardians.columns)
COMES_OF_AGE = 18
OWN_LANGUAGE_SHARE = 0.15
"""EC 48985: 15 percent of the pupils enrolled, by the census of the year before."""
FEWEST_COUNTED = 11  # a language spoken by fewer is not named: it would point at a family
OCTOBER, WEDNESDAY = 10, 2


@dataclass(frozen=True)
class Families:
    """The families of a run. ``languages``: school, language, students, enrolled, day of the count."""

    guardians: tuple[Mapping[str, Any], ...] = ()
    notices: tuple[Mapping[str, Any], ...] = ()
    of_age: tuple[str, ...] = ()
    languages: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class LanguageDue:
    """A language in which a school's notices are due, and the share of its pupils who speak it at home."""

    school_id: str
    language: str
    share: float
    counted_on: date


# ---- from the records, at a run ----------------------------------------------------------------------


def read_families(records: Records, as_of: date) -> Families:
    """Everything about families that was known by the end of ``as_of``."""
    return Families(
        guardians=tuple(_rows(records, "guardians", as_of, GUARDIAN_COLUMNS)),
        notices=tuple(
            row
            for row in _rows(records, "attendance_notices", as_of, ("student_id", "notice_date", "kind"))
            if in_force(row["notice_date"], as_of)
        ),
        of_age=tuple(
            row["student_id"]
            for row in _rows(records, "students", as_of, ("student_id", "birth_date"))
            if row["birth_date"] is not None and birthday(row["birth_date"], COMES_OF_AGE) <= as_of
        ),
        languages=tuple(languages_at_home(records, as_of)),
    )


def in_force(given_on: date, today: date) -> bool:
    """Whether a notice about attendance stands: to the end of the school year in which it was given.

    EC 48260 to 48263 count absences and reports within a school year, and each begins anew.
    """
    return school_year_of(given_on) == school_year_of(today) and given_on <= today


def birthday(born: date, years: int) -> date:
    """The day on which somebody is so many years old; 1 March for the 29th of February.

    >>> birthday(date(2008, 2, 29), 18).isoformat()
    '2026-03-01'
    """
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def census_day(school_year: int) -> date:
    """The first Wednesday of October, on which California counts its pupils.

    >>> census_day(2025).isoformat()
    '2024-10-02'
    """
    first = date(school_year - 1, OCTOBER, 1)
    return first + timedelta(days=(WEDNESDAY - first.weekday()) % 7)


def languages_at_home(records: Records, as_of: date) -> list[dict[str, Any]]:
    """How many of each school's pupils speak what at home: by last year's census, else as of today."""
    if not (records.has("enrollments") and records.has("students")):
        return []
    for day in (census_day(school_year_of(as_of) - 1), as_of):
        counted = _counted(records, as_of, day)
        if counted:
            return counted
    return []


def _counted(records: Records, as_of: date, day: date) -> list[dict[str, Any]]:
    """Pupils by school and language on ``day``, as known by the end of ``as_of``."""
    enrolled, people = (known_table(records, name, as_of) for name in ("enrollments", "students"))
    there = (
        enrolled.filter(enrolled.entry_date <= day, enrolled.exit_date.isnull() | (enrolled.exit_date >= day))
        .select("school_id", "student_id")
        .distinct()
    )
    spoken = there.join(people.select("student_id", "home_language"), "student_id")
    rows = spoken.group_by("school_id", "home_language").aggregate(students=spoken.count())
    found = rows.to_pyarrow().to_pylist()
    total: dict[str, int] = {}
    for row in found:
        total[row["school_id"]] = total.get(row["school_id"], 0) + row["students"]
    return [
        {
            "school_id": row["school_id"],
            "language": row["home_language"],
            "students": row["students"],
            "enrolled": total[row["school_id"]],
            "counted_on": day,
        }
        for row in found
        if row["home_language"]
    ]


def _rows(records: Records, name: str, as_of: date, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    if not records.has(name):
        return []
    return list(known_table(records, name, as_of).select(*columns).distinct().to_pyarrow().to_pylist())


# ---- into the database, and out of it ----------------------------------------------------------------


def store_families(tx: Transaction, families: Families, enrolled: Collection[str]) -> None:
    """The families of those ``enrolled`` at the newest run, in the place of those before."""
    filled: dict[Table, Iterable[Mapping[str, Any]]] = {
        guardians: [row for row in families.guardians if row["student_id"] in enrolled],
        attendance_notices: [row for row in families.notices if row["student_id"] in enrolled],
        of_age: [{"student_id": student} for student in families.of_age if student in enrolled],
        home_languages: families.languages,
    }
    for table, rows in filled.items():
        tx.execute(delete(table))
        if chosen := [dict(row) for row in rows]:
            tx.execute(table.insert(), chosen)


def guardians_of(tx: Transaction, student_id: str) -> tuple[Guardian, ...]:
    """The guardians of a student, in the order of their ids."""
    found = tx.execute(
        select(guardians).where(guardians.c.student_id == student_id).order_by(guardians.c.guardian_id)
    )
    return tuple(Guardian(**{key: value for key, value in row._mapping.items() if key != "student_id"})
                 for row in found)  # fmt: skip


def notices_on(tx: Transaction, student_id: str, today: date) -> tuple[Notice, ...]:
    """The notices about attendance that stand on ``today``, the latest first.

    Those of a school year stand until a run of the next one has been read: before that nobody here knows
    whether another followed.
    """
    newest = tx.execute(select(func.max(runs.c.as_of))).scalar()
    today = min(today, newest) if newest is not None else today
    found = tx.execute(
        select(attendance_notices)
        .where(
            attendance_notices.c.student_id == student_id,
            attendance_notices.c.notice_date >= first_day(school_year_of(today)),
            attendance_notices.c.notice_date <= today,
        )
        .order_by(attendance_notices.c.notice_date.desc(), attendance_notices.c.kind)
    )
    return tuple(Notice(row.kind, row.notice_date) for row in found)


def is_of_age(tx: Transaction, student_id: str) -> bool:
    """Whether the student was 18 or older at the newest run."""
    return (
        tx.execute(select(of_age.c.student_id).where(of_age.c.student_id == student_id)).first() is not None
    )


def languages_due(tx: Transaction, school_ids: tuple[str, ...] | None = None) -> tuple[LanguageDue, ...]:
    """The languages other than English that 15 percent or more of a school's pupils speak at home.

    ``school_ids`` None: every school. A language of fewer than eleven pupils is left out: with a school
    that small the office knows its families.
    """
    found = (
        select(home_languages)
        .where(home_languages.c.language != "eng", home_languages.c.students >= FEWEST_COUNTED)
        .order_by(home_languages.c.school_id, home_languages.c.students.desc(), home_languages.c.language)
    )
    if school_ids is not None:
        found = found.where(home_languages.c.school_id.in_(school_ids))
    return tuple(
        LanguageDue(row.school_id, row.language, row.students / row.enrolled, row.counted_on)
        for row in tx.execute(found)
        if row.students >= OWN_LANGUAGE_SHARE * row.enrolled
    )
