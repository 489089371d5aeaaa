"""Which day is the next on which school is held, for a form that asks for a day to come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select

from ews.people.access import Principal, scoped
from ews.store.store import Transaction
from ews.store.tables import placements
from ews.store.work_tables import school_days

A_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class SchoolDay:
    """A day on which school is held. by_calendar: a school's calendar says so; else it is a weekday."""

    day: date
    by_calendar: bool


def next_school_day(tx: Transaction, principal: Principal, first: date) -> SchoolDay:
    """The first day from ``first`` on that is a school day at a school of this person's students.

    Where no calendar of theirs goes so far, the first Monday to Friday.
    """
    theirs = scoped(principal, select(placements.c.school_id), placements.c.student_id)
    held = select(func.min(school_days.c.day)).where(
        school_days.c.day >= first, school_days.c.school_id.in_(theirs)
    )
    known = tx.execute(held).scalar()
    return SchoolDay(known, True) if known else SchoolDay(next_weekday(first), False)


def next_weekday(first: date) -> date:
    """The first Monday to Friday from ``first`` on.

    >>> next_weekday(date(2025, 11, 22)), next_weekday(date(2025, 11, 24))
    (datetime.date(2025, 11, 24), datetime.date(2025, 11, 24))
    """
    while first.weekday() >= SATURDAY:
        first += A_DAY
    return first
