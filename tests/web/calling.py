"""An open service in an empty folder, called in-process: no socket, the door included."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx
from anyio.from_thread import start_blocking_portal
from sqlalchemy import update

from ews.people.clients import SCOPES, NewClient, add_client, issue_token
from ews.store.tables import clients
from ews.web.door import Door
from ews.web.inside import Inside

NOW = datetime(2025, 11, 17, 14, 0, tzinfo=UTC)
ALL = tuple(SCOPES)
Answer = TypeVar("Answer")


def apart(work: Callable[..., Awaitable[Answer]], *arguments: Any) -> Answer:
    """What ``work`` answers in a thread of its own: Playwright leaves a loop running in that of the tests."""
    with start_blocking_portal() as portal:
        return portal.call(work, *arguments)


@dataclass
class Caller:
    """Somebody who calls a service that runs inside the test."""

    inside: Inside

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer to one request."""

        async def once() -> httpx.Response:
            transport = httpx.ASGITransport(app=Door(self.inside, self.inside))
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3100") as client:
                return await client.request(method, path, **more)

        return apart(once)

    def client(self, scopes: tuple[str, ...] = ALL, schools: tuple[str, ...] = ()) -> NewClient:
        """A new information system that holds ``scopes``, also ones of another version, for ``schools``."""
        with self.inside.store.begin() as tx:
            new = add_client(tx, "SIS of Lupine High", scopes=ALL, now=NOW, schools=schools)
            held = update(clients).where(clients.c.client_id == new.client_id)
            tx.execute(held.values(scopes=" ".join(scopes)))
        return new

    def bearer(self, scopes: tuple[str, ...] = ALL, schools: tuple[str, ...] = ()) -> dict[str, str]:
        """The header of a client that holds a token."""
        client = self.client(scopes, schools)
        with self.inside.store.begin() as tx:
            token = issue_token(tx, client.client_id, client.secret, now=NOW, minutes=60)
        return {"authorization": f"Bearer {token.token}"}


Calling = Callable[..., Caller]
