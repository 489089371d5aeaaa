"""Signing in and out, and choosing a password in place of the one-time one.

Every form is checked before it is read: it carries the cookie's token and comes from this host. The
session's cookie is made new at each sign-in, so one that was planted beforehand is worth nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.errors import EwsError
from ews.web import cookies, problems
from ews.web.desk import Desk
from ews.web.faces import answer
from ews.web.forms import said
from ews.web.provider import SHAPES

if TYPE_CHECKING:
    from ews.web.unsent import Kept

VISITOR_SECONDS = 3600
HOME = "/"  # leads on to the first page of each role
SIGNED_IN_THERE = problems.Problem(
    403,
    "signed_in_there",
    "Your password is not kept here",
    "You sign in through the district’s identity provider, so this service keeps no password of yours.",
    "Change it there. Should you have no way in there, ask the system administrator for a one-time password.",
)


@dataclass(frozen=True)
class SignInPage:
    """The form: the name that was tried, why it was refused, and where to go afterwards.

    kept: a form that came after its session had ended, carried along until it can be saved; about: whom it
    is about (``ews.web.unsent``). provider: through whom staff may sign in, too. again: the kept form, to be
    sent from this very page after signing in there in another tab.
    """

    user: str = ""
    refused: str = ""
    wanted: str = ""
    kept: str = ""
    about: str = ""
    provider: str = ""
    again: Kept | None = None


@dataclass(frozen=True)
class PasswordPage:
    """The form for a person's own password: why the last try was refused.

    first: it takes the place of a one-time password, which was asked for a moment ago.
    """

    first: bool
    refused: str = ""


async def show(desk: Desk, request: Request) -> Response:
    """The sign-in form."""
    return form(desk, request, SignInPage(wanted=own_path(request.query_params.get("next", ""))))


def form(desk: Desk, request: Request, view: SignInPage, status: int = 200) -> Response:
    """The sign-in form in ``view``'s state, with a visitor's cookie that its token belongs to."""
    from ews.web.unsent import read_kept

    named = desk.settings["sign_in.provider"]
    if named:
        view = replace(view, provider=SHAPES[named].title, again=read_kept(view.kept))
    secret = cookies.visitor_secret(request)
    frame = replace(desk.bare_frame(request, "signin"), viewer="", form_token=cookies.form_token(secret))
    response = answer(request, "signin.html", view, frame, status)
    cookies.keep(response, request, secret, VISITOR_SECONDS, cookies.VISITOR)
    return response


async def enter(desk: Desk, request: Request) -> Response:
    """Sign in with the form's name and password, or show the form again with why not."""
    from ews.people.accounts import SignInRefused, TooManyTries

    sent = await request.form()
    if not cookies.from_our_page(request, sent, cookies.visitor_secret(request)):
        return desk.refuse(request, problems.FORBIDDEN)
    view = SignInPage(
        user=said(sent, "user"),
        wanted=own_path(said(sent, "next")),
        kept=said(sent, "kept"),
        about=said(sent, "about"),
    )
    try:
        return await begin(
            desk,
            request,
            view.user,
            said(sent, "password"),
            view.wanted or HOME,
            view.kept,
            said(sent, "code"),
        )
    except (SignInRefused, TooManyTries) as refused:
        return form(desk, request, replace(view, refused=str(refused)), refused.status)


async def begin(
    desk: Desk,
    request: Request,
    user: str,
    password: str,
    wanted: str,
    kept: str = "",
    code: str = "",
) -> Response:
    """A new session and its cookie, then on to ``wanted``, or to what was kept to be saved.

    Whoever has to set up a second step first goes there, unless something is kept: it stays on its page.
    Errors: SignInRefused, TooManyTries.
    """
    from ews.people.accounts import CodeOwed, sign_in
    from ews.people.owed_codes import roles_owing
    from ews.web.unsent import signed_in_again

    hours = desk.settings["serve.session_hours"]
    try:
        begun = await run_in_threadpool(
            sign_in,
            desk.store,
            user,
            password,
            address=sent_from(request),
            now=desk.now(),
            hours=hours,
            code=code,
            wanted=wanted,
            owing=roles_owing(desk.settings),
        )
    except CodeOwed as owed:
        if kept:
            raise
        return to_code(request, owed.token)
    response = signed_in_again(desk, request, kept, begun.token) or RedirectResponse(wanted, 303)
    return let_in(response, request, begun.token, hours)


