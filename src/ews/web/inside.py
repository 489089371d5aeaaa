"""What the service holds while it runs: its settings, the database, the models, its addresses.

One of these lives in each server process. Work that reads files or the database, or calls a model, runs in
a few threads of its own, so that the probes answer while it goes on.
"""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

from ews.people import clients, sessions
from ews.people.access import CLIENT, Principal
from ews.settings import Settings
from ews.store import Store, open_store
from ews.web import answers, log
from ews.web.cookies import session_secret
from ews.web.kept_features import KeptFeatures
from ews.web.models_in_service import ModelsInService
from ews.web.routes import Addresses, Who

THREADS = 4
MOST_WAITING = 4  # long calls, the one under way among them
WAIT_SECONDS = 10
HEALTH_SECONDS = 1.0  # a probe looks anew at most this often

T = TypeVar("T")
Drawn = Callable[[HTTPConnection, answers.Refused], Response]
Unheard = Callable[[Request, answers.Refused], Awaitable[Response | None]]
"""How a refusal looks to a browser."""


class Inside:
    """The service's parts. Called as an ASGI app it answers what the door has let in."""

    def __init__(self, settings: Settings, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.settings = settings
        self.clock = clock
        self.models = ModelsInService(settings.models)
        self.local = settings.database_url.startswith("sqlite")
        self.addresses = Addresses([])
        self.beforehand: Callable[[], object] = lambda: None  # what the pages want done before they are asked
        self.drawn: Drawn | None = None  # the pages set it
        self.unheard: Unheard | None = None  # the same: a form whose sender is not known
        self.features = KeptFeatures(settings)
        self.asking = threading.Lock()  # LightGBM sets up a shared predictor in every call (its issue 6142)
        self._places = threading.Semaphore(MOST_WAITING)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="ews")
        self._long = ThreadPoolExecutor(1, thread_name_prefix="ews-long")
        self._probes = ThreadPoolExecutor(1, thread_name_prefix="ews-probe")
        self._health: tuple[float, int, dict[str, Any]] | None = None

    def open(self, routes: Iterable[BaseRoute]) -> None:
        """Open ``routes`` to those whom their policies name."""
        self.addresses = Addresses(routes)

    @cached_property
    def store(self) -> Store:
        """The application database, opened (and migrated) at first use."""
        return open_store(self.settings, log.say)

    def warm_up(self) -> None:
        """Read the models and open the database before the first request; a fault shows in the probe.

        What is in memory by then stays: it is taken out of the garbage collector's rounds.
        """
        self._threads.submit(self.beforehand)  # joined at the end, unlike a thread left to itself
        self.look_at_health()
        gc.collect()
        gc.freeze()

    def close(self) -> None:
        """Let the threads end and give the database back."""
        for threads in (self._threads, self._long, self._probes):
            threads.shutdown(wait=True, cancel_futures=True)
        if "store" in self.__dict__:
            self.store.close()

    async def in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        """The answer of ``work``, done outside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *arguments)

    async def one_at_a_time(self, work: Callable[..., T], *arguments: Any) -> T:
        """The answer of long ``work``, of which one is done at a time; Refused 429 when too many wait.

        Work that is under way cannot be stopped: it keeps its place until it is done, also when its caller
        has gone or was told that it took too long.
        """
        if not self._places.acquire(blocking=False):
            raise answers.too_many(WAIT_SECONDS)
        job = self._long.submit(work, *arguments)
        job.add_done_callback(lambda _: self._places.release())
        return await asyncio.wrap_future(job)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the address that the door found; without the door there is no answer."""
        found = scope.get("ews.found")
        if found is None:
            raise answers.not_found()
        scope.update(found.child)
        app = found.route.app
        await app(scope, receive, send)

    # ---- who is calling -----------------------------------------------------------------------------

    async def caller(self, connection: HTTPConnection) -> Principal | None:
        """Who sends this request: a client by its token, a person by the session's cookie, or nobody."""
        token = bearer_token(connection)
        if token:
            return await self.looked_up(self.client_of, token)
        secret = session_secret(connection)
        return await self.looked_up(self.person_of, secret) if secret else None

    async def looked_up(self, find: Callable[[str], Principal | None], secret: str) -> Principal | None:
        """Who ``find`` finds. A look into a local file takes less than handing it to a thread would."""
        return find(secret) if self.local else await self.in_thread(find, secret)

    def client_of(self, token: str) -> Principal | None:
        """The client that carries ``token``."""
        with self.store.read() as tx:
            return clients.principal_of_token(tx, token, now=self.now())

    def person_of(self, secret: str) -> Principal | None:
        """The person whose session ``secret`` is."""
        with self.store.read() as tx:
            return sessions.principal_of_session(tx, secret, now=self.now())

    def now(self) -> datetime:
        """This moment where the district is: its date is the day that people there write."""
        return self.clock().astimezone(self.settings.timezone)

    # ---- how it fares -------------------------------------------------------------------------------

    async def health(self) -> tuple[int, dict[str, Any]]:
        """Status and words of the readiness probe; ``why`` lists what is missing."""
        if self._health is None or time.monotonic() - self._health[0] > HEALTH_SECONDS:
            looked = asyncio.get_running_loop().run_in_executor(self._probes, self.look_at_health)
            status, said = await looked
            self._health = (time.monotonic(), status, said)
        return self._health[1:]

    def look_at_health(self) -> tuple[int, dict[str, Any]]:
        """Ready (200); degraded (200: the list still opens, and why); unavailable (503: no database)."""
        why = []
        database = self.database_answers()
        versions = self.models.versions()
        if self.models.why:
            why.append(self.models.why)
        if not database:
            why.append("The database does not answer.")
        status = "unavailable" if not database else "degraded" if why else "ready"
        return 200 if database else 503, {
            "status": status,
            "database": "answers" if database else "does not answer",
            "models": versions,
            "why": why,
        }

    def database_answers(self) -> bool:
        """Whether the database can be opened and read; a probe never fails itself, so any fault is a no."""
        try:
            with self.store.read() as tx:
                tx.connection.exec_driver_sql("SELECT 1")
        except Exception as fault:
            log.say("database_silent", fault=type(fault).__name__)
            return False
        return True


def kind(principal: Principal) -> Who:
    """Which kind of caller ``principal`` is."""
    return Who.client if principal.role == CLIENT else Who.staff


def bearer_token(connection: HTTPConnection) -> str | None:
    """The token of ``Authorization: Bearer TOKEN``, if the request carries one."""
    kind, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() or None if kind.lower() == "bearer" else None
