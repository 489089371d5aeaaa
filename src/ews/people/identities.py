"""Who of the district's identity provider is which account, and sign-ins that are under way there.

An account is made beforehand, by the e-mail address that the provider knows. The first sign-in links the
two; from then on the provider's own number for the person (issuer and subject) decides, and no address.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from ews.people.accounts import unusable_password, upsert
from ews.people.owed_codes import owe_code
from ews.people.secret_words import hashed, new_token
from ews.people.sessions import open_session
from ews.store.sign_in_tables import identities, sign_ins_begun
from ews.store.store import Store, Transaction
from ews.store.tables import accounts

MOST_TIME = timedelta(minutes=10)  # for signing in at the provider


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: what goes into the address, and what is kept for the way back."""

    state: str
    nonce: str
    verifier: str
    wanted: str


def begin_sign_in(tx: Transaction, visitor: str, wanted: str, *, now: datetime) -> Begun:
    """A new sign-in of the browser that holds the cookie ``visitor``."""
    begun = Begun(new_token(), new_token(), secrets.token_urlsafe(48), wanted)
    tx.execute(delete(sign_ins_begun).where(sign_ins_begun.c.begun_at < now - MOST_TIME))
    tx.execute(
        sign_ins_begun.insert().values(
            state_hash=hashed(begun.state),
            visitor_hash=hashed(visitor),
            nonce=begun.nonce,
            verifier=begun.verifier,
            wanted=wanted,
            begun_at=now,
        )
    )
    return begun


def take_sign_in(tx: Transaction, visitor: str, state: str, *, now: datetime) -> Begun | None:
    """The sign-in that ``state`` belongs to, once; None when it is over, was used, or began elsewhere."""
    mine = sign_ins_begun.c.state_hash == hashed(state)
    row = tx.execute(select(sign_ins_begun).where(mine)).one_or_none()
    taken = tx.execute(delete(sign_ins_begun).where(mine)).rowcount
    if row is None or not taken or row.visitor_hash != hashed(visitor) or row.begun_at < now - MOST_TIME:
        return None
    return Begun(state, row.nonce, row.verifier, row.wanted)


@dataclass(frozen=True)
class Entered:
    """Who came from the provider: the token of a session, or of a code that is still owed."""

    token: str
    owes_code: bool


def sign_in_as(
    store: Store,
    issuer: str,
    subject: str,
    email: str | None,
    wanted: str,
    *,
    now: datetime,
    hours: int,
    owing: frozenset[str] = frozenset(),
) -> Entered | None:
    """A session of whoever ``subject`` is here, or a code that they owe; None when it is nobody's account.

    email: the address that the provider vouches for, if it does; it links an account at its first sign-in
    and is not looked at afterwards. owing: the roles that need the second step of this service, too.
    """
    with store.read() as tx:
        known = account_of(tx, issuer, subject)
        waiting = None if known or not email else account_waiting(tx, issuer, email)
    password = unusable_password() if waiting else None
    with store.begin() as tx:
        if waiting is not None and password is not None:
            link(tx, issuer, subject, waiting, password, now=now)
        account_id = account_of(tx, issuer, subject)
        if account_id is None:
            return None
        role = tx.execute(select(accounts.c.role).where(accounts.c.account_id == account_id)).scalar_one()
        if role in owing:
            return Entered(owe_code(tx, account_id, wanted, now=now), owes_code=True)
        return Entered(open_session(tx, account_id, now=now, hours=hours)[0], owes_code=False)


def account_of(tx: Transaction, issuer: str, subject: str) -> int | None:
    """The account of somebody at the provider; None when there is none, or it is disabled."""
    found = tx.execute(
        select(identities.c.account_id)
        .join(accounts, accounts.c.account_id == identities.c.account_id)
        .where(
            identities.c.issuer == issuer,
            identities.c.subject == subject,
            accounts.c.disabled_at.is_(None),
        )
    )
    return found.scalar()


def has_identity(tx: Transaction, account_id: int) -> bool:
    """Whether somebody at the provider is this account."""
    return tx.execute(select(identities).where(identities.c.account_id == account_id)).first() is not None


def account_waiting(tx: Transaction, issuer: str, email: str) -> int | None:
    """The account called ``email`` that nobody of this provider has signed in to yet."""
    linked = select(identities.c.account_id).where(identities.c.issuer == issuer)
    found = tx.execute(
        select(accounts.c.account_id).where(
            accounts.c.name == email.strip().lower(),
            accounts.c.disabled_at.is_(None),
            accounts.c.account_id.not_in(linked),
        )
    )
    return found.scalar()


def link(
    tx: Transaction, issuer: str, subject: str, account_id: int, password_hash: str, *, now: datetime
) -> None:
    """From now on ``subject`` is this account; its one-time password ends, since nobody needs it.

    Nothing changes when the same sign-in, begun twice, or somebody else there was faster.
    """
    row = {"issuer": issuer, "subject": subject, "account_id": account_id, "linked_at": now}
    made = upsert(tx, identities).values(row).on_conflict_do_nothing().returning(identities.c.account_id)
    if tx.execute(made).first() is None:
        return
    tx.execute(
        update(accounts)
        .where(accounts.c.account_id == account_id)
        .values(password_hash=password_hash, must_change=False)
    )
