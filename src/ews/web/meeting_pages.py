"""Team meetings on the pages: the ones there are, calling one, the agenda, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.agenda import agenda
from ews.support.decisions import decide
from ews.support.meeting_plan import Candidates, bring_student, call_meeting, candidates, take_off
from ews.support.meetings import MOST_STUDENTS, Meeting, meetings_in_sight
from ews.web import problems
from ews.web.desk import Desk, for_staff
from ews.web.faces import answer
from ews.web.forms import day_in, form_id, name_in, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

OF_MEETINGS = Policy(Who.staff, roles=who_do(Act.PLAN))
USUAL_WAIT = timedelta(days=3)
A_DAY = timedelta(days=1)
SATURDAY = 5
USUAL_BEGINS, USUAL_MINUTES = "10:00", 10


@dataclass(frozen=True)
class MeetingsPage:
    """The meetings in sight: those to come and of today, soonest first, and those that were."""

    coming: tuple[Meeting, ...]
    past: tuple[Meeting, ...]


@dataclass(frozen=True)
class CallPage:
    """The form for calling a meeting: whom it could be about, the usual day, hour and minutes."""

    candidates: Candidates
    held_on: date
    begins: str
    minutes: int
    most: int


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
    }
    return [
        *(
            address(f"{path}{face}", for_staff(desk, draw), OF_MEETINGS)
            for path, draw in pages.items()
            for face in (".json", "")
        ),
        *(
            address(path, form_endpoint(desk, take), OF_MEETINGS, ("POST",), name=take.__name__)
            for path, take in takes.items()
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
    now = desk.now()
    with desk.store.begin() as tx:
        found = candidates(
            tx, request.state.principal, request.query_params.get("school"), name=name_in(request), now=now
        )
    if found.run is None:
        return desk.refuse(request, problems.NO_RUN)
    page = CallPage(found, usual_day(now.date()), USUAL_BEGINS, USUAL_MINUTES, MOST_STUDENTS)
    return answer(request, "meeting_call.html", page, desk.frame(request, "meetings"))


def usual_day(today: date) -> date:
    """The day that the form proposes: three days on, or the Monday after.

    >>> usual_day(date(2025, 11, 19))
    datetime.date(2025, 11, 24)
    """
    day = today + USUAL_WAIT
    while day.weekday() >= SATURDAY:
        day += A_DAY
    return day


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
    ticked = [text for text in sent.getlist("student") if isinstance(text, str)]
    meeting_id = call_meeting(
        tx,
        request.state.principal,
        held_on=_day(sent, "held_on"),
        begins=said(sent, "begins"),
        minutes=_number(sent, "minutes"),
        school_id=said(sent, "school"),
        attending=said(sent, "attending"),
        student_ids=ticked,
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


def take_off_agenda(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """A student off the agenda."""
    found = request.path_params
    return take_off(tx, request.state.principal, found["meeting_id"], found["student_id"], now=now)


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


def _day(sent: FormData, name: str) -> date:
    day = day_in(said(sent, name))
    if day is None:
        raise UsageError("The day is not understood.", "Write it as 2025-11-20.")
    return day


def _number(sent: FormData, name: str) -> int:
    text = said(sent, name).strip()
    return int(text) if text.isdecimal() and len(text) < 4 else 0


IN_TEMPLATES = {"usual_day": usual_day, "usual_begins": USUAL_BEGINS, "usual_minutes": USUAL_MINUTES}
"""What a page may call that a meeting is called from."""
