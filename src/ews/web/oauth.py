"""``POST /oauth/token``: an information system gives its id and secret and gets a token for an hour at most.

Client credentials of OAuth 2 (RFC 6749, 4.4), sent as a form or as HTTP Basic. Wrong ones are slowed
down per client and address; the answer does not tell an unknown client from a wrong secret.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import Response

from ews.people.clients import AccessToken, ClientRefused, ScopeRefused, issue_token
from ews.web import answers
from ews.web.inside import Inside
from ews.web.routes import KIB, Address, Policy, Who, address

GRANT = "client_credentials"
POLICY = Policy(Who.anyone, body_limit=8 * KIB, seconds=30)
MOST_FAILURES = 10  # wrong secrets of one client from one address before it must wait
WAIT = 60  # seconds
MOST_REMEMBERED = 10_000


@dataclass(frozen=True)
class TokenAsk:
    """What a client sent: who it says it is, and which scopes it wants (none: all it was given)."""

    client_id: str
    secret: str
    scopes: tuple[str, ...]


def addresses(inside: Inside) -> list[Address]:
    """The one address here."""
    slow_down = SlowDown()

    async def token(request: Request) -> Response:
        """A token for an information system, for its id and secret."""
        ask = token_ask(await request.body(), request.headers.get("authorization", ""))
        caller = (ask.client_id, request.client.host if request.client else "")
        slow_down.hold(caller)
        try:
            issued = await inside.in_thread(issued_token, inside, ask)
        except ScopeRefused as refused:
            raise answers.told(refused) from None
        except ClientRefused:
            slow_down.failed(caller)
            raise invalid_client() from None
        slow_down.succeeded(caller)
        return answers.json_answer(
            {
                "access_token": issued.token,
                "token_type": "Bearer",
                "expires_in": issued.expires_in,
                "scope": " ".join(issued.scopes),
            }
        )

    return [address("/oauth/token", token, POLICY, ["POST"], name="token")]


def issued_token(inside: Inside, ask: TokenAsk) -> AccessToken:
    """A new token for who ``ask`` says it is; ClientRefused when that is not so."""
    minutes = inside.settings["serve.token_minutes"]
    with inside.store.begin() as tx:
        return issue_token(
            tx, ask.client_id, ask.secret, now=inside.now(), minutes=minutes, scopes=ask.scopes
        )


def token_ask(body: bytes, authorization: str) -> TokenAsk:
    """What ``body`` (a form) and ``authorization`` (Basic, or empty) ask for; Refused when unreadable."""
    form = read_form(body)
    if form.get("grant_type") != GRANT:
        raise answers.Refused(
            400, "unsupported_grant_type", "Only client credentials are taken.", f"Send grant_type={GRANT}."
        )
    given = basic(authorization) or (form.get("client_id", ""), form.get("client_secret", ""))
    if not all(given):
        raise invalid_client()
    return TokenAsk(*given, tuple(form.get("scope", "").split()))


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form; Refused when it is none or names a field twice."""
    try:
        pairs = parse_qsl(body.decode("utf-8"), strict_parsing=True, max_num_fields=10)
    except ValueError:
        raise answers.malformed("The body is no form.", "Send application/x-www-form-urlencoded.") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise answers.malformed("A field of the form came twice.", "Send each field once.")
    return dict(pairs)


def basic(authorization: str) -> tuple[str, str] | None:
    """Id and secret of ``Authorization: Basic …``; None when it is not there, Refused when unreadable."""
    kind, _, encoded = authorization.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise invalid_client() from None
    return unquote_plus(name), unquote_plus(secret)


def invalid_client() -> answers.Refused:
    """401: no such client, a wrong secret, or none."""
    return answers.Refused(
        401,
        "invalid_client",
        "The client is unknown, or its secret is wrong or has expired.",
        "Send client_id and client_secret as a form or as HTTP Basic; `ews clients add` makes new ones.",
        headers={"WWW-Authenticate": 'Basic realm="ews"'},
    )


class SlowDown:
    """How often each client failed of late from each address, in this process."""

    def __init__(self) -> None:
        self._failures: OrderedDict[tuple[str, str], list[float]] = OrderedDict()

    def hold(self, caller: tuple[str, str]) -> None:
        """Refused 429 while ``caller`` has failed too often in the last minute."""
        since = time.monotonic() - WAIT
        recent = [at for at in self._failures.get(caller, ()) if at > since]
        if len(recent) >= MOST_FAILURES:
            raise answers.too_many(max(1, round(recent[0] - since)))

    def failed(self, caller: tuple[str, str]) -> None:
        """Remember a failure; the oldest callers are forgotten first."""
        times = self._failures.setdefault(caller, [])
        times.append(time.monotonic())
        del times[:-MOST_FAILURES]
        self._failures.move_to_end(caller)
        while len(self._failures) > MOST_REMEMBERED:
            self._failures.popitem(last=False)

    def succeeded(self, caller: tuple[str, str]) -> None:
        """Forget the failures of ``caller``."""
        self._failures.pop(caller, None)
