"""Signing in halfway: proved by a password or at the provider, with a code of the second step still owed.

A district names the roles that need the second step of this service. Whoever of them has yet to give its code
has no session: what they hold opens the form for the code and nothing else, for ten minutes. Whoever has set
up no authenticator does so there, having proved just now who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from ews.errors import UsageError
from ews.people.roles import ROLES
from ews.people.second_step import BEGUN_FOR, begin_second_step, has_second_step, secret_begun
from ews.people.secret_words import hashed, new_token
from ews.settings import Settings
from ews.store.sign_in_tables import codes_owed
from ews.store.store import Transaction
from ews.store.tables import accounts

EVERYBODY = "all"
SETTING = "sign_in.second_step_roles"


@dataclass(frozen=True)
class Owed:
    """Who owes a code and where they want to go. secret: for the authenticator that they set up with it."""

    account_id: int
    name: str
    wanted: str
    secret: str | None


def roles_owing(settings: Settings) -> frozenset[str]:
    """The roles that need the second step of this service. UsageError for one that there is not."""
    named = frozenset(settings[SETTING])
    if unknown := named - {EVERYBODY, *ROLES}:
        raise UsageError(
            f"{SETTING} names no role: {', '.join(sorted(map(str, unknown)))}.",
            f"Roles are {', '.join(ROLES)}; {EVERYBODY} is every one of them.",
        )
    return frozenset(ROLES) if EVERYBODY in named else named


def owe_code(tx: Transaction, account_id: int, wanted: str, *, now: datetime) -> str:
    """What the browser of whoever signed in halfway holds; what another browser held of the account ends."""
    token = new_token()
    forgive(tx, account_id)
    tx.execute(delete(codes_owed).where(codes_owed.c.begun_at < now - BEGUN_FOR))
    tx.execute(
        codes_owed.insert().values(
            account_id=account_id, token_hash=hashed(token), wanted=wanted, begun_at=now
        )
    )
    if not has_second_step(tx, account_id):
        begin_second_step(tx, account_id, now=now)
    return token


def owed(tx: Transaction, token: str, *, now: datetime) -> Owed | None:
    """Who owes a code with ``token``; None when nobody does, any more."""
    row = tx.execute(
        select(codes_owed.c.account_id, codes_owed.c.wanted, accounts.c.name)
        .join(accounts, accounts.c.account_id == codes_owed.c.account_id)
        .where(
            codes_owed.c.token_hash == hashed(token),
            codes_owed.c.begun_at > now - BEGUN_FOR,
            accounts.c.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    has = has_second_step(tx, row.account_id)
    secret = None if has else secret_begun(tx, row.account_id, now=now)
    return Owed(row.account_id, row.name, row.wanted, secret) if has or secret else None


def forgive(tx: Transaction, account_id: int) -> bool:
    """Nobody owes a code of this account any more: it was given, or the sign-in is over. Did anybody?"""
    return bool(tx.execute(delete(codes_owed).where(codes_owed.c.account_id == account_id)).rowcount)