def let_in(response: Response, request: Request, token: str, hours: int) -> Response:
    """``response`` with the cookie of a new session; the visitor's is over."""
    cookies.keep(response, request, token, hours * 3600)
    cookies.forget(response, request, cookies.VISITOR)
    return response


def to_code(request: Request, token: str) -> Response:
    """On to the form for the code that is owed; ``token`` takes the place of the visitor's secret."""
    response = RedirectResponse("/signin/code", 303)
    cookies.keep(response, request, token, VISITOR_SECONDS, cookies.VISITOR)
    return response


def sent_from(request: Request) -> str:
    """The address that a try to sign in counts against."""
    return request.client.host if request.client else ""


async def leave(desk: Desk, request: Request) -> Response:
    """Sign out: the session ends here and now, on the server."""
    from ews.people.sessions import end_session

    secret = cookies.session_secret(request)
    if secret is None or not cookies.from_our_page(request, await request.form(), secret):
        return desk.refuse(request, problems.FORBIDDEN)

    def end() -> None:
        with desk.store.begin() as tx:
            end_session(tx, secret, now=desk.now())

    await run_in_threadpool(end)
    response = RedirectResponse("/signin", 303)
    cookies.forget(response, request)
    return response


async def show_password(desk: Desk, request: Request) -> Response:
    """The form for choosing one's own password, or why there is none to choose."""
    if await run_in_threadpool(signs_in_there, desk, request):
        return desk.refuse(request, SIGNED_IN_THERE)
    return await run_in_threadpool(password_form, desk, request)


def password_form(desk: Desk, request: Request, refused: str = "", status: int = 200) -> Response:
    """The form for a first password, or for another one."""
    view = PasswordPage(request.state.principal.must_change, refused)
    return answer(request, "password.html", view, desk.frame(request, "account"), status)


def signs_in_there(desk: Desk, request: Request) -> bool:
    """Whether the person signs in at the provider, and holds no one-time password of the administrator."""
    from ews.people.identities import has_identity

    principal = request.state.principal
    with desk.store.read() as tx:
        return not principal.must_change and has_identity(tx, principal.account_id)


async def choose(desk: Desk, request: Request) -> Response:
    """Take the chosen password; every session ends with it, and a new one begins."""
    from ews.people.accounts import SignInRefused

    sent = await request.form()
    if not cookies.from_our_page(request, sent, cookies.session_secret(request)):
        return desk.refuse(request, problems.FORBIDDEN)
    if await run_in_threadpool(signs_in_there, desk, request):
        return desk.refuse(request, SIGNED_IN_THERE)
    refused = await run_in_threadpool(take, desk, request, sent)
    if refused:
        return await run_in_threadpool(password_form, desk, request, refused, 422)
    try:
        return await begin(desk, request, request.state.principal.name, said(sent, "password"), HOME)
    except SignInRefused:  # a second step asks for its code
        return RedirectResponse("/signin", 303)


def take(desk: Desk, request: Request, sent: FormData) -> str:
    """Store the password of whoever knows the present one; else why it was refused.

    A one-time password is not asked for again: nobody is signed in with it who did not just type it.
    """
    from ews.people.accounts import choose_password, prove_password

    principal, password, now = request.state.principal, said(sent, "password"), desk.now()
    if password != said(sent, "again"):
        return "The two passwords differ. Type the same one twice."
    try:
        if not principal.must_change:
            present = said(sent, "present")
            prove_password(desk.store, principal.name, present, address=sent_from(request), now=now)
        with desk.store.begin() as tx:
            choose_password(tx, principal.name, password, now=now)
    except EwsError as error:
        return str(error)
    return ""


def own_path(wanted: str) -> str:
    """``wanted`` if it is a path of ours, else nothing: nobody is sent elsewhere after signing in."""
    parts = urlsplit(wanted.replace("\\", "/"))
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and parts.path.isprintable()
    return parts.path if ours and not parts.path.startswith("//") else ""
