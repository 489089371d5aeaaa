"""Support plans on the pages: offered from a student's page, then a page of their own until they end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.people.colleagues import Colleague, colleagues
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.actions import may_act
from ews.support.facts import TIERS
from ews.support.named import Named, named
from ews.support.plan_record import OUTCOMES, PlanEvent, SupportPlan, events_of, plan_of_number
from ews.support.plans import Draft, change, log_session, offer, review, start, take_back
from ews.support.programs import WITHOUT_PLACES, Program, programs_of
from ews.support.states import LONGEST_REVIEW
from ews.web import problems
from ews.web.act_pages import act_address
from ews.web.desk import Desk, both_faces
from ews.web.faces import answer
from ews.web.forms import day_in, form_id, number_in, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

WHO_PLANS = Policy(Who.staff, roles=who_do(Act.PLAN))
USUAL_REVIEW = timedelta(weeks=4)


@dataclass(frozen=True)
class PlanForm:
    """The form for a new plan. kinds: support without a limit; programs: of the student's school; adult_id:
    whoever writes it, until they choose another."""

    student: Named
    kinds: Sequence[str]
    programs: tuple[Program, ...]
    adults: tuple[Colleague, ...]
    adult_id: int | None
    tiers: Sequence[str]
    review_on: date
    last_review: date


@dataclass(frozen=True)
class PlanPage:
    """One plan: what it says, what happened, and who could be its adult."""

    student: Named
    plan: SupportPlan
    events: tuple[PlanEvent, ...]
    adults: tuple[Colleague, ...]
    tiers: Sequence[str]
    today: date
    next_review: date
    last_review: date


def routes(desk: Desk) -> list[Guarded]:
    """The form for a new plan, the plan's page, and what is done there."""
    takes = {
        "/students/{student_id:path}/plan": take_offer,
        "/plans/{plan_id:int}/change": take_change,
        "/plans/{plan_id:int}/start": take_start,
        "/plans/{plan_id:int}/session": take_session,
        "/plans/{plan_id:int}/review": take_review,
        "/plan-events/{event_id:int}/undo": take_undo,
    }
    return [
        *both_faces(desk, "/students/{student_id:path}/plan", show_form, WHO_PLANS),
        *both_faces(desk, "/plans/{plan_id:int}", show, WHO_PLANS),
        *(
            address(path, form_endpoint(desk, take), WHO_PLANS, ("POST",), name=f"plan_{take.__name__}")
            for path, take in takes.items()
        ),
    ]


def show_form(desk: Desk, request: Request) -> Response:
    """The form for a new plan; the same 404 for a stranger's student and for nobody."""
    principal, now = request.state.principal, desk.now()
    with desk.store.begin() as tx:
        student = named(tx, principal, request.path_params["student_id"], action="plan_form", now=now)
        if student is None or not may_act(principal, Act.PLAN):
            return desk.refuse(request, problems.NOT_FOUND)
        page = PlanForm(
            student,
            WITHOUT_PLACES,
            programs_of(tx, principal, school_id=student.school_id),
            colleagues(tx, principal, student.student_id, Act.PLAN),
            principal.account_id,
            tuple(TIERS.values()),
            now.date() + USUAL_REVIEW,
            now.date() + LONGEST_REVIEW,
        )
    return answer(request, "plan_form.html", page, desk.frame(request, "list"))


def show(desk: Desk, request: Request) -> Response:
    """One plan; the same 404 for a stranger's student's and for none."""
    principal, now = request.state.principal, desk.now()
    with desk.store.begin() as tx:
        plan = plan_of_number(tx, principal, request.path_params["plan_id"])
        student = named(tx, principal, plan.student_id, action="plan", now=now) if plan else None
        if plan is None or student is None:
            return desk.refuse(request, problems.NOT_FOUND)
        page = PlanPage(
            student,
            plan,
            events_of(tx, principal, plan.plan_id),
            colleagues(tx, principal, student.student_id, Act.PLAN),
            tuple(TIERS.values()),
            now.date(),
            now.date() + USUAL_REVIEW,
            now.date() + LONGEST_REVIEW,
        )
    return answer(request, "plan.html", page, desk.frame(request, "list"))


