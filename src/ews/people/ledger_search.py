"""Searching the ledger: who looked at whom, when and why, for those who answer for it.

A search is itself written into the ledger, before its answer is shown. It names no student: whoever asks
about one already has the id.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, func, select

from ews.people.access import Principal
from ews.people.authors import by_sign_in
from ews.people.client_reading import watch_clients
from ews.people.export_quota import ExportAbove, exports_above
from ews.people.ledger import checkpoint_entry, record_view
from ews.people.mass_reading import MassReading, alarms_since
from ews.store.store import Transaction
from ews.store.tables import ledger, ledger_students

A_PAGE = 50
SEARCHED = "ledger_search"


@dataclass(frozen=True)
class Search:
    """What is looked for: a sign-in name, a student's id, moments from and before, an action; a page."""

    who: str = ""
    student: str = ""
    since: datetime | None = None
    before: datetime | None = None
    action: str = ""
    page: int = 1


@dataclass(frozen=True)
class Entry:
    """One entry as it is told: by whom, in which role, what was done and why, with how many students."""

    entry: int
    at: datetime
    who: str
    name: str
    role: str
    action: str
    reason: str
    students: int
    fields: str
    model_version: str


@dataclass(frozen=True)
class Found:
    """A page of entries, latest first; how many in all; up to which entry it was verified.

    alarms: who had very many students before them in a day, in the last 30 days.
    exports: downloads above the quota, with their reason.
    """

    search: Search
    entries: tuple[Entry, ...]
    total: int
    pages: int
    actions: tuple[str, ...]
    last: int
    verified: int
    alarms: tuple[MassReading, ...]
    exports: tuple[ExportAbove, ...]


def search_ledger(tx: Transaction, principal: Principal, search: Search, *, now: datetime) -> Found:
    """The entries that ``search`` asks for."""
    record_view(
        tx,
        principal,
        action=SEARCHED,
        reason="search of the ledger",
        students=[search.student] if search.student else [],
        fields=[name for name in ("who", "student", "since", "before", "action") if getattr(search, name)],
        at=now,
    )
    watch_clients(tx, now=now)
    conditions = conditions_of(search)
    total = tx.execute(select(func.count()).select_from(ledger).where(*conditions)).scalar_one()
    rows = tx.execute(
        by_sign_in(select(ledger), ledger.c.who)
        .where(*conditions)
        .order_by(ledger.c.entry.desc())
        .limit(A_PAGE)
        .offset((search.page - 1) * A_PAGE)
    )
    return Found(
        search=search,
        entries=tuple(entry_of(row) for row in rows),
        total=total,
        pages=max(1, -(-total // A_PAGE)),
        actions=tuple(tx.execute(select(ledger.c.action).distinct().order_by(ledger.c.action)).scalars()),
        last=tx.execute(select(func.coalesce(func.max(ledger.c.entry), 0))).scalar_one(),
        verified=checkpoint_entry(tx),
        alarms=alarms_since(tx, now=now),
        exports=exports_above(tx, now=now),
    )


def conditions_of(search: Search) -> list[ColumnElement[bool]]:
    """The conditions of a search."""
    found: list[ColumnElement[bool]] = []
    if search.who:
        found.append(ledger.c.who == search.who.strip().lower())
    if search.student:
        about = select(ledger_students.c.entry).where(ledger_students.c.student_id == search.student)
        found.append(ledger.c.entry.in_(about))
    if search.since is not None:
        found.append(ledger.c.at >= search.since)
    if search.before is not None:
        found.append(ledger.c.at < search.before)
    if search.action:
        found.append(ledger.c.action == search.action)
    return found


def entry_of(row: Row) -> Entry:
    """One row of the ledger."""
    return Entry(
        entry=row.entry,
        at=row.at,
        who=row.who,
        name=row.person,
        role=row.role,
        action=row.action,
        reason=row.reason,
        students=len(json.loads(row.students)),
        fields=row.fields,
        model_version=row.model_version,
    )
