"""Who hears what families ask, and how it is kept: once a form, in the ledger first."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from ews.errors import UsageError
from ews.people.access import Principal, scoped, why_may_see
from ews.people.ledger import record_view
from ews.people.roles import Act, Field
from ews.store.store import Transaction

SHOWN = ("name", "grade", "family")


def may_hear(principal: Principal) -> bool:
    """Whether this person takes what families ask for."""
    return (
        principal.does(Act.HEAR_FAMILIES)
        and principal.sees(Field.FAMILY)
        and principal.account_id is not None
    )


def why_heard(tx: Transaction, principal: Principal, student_id: str) -> str | None:
    """Why this person may hear the family of this student; None when they may not."""
    return why_may_see(tx, principal, student_id) if may_hear(principal) else None


def heard_row(tx: Transaction, principal: Principal, table: Any, which: ColumnElement[bool]) -> Any:
    """The row of ``table``, if it is about a student whom this person may see."""
    if not may_hear(principal):
        return None
    return tx.execute(scoped(principal, select(table).where(which), table.c.student_id)).one_or_none()


def hold_day(day: date, now: datetime) -> None:
    """UsageError for a day on which no family can have asked: one to come, or more than a year ago."""
    if not now.date() - timedelta(days=366) <= day <= now.date():
        raise UsageError("That day cannot be.", "Choose the day on which the family asked, not after today.")


def keep_ask(
    tx: Transaction,
    principal: Principal,
    table: Any,
    student_id: str,
    values: dict[str, Any],
    action: str,
    now: datetime,
    form_id: str,
) -> bool:
    """One row and its entry in the ledger; nothing when this form was sent before."""
    sent = select(table.c.student_id).where(
        (table.c.form_id == form_id) & (table.c.account_id == principal.account_id)
    )
    if tx.execute(sent).first() is not None:
        return True
    record_view(tx, principal, action=action, students=[student_id], fields=SHOWN, at=now)
    if tx.execute(sent).first() is not None:  # again, now that nobody else can write
        return True
    tx.execute(
        table.insert().values(
            student_id=student_id, account_id=principal.account_id, at=now, form_id=form_id, **values
        )
    )
    return True
