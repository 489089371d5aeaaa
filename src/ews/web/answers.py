"""What the service answers to machines: JSON, and errors as ``{"error", "detail", "fix"}``.

No answer of refusal repeats what was sent: it says where something was wrong and what is allowed there,
never the value. So an id or a name in a bad body comes back to nobody and reaches no log.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from ews.errors import EwsError, Unavailable

COMPACT = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class Refused(Exception):
    """A request that is not answered as asked: the status, a code for machines, two sentences for people.

    ``where`` names places in the body (field names of ours and positions, never values).
    """

    def __init__(
        self,
        status: int,
        error: str,
        detail: str,
        fix: str,
        *,
        where: list[str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.detail = detail
        self.fix = fix
        self.where = where
        self.headers = dict(headers or {})

    @property
    def body(self) -> dict[str, Any]:
        """What is sent: the three words of every error, and where, when the body was understood but wrong."""
        said: dict[str, Any] = {"error": self.error, "detail": self.detail, "fix": self.fix}
        return said | {"where": self.where} if self.where else said


def json_answer(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``content`` as compact JSON in UTF-8; NaN is a fault of ours, so it raises."""
    return Response(COMPACT.encode(content).encode(), status, headers, media_type="application/json")


def refusal(refused: Refused) -> Response:
    """The answer for ``refused``."""
    return json_answer(refused.body, refused.status, refused.headers)


def told(error: EwsError) -> Refused:
    """An error that was written for people, as an answer; what passes by itself says when to come again."""
    again = {"Retry-After": "60"} if error.status == 503 else None
    if error.status >= 500 and error.status != 503:
        return broken()
    if isinstance(error, Unavailable):  # its own words may name where the database is
        return Refused(503, error.code, "The database does not answer just now.", "Try again.", headers=again)
    return Refused(error.status, error.code, error.found, error.fix, headers=again)


def malformed(detail: str, fix: str) -> Refused:
    """400: the request could not be read at all."""
    return Refused(400, "malformed", detail, fix)


def nobody() -> Refused:
    """401: no valid session or token came with the request."""
    return Refused(
        401,
        "unauthorized",
        "No valid token or session came with the request.",
        "Ask POST /oauth/token for a token and send it as: Authorization: Bearer TOKEN.",
        headers={"WWW-Authenticate": 'Bearer realm="ews"'},
    )


def lacks_scope(scope: str) -> Refused:
    """403: the token is valid but was not issued for this."""
    return Refused(
        403,
        "forbidden",
        f"This token does not carry the scope {scope}.",
        f"Ask POST /oauth/token with scope={scope}; `ews clients add` decides what a client may ask for.",
        headers={"WWW-Authenticate": f'Bearer realm="ews", error="insufficient_scope", scope="{scope}"'},
    )


def not_for_you() -> Refused:
    """403: somebody known, but of another kind than this address is for."""
    return Refused(
        403,
        "forbidden",
        "This address is not for this kind of caller.",
        "Pages are for people who are signed in; scoring is for clients with a token.",
    )


def not_for_your_role() -> Refused:
    """403: a person signed in, whose role does not use this page."""
    return Refused(
        403,
        "forbidden",
        "This page belongs to another role than yours.",
        "The head of every page names those that are yours; the system administrator can change your role.",
    )


def not_found() -> Refused:
    """404: no such address; the same bytes whatever was asked for."""
    return Refused(404, "not_found", "There is no such address.", "GET /docs.json lists what there is.")


def wrong_method(allowed: str) -> Refused:
    """405: the address exists, but not with this method."""
    return Refused(
        405,
        "method_not_allowed",
        "This address does not take this method.",
        f"Use {allowed}.",
        headers={"Allow": allowed},
    )


def too_large(limit: int) -> Refused:
    """413: the body is longer than this address takes."""
    return Refused(
        413, "too_large", f"The body is larger than {limit} bytes.", "Send it in several smaller calls."
    )


def wrong(detail: str, fix: str, where: list[str]) -> Refused:
    """422: the body was understood, but something in it cannot be; ``where`` says which fields."""
    return Refused(422, "invalid", detail, fix, where=where)


def too_many(seconds: int) -> Refused:
    """429: too many calls of this kind at once; come again in ``seconds``."""
    return Refused(
        429,
        "too_many",
        "Too many calls of this kind at once.",
        f"Wait {seconds} s and call again.",
        headers={"Retry-After": str(seconds)},
    )


def too_slow() -> Refused:
    """503: the answer was not ready in the time this address is given."""
    return Refused(
        503,
        "too_slow",
        "The answer was not ready in time.",
        "Ask for fewer students at once, or for a day that has a run.",
        headers={"Retry-After": "30"},
    )


def broken() -> Refused:
    """500: our fault; nothing of it is told outside, the log names the place in the code."""
    return Refused(
        500,
        "internal",
        "Something broke on our side; nothing was shown.",
        "Try again; if it stays, tell the person who runs this service the time it happened.",
    )
