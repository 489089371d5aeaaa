"""Programs with their places, and the fair draws for them: opened with a fixed seed, drawn, to be checked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import EwsError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.draws import Draw, candidates, draw, draw_view, draws_of, open_draw
from ews.support.facts import TIERS
from ews.support.named import Named
from ews.support.programs import Program, keep_program, keeps, program_of, programs_of, school_names
from ews.web import problems
from ews.web.desk import Desk, both_faces
from ews.web.faces import answer
from ews.web.forms import all_said, form_id, number_in, said
from ews.web.plan_pages import WHO_PLANS, minutes_in
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

WHO_KEEPS = Policy(Who.staff, roles=who_do(Act.KEEP_PROGRAMS))


@dataclass(frozen=True)
class ProgramsPage:
    """The programs of the schools in sight; keeps: the schools whose programs this person keeps."""

    programs: tuple[Program, ...]
    keeps: tuple[tuple[str, str], ...]
    tiers: tuple[str, ...]


@dataclass(frozen=True)
class ProgramPage:
    """One program: its places, and every draw that was held for it."""

    program: Program
    draws: tuple[Draw, ...]
    keeps: bool
    tiers: tuple[str, ...]


@dataclass(frozen=True)
class DrawPage:
    """One draw. candidates: whom it could hold, until it is drawn; ticked: whom a form that was not taken
    had; problem: why it was not."""

    draw: Draw
    candidates: tuple[Named, ...]
    ticked: tuple[str, ...] = ()
    problem: str = ""


def routes(desk: Desk) -> list[Guarded]:
    """The programs, one program, one draw; and what is done there."""
    return [
        *both_faces(desk, "/programs", show_all, WHO_PLANS),
        *both_faces(desk, "/programs/{program_id:int}", show, WHO_PLANS),
        *both_faces(desk, "/draws/{draw_id:int}", show_draw, WHO_PLANS),
        address("/programs", form_endpoint(desk, take_new), WHO_KEEPS, ("POST",), "program_new"),
        address(
            "/programs/{program_id:int}",
            form_endpoint(desk, take_change),
            WHO_KEEPS,
            ("POST",),
            "program_change",
        ),
        address(
            "/programs/{program_id:int}/draws",
            form_endpoint(desk, take_open),
            WHO_PLANS,
            ("POST",),
            "draw_open",
        ),
        address(
            "/draws/{draw_id:int}",
            form_endpoint(desk, take_draw, draw_again),
            WHO_PLANS,
            ("POST",),
            "draw_names",
        ),
    ]


def show_all(desk: Desk, request: Request) -> Response:
    """The programs of the schools in sight."""
    principal = request.state.principal
    with desk.store.read() as tx:
        programs = programs_of(tx, principal)
        names = school_names(tx)
    mine = tuple((one, names[one]) for one in principal.school_ids if one in names and keeps(principal, one))
    page = ProgramsPage(programs, mine, tuple(TIERS.values()))
    return answer(request, "programs.html", page, desk.frame(request, "programs"))


def show(desk: Desk, request: Request) -> Response:
    """One program and its draws; the same 404 for another school's and for none."""
    principal = request.state.principal
    with desk.store.read() as tx:
        program = program_of(tx, principal, request.path_params["program_id"])
        if program is None:
            return desk.refuse(request, problems.NOT_FOUND)
        held = draws_of(tx, program)
    page = ProgramPage(program, held, keeps(principal, program.school_id), tuple(TIERS.values()))
    return answer(request, "program.html", page, desk.frame(request, "programs"))


def show_draw(desk: Desk, request: Request) -> Response:
    """One draw: whom to put into it, or the result and how to check it."""
    return shown_draw(desk, request)


def draw_again(desk: Desk, request: Request, sent: FormData, error: EwsError) -> Response:
    """The same with who was ticked, and why no name was drawn."""
    return shown_draw(desk, request, tuple(all_said(sent, "student")), str(error))


def shown_draw(desk: Desk, request: Request, ticked: tuple[str, ...] = (), problem: str = "") -> Response:
    """One draw as it stands, or with what was sent."""
    principal, now = request.state.principal, desk.now()
    with desk.store.begin() as tx:
        found = draw_view(tx, principal, request.path_params["draw_id"], now=now)
        if found is None:
            return desk.refuse(request, problems.NOT_FOUND)
        names = [] if found.drawn_at else candidates(tx, principal, found.program, now=now)
    page = DrawPage(found, tuple(names), ticked, problem)
    return answer(request, "draw.html", page, desk.frame(request, "programs"), 400 if problem else 200)


def take_new(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A new program."""
    done = keep_program(
        tx,
        request.state.principal,
        now=now,
        school_id=said(sent, "school"),
        name=said(sent, "name"),
        tier=said(sent, "tier"),
        places=number_in(said(sent, "places")) if said(sent, "places").strip() else None,
        minutes_week=minutes_in(said(sent, "minutes_week")),
    )
    return done and "/programs"


def take_change(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """Another name, other places, or its end."""
    number = request.path_params["program_id"]
    done = keep_program(
        tx,
        request.state.principal,
        now=now,
        program_id=number,
        name=said(sent, "name"),
        tier=said(sent, "tier"),
        places=number_in(said(sent, "places")) if said(sent, "places").strip() else None,
        minutes_week=minutes_in(said(sent, "minutes_week")),
        closed=said(sent, "closed") == "yes",
        version=number_in(said(sent, "version")),
    )
    return done and f"/programs/{number}"


def take_open(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A draw with its seed fixed."""
    number = open_draw(
        tx,
        request.state.principal,
        request.path_params["program_id"],
        said(sent, "reason"),
        secrets.token_hex(16),
        now=now,
        form_id=form_id(sent),
    )
    return f"/draws/{number}" if number else False


def take_draw(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """The names are drawn."""
    number = request.path_params["draw_id"]
    names = all_said(sent, "student")
    return draw(tx, request.state.principal, number, names, now=now) and f"/draws/{number}"
