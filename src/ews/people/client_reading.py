"""The alarm on what information systems read: looked for afterwards, so that no call of theirs costs more.

A system may ask about all of its students every night. Odd is a day on which it was answered far oftener than
that, or far oftener than on any day of the four weeks before. Days count back from the moment of the look: at
each run, when the ledger is opened, and when it is verified.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from ews.people.access import CLIENT, Principal, scoped
from ews.people.ledger import HANDED_OVER
from ews.people.mass_reading import A_DAY, raise_alarm
from ews.store.alarm_tables import mass_readings
from ews.store.store import Transaction
from ews.store.tables import clients, ledger, placements

FAR = 3  # times all of its students in a day; or times its fullest day before
HABIT = 28  # days that tell what is usual
YOUNG = timedelta(days=7)  # nothing is usual yet
LOOKED_BACK = 8  # days: from one weekly run to the next

BETWEEN = '","'
"""Between two ids in an entry's JSON; nowhere else, for a quotation mark inside an id has a backslash."""
NAMED = case(
    (ledger.c.students == "[]", 0),
    else_=(func.length(ledger.c.students) - func.length(func.replace(ledger.c.students, BETWEEN, "")))
    / len(BETWEEN)
    + 1,
)


def watch_clients(tx: Transaction, *, now: datetime, days: int = 1) -> None:
    """Raises an alarm for each of the last ``days`` on which a system was answered far too often.

    The line of ``ledger.many_students`` holds here, too: below it no volume is odd.
    """
    for client in tx.execute(select(clients)).all():
        principal = Principal(client.client_id, client.name, CLIENT, school_ids=tuple(client.school_ids))
        for end in (now - back * A_DAY for back in reversed(range(days))):
            answers, entry = answered(tx, client.client_id, end)
            if answers <= tx.many_students or told_since(tx, client.client_id, end - A_DAY):
                continue
            of_age = client.created_at <= end - YOUNG
            if answers > FAR * students_of(tx, principal) or (
                of_age and answers > FAR * fullest_day(tx, client.client_id, end - A_DAY)
            ):
                raise_alarm(tx, principal, entry=entry, students=answers, at=end)


def answered(tx: Transaction, client_id: str, end: datetime) -> tuple[int, int]:
    """How often a system was answered about a student in the day up to ``end``; and its last entry.

    Rows that it handed over itself are not counted: nothing of ours was shown.
    """
    row = tx.execute(
        select(func.sum(NAMED).label("answers"), func.max(ledger.c.entry).label("entry")).where(
            ledger.c.who == client_id,
            ledger.c.at > end - A_DAY,
            ledger.c.at <= end,
            ledger.c.action != HANDED_OVER,
        )
    ).one()
    return int(row.answers or 0), int(row.entry or 0)


def fullest_day(tx: Transaction, client_id: str, end: datetime) -> int:
    """The most that it was answered on one of the days before."""
    return max(answered(tx, client_id, end - back * A_DAY)[0] for back in range(HABIT))


def students_of(tx: Transaction, principal: Principal) -> int:
    """How many students the system may ask about."""
    theirs = select(func.count()).select_from(placements)
    return int(tx.execute(scoped(principal, theirs, placements.c.student_id)).scalar_one())


def told_since(tx: Transaction, client_id: str, since: datetime) -> bool:
    """Whether there was an alarm about it after ``since``."""
    this = (mass_readings.c.who == client_id) & (mass_readings.c.at > since)
    return tx.execute(select(mass_readings.c.alarm_id).where(this)).first() is not None
