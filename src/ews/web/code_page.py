"""The code of the second step, from whoever proved who they are and has no session yet.

The browser holds a secret of this sign-in in the visitor's place. It opens this form, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.people.accounts import SignInRefused, TooManyTries, give_code
from ews.people.owed_codes import forgive, owed
from ews.web import cookies, problems
from ews.web.desk import Desk
from ews.web.faces import answer
from ews.web.forms import said
from ews.web.own_page import SetUpPage, codes_shown, set_up_page
from ews.web.routes import ANYONE, Guarded, address
from ews.web.signin import HOME, let_in, sent_from


@dataclass(frozen=True)
class CodePage:
    """The form: what a new authenticator reads, where there is none yet; why the last code was refused."""

    set_up: SetUpPage | None
    refused: str = ""


def routes(desk: Desk) -> list[Guarded]:
    """The one address."""
    return [
        address("/signin/code", partial(show, desk), ANYONE, name="sign-in-code"),
        address("/signin/code", partial(take, desk), ANYONE, ("POST",), name="give-code"),
    ]


async def show(desk: Desk, request: Request) -> Response:
    """The form for the code, if one is owed."""
    return await run_in_threadpool(form, desk, request)


def form(desk: Desk, request: Request, refused: str = "", status: int = 200) -> Response:
    """The form; or that the sign-in is over."""
    secret = cookies.visitor_secret(request)
    with desk.store.read() as tx:
        debt = owed(tx, secret, now=desk.now())
    if debt is None:
        return desk.refuse(request, problems.OVER)
    frame = replace(desk.frame(request, "signin"), form_token=cookies.form_token(secret))
    page = CodePage(set_up_page(debt.name, debt.secret) if debt.secret else None, refused)
    return answer(request, "signin_code.html", page, frame, status)


async def take(desk: Desk, request: Request) -> Response:
    """The session for the code, or the form again; or the sign-in is given up."""
    sent, secret = await request.form(), cookies.visitor_secret(request)
    if not cookies.from_our_page(request, sent, secret):
        return desk.refuse(request, problems.FORBIDDEN)
    if said(sent, "leave"):
        return await run_in_threadpool(leave, desk, request, secret)
    return await run_in_threadpool(taken, desk, request, secret, said(sent, "code"))


def taken(desk: Desk, request: Request, secret: str, code: str) -> Response:
    """A new session and its cookie; with a new authenticator the codes for a lost one, shown once."""
    hours, now = desk.settings["serve.session_hours"], desk.now()
    try:
        given = give_code(desk.store, secret, code, address=sent_from(request), now=now, hours=hours)
    except (SignInRefused, TooManyTries) as refused:
        return form(desk, request, str(refused), refused.status)
    if given is None:
        return desk.refuse(request, problems.OVER)
    going_on = given.wanted or HOME
    if given.codes:
        response = answer(request, "shown_once.html", codes_shown(given.codes, going_on), desk.frame(request))
    else:
        response = RedirectResponse(going_on, 303)
    return let_in(response, request, given.signed_in.token, hours)


def leave(desk: Desk, request: Request, secret: str) -> Response:
    """The sign-in is given up: nothing of it is left, here or in the browser."""
    with desk.store.begin() as tx:
        if debt := owed(tx, secret, now=desk.now()):
            forgive(tx, debt.account_id)
    response = RedirectResponse("/signin", 303)
    cookies.forget(response, request, cookies.VISITOR)
    return response
