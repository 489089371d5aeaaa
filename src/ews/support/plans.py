"""Support plans: what is offered, by whom, toward which goal; what took place, what came of it.

An offer is not a start, and a start is not a session: each is written down by itself, with its day. A plan is
looked at again within six weeks. What stands in a plan can be changed by two people at once: whoever comes
second reads what the first one wrote. Nothing that happened is ever changed; a click can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update

from ews.errors import ChangedMeanwhile, UsageError
from ews.people.access import Principal, all_in_sight
from ews.people.ledger import record_view
from ews.people.roles import Act
from ews.store.store import Transaction
from ews.store.tables import placements
from ews.store.work_tables import plan_events, plans
from ews.support.actions import as_written, may_act, once
from ews.support.facts import TIERS
from ews.support.plan_record import (
    CHANGED,
    ENDED,
    LABELS,
    OFFERED,
    OUTCOMES,
    REVIEW,
    SESSION,
    STARTED,
    SupportPlan,
    days_read,
    plans_where,
)
from ews.support.programs import Program, program_of
from ews.support.states import LONGEST_REVIEW, ensure_open, hold_review
from ews.support.words_written import words_written

MOST_MINUTES = 2_400.0  # a week; in a session 480
LONGEST_ADULT = 100


@dataclass(frozen=True)
class Draft:
    """What a plan says, as it is written into the form."""

    kind: str
    tier: str
    goal: str
    adult: str
    adult_id: int | None
    minutes_week: float | None
    starts_on: date | None
    ends_on: date | None
    review_on: date | None
    program_id: int | None = None


# ---- writing -------------------------------------------------------------------------------------------


def held(draft: Draft, today: date) -> Draft:
    """``draft`` as it may be kept. Errors: UsageError for what is missing, or cannot be."""
    draft = replace(
        draft,
        kind=words_written(draft.kind, "A plan needs the kind of support.", longest=100),
        goal=words_written(draft.goal, "A plan needs a goal."),
        adult=words_written(draft.adult, "A plan needs an adult.", longest=LONGEST_ADULT),
    )
    if draft.tier not in TIERS.values():
        raise UsageError("A plan needs its tier.", "Choose Universal, Targeted or Intensive.")
    if draft.minutes_week is not None and not 0 < draft.minutes_week <= MOST_MINUTES:
        raise UsageError("So many minutes a week cannot be.", "Write the minutes of one week.")
    if draft.starts_on and draft.ends_on and draft.ends_on < draft.starts_on:
        raise UsageError("The plan would end before it starts.", "Choose another day.")
    if draft.review_on is None:
        raise UsageError("A plan needs a day for its review.", "Choose one within six weeks.")
    first = max(today, draft.starts_on or today)
    if not today < draft.review_on <= first + LONGEST_REVIEW:
        raise UsageError("That day is not within the next six weeks.", "Choose another day for the review.")
    return draft


def offer(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    draft: Draft,
    *,
    now: datetime,
    form_id: str,
    draw_id: int | None = None,
) -> int:
    """A new plan, offered today; gives its number, or 0 when the student is not theirs.

    Errors: UsageError for what cannot be, or when the program has no place left.
    """
    if not may_act(principal, Act.PLAN) or not all_in_sight(tx, principal, [student_id]):
        return 0
    draft = held(draft, now.date())
    form_id = once(form_id, *(str(getattr(draft, field.name)) for field in fields(draft)))
    record_view(tx, principal, action="plan_offered", students=[student_id], fields=("plan",), at=now)
    sent = (plans.c.form_id == form_id) & (plans.c.student_id == student_id)
    before = tx.execute(select(plans.c.plan_id).where(sent)).scalar()
    if before is not None:
        return int(before)
    program = place_in(tx, principal, draft.program_id, student_id)
    made = tx.execute(
        plans.insert().values(
            student_id=student_id,
            draw_id=draw_id,
            offered_on=now.date(),
            made_by=principal.account_id,
            form_id=form_id,
            version=1,
            **_columns(draft if program is None else replace(draft, kind=program.name)),
        )
    )
    plan_id = int(made.inserted_primary_key[0])  # type: ignore[index]
    _happened(tx, principal, plan_id, OFFERED, now=now, form_id=form_id)
    ensure_open(tx, student_id, now=now)
    return plan_id


def place_in(
    tx: Transaction, principal: Principal, program_id: int | None, student_id: str
) -> Program | None:
    """The program asked for, if it has a place; None when none is asked for.

    Errors: UsageError when it is another school's, or full: a full program is drawn fairly.
    """
    if program_id is None:
        return None
    program = program_of(tx, principal, program_id)
    school = tx.execute(select(placements.c.school_id).where(placements.c.student_id == student_id)).scalar()
    if program is None or program.closed or program.school_id != school:
        raise UsageError("The student's school has no such program.", "Choose another kind of support.")
    if program.free == 0:
        raise UsageError(
            "Every place in this program is taken.",
            "Choose another support, or draw fairly for the next places.",
        )
    return program


def change(
    tx: Transaction,
    principal: Principal,
    plan_id: int,
    draft: Draft,
    *,
    version: int,
    now: datetime,
    form_id: str,
) -> bool:
    """What the plan says from now on; False for a plan of somebody else's student.

    Errors: UsageError for what cannot be, ChangedMeanwhile when somebody else has changed it since.
    """
    plan = _locked(tx, principal, plan_id, "plan_changed", now)
    if plan is None:
        return False
    draft = held(replace(draft, program_id=plan.program_id), now.date())
    if plan.program_id is not None:
        draft = replace(draft, kind=plan.kind)
    was, will = said_in(plan), said_in(draft)
    if was == will:
        return True
    if plan.version != version:
        raise ChangedMeanwhile(plan.version, days_read(was))
    _happened(
        tx, principal, plan_id, CHANGED, now=now, form_id=once(form_id, *will.values()),
        before={label: text for label, text in was.items() if will[label] != text},
    )  # fmt: skip
    _set(tx, plan, **_changed(plan, draft))
    return True


def start(
    tx: Transaction, principal: Principal, plan_id: int, on_day: date, *, now: datetime, form_id: str
) -> bool:
    """The support has begun on ``on_day``; False for a plan of somebody else's student."""
    plan = _locked(tx, principal, plan_id, "plan_started", now)
    if plan is None:
        return False
    _not_to_come(on_day, now)
    _still_open(plan)
    if plan.started_on is not None:
        return True
    _happened(tx, principal, plan_id, STARTED, now=now, form_id=form_id, on_day=on_day)
    _set(tx, plan, started_on=on_day)
    return True