# ---- what the forms say --------------------------------------------------------------------------------


def draft_of(sent: FormData, adults: Sequence[Colleague]) -> Draft:
    """What the form says of a plan. An adult is one of the colleagues, or anybody by name."""
    chosen = {one.account_id: one.name for one in adults}
    adult_id = number_in(said(sent, "adult"))
    other = said(sent, "other_adult").strip()
    program = said(sent, "kind").removeprefix("program-")
    return Draft(
        kind=said(sent, "other_kind").strip() or said(sent, "kind"),
        tier=said(sent, "tier"),
        goal=said(sent, "goal"),
        adult=other or chosen.get(adult_id, ""),
        adult_id=None if other else adult_id if adult_id in chosen else None,
        minutes_week=minutes_in(said(sent, "minutes_week")),
        starts_on=day_in(said(sent, "starts_on")),
        ends_on=day_in(said(sent, "ends_on")),
        review_on=day_in(said(sent, "review_on")),
        program_id=number_in(program) if program != said(sent, "kind") else None,
    )


def minutes_in(text: str) -> float | None:
    """The minutes that ``text`` names; None where it names none."""
    return float(number_in(text)) if text.strip() else None


def take_offer(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A new plan, and on to its page."""
    principal, student = request.state.principal, request.path_params["student_id"]
    adults = colleagues(tx, principal, student, Act.PLAN)
    number = offer(tx, principal, student, draft_of(sent, adults), now=now, form_id=form_id(sent))
    return f"/plans/{number}" if number else False


def take_change(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """What the plan says from now on."""
    principal, number = request.state.principal, request.path_params["plan_id"]
    plan = plan_of_number(tx, principal, number)
    if plan is None:
        return False
    draft = draft_of(sent, colleagues(tx, principal, plan.student_id, Act.PLAN))
    changed = change(
        tx, principal, number, draft, version=number_in(said(sent, "version")), now=now, form_id=form_id(sent)
    )
    return changed and plan_address(number)


def take_start(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """The support has begun."""
    number = request.path_params["plan_id"]
    day = day_in(said(sent, "on_day")) or now.date()
    done = start(tx, request.state.principal, number, day, now=now, form_id=form_id(sent))
    return done and plan_address(number)


def take_session(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """One session."""
    number = request.path_params["plan_id"]
    done = log_session(
        tx,
        request.state.principal,
        number,
        on_day=day_in(said(sent, "on_day")) or now.date(),
        minutes=minutes_in(said(sent, "minutes")),
        attended=said(sent, "attended") == "yes",
        words=said(sent, "words"),
        now=now,
        form_id=form_id(sent),
    )
    return done and f"{plan_address(number)}#happened"


def take_review(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """How it goes, and whether it goes on: a plan ends only where the form says so."""
    number = request.path_params["plan_id"]
    again_on = None if said(sent, "then") == "end" else day_in(said(sent, "again_on"))
    if again_on is None and said(sent, "then") != "end":
        raise UsageError("What goes on needs a day for the next review.", "Choose one within six weeks.")
    done = review(
        tx,
        request.state.principal,
        number,
        said(sent, "outcome"),
        said(sent, "words"),
        again_on=again_on,
        now=now,
        form_id=form_id(sent),
    )
    return done and plan_address(number)


def take_undo(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """Take a session, a start or an end back."""
    return take_back(tx, request.state.principal, request.path_params["event_id"], now=now)


def plan_address(number: int) -> str:
    """The address of a plan."""
    return f"/plans/{number}"


IN_TEMPLATES = {
    "plan_outcomes": OUTCOMES,
    "plan_address": plan_address,
    "new_plan_address": lambda student: act_address(student, "plan"),
}
