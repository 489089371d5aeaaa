"""Call slips: choosing whom to call, the slips to print, and the one entry of the log afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import EwsError, UsageError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.call_slips import Picking, call_group, called_group, log_call, picking
from ews.web import problems
from ews.web.desk import Desk, both_faces
from ews.web.faces import answer
from ews.web.forms import LONGEST_NAME, all_said, day_in, form_id, said
from ews.web.routes import KIB, Guarded, Policy, Who, address
from ews.web.taking import form_endpoint, page_endpoint

TYPED = ("on", "period", "clock", "place", "ids")
USUAL_PLACE = "Counseling office"
WHO_CALLS = Policy(Who.staff, roles=who_do(Act.CALL_STUDENTS))
WHO_SENDS = Policy(Who.staff, roles=who_do(Act.CALL_STUDENTS), body_limit=128 * KIB)


def routes(desk: Desk) -> list[Guarded]:
    """The page to choose from, the slips of a group, and their two forms."""
    return [
        *both_faces(desk, "/slips", show_choice, WHO_CALLS),
        *both_faces(desk, "/slips/{call_id:int}", show_slips, WHO_CALLS),
        address("/slips", form_endpoint(desk, take_group, choice_again), WHO_SENDS, ("POST",), name="call"),
        address("/slips/find", page_endpoint(desk, find_choice), WHO_SENDS, ("POST",), name="find-to-call"),
        address(
            "/slips/{call_id:int}/log", form_endpoint(desk, take_log), WHO_SENDS, ("POST",), name="log-call"
        ),
    ]


@dataclass(frozen=True)
class ChoicePage(Picking):
    """The page to choose from with what was ticked and typed so far; problem: why it was not taken."""

    ticked: tuple[str, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def show_choice(desk: Desk, request: Request) -> Response:
    """Whom to call; the address narrows by name and grade."""
    return drawn_choice(desk, request, request.query_params)


def find_choice(desk: Desk, request: Request, sent: FormData) -> Response:
    """The same page narrowed by what the form asks for; what was ticked and typed stays."""
    return drawn_choice(desk, request, {} if said(sent, "all") else narrowing(sent), sent)


def choice_again(desk: Desk, request: Request, sent: FormData, error: EwsError) -> Response:
    """The same page with what was ticked and typed, and why it was not taken."""
    return drawn_choice(desk, request, narrowing(sent), sent, str(error))


def narrowing(sent: FormData) -> dict[str, str]:
    """What the form narrows the choice by."""
    return {word: said(sent, word) for word in ("name", "grade", "listed")}


def drawn_choice(
    desk: Desk, request: Request, asked: Mapping[str, str], sent: FormData | None = None, problem: str = ""
) -> Response:
    """Whom to call, as it begins or with what was ``sent``."""
    grade = asked.get("grade", "")
    ticked = () if sent is None else tuple(all_said(sent, "student"))
    with desk.store.begin() as tx:
        view = picking(
            tx,
            request.state.principal,
            name=asked.get("name", "").strip()[:LONGEST_NAME],
            grade=int(grade) if grade.lstrip("-").isdecimal() and len(grade) < 4 else None,
            listed=asked.get("listed") == "1",
            ticked=ticked,
            now=desk.now(),
        )
    if view.run is None:
        return desk.refuse(request, problems.NO_RUN)
    typed = {"on": str(view.proposed.day) if view.proposed else "", "place": USUAL_PLACE}
    if sent is not None:
        typed = {name: said(sent, name) for name in TYPED}
    typed = dict.fromkeys(TYPED, "") | typed
    page = ChoicePage(**vars(view), ticked=ticked, typed=typed, problem=problem)
    return answer(request, "slips.html", page, desk.frame(request, "slips"), 400 if problem else 200)


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
    ticked = all_said(sent, "student")
    written = [line.strip() for line in said(sent, "ids").splitlines()]
    return [student for student in (*ticked, *written) if student]


def needed_day(sent: FormData) -> date:
    """The day that the form says."""
    day = day_in(said(sent, "on"))
    if day is None:
        raise UsageError("The form does not say on which day.", "Choose the day.")
    return day
