"""Call slips: choosing whom to call, the slips to print, and the one entry of the log afterwards."""

from __future__ import annotations

from datetime import date, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.call_slips import call_group, called_group, log_call, picking
from ews.web import problems
from ews.web.desk import Desk, both_faces
from ews.web.faces import answer
from ews.web.forms import day_in, form_id, name_in, said
from ews.web.routes import KIB, Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

WHO_CALLS = Policy(Who.staff, roles=who_do(Act.CALL_STUDENTS))
WHO_SENDS = Policy(Who.staff, roles=who_do(Act.CALL_STUDENTS), body_limit=128 * KIB)


def routes(desk: Desk) -> list[Guarded]:
    """The page to choose from, the slips of a group, and their two forms."""
    return [
        *both_faces(desk, "/slips", show_choice, WHO_CALLS),
        *both_faces(desk, "/slips/{call_id:int}", show_slips, WHO_CALLS),
        address("/slips", form_endpoint(desk, take_group), WHO_SENDS, ("POST",), name="call"),
        address(
            "/slips/{call_id:int}/log", form_endpoint(desk, take_log), WHO_SENDS, ("POST",), name="log-call"
        ),
    ]


def show_choice(desk: Desk, request: Request) -> Response:
    """Whom to call; the address narrows by name and grade."""
    query = request.query_params
    grade = query.get("grade", "")
    with desk.store.begin() as tx:
        view = picking(
            tx,
            request.state.principal,
            name=name_in(request),
            grade=int(grade) if grade.lstrip("-").isdecimal() and len(grade) < 4 else None,
            listed=query.get("listed") == "1",
            now=desk.now(),
        )
    if view.run is None:
        return desk.refuse(request, problems.NO_RUN)
    return answer(request, "slips.html", view, desk.frame(request, "slips"))


def show_slips(desk: Desk, request: Request) -> Response:
    """The slips of one's own group."""
    with desk.store.begin() as tx:
        view = called_group(tx, request.state.principal, request.path_params["call_id"], now=desk.now())
    if view is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "slip_group.html", view, desk.frame(request, "slips"))


def take_group(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """The slips of a group; then on to them."""
    number = call_group(
        tx,
        request.state.principal,
        chosen(sent),
        on=needed_day(sent),
        period=said(sent, "period"),
        clock=said(sent, "clock"),
        place=said(sent, "place"),
        now=now,
        form_id=form_id(sent),
    )
    return f"/slips/{number}" if number else False


def take_log(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """One entry for those who came."""
    return log_call(
        tx,
        request.state.principal,
        request.path_params["call_id"],
        chosen(sent),
        on=needed_day(sent),
        channel=said(sent, "channel"),
        direction=said(sent, "direction"),
        whom=said(sent, "whom"),
        words=said(sent, "words"),
        form_id=form_id(sent),
        now=now,
    )


def chosen(sent: FormData) -> list[str]:
    """The students who are ticked, and those whose ids are written one a line."""
    ticked = [value for value in sent.getlist("student") if isinstance(value, str)]
    written = [line.strip() for line in said(sent, "ids").splitlines()]
    return [student for student in (*ticked, *written) if student]


def needed_day(sent: FormData) -> date:
    """The day that the form says."""
    day = day_in(said(sent, "on"))
    if day is None:
        raise UsageError("The form does not say on which day.", "Choose the day.")
    return day
