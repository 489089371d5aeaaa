"""Who is signed in: sessions kept on the server, stored hashed, ended at once when need be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, select, update

from ews.people.access import Principal
from ews.people.owed_codes import forgive
from ews.people.secret_words import hashed, new_token
from ews.store.store import Transaction
from ews.store.tables import accounts, sessions, staff

KEPT = timedelta(days=30)  # a session that is over stays on record so long


def open_session(tx: Transaction, account_id: int, *, now: datetime, hours: int) -> tuple[str, datetime]:
    """The token of a new session, and when the session ends."""
    token, expires_at = new_token(), now + timedelta(hours=hours)
    tx.execute(delete(sessions).where(sessions.c.expires_at < now - KEPT))
    tx.execute(
        sessions.insert().values(
            token_hash=hashed(token), account_id=account_id, created_at=now, expires_at=expires_at
        )
    )
    return token, expires_at


def principal_of_session(tx: Transaction, token: str, *, now: datetime) -> Principal | None:
    """Who is signed in with ``token``; None when nobody is, any more."""
    row = tx.execute(
        select(accounts, staff.c.name.label("person"))
        .join(sessions, sessions.c.account_id == accounts.c.account_id)
        .join(staff, staff.c.staff_id == accounts.c.staff_id, isouter=True)
        .where(
            sessions.c.token_hash == hashed(token),
            sessions.c.ended_at.is_(None),
            sessions.c.expires_at > now,
            accounts.c.disabled_at.is_(None),
        )
    ).one_or_none()
    return None if row is None else principal_of(row)


def principal_of(row: Row) -> Principal:
    """Who an account is: its row, with ``person`` for their name on the roster."""
    return Principal(
        name=row.name,
        display_name=row.person or row.name,
        role=row.role,
        account_id=row.account_id,
        staff_id=row.staff_id,
        school_ids=tuple(row.school_ids),
        must_change=row.must_change,
    )


@dataclass(frozen=True)
class OpenSession:
    """A session that goes on. number: what it is called on its owner's page; this: the one that asks."""

    number: str
    created_at: datetime
    expires_at: datetime
    this: bool


def open_sessions(tx: Transaction, account_id: int, token: str, *, now: datetime) -> tuple[OpenSession, ...]:
    """The sessions of an account that go on, the newest first; ``token`` is the one that asks."""
    newest = (sessions.c.created_at.desc(), sessions.c.token_hash)
    return tuple(
        OpenSession(_number(row.token_hash), row.created_at, row.expires_at, row.token_hash == hashed(token))
        for row in tx.execute(_going_on(account_id, now).order_by(*newest))
    )


def end_one_session(tx: Transaction, account_id: int, number: str, *, now: datetime) -> None:
    """Ends one session of an account by what ``open_sessions`` calls it; another number changes nothing."""
    for row in tx.execute(_going_on(account_id, now)).all():
        if _number(row.token_hash) == number:
            mine = sessions.c.token_hash == row.token_hash
            tx.execute(update(sessions).where(mine).values(ended_at=now))


def _going_on(account_id: int, now: datetime) -> Select[Any]:
    return select(sessions).where(
        sessions.c.account_id == account_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > now
    )


def _number(token_hash: str) -> str:
    """A name for a session that gives nothing of its token away, nor of what is stored of it."""
    return hashed(token_hash)[:16]


def end_session(tx: Transaction, token: str, *, now: datetime) -> None:
    """Signs out; a token that is none changes nothing."""
    tx.execute(
        update(sessions)
        .where(sessions.c.token_hash == hashed(token), sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )


def end_sessions_of(tx: Transaction, account_id: int, *, now: datetime) -> None:
    """Ends every session of one account, and a sign-in that is halfway."""
    forgive(tx, account_id)
    tx.execute(
        update(sessions)
        .where(sessions.c.account_id == account_id, sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )
