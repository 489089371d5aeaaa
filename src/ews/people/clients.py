"""Student information systems that may ask for scores: client credentials, scopes, short tokens.

Secrets and tokens are 256 random bits, shown once and stored hashed. A client may hold two secrets at
once, so that one can be replaced without a gap; a secret lives at most a year, a token at most an hour.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from ews.errors import EwsError, UsageError
from ews.people.access import CLIENT, Principal
from ews.people.secret_words import hashed, new_token
from ews.store.prepared import Prepared, given
from ews.store.store import Transaction
from ews.store.tables import client_secrets, clients, tokens

SCOPES = {
    "scores.compute": "ask for scores, of students by their ids or from records that it sends",
}
"""What a client can be given, in words: each is asked for by a route, and a scope that none asks is none."""
SECRET_LIFE = timedelta(days=365)
LONGEST_TOKEN = timedelta(minutes=60)
LIVE_SECRETS = 2
HOLDER = Prepared(
    select(clients.c.client_id, clients.c.name, clients.c.school_ids, tokens.c.scopes)
    .join(tokens, tokens.c.client_id == clients.c.client_id)
    .where(
        tokens.c.token_hash == given("token_hash"),
        tokens.c.expires_at > given("now"),
        clients.c.revoked_at.is_(None),
    )
)


class ClientRefused(EwsError):
    """No such client, or a wrong secret; ``code`` is OAuth's word. HTTP 401."""

    exit_code = 2
    code = "invalid_client"
    status = 401


class ScopeRefused(ClientRefused):
    """The client was not given this scope. HTTP 400."""

    code = "invalid_scope"
    status = 400


@dataclass(frozen=True)
class NewClient:
    """A client and its secret, which is shown this once."""

    client_id: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True)
class AccessToken:
    """What the token endpoint answers with."""

    token: str
    scopes: tuple[str, ...]
    expires_in: int


def add_client(
    tx: Transaction, name: str, *, scopes: Sequence[str], now: datetime, schools: Sequence[str] = ()
) -> NewClient:
    """Lets the system ``name`` ask, with ``scopes``, about ``schools`` (none given: all of them).

    Errors: UsageError for no scope or an unknown one.
    """
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise UsageError(
            f"Unknown scope {', '.join(unknown)}." if unknown else "A client needs a scope.",
            f"Scopes are {', '.join(SCOPES)}.",
        )
    client_id = f"client-{secrets.token_hex(8)}"
    tx.execute(
        clients.insert().values(
            client_id=client_id,
            name=name,
            scopes=" ".join(dict.fromkeys(scopes)),
            school_ids=list(schools),
            created_at=now,
        )
    )
    return add_secret(tx, client_id, now=now)


def add_secret(tx: Transaction, client_id: str, *, now: datetime) -> NewClient:
    """Another secret for a client; of those it holds only the newest two stay alive."""
    _existing(tx, client_id)
    alive = tx.execute(
        select(client_secrets.c.secret_hash)
        .where(client_secrets.c.client_id == client_id)
        .order_by(client_secrets.c.created_at.desc())
    ).scalars()
    over = list(alive)[LIVE_SECRETS - 1 :]
    tx.execute(delete(client_secrets).where(client_secrets.c.secret_hash.in_(over)))
    new = NewClient(client_id, new_token(), now + SECRET_LIFE)
    tx.execute(
        client_secrets.insert().values(
            secret_hash=hashed(new.secret), client_id=client_id, created_at=now, expires_at=new.expires_at
        )
    )
    return new


def _existing(tx: Transaction, client_id: str) -> Any:
    found = tx.execute(select(clients).where(clients.c.client_id == client_id)).one_or_none()
    if found is None:
        raise UsageError(f"There is no client {client_id}.", "`ews clients list` shows them.")
    return found


def list_clients(tx: Transaction) -> list[dict[str, Any]]:
    """Which systems may ask: client_id, name, scopes, schools, state, when its secrets expire."""
    expire: dict[str, list[datetime]] = {}
    for row in tx.execute(select(client_secrets).order_by(client_secrets.c.expires_at)):
        expire.setdefault(row.client_id, []).append(row.expires_at)
    return [
        {
            "client_id": row.client_id,
            "name": row.name,
            "scopes": row.scopes.split(),
            "schools": row.school_ids,
            "state": "revoked" if row.revoked_at else "ready",
            "expires": expire.get(row.client_id, []),
        }
        for row in tx.execute(select(clients).order_by(clients.c.created_at, clients.c.client_id))
    ]


def revoke_client(tx: Transaction, client_id: str, *, now: datetime) -> None:
    """Ends a client's access at once: its secrets and its tokens are gone."""
    _existing(tx, client_id)
    tx.execute(update(clients).where(clients.c.client_id == client_id).values(revoked_at=now))
    tx.execute(delete(tokens).where(tokens.c.client_id == client_id))
    tx.execute(delete(client_secrets).where(client_secrets.c.client_id == client_id))


def issue_token(
    tx: Transaction,
    client_id: str,
    secret: str,
    *,
    now: datetime,
    minutes: int,
    scopes: Sequence[str] = (),
) -> AccessToken:
    """A token for a client that knows its secret, for ``scopes`` or all it was given.

    ``minutes`` is cut to 60. Errors: ClientRefused (401), ScopeRefused (400).
    """
    client = tx.execute(
        select(clients)
        .join(client_secrets, client_secrets.c.client_id == clients.c.client_id)
        .where(
            client_secrets.c.secret_hash == hashed(secret),
            clients.c.client_id == client_id,
            client_secrets.c.expires_at > now,
            clients.c.revoked_at.is_(None),
        )
    ).one_or_none()
    if client is None:
        raise ClientRefused(
            "No client has this id and secret.", "Ask whoever runs this service for new ones."
        )
    given = client.scopes.split()
    if any(scope not in given for scope in scopes):
        raise ScopeRefused("This client was not given that scope.", f"It was given {client.scopes}.")
    life = min(timedelta(minutes=minutes), LONGEST_TOKEN)
    granted = tuple(dict.fromkeys(scopes)) or tuple(given)
    token = new_token()
    tx.execute(delete(tokens).where(tokens.c.expires_at <= now))
    tx.execute(
        tokens.insert().values(
            token_hash=hashed(token),
            client_id=client_id,
            scopes=" ".join(granted),
            issued_at=now,
            expires_at=now + life,
        )
    )
    return AccessToken(token, granted, int(life.total_seconds()))


def principal_of_token(tx: Transaction, token: str, *, now: datetime) -> Principal | None:
    """The client that carries ``token``; None when the token is none, any more. One query."""
    row = HOLDER.row(tx, token_hash=hashed(token), now=now)
    if row is None:
        return None
    client_id, name, school_ids, scopes = row
    return Principal(
        name=client_id,
        display_name=name,
        role=CLIENT,
        school_ids=tuple(school_ids),
        scopes=frozenset(scopes.split()),
    )