def log_session(
    tx: Transaction,
    principal: Principal,
    plan_id: int,
    *,
    on_day: date,
    minutes: float | None,
    attended: bool,
    words: str,
    now: datetime,
    form_id: str,
) -> bool:
    """One session, attended or not; the first one that is starts the plan."""
    plan = _locked(tx, principal, plan_id, "plan_session", now)
    if plan is None:
        return False
    _not_to_come(on_day, now)
    _still_open(plan)
    if minutes is not None and not 0 <= minutes <= 480:
        raise UsageError("So many minutes cannot be in one session.", "Write the minutes of this session.")
    told = words_written(words, None)
    form_id = once(form_id, str(on_day), str(minutes), str(attended), told)
    _happened(
        tx, principal, plan_id, SESSION, now=now, form_id=form_id,
        on_day=on_day, minutes=minutes, attended=attended, text=told,
    )  # fmt: skip
    if attended and plan.started_on is None:
        _set(tx, plan, started_on=on_day)
    return True


def review(
    tx: Transaction,
    principal: Principal,
    plan_id: int,
    outcome: str,
    words: str,
    *,
    again_on: date | None,
    now: datetime,
    form_id: str,
) -> bool:
    """How it goes: met, partly, not met or still going on. With ``again_on`` it goes on; without, it ends.

    Errors: UsageError for an outcome that there is not, or a day that is not within six weeks.
    """
    plan = _locked(tx, principal, plan_id, "plan_review", now)
    if plan is None:
        return False
    told = words_written(words, None)
    form_id = once(form_id, outcome, told, str(again_on))
    reviewed = (plan_events.c.plan_id == plan_id, plan_events.c.kind == REVIEW)
    if plan.ended_on is not None and as_written(tx, plan_events, form_id, *reviewed)[1]:
        return True  # this very review has ended it
    _still_open(plan)
    if outcome not in OUTCOMES:
        raise UsageError("A review needs an outcome.", "Choose how it went.")
    if again_on is None and outcome == "ongoing":
        raise UsageError("What goes on needs a day for the next review.", "Choose one within six weeks.")
    if again_on is not None:
        hold_review(again_on, now.date())
    _happened(tx, principal, plan_id, REVIEW, now=now, form_id=form_id, outcome=outcome, text=told)
    if again_on is not None:
        _set(tx, plan, review_on=again_on, outcome=outcome)
        return True
    _happened(tx, principal, plan_id, ENDED, now=now, form_id=form_id, outcome=outcome)
    _set(tx, plan, review_on=None, outcome=outcome, ended_on=now.date())
    return True


