"""Rows of a small school, for tests: one calendar, a few named students, one thing told of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa

from ews.features.matrix import feature_matrix
from ews.records.contract import CONTRACT
from ews.records.lake import Records, _memory, records_of
from ews.records.moments import BEGINNING
from ews.records.typed import lake_schema
from ews.settings import Settings, read_settings

Row = dict[str, Any]
Tables = dict[str, list[Row]]

SETTINGS = read_settings({"EWS_CONFIG": "no-such-ews.toml"})
FIRST = date(2025, 8, 18)
"""The Monday on which school begins in 2025-26."""


def choosing(**choices: Any) -> Settings:
    """The default settings with other choices of the district; ``__`` stands for the dot."""
    return replace(
        SETTINGS,
        choices={**SETTINGS.choices, **{name.replace("__", "."): said for name, said in choices.items()}},
    )


def weekdays(first: date, count: int) -> list[date]:
    """The first ``count`` weekdays from ``first`` on."""
    days = (first + timedelta(days=day) for day in range(count * 2))
    return [day for day in days if day.weekday() < 5][:count]


DAYS = weekdays(FIRST, 180)
"""The school days of 2025-26: every weekday, without holidays, to keep counting easy."""

LAST_YEAR = weekdays(date(2024, 8, 19), 180)


def weekend_after(day: int) -> date:
    """The Sunday after the school day of that number, when everything of the week is known."""
    found = DAYS[day - 1]
    return found + timedelta(days=6 - found.weekday())


def calendar(days: Iterable[date], school: str = "Lincoln", **more: Any) -> list[Row]:
    return [
        {"school_id": school, "calendar_id": "main", "date": day, "is_instructional": True} | more
        for day in days
    ]


def enrolled(student: str, grade: int = 8, entry: date = FIRST, exit: date | None = None, **more: Any) -> Row:
    return {
        "student_id": student,
        "school_id": "Lincoln",
        "entry_date": entry,
        "exit_date": exit,
        "grade_level": grade,
        "is_primary": True,
        "school_year": entry.year + (entry.month >= 7),
    } | more


def enrolled_last_year(student: str, grade: int = 7, **more: Any) -> Row:
    return enrolled(student, grade, LAST_YEAR[0], LAST_YEAR[-1], **more)


def attended(
    student: str, days: Sequence[date], missed: Mapping[date, str] | None = None, **more: Any
) -> list[Row]:
    """A row a day: present, or what ``missed`` says of the day."""
    told = missed or {}
    return [
        {"student_id": student, "school_id": "Lincoln", "date": day, "status": told.get(day, "present")}
        | more
        for day in days
    ]


def away(days: Iterable[date], status: str = "absent_excused") -> dict[date, str]:
    return dict.fromkeys(days, status)


def section(name: str, term: str = "fall", school: str = "Lincoln", **more: Any) -> Row:
    return {
        "section_id": name,
        "school_id": school,
        "term_id": term,
        "course_title": name,
        "is_core": True,
    } | more


def term(name: str, first: date, last: date, kind: str = "semester", **more: Any) -> Row:
    return {
        "term_id": name,
        "school_id": "Lincoln",
        "school_year": first.year + (first.month >= 7),
        "term_type": kind,
        "start_date": first,
        "end_date": last,
    } | more


def mark(student: str, section: str, on: date, kind: str = "current", term: str = "fall", **more: Any) -> Row:
    return {
        "student_id": student,
        "section_id": section,
        "term_id": term,
        "mark_type": kind,
        "as_of_date": on,
    } | more


FALL = term("fall", FIRST, DAYS[89])
SPRING = term("spring", DAYS[90], DAYS[179])


def small_school(**tables: list[Row]) -> Tables:
    """Lincoln with its calendar and terms, and whatever ``tables`` add or replace."""
    told: Tables = {
        "orgs": [{"org_id": "Lincoln", "org_type": "school", "school_level": "ms"}],
        "calendar_days": calendar(LAST_YEAR) + calendar(DAYS),
        "terms": [FALL, SPRING],
        "enrollments": [],
        "attendance": [],
    }
    told |= tables
    people = dict.fromkeys(row["student_id"] for row in told["enrollments"])
    return told | {"students": [{"student_id": person} for person in people]}


def rows_of(
    tables: Tables | Records, as_of: date, settings: Settings = SETTINGS, engine: Any = None
) -> dict[str, pd.Series]:
    """Each student's row of the feature matrix, by student."""
    records = tables if isinstance(tables, Records) else records_of(tables, settings, engine)
    matrix = feature_matrix(records, [as_of], settings=settings)
    return {row["student_id"]: row for _, row in matrix.iterrows()}


def with_versions(records: Records, table: str, rows: Sequence[Row]) -> Records:
    """``records`` with ``table`` as a lake would hold it after corrections.

    Each row says ``known_at`` and, if it was corrected, ``superseded_at`` (UTC instants); a plan needs
    neither. The row's own day is the contract's first event date.
    """
    schema = lake_schema(CONTRACT[table])
    event = CONTRACT[table].event_date
    told = [{"event_on": row[event[0]] if event else None, "known_at": BEGINNING} | row for row in rows]
    held = pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in told], schema)
    records.opened[table] = _memory(records.connection, table, held)()
    return records
