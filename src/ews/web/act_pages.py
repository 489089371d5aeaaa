"""What a person does on the pages: acknowledge, not now, a note, and taking a click back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.store.store import Transaction
from ews.support.actions import ALL, LONGEST_REST, READERS, acknowledge, add_note, may_act, put_off, undo
from ews.support.hand_overs import take_hand_over_back
from ews.support.runs import shown_run
from ews.support.student_view import StudentView, student_view
from ews.web import problems
from ews.web.desk import Desk
from ews.web.faces import answer
from ews.web.forms import day_in, form_id, own_address, said

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


def act_address(student_id: str, act: str) -> str:
    """The address of an act about a student."""
    return f"/students/{quote(student_id, safe='')}/{act}"


IN_TEMPLATES = {"act_address": act_address, "note_readers": READERS}
