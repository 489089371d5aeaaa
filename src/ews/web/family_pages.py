"""What families ask for on the pages: the whole record, and to have a fact or an inference mended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.disputes import ABOUT, KINDS, OUTCOMES, raise_dispute, step_dispute
from ews.support.family_asks import AsksView, asks_view, open_asks
from ews.support.family_record import FamilyRecord, family_record, sees_all
from ews.support.record_asks import ASKED_BY, ask_for_record, give_record
from ews.support.shown import sees_domain
from ews.web import problems
from ews.web.act_pages import act_address
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.faces import answer, page
from ews.web.forms import day_in, form_id, said
from ews.web.printing import NO_PANGO, NoPango, pdf_answer, pdf_of
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint
from ews.web.words import counted

WHO_HEARS = Policy(Who.staff, roles=who_do(Act.HEAR_FAMILIES))


@dataclass(frozen=True)
class AsksPage:
    """A student's requests and disputes, today, and what can be challenged.

    whole: whether this reader is given the whole record.
    """

    view: AsksView
    today: date
    about: Mapping[str, str]
    whole: bool


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of requests, disputes and the record, looked for before the student's own page."""
    student = "/students/{student_id:path}"
    takes = {
        f"{student}/record-requests": take_request,
        f"{student}/disputes": take_dispute,
        "/record-requests/{request_id:int}/given": take_given,
        "/disputes/{dispute_id:int}/{kind:str}": take_step,
    }
    return [
        *both_faces(desk, "/families", show_open, WHO_HEARS),
        *both_faces(desk, f"{student}/family", show_asks, WHO_HEARS),
        address(f"{student}/record.pdf", for_staff(desk, show_record_pdf), WHO_HEARS, name="record-pdf"),
        *both_faces(desk, f"{student}/record", show_record, WHO_HEARS),
        *(
            address(path, form_endpoint(desk, take), WHO_HEARS, ("POST",), name=take.__name__)
            for path, take in takes.items()
        ),
    ]


# ---- looking -----------------------------------------------------------------------------------------


def show_open(desk: Desk, request: Request) -> Response:
    """What is open among one's students, the soonest due first."""
    with desk.store.begin() as tx:
        found = open_asks(tx, request.state.principal, now=desk.now())
    return answer(request, "families.html", found, desk.frame(request, "families"))


def show_asks(desk: Desk, request: Request) -> Response:
    """One student's requests and disputes; the same 404 for a stranger's student and for nobody."""
    now = desk.now()
    with desk.store.begin() as tx:
        view = asks_view(tx, request.state.principal, request.path_params["student_id"], now=now)
    if view is None:
        return desk.refuse(request, problems.NOT_FOUND)
    about = {one: title for one, title in ABOUT.items() if sees_domain(request.state.principal, one)}
    found = AsksPage(view, now.date(), about, sees_all(request.state.principal))
    return answer(request, "family_asks.html", found, desk.frame(request, "families"))


def show_record(desk: Desk, request: Request) -> Response:
    """Everything on file about a student, for the family."""
    found = record_of(desk, request)
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "family_record.html", found, desk.frame(request, "families"))


def show_record_pdf(desk: Desk, request: Request) -> Response:
    """The same as a PDF."""
    found = record_of(desk, request)
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    try:
        content = pdf_of(page("printed/family_record.html", found, desk.frame(request, "families")))
    except NoPango:
        return desk.refuse(request, NO_PANGO)
    return pdf_answer(content, "family-record")


def record_of(desk: Desk, request: Request) -> FamilyRecord | None:
    """The record of the student in the address."""
    with desk.store.begin() as tx:
        return family_record(tx, request.state.principal, request.path_params["student_id"], now=desk.now())


# ---- doing -------------------------------------------------------------------------------------------


def take_request(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A family asked for the record."""
    student = request.path_params["student_id"]
    done = ask_for_record(
        tx,
        request.state.principal,
        student,
        asked_on=day_of(sent, "on"),
        asked_by=said(sent, "asked_by"),
        now=now,
        form_id=form_id(sent),
    )
    return act_address(student, "family") if done else False


def take_given(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """The record was given."""
    number = request.path_params["request_id"]
    student = give_record(tx, request.state.principal, number, given_on=day_of(sent, "on"), now=now)
    return act_address(student, "family") if student else False


def take_dispute(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A family challenges something."""
    student = request.path_params["student_id"]
    done = raise_dispute(
        tx,
        request.state.principal,
        student,
        kind=said(sent, "kind"),
        about=said(sent, "about"),
        words=said(sent, "words"),
        raised_on=day_of(sent, "on"),
        now=now,
        form_id=form_id(sent),
    )
    return act_address(student, "family") if done else False


def take_step(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """The meeting was held, or the dispute is resolved."""
    student = step_dispute(
        tx,
        request.state.principal,
        request.path_params["dispute_id"],
        kind=request.path_params["kind"],
        on=day_of(sent, "on"),
        outcome=said(sent, "outcome"),
        words=said(sent, "words"),
        now=now,
    )
    return act_address(student, "family") if student else False


def day_of(sent: FormData, field: str) -> date:
    """The day that the form names; UsageError without one."""
    day = day_in(said(sent, field))
    if day is None:
        raise UsageError("The day is missing.", "Choose the day.")
    return day


def time_left(days_left: int) -> str:
    """``6 days left``, ``due today``, ``2 days overdue``."""
    if days_left < 0:
        return f"{counted(-days_left, 'day')} overdue"
    return "due today" if days_left == 0 else f"{counted(days_left, 'day')} left"


IN_TEMPLATES = {
    "time_left": time_left,
    "record_asked_by": ASKED_BY,
    "dispute_kinds": KINDS,
    "dispute_outcomes": OUTCOMES,
}
