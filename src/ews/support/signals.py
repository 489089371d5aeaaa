"""How fresh each kind of record of a school is: up to which day it goes, and whether that is as it should be.

Attendance is expected on every school day, and is counted in days of the school's own calendar. Marks may
rest for weeks between two postings, incidents and contacts may truly not happen: of those it is only said
when the last one is long ago.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Row, func, select

from ews.store.record_tables import english_records, sis_supports
from ews.store.store import Transaction
from ews.store.tables import placements, run_students
from ews.support.facts import Run
from ews.support.freshness import LATE, is_stamped

ON_TIME, BEHIND, QUIET, ABSENT = "on_time", "behind", "quiet", "absent"
LONG_AGO = timedelta(weeks=6)  # a grading period
REST = (("grades", "Grades", "marks_through"), ("behavior", "Behavior", "incidents_through"))
MORE = (
    ("contacts", "Contacts", LONG_AGO),
    ("supports", "Supports", LONG_AGO),
    ("english", "English test", timedelta(weeks=60)),
)
"""Kinds of record that are not in the run: name, title, after how long it is said to be long ago."""


@dataclass(frozen=True)
class Signal:
    """One kind of record at a school. state: on_time, behind, quiet (long ago) or absent."""

    name: str
    title: str
    through: date | None
    state: str
    word: str


def signals_of(school: Row, last: Mapping[str, date], as_of: date) -> tuple[Signal, ...]:
    """Every signal of a row of ``run_schools``; ``last``: what ``last_days`` says of the school."""
    attendance = attendance_signal(school.attendance_through, school.days_behind)
    rest = [resting_signal(name, title, getattr(school, column), as_of) for name, title, column in REST]
    more = [resting_signal(name, title, last.get(name), as_of, long_ago) for name, title, long_ago in MORE]
    return (attendance, *rest, *more)


def last_days(tx: Transaction, run: Run) -> dict[str, dict[str, date]]:
    """School to the last day of a contact, of support that began, and of a result of the English test."""
    of = run_students.c
    told = select(of.school_id, func.max(of.contact_on).label("last")).where(of.run_id == run.run_id)
    placed = placements.c.school_id
    began = select(placed, func.max(sis_supports.c.begins_on).label("last")).join(
        sis_supports, sis_supports.c.student_id == placements.c.student_id
    )
    found: dict[str, dict[str, date]] = {}
    for name, statement in (("contacts", told.group_by(of.school_id)), ("supports", began.group_by(placed))):
        for row in tx.execute(statement):
            if row.last:
                found.setdefault(row.school_id, {})[name] = row.last
    tests = select(placed, english_records.c.results).join(
        english_records, english_records.c.student_id == placements.c.student_id
    )
    for row in tx.execute(tests):
        if row.results:
            newest = date.fromisoformat(row.results[0]["taken_on"])
            own = found.setdefault(row.school_id, {})
            own["english"] = max(newest, own.get("english", newest))
    return found


def attendance_signal(through: date | None, days: int | None) -> Signal:
    """Attendance, by the school days that are wanting."""
    if through is None:
        return Signal("attendance", "Attendance", None, ABSENT, "Not received")
    if days is None or days < LATE:
        return Signal("attendance", "Attendance", through, ON_TIME, "On time")
    more = ", no new names" if is_stamped(days) else ""
    return Signal("attendance", "Attendance", through, BEHIND, f"{days} school days late{more}")


def resting_signal(
    name: str, title: str, through: date | None, as_of: date, long_ago: timedelta = LONG_AGO
) -> Signal:
    """A kind of record that may rest for weeks, or between two years' tests."""
    if through is None:
        return Signal(name, title, None, ABSENT, "None on record")
    if as_of - through > long_ago:
        return Signal(name, title, through, QUIET, f"None for {(as_of - through).days // 7} weeks")
    return Signal(name, title, through, ON_TIME, "On time")