def take_back(tx: Transaction, principal: Principal, event_id: int, *, now: datetime) -> bool:
    """Takes one's own session, start or end back, once; False when it is not one's own, or of another kind.

    A plan has then started on the day that still stands, or not at all. Errors: UsageError for an end, when
    the place in the program is another student's by now.
    """
    of = plan_events.c
    own = (of.event_id == event_id) & (of.account_id == principal.account_id)
    row = tx.execute(select(plan_events).where(own, of.kind.in_((SESSION, STARTED, ENDED)))).one_or_none()
    plan = _locked(tx, principal, row.plan_id, "plan_undone", now) if row else None
    if row is None or plan is None:
        return False
    stands = own & of.undone_at.is_(None)
    if tx.execute(update(plan_events).where(stands).values(undone_at=now)).rowcount != 1:
        return True  # taken back already
    if row.kind == ENDED:
        program = program_of(tx, principal, plan.program_id) if plan.program_id is not None else None
        if program is not None and program.free == 0:
            raise UsageError("Every place in this program is taken since.", "Offer another support.")
        _set(tx, plan, ended_on=None, review_on=now.date())
    elif (began := _began(tx, plan.plan_id)) != plan.started_on:
        _set(tx, plan, started_on=began)
    return True


def _began(tx: Transaction, plan_id: int) -> date | None:
    """The day on which the support began: as somebody said, or of the first session that was attended."""
    of = plan_events.c
    stands = (of.plan_id == plan_id) & of.undone_at.is_(None)
    said = select(func.min(of.on_day)).where(stands, of.kind == STARTED)
    came = select(func.min(of.on_day)).where(stands, of.kind == SESSION, of.attended.is_(True))
    return tx.execute(said).scalar() or tx.execute(came).scalar()


def _columns(draft: Draft) -> dict[str, Any]:
    return {field.name: getattr(draft, field.name) for field in fields(draft)}


def _changed(plan: SupportPlan, draft: Draft) -> dict[str, Any]:
    """The columns that a change writes: an adult left as the writer reads them stays who they are."""
    columns = _columns(draft)
    if (draft.adult, draft.adult_id) == (plan.adult, plan.adult_id):
        del columns["adult"], columns["adult_id"]
    return columns


def said_in(plan: Draft | SupportPlan) -> dict[str, str]:
    """What a plan says, by the words over each field."""
    said = {label: getattr(plan, name) or "" for name, label in LABELS.items()}
    return {label: f"{value:g}" if isinstance(value, float) else str(value) for label, value in said.items()}


def _set(tx: Transaction, plan: SupportPlan, **values: Any) -> None:
    if LABELS.keys() & values.keys():  # what the form for changing it says; a start is not in it
        values["version"] = plans.c.version + 1
    tx.execute(update(plans).where(plans.c.plan_id == plan.plan_id).values(**values))


def _happened(
    tx: Transaction,
    principal: Principal,
    plan_id: int,
    kind: str,
    *,
    now: datetime,
    form_id: str,
    on_day: date | None = None,
    text: str = "",
    **more: Any,
) -> None:
    of = plan_events.c
    form_id, stands = as_written(tx, plan_events, form_id, of.plan_id == plan_id, of.kind == kind)
    if not stands:
        tx.execute(
            plan_events.insert().values(
                plan_id=plan_id, kind=kind, on_day=on_day or now.date(), at=now,
                account_id=principal.account_id, text=text, form_id=form_id, **more,
            )
        )  # fmt: skip


def _not_to_come(day: date, now: datetime) -> None:
    if day > now.date():
        raise UsageError("That day is still to come.", "Choose the day on which it took place.")


def _still_open(plan: SupportPlan) -> None:
    if plan.ended_on is not None:
        raise UsageError("The plan has ended.", "Offer a new one, or take its end back.")


def _theirs(tx: Transaction, principal: Principal, plan_id: int) -> SupportPlan | None:
    """A plan that this person may work with."""
    if not may_act(principal, Act.PLAN):
        return None
    return next(iter(plans_where(tx, principal, plans.c.plan_id == plan_id)), None)


def _locked(
    tx: Transaction, principal: Principal, plan_id: int, action: str, now: datetime
) -> SupportPlan | None:
    """The same, in the ledger and read again behind its lock: what is read stands until ``tx`` ends."""
    plan = _theirs(tx, principal, plan_id)
    if plan is None:
        return None
    record_view(tx, principal, action=action, students=[plan.student_id], fields=("plan",), at=now)
    return _theirs(tx, principal, plan_id)
