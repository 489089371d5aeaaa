"""Naming a student, and saying what the data does not know: for teachers and everyone who works with them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.actions import Action, may_act
from ews.support.named import Named, find_students, named, names_of, record_names
from ews.support.nominations import BRIEFLY, SAYS, answered, named_by, nominate, override
from ews.web import problems
from ews.web.act_pages import act_address
from ews.web.desk import Desk, both_faces
from ews.web.faces import answer
from ews.web.forms import form_id, name_in, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

WHO_NAME = Policy(Who.staff, roles=who_do(Act.NOMINATE))
WHO_PLAN = Policy(Who.staff, roles=who_do(Act.PLAN))


@dataclass(frozen=True)
class Mine:
    """A student whom I have named: why, when, and whether somebody has looked since."""

    student: Named
    action: Action
    answered: bool


@dataclass(frozen=True)
class NominatePage:
    """Finding a student to name: what was looked for, who was found, whom I have named so far."""

    words: str
    found: tuple[Named, ...]
    more: int
    mine: tuple[Mine, ...]


@dataclass(frozen=True)
class NominateForm:
    """The form for one student. mine: what I have said of them before."""

    student: Named
    mine: tuple[Action, ...]


def routes(desk: Desk) -> list[Guarded]:
    """Finding a student, the form for naming them, and the form that says what the data does not know."""
    student = "/students/{student_id:path}"
    return [
        *both_faces(desk, "/nominate", show, WHO_NAME),
        *both_faces(desk, f"{student}/nominate", show_form, WHO_NAME),
        address(f"{student}/nominate", form_endpoint(desk, take), WHO_NAME, ("POST",), name="take_nominate"),
        address(
            f"{student}/override", form_endpoint(desk, take_override), WHO_PLAN, ("POST",), "take_override"
        ),
    ]


def show(desk: Desk, request: Request) -> Response:
    """One's own students by name, and whom one has named."""
    principal, now = request.state.principal, desk.now()
    words = name_in(request)
    with desk.store.begin() as tx:
        found = find_students(tx, principal, words, action="names", now=now)
        acts = named_by(tx, principal)
        names = names_of(tx, principal, {one.student_id for one in acts})
        seen = answered(tx, names)
        record_names(tx, principal, names, action="names", now=now)
    page = NominatePage(
        words,
        found.students,
        found.more,
        tuple(
            Mine(names[one.student_id], one, one.student_id in seen)
            for one in acts
            if one.student_id in names
        ),
    )
    return answer(request, "nominate.html", page, desk.frame(request, "nominate"))


def show_form(desk: Desk, request: Request) -> Response:
    """The form for naming one student; the same 404 for a stranger's student and for nobody."""
    principal, now = request.state.principal, desk.now()
    with desk.store.begin() as tx:
        student = named(tx, principal, request.path_params["student_id"], action="nominate_form", now=now)
        mine = [one for one in named_by(tx, principal) if student and one.student_id == student.student_id]
    if student is None or not may_act(principal, Act.NOMINATE):
        return desk.refuse(request, problems.NOT_FOUND)
    page = NominateForm(student, tuple(mine))
    return answer(request, "nominate_form.html", page, desk.frame(request, "nominate"))


def take(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """A nomination."""
    student = request.path_params["student_id"]
    return nominate(
        tx, request.state.principal, student, said(sent, "reason"), now=now, form_id=form_id(sent)
    )


def take_override(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """What somebody knows that the data does not."""
    return override(
        tx,
        request.state.principal,
        request.path_params["student_id"],
        said(sent, "says"),
        said(sent, "reason"),
        now=now,
        form_id=form_id(sent),
    )


IN_TEMPLATES = {
    "override_says": SAYS,
    "override_briefly": BRIEFLY,
    "nominate_address": lambda student: act_address(student, "nominate"),
}
