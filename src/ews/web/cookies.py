"""Where the session lives in the browser, and how a form proves that it came from our own page.

Over https the cookie is called ``__Host-ews``: a browser then takes it only from this very host, for
every path and only over https. On plain http, which is meant for this machine's own address, browsers
refuse that prefix, so it is called ``ews``. Both are HttpOnly and SameSite=Lax. A request counts as https
when it came so, or when the pages' own address is https (the door sees to that).

A form carries a token made from the cookie, which another site can neither read nor guess, and its
``Origin`` must be ours. Before anyone has signed in, a random visitor's cookie takes the session's place.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

SESSION, VISITOR = "ews", "ews-visitor"


def cookie_name(connection: HTTPConnection, plain: str = SESSION) -> str:
    """What the cookie is called on this connection: with the ``__Host-`` prefix over https."""
    return f"__Host-{plain}" if connection.url.scheme == "https" else plain


def session_secret(connection: HTTPConnection) -> str | None:
    """The session's secret that the browser sent, if it sent one."""
    return connection.cookies.get(cookie_name(connection)) or None


def visitor_secret(connection: HTTPConnection) -> str:
    """The visitor's secret that the browser sent, or a new one of 256 bits."""
    return connection.cookies.get(cookie_name(connection, VISITOR)) or secrets.token_urlsafe(32)


def keep(response: Response, request: Request, secret: str, seconds: int, plain: str = SESSION) -> None:
    """Ask the browser to keep ``secret`` for ``seconds``."""
    response.set_cookie(
        cookie_name(request, plain),
        secret,
        max_age=seconds,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )


def forget(response: Response, request: Request, plain: str = SESSION) -> None:
    """Ask the browser to forget the secret."""
    keep(response, request, "", 0, plain)


def form_token(secret: str) -> str:
    """The token that our own forms carry: made from the cookie's secret, which it does not give away."""
    return hashlib.sha256(b"ews form\0" + secret.encode()).hexdigest()


def from_our_page(request: Request, form: FormData, secret: str | None) -> bool:
    """Whether a POST came from one of our own pages: its origin is ours and it carries the cookie's token."""
    token = form.get("form_token")
    if not secret or not isinstance(token, str):
        return False
    return own_origin(request) and hmac.compare_digest(token.encode(), form_token(secret).encode())


def own_origin(request: Request) -> bool:
    """Whether the browser says that the request began on this host."""
    origin = request.headers.get("origin", "null")
    if origin != "null":
        return urlsplit(origin).netloc == request.headers.get("host", "")
    return request.headers.get("sec-fetch-site") == "same-origin"
