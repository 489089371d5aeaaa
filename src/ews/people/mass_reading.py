"""The alarm on mass reading: raised with the look that crosses the line, open until somebody has heard it.

What a person reads is added up as it is written down, a student as often as they are seen: one statement a
look, and never fewer than the different students of the last 24 hours. Only when that sum is above the line
are these counted one by one, and the sum is set to what was found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update

from ews.people.access import Principal
from ews.people.authors import by_sign_in
from ews.store.alarm_tables import mass_readings, readings
from ews.store.prepared import Prepared, given
from ews.store.store import Transaction
from ews.store.tables import clients, ledger

A_DAY = timedelta(days=1)
TOLD_FOR = timedelta(days=30)
SUM_UP = Prepared(
    update(readings)
    .where(readings.c.who == given("by_whom"))
    .values(students=readings.c.students + given("more"))
    .returning(readings.c.students)
)


@dataclass(frozen=True)
class MassReading:
    """Somebody had more students before them within a day than is usual; which sign-in acknowledged that.

    Of an information system, ``students`` counts one as often as it was answered about them.
    """

    alarm_id: int
    at: datetime
    who: str
    name: str
    role: str
    students: int
    heard_by: str | None
    heard_at: datetime | None


def watch_reading(tx: Transaction, principal: Principal, *, entry: int, more: int, at: datetime) -> None:
    """``principal`` has ``more`` students before them by the ledger's ``entry``: is that an alarm?

    Within 24 hours of an alarm the next one is raised after as many students again. The shell is not watched,
    and systems, which read everybody by what they are for, afterwards (``ews.people.client_reading``).
    """
    if principal.account_id is None or not more:
        return
    summed = SUM_UP.row(tx, by_whom=principal.name, more=more)
    if summed is not None and summed[0] <= tx.many_students:
        return
    found = len(students_before(tx, principal.name, since=at - A_DAY))
    if summed is None:
        tx.execute(readings.insert().values(who=principal.name, students=found))
    else:
        tx.execute(update(readings).where(readings.c.who == principal.name).values(students=found))
    of_this_day = (mass_readings.c.who == principal.name) & (mass_readings.c.at > at - A_DAY)
    told = tx.execute(select(func.max(mass_readings.c.students)).where(of_this_day)).scalar() or 0
    if found > told + tx.many_students:
        raise_alarm(tx, principal, entry=entry, students=found, at=at)


def raise_alarm(tx: Transaction, principal: Principal, *, entry: int, students: int, at: datetime) -> None:
    """An alarm that nobody has acknowledged yet, and a line of the log without a name."""
    tx.execute(
        mass_readings.insert().values(
            entry=entry, at=at, who=principal.name, role=principal.role, students=students
        )
    )
    tx.tell("mass_reading", role=principal.role, students=students)


def students_before(tx: Transaction, who: str, *, since: datetime, action: str | None = None) -> set[str]:
    """The students whom ``who`` has had before them since then: by one ``action``, or by all."""
    theirs = (ledger.c.who == who) & (ledger.c.at > since)
    if action is not None:
        theirs &= ledger.c.action == action
    entries = tx.execute(select(ledger.c.students).where(theirs)).scalars()
    return {student for entry in entries for student in json.loads(entry)}


def open_alarms(tx: Transaction) -> tuple[MassReading, ...]:
    """The alarms that nobody has acknowledged yet, latest first."""
    return _told(tx, mass_readings.c.heard_at.is_(None))


def alarms_since(tx: Transaction, *, now: datetime) -> tuple[MassReading, ...]:
    """The alarms of the last 30 days and those still open, latest first."""
    return _told(tx, mass_readings.c.heard_at.is_(None) | (mass_readings.c.at > now - TOLD_FOR))


def hear_alarm(tx: Transaction, principal: Principal, alarm_id: int, *, now: datetime) -> str | None:
    """``principal`` acknowledges an alarm; gives whose reading it was about, None where it is not open."""
    this = (mass_readings.c.alarm_id == alarm_id) & mass_readings.c.heard_at.is_(None)
    heard = update(mass_readings).where(this).values(heard_by=principal.name, heard_at=now)
    return tx.execute(heard.returning(mass_readings.c.who)).scalar_one_or_none()


def _told(tx: Transaction, which: ColumnElement[bool]) -> tuple[MassReading, ...]:
    """Such alarms, latest first."""
    statement = by_sign_in(select(mass_readings, clients.c.name).where(which), mass_readings.c.who).join(
        clients, clients.c.client_id == mass_readings.c.who, isouter=True
    )
    return tuple(
        MassReading(
            row.alarm_id,
            row.at,
            row.who,
            row.name or row.person,
            row.role,
            row.students,
            row.heard_by,
            row.heard_at,
        )
        for row in tx.execute(statement.order_by(mass_readings.c.alarm_id.desc()))
    )
