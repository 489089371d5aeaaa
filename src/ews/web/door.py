"""The one door: every request passes here before anything else sees it.

It answers the probes itself, opens only addresses that have a policy, asks who is calling, holds the limits
of size and time, puts the safety headers on every answer, turns every fault into an answer that tells
nothing of the data, and writes the log's line. What BentoML would open by itself stays shut.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ews.errors import EwsError
from ews.web import answers, log
from ews.web.inside import Drawn, Inside, Unheard, kind
from ews.web.routes import KNOWN, Guarded, Policy, Who

CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SAFETY = (
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
NO_STORE = (b"cache-control", b"no-store")
OVER_TLS = (b"strict-transport-security", b"max-age=31536000")
SIGN_IN = "/signin"


class Door:
    """ASGI middleware. ``inside`` knows the addresses, the callers and how the service fares."""

    def __init__(self, app: ASGIApp, inside: Inside) -> None:
        self.app = app
        self.inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let ``scope`` in, or answer it here.

        Where the pages have an https address, a request that came by http came through a proxy of ours.
        """
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "http":
            if self.inside.settings.over_tls:
                scope = {**scope, "scheme": "https"}
            await Visit(scope, receive, send, self.inside.drawn, self.inside.unheard).answered_by(self)
        else:
            await send({"type": "websocket.close", "code": 1008})

    async def let_in(self, visit: Visit) -> None:
        """Answer the probes; pass on what may pass; Refused says why not."""
        path = visit.scope["path"]
        if path == "/livez":
            await visit.reply(answers.json_answer({"status": "live"}))
        elif path == "/readyz":
            status, content = await self.inside.health()
            await visit.reply(answers.json_answer(content, status))
        else:
            await self.pass_on(visit)

    async def pass_on(self, visit: Visit) -> None:
        """Find the address, ask who is calling, and hand over within the address's limits.

        An address that does not exist answers a stranger like one that does: with nothing but 401.
        """
        found = self.inside.addresses.find(visit.scope)
        visit.route = found.route
        policy = found.route.policy if found.route else KNOWN
        visit.hold_to(policy.body_limit)
        try:
            async with asyncio.timeout(policy.seconds):
                if policy.who is not Who.anyone:
                    await self.identify(visit, policy)
                if found.route is None:
                    raise answers.wrong_method(found.allowed) if found.allowed else answers.not_found()
                visit.scope["ews.found"] = found
                if policy.who is Who.staff and visit.scope["method"] == "POST":
                    visit.remember()
                await self.inside(visit.scope, visit.receive, visit.send)
        except TimeoutError:
            raise answers.too_slow() from None

    async def identify(self, visit: Visit, policy: Policy) -> None:
        """Put the caller into ``request.state.principal``; Refused when there is none or of another kind."""
        principal = await self.inside.caller(visit.connection)
        if principal is None:
            reads = visit.scope["method"] == "GET" and wants_page(visit.connection)
            visit.to_sign_in = policy.who is Who.staff and reads
            raise answers.nobody()
        visit.caller = principal
        visit.scope.setdefault("state", {})["principal"] = principal
        if policy.who is not Who.known and policy.who != kind(principal):
            raise answers.not_for_you()
        if policy.roles is not None and principal.role not in policy.roles:
            raise answers.not_for_your_role()
        if policy.scope and policy.scope not in principal.scopes:
            raise answers.lacks_scope(policy.scope)


def wants_page(connection: HTTPConnection) -> bool:
    """Whether a browser asks for a page that a person will look at."""
    return not connection.scope["path"].endswith(".json") and "text/html" in connection.headers.get(
        "accept", ""
    )


