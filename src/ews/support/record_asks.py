"""A family asks to see the whole record: it is given within five business days (EC 49069.7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.store.family_tables import record_requests, records_given
from ews.store.store import Transaction
from ews.support.actions import once
from ews.support.hearing import SHOWN, heard_row, hold_day, keep_ask, why_heard

BUSINESS_DAYS = 5
SATURDAY = 5
ASKED_BY = {"guardian": "a parent or guardian", "student": "the student"}


@dataclass(frozen=True)
class RecordRequest:
    """A family asked for the record. days_left counts to due_on; negative when it is overdue."""

    request_id: int
    student_id: str
    asked_on: date
    due_on: date
    asked_by: str
    who: str
    given_on: date | None
    days_left: int

    @property
    def overdue(self) -> bool:
        """Whether it should have been given by now."""
        return self.given_on is None and self.days_left < 0


def business_days_after(day: date, number: int) -> date:
    """The day so many weekdays later. Holidays count here as days of business: the earlier end is kept.

    >>> business_days_after(date(2025, 11, 14), 5).isoformat()
    '2025-11-21'
    """
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < SATURDAY
    return day


def requests_of(tx: Transaction, which: ColumnElement[bool], today: date) -> tuple[RecordRequest, ...]:
    """Requests for the record, latest first."""
    statement = (
        by_whom(select(record_requests, records_given.c.given_on), record_requests.c.account_id)
        .join(records_given, records_given.c.request_id == record_requests.c.request_id, isouter=True)
        .where(which)
        .order_by(record_requests.c.request_id.desc())
    )
    return tuple(
        RecordRequest(
            row.request_id,
            row.student_id,
            row.asked_on,
            row.due_on,
            ASKED_BY.get(row.asked_by, row.asked_by),
            row.person,
            row.given_on,
            (row.due_on - today).days,
        )
        for row in tx.execute(statement)
    )


# ---- writing -----------------------------------------------------------------------------------------


def ask_for_record(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    *,
    asked_on: date,
    asked_by: str,
    now: datetime,
    form_id: str,
) -> bool:
    """A family asked for the record on that day; its clock runs. False when the student is not theirs."""
    if why_heard(tx, principal, student_id) is None:
        return False
    hold_day(asked_on, now)
    if asked_by not in ASKED_BY:
        raise UsageError("Who asked is missing.", "A parent or guardian, or the student.")
    values = {
        "asked_on": asked_on,
        "due_on": business_days_after(asked_on, BUSINESS_DAYS),
        "asked_by": asked_by,
    }
    form = once(form_id, student_id, asked_on.isoformat(), asked_by)
    return keep_ask(tx, principal, record_requests, student_id, values, "record_asked", now, form)


def give_record(
    tx: Transaction, principal: Principal, request_id: int, *, given_on: date, now: datetime
) -> str | None:
    """The record was given; gives the student's id, or None when the request is not there for them."""
    row = heard_row(tx, principal, record_requests, record_requests.c.request_id == request_id)
    if row is None:
        return None
    before = select(records_given.c.request_id).where(records_given.c.request_id == request_id)
    if tx.execute(before).first() is not None:
        return str(row.student_id)
    if not row.asked_on <= given_on <= now.date():
        raise UsageError("That is no day on which it can have been given.", "Choose the day it was given.")
    record_view(tx, principal, action="record_given", students=[row.student_id], fields=SHOWN, at=now)
    if tx.execute(before).first() is not None:  # again, now that nobody else can write
        return str(row.student_id)
    tx.execute(
        records_given.insert().values(
            request_id=request_id, given_on=given_on, account_id=principal.account_id, at=now
        )
    )
    return str(row.student_id)
