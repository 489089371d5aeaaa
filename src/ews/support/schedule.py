"""The schedule as of a day: classes under way, who teaches them in which period and room, who sits in them.

Read from the lake at each run and kept in the application database, so that pages never open the lake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from ews.features.courses import A_COURSE, TELLING
from ews.school_year import first_day, school_year_of
from ews.store.schedule_tables import class_sections, section_seats, section_teachers
from ews.support.known_rows import known_table, table_in_force

if TYPE_CHECKING:
    from ews.records.lake import Records


@dataclass(frozen=True)
class Schedule:
    """The rows of the three tables, in no order."""

    sections: tuple[Mapping[str, Any], ...] = ()
    teachers: tuple[Mapping[str, Any], ...] = ()
    seats: tuple[Mapping[str, Any], ...] = ()


def read_schedule(records: Records, as_of: date) -> Schedule:
    """What was known of the schedule by the end of ``as_of``; empty where no sections were handed over."""
    if not records.has("sections") or not records.has("section_enrollments"):
        return Schedule()
    seats = seats_on(records, as_of)
    sections = sections_on(records, as_of).semi_join(seats, "section_id")
    rows = sections.to_pyarrow().to_pylist()
    under_way = {row["section_id"] for row in rows}
    return Schedule(
        sections=tuple(section_row(row) for row in rows),
        teachers=tuple(teachers_on(records, as_of, under_way)),
        seats=tuple(row for row in seats.to_pyarrow().to_pylist() if row["section_id"] in under_way),
    )


def sections_on(records: Records, as_of: date) -> Any:
    """Sections whose term is under way, or that have none, as a table to go on asking."""
    sections = known_table(records, "sections", as_of)
    terms = known_table(records, "terms", as_of).select("term_id", starts_on="start_date", ends_on="end_date")
    timed = sections.left_join(terms, "term_id")
    timed = timed.filter(timed.starts_on.isnull() | ((timed.starts_on <= as_of) & (timed.ends_on >= as_of)))
    return timed.select(
        "section_id", "school_id", "course_title", "subject", "is_core", "starts_on", "ends_on"
    )


def seats_on(records: Records, as_of: date) -> Any:
    """student_id and section_id of whoever sits in a section on ``as_of``, in this school year."""
    enrolled = table_in_force(known_table(records, "section_enrollments", as_of), as_of)
    enrolled = enrolled.filter(enrolled.begin_date >= first_day(school_year_of(as_of)))
    return enrolled.select("student_id", "section_id").distinct()


def teachers_on(records: Records, as_of: date, sections: set[str]) -> list[Mapping[str, Any]]:
    """Who teaches ``sections``, and when and where."""
    if not records.has("section_staff"):
        return []
    rows = table_in_force(known_table(records, "section_staff", as_of), as_of)
    rows = rows.select("section_id", "staff_id", "period", "room").to_pyarrow().to_pylist()
    return [row for row in rows if row["section_id"] in sections]


def section_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """A section as it is kept."""
    return {
        "section_id": row["section_id"],
        "school_id": row["school_id"],
        "title": shown_title(row["course_title"]),
        "subject": row["subject"],
        "is_core": row["is_core"],
        "starts_on": row["starts_on"],
        "ends_on": row["ends_on"],
    }


def shown_title(title: str | None) -> str:
    """A course's title, unless it would say something protected of whoever sits in it.

    >>> shown_title("Algebra 1"), shown_title("ELD 2"), shown_title(None)
    ('Algebra 1', 'A course', 'A course')
    """
    return A_COURSE if not title or re.search(TELLING, title.upper()) else title


def schedule_rows(schedule: Schedule) -> dict[Table, Iterable[Mapping[str, Any]]]:
    """What each table of the schedule holds after a run."""
    return {
        class_sections: schedule.sections,
        section_teachers: schedule.teachers,
        section_seats: schedule.seats,
    }