class Visit:
    """One request on its way through the door: what was sent, who sent it, what was answered."""

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        drawn: Drawn | None = None,
        unheard: Unheard | None = None,
    ) -> None:
        self.scope = scope
        self.receive = receive
        self.again: Receive | None = None  # what was read of a form, then what was not
        self.outside = send
        self.drawn = drawn
        self.unheard = unheard
        self.connection = HTTPConnection(scope)
        self.began = time.perf_counter()
        self.status = 0
        self.route: Guarded | None = None
        self.caller: Any = None
        self.to_sign_in = False
        self.error: str | None = None

    async def answered_by(self, door: Door) -> None:
        """Have ``door`` answer, whatever happens; then write the log's line."""
        try:
            await door.let_in(self)
        except answers.Refused as refused:
            await self.refuse(refused)
        except EwsError as error:
            if error.status >= 500:
                self.log_fault(error)
            await self.refuse(answers.told(error))
        except HTTPException as problem:
            await self.refuse(of_starlette(problem))
        except asyncio.CancelledError:
            raise
        except Exception as fault:
            self.log_fault(fault)
            await self.refuse(answers.broken())
        self.log_line()

    async def refuse(self, refused: answers.Refused) -> None:
        """Send the refusal, unless an answer has already begun (then it just ends)."""
        self.error = refused.error
        if self.status:
            return
        if self.to_sign_in:
            await self.reply(RedirectResponse(f"{SIGN_IN}?next={quote(self.scope['path'])}", 303))
        elif kept := await self.kept(refused):
            await self.reply(kept)
        elif self.drawn and wants_page(self.connection):
            await self.reply(self.drawn(self.connection, refused))
        else:
            await self.reply(answers.refusal(refused))

    async def kept(self, refused: answers.Refused) -> Response | None:
        """The page that keeps what was typed, for a form from nobody known, or one that was not answered."""
        heard = "ews.found" in self.scope and refused.error != "too_slow"
        if heard or self.scope["method"] != "POST" or self.route is None:
            return None
        if self.unheard is None or not wants_page(self.connection):
            return None
        try:
            return await self.unheard(Request(self.scope, self.again or self.receive), refused)
        except (answers.Refused, HTTPException):  # too long, or not readable as a form
            return None

    async def reply(self, response: Response) -> None:
        """Send ``response`` from the door itself."""
        await response(self.scope, self.receive, self.send)

    async def send(self, message: Message) -> None:
        """Send on, with the safety headers on the first message."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = self.safe(message.get("headers", ()))
        await self.outside(message)

    def safe(self, headers: Any) -> list[tuple[bytes, bytes]]:
        """``headers`` with the safety headers; nothing is stored anywhere unless the route says so."""
        named = {name.lower() for name, _ in headers}
        safe = [*headers, *SAFETY] if b"cache-control" in named else [*headers, *SAFETY, NO_STORE]
        return [*safe, OVER_TLS] if self.scope.get("scheme") == "https" else safe

    def hold_to(self, limit: int) -> None:
        """Refuse a body longer than ``limit`` bytes: by its stated length, or while it is read."""
        stated = self.connection.headers.get("content-length")
        if stated is None:
            self.receive = counted(self.receive, limit)
        elif not stated.isdecimal() or int(stated) > limit:
            raise answers.too_large(limit)

    def remember(self) -> None:
        """Keep what is read of the body: a form that is not answered in time is read once more."""
        first, read = self.receive, list[Message]()

        async def receive() -> Message:
            read.append(await first())
            return read[-1]

        async def again() -> Message:
            return read.pop(0) if read else await first()

        self.receive, self.again = receive, again

    def log_fault(self, fault: BaseException) -> None:
        """The kind and place of a fault; never its text."""
        log.say("fault", fault=type(fault).__name__, place=log.place_of(fault), route=self.pattern)

    def log_line(self) -> None:
        """One line for the request: its pattern, not its path."""
        log.say(
            "request",
            route=self.pattern,
            method=self.scope["method"],
            status=self.status,
            error=self.error,
            milliseconds=round((time.perf_counter() - self.began) * 1000, 2),
            caller=kind(self.caller) if self.caller else None,
        )

    @property
    def pattern(self) -> str:
        """The address as it is written in the code, which holds no id."""
        if self.route is not None:
            return self.route.path
        return self.scope["path"] if self.scope["path"] in ("/livez", "/readyz") else "unknown"


def counted(receive: Receive, limit: int) -> Receive:
    """``receive`` that refuses once more than ``limit`` bytes have come (a body of unstated length)."""
    read = 0

    async def at_most() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > limit:
            raise answers.too_large(limit)
        return message

    return at_most


def of_starlette(problem: HTTPException) -> answers.Refused:
    """Starlette's own refusals in our form (a missing static file, a method that a route does not take)."""
    if problem.status_code == 405:
        return answers.wrong_method((problem.headers or {}).get("Allow", "another method"))
    return answers.not_found() if problem.status_code == 404 else answers.broken()
