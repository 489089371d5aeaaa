"""A plan as it stands, and everything that happened to it: read for the pages, narrowed to who may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, not_, or_, select

from ews.people.access import THE_TEAM, Principal, author_shown, roles_untold, scoped
from ews.people.authors import ON_ROSTER, PERSON, by_whom
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.store.tables import accounts, staff
from ews.store.work_tables import plan_events, plans
from ews.support.facts import TIERS

OFFERED, CHANGED, STARTED, SESSION, REVIEW, ENDED = (
    "offered", "changed", "started", "session", "review", "ended",
)  # fmt: skip
HAPPENED = {
    OFFERED: "Offered",
    CHANGED: "Changed",
    STARTED: "Started",
    SESSION: "Session",
    REVIEW: "Review",
    ENDED: "Ended",
}
OUTCOMES = {"met": "Goal met", "partial": "Partly met", "not_met": "Not met", "ongoing": "Still going on"}
LABELS = {
    "kind": "Support",
    "tier": "Tier",
    "goal": "Goal",
    "adult": "Adult",
    "minutes_week": "Minutes a week",
    "starts_on": "Planned start",
    "ends_on": "Planned end",
    "review_on": "Next review",
}
"""What a plan says, by its words over each field."""
DAYS = {label for name, label in LABELS.items() if name.endswith("_on")}
ADULT = accounts.alias("adult")


@dataclass(frozen=True)
class SupportPlan:
    """A plan as it stands. stage: offered, going on or ended; sessions held, of them attended, minutes."""

    plan_id: int
    student_id: str
    kind: str
    tier: str
    goal: str
    adult: str
    adult_id: int | None
    program_id: int | None
    draw_id: int | None
    minutes_week: float | None
    starts_on: date | None
    ends_on: date | None
    review_on: date | None
    offered_on: date
    started_on: date | None
    ended_on: date | None
    outcome: str | None
    version: int
    sessions: int = 0
    attended: int = 0
    minutes: float = 0.0

    @property
    def stage(self) -> str:
        """Where the plan is, in words."""
        if self.ended_on:
            return "Ended"
        return "Going on" if self.started_on else "Offered"

    @property
    def result(self) -> str:
        """What came of it, in words; empty while nobody has said."""
        return OUTCOMES.get(self.outcome or "", "")


@dataclass(frozen=True)
class PlanEvent:
    """One thing that happened to a plan. before: what stood there, by the words over each field."""

    event_id: int
    kind: str
    word: str
    on_day: date
    at: datetime
    who: str
    mine: bool
    minutes: float | None
    attended: bool | None
    outcome: str
    text: str
    before: Mapping[str, str | date]


def plans_where(tx: Transaction, principal: Principal, condition: ColumnElement[bool]) -> list[SupportPlan]:
    """The plans in sight that meet ``condition``, open ones first, then the newest."""
    told = _sessions()
    statement = (
        select(plans, ADULT.c.role.label("adult_role"), told.c.sessions, told.c.attended, told.c.minutes)
        .select_from(plans)
        .join(ADULT, ADULT.c.account_id == plans.c.adult_id, isouter=True)
        .join(told, told.c.plan_id == plans.c.plan_id, isouter=True)
        .where(condition)
        .order_by(plans.c.ended_on.is_not(None), plans.c.plan_id.desc())
    )
    return [_plan(principal, row) for row in tx.execute(scoped(principal, statement, plans.c.student_id))]


def _sessions() -> Any:
    held_ones = plan_events.c
    attended = func.sum(func.coalesce(_as_number(held_ones.attended), 0))
    return (
        select(
            held_ones.plan_id,
            func.count(held_ones.event_id).label("sessions"),
            attended.label("attended"),
            func.sum(func.coalesce(held_ones.minutes * _as_number(held_ones.attended), 0.0)).label("minutes"),
        )
        .where(held_ones.kind == SESSION, held_ones.undone_at.is_(None))
        .group_by(held_ones.plan_id)
        .subquery()
    )


def _as_number(flag: ColumnElement[bool | None]) -> Any:
    return case((flag.is_(True), 1), else_=0)


def _plan(principal: Principal, row: Row) -> SupportPlan:
    named = {field.name for field in fields(SupportPlan)}
    values = {name: value for name, value in row._mapping.items() if name in named}
    values |= {"sessions": row.sessions or 0, "attended": row.attended or 0, "minutes": row.minutes or 0.0}
    if row.adult_role in roles_untold(principal):
        values |= {"adult": THE_TEAM, "adult_id": None}
    return SupportPlan(**values)


def plans_of(
    tx: Transaction, principal: Principal, students: Iterable[str]
) -> Mapping[str, list[SupportPlan]]:
    """Student to plans, open ones first, for those of ``students`` in sight."""
    found: dict[str, list[SupportPlan]] = {}
    if principal.sees(Field.PLANS):
        for plan in plans_where(tx, principal, plans.c.student_id.in_(list(students))):
            found.setdefault(plan.student_id, []).append(plan)
    return found


def plan_of_number(tx: Transaction, principal: Principal, plan_id: int) -> SupportPlan | None:
    """One plan in sight; None for a stranger's student's and for one that is not."""
    if not principal.sees(Field.PLANS):
        return None
    return next(iter(plans_where(tx, principal, plans.c.plan_id == plan_id)), None)


def events_of(tx: Transaction, principal: Principal, plan_id: int) -> tuple[PlanEvent, ...]:
    """Everything that happened to a plan in sight and stands, the latest first."""
    untold = _names_untold(tx, principal)
    rows = tx.execute(
        by_whom(select(plan_events), plan_events.c.account_id)
        .where(plan_events.c.plan_id == plan_id, plan_events.c.undone_at.is_(None))
        .order_by(plan_events.c.on_day.desc(), plan_events.c.event_id.desc())
    )
    return tuple(
        PlanEvent(
            row.event_id, row.kind, HAPPENED[row.kind], row.on_day, row.at,
            author_shown(principal, row.person, row.by_role),
            row.account_id == principal.account_id, row.minutes, row.attended,
            OUTCOMES.get(row.outcome or "", ""), row.text,
            days_read(
                {label: THE_TEAM if text in untold else text for label, text in (row.before or {}).items()}
            ),
        )
        for row in rows
    )  # fmt: skip


def days_read(said: Mapping[str, str]) -> dict[str, str | date]:
    """What a plan says, by the words over each field, with its days read."""
    return {
        label: date.fromisoformat(text) if label in DAYS and text else text for label, text in said.items()
    }


def _names_untold(tx: Transaction, principal: Principal) -> set[str]:
    """The names of those of whom ``principal`` reads no name: an adult of earlier may be one of them."""
    roles = roles_untold(principal)
    if not roles:
        return set()
    people = select(PERSON).join_from(accounts, staff, ON_ROSTER, isouter=True)
    return set(tx.execute(people.where(accounts.c.role.in_(roles))).scalars())


def tier_now(theirs: str, planned: Iterable[SupportPlan]) -> str:
    """The tier of a student: the highest that people set, in the student system or by an open plan here.

    Empty where ``theirs`` is: whoever sees no plans is told no tier.
    """
    if not theirs:
        return ""
    order = list(TIERS.values())
    set_here = (plan.tier for plan in planned if plan.ended_on is None)
    return max((theirs, *set_here), key=order.index)


def tier_now_is(student: ColumnElement[str], theirs: ColumnElement[str], tier: str) -> ColumnElement[bool]:
    """The condition under which ``tier_now`` of ``student`` is ``tier``."""
    order = list(TIERS.values())
    higher = order[order.index(tier) + 1 :]

    def has(tiers: list[str]) -> ColumnElement[bool]:
        of = plans.c
        here = exists().where(of.student_id == student, of.ended_on.is_(None), of.tier.in_(tiers))
        return or_(theirs.in_(tiers), here)

    return and_(has([tier]), not_(has(higher)))
