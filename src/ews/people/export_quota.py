"""How many students' rows one person takes out of the service in a day, and what they say when it is more.

Counted from the ledger's own entries, the download in hand among them: its entry is written first, and
goes again with the transaction when a reason has to be asked for. The same student twice counts once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.authors import by_sign_in
from ews.people.ledger import ABOVE
from ews.people.mass_reading import A_DAY, TOLD_FOR, students_before
from ews.store.export_tables import exports_given
from ews.store.store import Transaction
from ews.store.tables import ledger

EXPORT = "export"
LONGEST_REASON = 400
MOST_TOLD = 20


class AboveQuota(UsageError):
    """More students than one person takes out in a day; with a reason they may."""

    def __init__(self) -> None:
        super().__init__(
            "With this download it would be more students than one person usually takes out in a day.",
            "Ask for it on the page, and say what it is for.",
        )


class GivenBefore(UsageError):
    """A form with a reason that was answered with its file already."""

    code = "given_before"
    status = 409

    def __init__(self) -> None:
        super().__init__(
            "The file of this form was sent already, and a reason is for one file.",
            "Should it not have reached you, ask for it once more.",
        )


@dataclass(frozen=True)
class ExportAbove:
    """A download above the quota: by whom, when, of how many students, and what they said it was for."""

    at: datetime
    who: str
    name: str
    role: str
    students: int
    reason: str


def taken_out(tx: Transaction, principal: Principal, *, now: datetime) -> int:
    """How many different students' rows this person has taken out in the 24 hours before ``now``."""
    return len(students_before(tx, principal.name, since=now - A_DAY, action=EXPORT))


def hold_to_quota(tx: Transaction, principal: Principal, *, most: int, now: datetime) -> None:
    """AboveQuota when, with what ``tx`` has just written down, it is more than ``most`` in a day."""
    if taken_out(tx, principal, now=now) > most:
        raise AboveQuota


def give_once(tx: Transaction, principal: Principal, form_id: str, *, now: datetime) -> None:
    """GivenBefore when this form was answered with a file. Called with the ledger's tail in hand."""
    mine = (exports_given.c.form_id == form_id) & (exports_given.c.account_id == principal.account_id)
    if tx.execute(select(exports_given.c.at).where(mine)).first() is not None:
        raise GivenBefore
    tx.execute(exports_given.insert().values(form_id=form_id, account_id=principal.account_id, at=now))


def reason_given(text: str) -> str:
    """The reason in ``text`` on one line; UsageError when there is none, or it is too long."""
    reason = " ".join(text.split())
    if not reason:
        raise UsageError("No reason is given.", "Say what the file is for.")
    if len(reason) > LONGEST_REASON:
        raise UsageError(f"The reason has {len(reason)} characters.", f"At most {LONGEST_REASON}, please.")
    return reason


def exports_above(tx: Transaction, *, now: datetime) -> tuple[ExportAbove, ...]:
    """The downloads above the quota of the last 30 days, latest first, with what was said of each."""
    downloads = select(ledger.c.at, ledger.c.who, ledger.c.role, ledger.c.reason, ledger.c.students)
    rows = tx.execute(
        by_sign_in(downloads, ledger.c.who)
        .where(ledger.c.action == EXPORT, ledger.c.at > now - TOLD_FOR, ledger.c.reason.contains(ABOVE))
        .order_by(ledger.c.entry.desc())
    )
    found: dict[tuple[datetime, str], ExportAbove] = {}
    for row in rows:  # an export has an entry for each rule of access that was true of some students
        before = found.get((row.at, row.who))
        students = len(json.loads(row.students)) + (before.students if before else 0)
        reason = row.reason.partition(ABOVE)[2]
        found[row.at, row.who] = ExportAbove(row.at, row.who, row.person, row.role, students, reason)
    return tuple(found.values())[:MOST_TOLD]
