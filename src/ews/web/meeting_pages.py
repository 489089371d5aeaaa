"""Team meetings on the pages: the ones there are, calling one, the agenda, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import EwsError, UsageError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.agenda import agenda
from ews.support.decisions import decide, mark_done, take_done_back
from ews.support.meeting_plan import Candidates, bring_student, call_meeting, candidates, take_off
from ews.support.meetings import MOST_STUDENTS, Meeting, meeting_row, meetings_in_sight, usual_day
from ews.web import problems
from ews.web.desk import Desk, for_staff
from ews.web.faces import answer
from ews.web.forms import LONGEST_NAME, all_said, day_in, form_id, name_in, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint, page_endpoint

OF_MEETINGS = Policy(Who.staff, roles=who_do(Act.PLAN))
USUAL_BEGINS, USUAL_MINUTES = "10:00", 10


@dataclass(frozen=True)
class MeetingsPage:
    """The meetings in sight: those to come and of today, soonest first, and those that were."""

    coming: tuple[Meeting, ...]
    past: tuple[Meeting, ...]


@dataclass(frozen=True)
class CallPage:
    """The form for calling a meeting: whom it could be about, with the usual day, hour and minutes or what
    was typed. ticked: who was ticked; None where the form begins. problem: why it was not taken."""

    candidates: Candidates
    held_on: str
    begins: str
    minutes: int
    most: int
    attending: str = ""
    ticked: tuple[str, ...] | None = None
    problem: str = ""


def routes(desk: Desk) -> list[Guarded]:
    """Every address of a meeting with its policy."""
    one = "/meetings/{meeting_id:int}"
    of_student = f"{one}/students/{{student_id:path}}"
    pages = {"/meetings": show_all, "/meetings/new": show_call, one: show_agenda}
    takes = {
        "/meetings": take_call,
        f"{one}/students": take_bring,
        f"{of_student}/decisions": take_decision,
        f"{of_student}/off": take_off_agenda,
        "/decisions/{decision_id:int}/done": take_done,
        "/decisions/{decision_id:int}/open": take_open,
    }
    return [
        *(
            address(f"{path}{face}", for_staff(desk, draw), OF_MEETINGS)
            for path, draw in pages.items()
            for face in (".json", "")
        ),
        *(
            address(
                path,
                form_endpoint(desk, take, call_again if take is take_call else None),
                OF_MEETINGS,
                ("POST",),
                name=take.__name__,
            )
            for path, take in takes.items()
        ),
        address(
            "/meetings/new", page_endpoint(desk, find_for_call), OF_MEETINGS, ("POST",), name="find-for-call"
        ),
    ]


def show_all(desk: Desk, request: Request) -> Response:
    """The meetings, without a student's name."""
    with desk.store.read() as tx:
        found = meetings_in_sight(tx, request.state.principal)
    today = desk.now().date()
    coming = tuple(reversed([one for one in found if one.held_on >= today]))
    page = MeetingsPage(coming, tuple(one for one in found if one.held_on < today))
    return answer(request, "meetings.html", page, desk.frame(request, "meetings"))


def show_call(desk: Desk, request: Request) -> Response:
    """The form for calling a meeting."""
    return drawn_call(desk, request, request.query_params.get("school"), name_in(request))


def find_for_call(desk: Desk, request: Request, sent: FormData) -> Response:
    """The same form with others found by name; what was ticked and typed stays."""
    return drawn_call(desk, request, said(sent, "school"), said(sent, "name").strip()[:LONGEST_NAME], sent)


def call_again(desk: Desk, request: Request, sent: FormData, error: EwsError) -> Response:
    """The same form with what was ticked and typed, and why it was not taken."""
    return drawn_call(desk, request, said(sent, "school"), "", sent, str(error))


def drawn_call(
    desk: Desk,
    request: Request,
    school: str | None,
    name: str,
    sent: FormData | None = None,
    problem: str = "",
) -> Response:
    """The form for calling a meeting, as it begins or as it was ``sent``."""
    now, principal = desk.now(), request.state.principal
    ticked = None if sent is None else tuple(all_said(sent, "student"))
    with desk.store.begin() as tx:
        found = candidates(tx, principal, school, name=name, ticked=ticked or (), now=now)
        held_on = usual_day(tx, principal, now.date())
    if found.run is None:
        return desk.refuse(request, problems.NO_RUN)
    page = CallPage(found, held_on.isoformat(), USUAL_BEGINS, USUAL_MINUTES, MOST_STUDENTS)
    if sent is not None:
        page = replace(
            page,
            held_on=said(sent, "held_on"),
            begins=said(sent, "begins"),
            minutes=_number(sent, "minutes"),
            attending=said(sent, "attending"),
            ticked=ticked,
            problem=problem,
        )
    frame = desk.frame(request, "meetings")
    return answer(request, "meeting_call.html", page, frame, 400 if problem else 200)


def show_agenda(desk: Desk, request: Request) -> Response:
    """The agenda; the same 404 for a meeting about others and for none."""
    with desk.store.begin() as tx:
        found = agenda(
            tx,
            request.state.principal,
            request.path_params["meeting_id"],
            name=name_in(request),
            now=desk.now(),
        )
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "meeting.html", found, desk.frame(request, "meetings"))


def take_call(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A meeting, and then its agenda."""
    meeting_id = call_meeting(
        tx,
        request.state.principal,
        held_on=_day(sent, "held_on"),
        begins=said(sent, "begins"),
        minutes=_number(sent, "minutes"),
        school_id=said(sent, "school"),
        attending=said(sent, "attending"),
        student_ids=all_said(sent, "student"),
        form_id=form_id(sent),
        now=now,
    )
    return False if meeting_id is None else f"/meetings/{meeting_id}"


def take_bring(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """One student more on the agenda."""
    return bring_student(
        tx,
        request.state.principal,
        request.path_params["meeting_id"],
        said(sent, "student").strip(),
        now=now,
    )


def take_off_agenda(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A student off the agenda; of a meeting with nobody left, on to the others."""
    principal, number = request.state.principal, request.path_params["meeting_id"]
    done = take_off(tx, principal, number, request.path_params["student_id"], now=now)
    return done and (meeting_row(tx, principal, number) is not None or "/meetings")


def take_decision(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """What was decided, and who does what by when."""
    due = said(sent, "due_on")
    return decide(
        tx,
        request.state.principal,
        request.path_params["meeting_id"],
        request.path_params["student_id"],
        decided=said(sent, "decided"),
        adult=said(sent, "adult"),
        does=said(sent, "does"),
        due_on=_day(sent, "due_on") if due else None,
        form_id=form_id(sent),
        now=now,
    )


def take_done(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """What was decided is done."""
    return mark_done(tx, request.state.principal, request.path_params["decision_id"], now=now)


def take_open(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """It is open again."""
    return take_done_back(tx, request.state.principal, request.path_params["decision_id"], now=now)


def _day(sent: FormData, name: str) -> date:
    day = day_in(said(sent, name))
    if day is None:
        raise UsageError("The day is not understood.", "Write it as 2025-11-20.")
    return day


def _number(sent: FormData, name: str) -> int:
    text = said(sent, name).strip()
    return int(text) if text.isdecimal() and len(text) < 4 else 0


IN_TEMPLATES = {"usual_begins": USUAL_BEGINS, "usual_minutes": USUAL_MINUTES}
"""What a page may call that a meeting is called from."""
