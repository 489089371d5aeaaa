"""How fresh each kind of record of a school is: up to which day it goes, and whether that is as it should be.

Attendance is expected on every school day, and is counted in days of the school's own calendar. Marks may
rest for weeks between two postings, incidents and contacts may truly not happen: of those it is only said
when the last one is long ago.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Row

from ews.support.freshness import LATE, is_stamped

ON_TIME, BEHIND, QUIET, ABSENT = "on_time", "behind", "quiet", "absent"
LONG_AGO = timedelta(weeks=6)  # a grading period
REST = (("grades", "Grades", "marks_through"), ("behavior", "Behavior", "incidents_through"))


@dataclass(frozen=True)
class Signal:
    """One kind of record at a school. state: on_time, behind, quiet (long ago) or absent."""

    name: str
    title: str
    through: date | None
    state: str
    word: str


def signals_of(school: Row, last_contact: date | None, as_of: date) -> tuple[Signal, ...]:
    """Every signal of a row of ``run_schools``, and the last contact that anybody logged there."""
    attendance = attendance_signal(school.attendance_through, school.days_behind)
    rest = (resting_signal(name, title, getattr(school, column), as_of) for name, title, column in REST)
    return (attendance, *rest, resting_signal("contacts", "Contacts", last_contact, as_of))


def attendance_signal(through: date | None, days: int | None) -> Signal:
    """Attendance, by the school days that are wanting."""
    if through is None:
        return Signal("attendance", "Attendance", None, ABSENT, "Not received")
    if days is None or days < LATE:
        return Signal("attendance", "Attendance", through, ON_TIME, "On time")
    more = ", no new names" if is_stamped(days) else ""
    return Signal("attendance", "Attendance", through, BEHIND, f"{days} school days late{more}")


def resting_signal(name: str, title: str, through: date | None, as_of: date) -> Signal:
    """A kind of record that may rest for weeks."""
    if through is None:
        return Signal(name, title, None, ABSENT, "None on record")
    if as_of - through > LONG_AGO:
        return Signal(name, title, through, QUIET, f"None for {(as_of - through).days // 7} weeks")
    return Signal(name, title, through, ON_TIME, "On time")
