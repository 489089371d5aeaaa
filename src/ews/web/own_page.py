"""A person's own sign-in: where they are signed in, and the second step if they want one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.errors import UsageError
from ews.people.accounts import SignInRefused, TooManyTries, prove_password
from ews.people.identities import has_identity
from ews.people.owed_codes import roles_owing
from ews.people.second_step import (
    SECOND_STEP,
    TURNED_ON,
    begin_second_step,
    confirm_second_step,
    has_second_step,
    secret_begun,
    turn_off,
)
from ews.people.sessions import OpenSession, end_one_session, open_sessions
from ews.store.store import Transaction
from ews.web.account_pages import ShownOnce, once_endpoint, written_down
from ews.web.cookies import from_our_page, session_secret
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.faces import answer
from ews.web.forms import said
from ews.web.problems import FORBIDDEN
from ews.web.routes import STAFF, Guarded, address
from ews.web.signin import SIGNED_IN_THERE, sent_from, signs_in_there
from ews.web.taking import form_endpoint

TITLE = "Early Support"
WRONG = "That is no code of your authenticator now."
AGAIN = "Wait for the next code and type that. After ten minutes, begin anew on the page of your own sign-in."


@dataclass(frozen=True)
class OwnPage:
    """Where a person is signed in, whether signing in takes a code, and why the last try was refused.

    there: they sign in at the district's identity provider, whose second step counts in place of ours unless
    their role ``needs`` ours, too.
    """

    sessions: tuple[OpenSession, ...]
    second_step: bool
    there: bool
    needs: bool
    refused: str = ""


@dataclass(frozen=True)
class SetUpPage:
    """What the authenticator reads: a square, and the same as letters."""

    square: str
    letters: str


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of a person's own sign-in."""
    return [
        *both_faces(desk, "/account", show),
        address("/account/second-step", for_staff(desk, show_set_up), STAFF, name="second-step"),
        address(
            "/account/second-step/confirm",
            once_endpoint(desk, take_confirm),
            STAFF,
            ("POST",),
            name="confirm-second-step",
        ),
        address("/account/second-step", proved(desk, begun), STAFF, ("POST",), name="begin-second-step"),
        address("/account/second-step/off", proved(desk, turned_off), STAFF, ("POST",), name="take_off"),
        address("/account/sessions/end", form_endpoint(desk, take_end), STAFF, ("POST",), name="take_end"),
    ]


def own_id(request: Request) -> int:
    """The account of who asks."""
    return int(request.state.principal.account_id)


def show(desk: Desk, request: Request) -> Response:
    """Where I am signed in."""
    return own_page(desk, request)


def own_page(desk: Desk, request: Request, refused: str = "", status: int = 200) -> Response:
    """The page; ``refused`` says why a password or a code was not taken."""
    needs = request.state.principal.role in roles_owing(desk.settings)
    with desk.store.read() as tx:
        found = open_sessions(tx, own_id(request), session_secret(request) or "", now=desk.now())
        there = has_identity(tx, own_id(request))
        page = OwnPage(found, has_second_step(tx, own_id(request)), there, needs, refused)
    return answer(request, "own.html", page, desk.frame(request, "account"), status)


def take_end(tx: Transaction, request: Request, sent: FormData, now: datetime) -> str:
    """End one of my sessions."""
    end_one_session(tx, own_id(request), said(sent, "session"), now=now)
    return "/account"


def show_set_up(desk: Desk, request: Request) -> Response:
    """The square for the authenticator, until a first code was tried."""
    with desk.store.read() as tx:
        secret = secret_begun(tx, own_id(request), now=desk.now())
    if secret is None:
        raise UsageError("No second step is being set up.", "Begin it on the page of your own sign-in.")
    page = set_up_page(request.state.principal.name, secret)
    return answer(request, "second_step.html", page, desk.frame(request, "account"))


def set_up_page(name: str, secret: str) -> SetUpPage:
    """What the authenticator of ``name`` reads."""
    import pyotp
    import segno

    told = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=TITLE)
    square = segno.make(told, error="m").svg_data_uri(scale=5, border=4)
    return SetUpPage(square, " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)))


def take_confirm(tx: Transaction, request: Request, sent: FormData, now: datetime) -> ShownOnce:
    """Turn the second step on with a first code."""
    codes = confirm_second_step(tx, own_id(request), said(sent, "code"), now=now)
    if codes is None:
        raise UsageError(WRONG, AGAIN)
    written_down(tx, request, SECOND_STEP, TURNED_ON, now)
    return codes_shown(codes, "/account")


def codes_shown(codes: Sequence[str], back: str) -> ShownOnce:
    """The codes for a lost telephone, and the way on."""
    return ShownOnce(
        "Codes for a lost telephone",
        {f"Code {place}": code for place, code in enumerate(codes, start=1)},
        "Signing in takes a code of your authenticator from now on. Keep these apart from the telephone:"
        " each lets you in once in its place.",
        back,
    )


# ---- what takes the password again -------------------------------------------------------------------

Done = Callable[[Desk, Request, FormData], str]
"""Does what a form with the password asks, and gives the address to go on to."""


def proved(desk: Desk, work: Done) -> Callable[[Request], object]:
    """An address whose form takes the password again: an open browser alone changes no second step."""

    async def endpoint(request: Request) -> Response:
        sent = await request.form()
        if not from_our_page(request, sent, session_secret(request)):
            return desk.refuse(request, FORBIDDEN)
        if request.state.principal.must_change:
            return RedirectResponse("/password", 303)
        return await run_in_threadpool(answered, desk, request, sent, work)

    return endpoint


def answered(desk: Desk, request: Request, sent: FormData, work: Done) -> Response:
    """What was asked is done; or the page again with why not. Guesses have to wait, as at signing in."""
    if signs_in_there(desk, request):
        return desk.refuse(request, SIGNED_IN_THERE)
    try:
        return RedirectResponse(work(desk, request, sent), 303)
    except SignInRefused as refused:
        return own_page(desk, request, str(refused), 422)
    except TooManyTries as refused:
        return own_page(desk, request, str(refused), refused.status)


def prove(desk: Desk, request: Request, sent: FormData, code: str | None = None) -> None:
    """Errors: SignInRefused, TooManyTries."""
    name, place = request.state.principal.name, sent_from(request)
    prove_password(desk.store, name, said(sent, "present"), address=place, now=desk.now(), code=code)


def begun(desk: Desk, request: Request, sent: FormData) -> str:
    """Begin a second step; one that is on stays until it is turned off."""
    prove(desk, request, sent)
    with desk.store.begin() as tx:
        if has_second_step(tx, own_id(request)):
            return "/account"
        begin_second_step(tx, own_id(request), now=desk.now())
    return "/account/second-step"


def turned_off(desk: Desk, request: Request, sent: FormData) -> str:
    """Turn the second step off."""
    prove(desk, request, sent, said(sent, "code"))
    with desk.store.begin() as tx:
        turn_off(tx, own_id(request))
        written_down(tx, request, SECOND_STEP, "turned off", desk.now())
    return "/account"
