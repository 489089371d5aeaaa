"""What a person does on the pages: acknowledge, not now, a note, and taking a click back.

Every form carries the token of the session, the student's name in sight, and an id of its own: sent twice
it acts once. Afterwards the browser is sent back to where the person was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.errors import ChangedMeanwhile, EwsError, UsageError
from ews.store.store import Transaction
from ews.support.actions import ALL, LONGEST_REST, READERS, acknowledge, add_note, may_act, put_off, undo
from ews.support.runs import shown_run
from ews.support.states import take_hand_over_back
from ews.support.student_view import StudentView, student_view
from ews.web import cookies, problems
from ews.web.desk import Desk
from ews.web.faces import answer
from ews.web.signin import said
from ews.web.unsent import unsent

LONGEST_ID, LONGEST_NAME = 64, 100
REASONS = (
    "Already in hand",
    "Waiting for the team meeting",
    "The records are late or wrong",
    "Another adult has this",
)


@dataclass(frozen=True)
class NotNowPage:
    """The form for putting a student off: who, the reasons, the days it may be, and the usual one."""

    view: StudentView
    reasons: tuple[str, ...]
    first: date
    last: date
    back: str
    day: date


Taken = Callable[[Transaction, Request, FormData, datetime], bool | str]
"""Does what a form asks: False for nobody's student, True when it is done, or the address to go on to."""


DrawnAgain = Callable[[Desk, Request, FormData, EwsError], Response | None]
"""The form's own page again with what was typed and why it was not taken; None where it cannot be drawn."""


def form_endpoint(desk: Desk, take: Taken, again: DrawnAgain | None = None) -> Callable[[Request], object]:
    """An address that takes a form: checked, done in one transaction, then back to where it came from.

    ``again`` draws the form anew when it says something that cannot be meant; else the words are kept on a
    page of their own.
    """

    async def endpoint(request: Request) -> Response:
        sent = await request.form()
        if not cookies.from_our_page(request, sent, cookies.session_secret(request)):
            if cookies.own_origin(request):  # a page of ours that was open since before the last signing in
                return unsent(desk, request, sent, problems.STALE)
            return desk.refuse(request, problems.FORBIDDEN)
        if request.state.principal.must_change:
            return RedirectResponse("/password", 303)
        return await run_in_threadpool(done, desk, request, sent, take, again)

    return endpoint


def done(
    desk: Desk, request: Request, sent: FormData, take: Taken, again: DrawnAgain | None = None
) -> Response:
    """What was asked is done and the browser sent back; or why not, with what was typed."""
    try:
        taken = desk.store.written(lambda tx: take(tx, request, sent, desk.now()))
    except EwsError as error:
        if error.status >= 500 and error.status != 503:
            raise
        drawn = again(desk, request, sent, error) if again and isinstance(error, UsageError) else None
        if drawn is not None:
            return drawn
        meanwhile = error if isinstance(error, ChangedMeanwhile) else None
        return unsent(desk, request, sent, problems.told(error), meanwhile)
    if not taken:
        return desk.refuse(request, problems.NOT_FOUND)
    onward = taken if isinstance(taken, str) else own_address(said(sent, "back")) + anchor(sent)
    return RedirectResponse(onward, 303)


def take_acknowledge(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """Somebody has seen this student."""
    return acknowledge(
        tx,
        request.state.principal,
        request.path_params["student_id"],
        as_of=day_of(tx, sent),
        now=now,
        form_id=form_id(sent),
    )


def take_note(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """A note."""
    student = request.path_params["student_id"]
    return add_note(
        tx,
        request.state.principal,
        student,
        said(sent, "note"),
        now=now,
        form_id=form_id(sent),
        readers=said(sent, "readers") or ALL,
    )


def take_undo(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """Take a click back."""
    principal, number = request.state.principal, request.path_params["action_id"]
    return undo(tx, principal, number, now=now) or take_hand_over_back(tx, principal, number, now=now)


def take_not_now(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """Put a student off."""
    chosen, words = said(sent, "reason"), said(sent, "words")
    return put_off(
        tx,
        request.state.principal,
        request.path_params["student_id"],
        as_of=day_of(tx, sent),
        now=now,
        form_id=form_id(sent),
        reason=". ".join(part for part in (chosen if chosen in REASONS else "", words.strip()) if part),
        returns_on=day_in(said(sent, "returns_on")) or now.date(),
    )


def show_not_now(desk: Desk, request: Request) -> Response:
    """The form for putting a student off; the same 404 for a stranger's student and for nobody."""
    now = desk.now()
    principal = request.state.principal
    with desk.store.begin() as tx:
        view = student_view(tx, principal, request.path_params["student_id"], now=now)
    if view is None or not may_act(principal):
        return desk.refuse(request, problems.NOT_FOUND)
    page = NotNowPage(
        view,
        REASONS,
        first=now.date() + timedelta(days=1),
        last=now.date() + LONGEST_REST,
        back=own_address(request.query_params.get("back", "")),
        day=now.date() + timedelta(days=7),
    )
    return answer(request, "not_now.html", page, desk.frame(request, "list"))


def day_of(tx: Transaction, sent: FormData) -> date:
    """The day of the list that the form answers: the one it names, else the newest."""
    named = day_in(said(sent, "as_of"))
    run = shown_run(tx, named) or shown_run(tx)
    if run is None:
        raise UsageError("There is no list yet.", "Score the records first.")
    return run.as_of


def day_in(text: str) -> date | None:
    """The day that ``text`` names, if it names one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def number_in(text: str) -> int:
    """The whole number that ``text`` names; 0 where it names none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def name_in(request: Request) -> str:
    """The words of a name that the address asks for."""
    return request.query_params.get("name", "").strip()[:LONGEST_NAME]


def form_id(sent: FormData) -> str:
    """The form's own id. A form without one is not ours; its token is then the best that there is."""
    return (said(sent, "form_id") or said(sent, "form_token"))[:LONGEST_ID]


def own_address(wanted: str) -> str:
    """``wanted`` if it is an address of ours with its filters, else the list."""
    parts = urlsplit(wanted.replace("\\", "/"))
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and wanted.isprintable()
    if not ours or parts.path.startswith("//"):
        return "/list"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def anchor(sent: FormData) -> str:
    """Where on the page the person was: the row that was clicked, or the notes."""
    place = said(sent, "place")
    return f"#{place}" if place.replace("-", "").isalnum() and place.isascii() else ""


def act_address(student_id: str, act: str) -> str:
    """The address of an act about a student."""
    return f"/students/{quote(student_id, safe='')}/{act}"


IN_TEMPLATES = {"act_address": act_address, "note_readers": READERS}
