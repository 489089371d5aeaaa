"""Support plans of people here, beside the student system's supports: on paper, in a handover, in a report.

An offer that was not taken up is no support: only plans that started are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ews.people.access import Principal, scoped
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.store.work_tables import plan_events, plans
from ews.support.supports_tried import SupportTried, dose_of, result_of

SESSION = "session"
HERE = "planned here"

Session = tuple[date, bool | None, float | None]
"""A session: its day, whether the student was there, and for how many minutes."""


@dataclass(frozen=True)
class StartedPlan:
    """A plan that started, with its sessions in the order of their days."""

    student_id: str
    kind: str
    tier: str
    began: date
    ended: date | None
    outcome: str | None
    sessions: tuple[Session, ...]


def started_plans(
    tx: Transaction, principal: Principal, *, until: date, students: Sequence[str] | None = None
) -> list[StartedPlan]:
    """The plans of students in sight that had started by ``until``; none for whoever sees no plans.

    students: only theirs; None for everybody in sight.
    """
    if not principal.sees(Field.PLANS):
        return []
    of = plans.c
    statement = scoped(principal, select(plans), of.student_id).where(of.started_on <= until)
    if students is not None:
        statement = statement.where(of.student_id.in_(students))
    rows = tx.execute(statement.order_by(of.student_id, of.started_on, of.plan_id)).all()
    held = _sessions(tx, [row.plan_id for row in rows], until)
    return [
        StartedPlan(
            student_id=row.student_id,
            kind=row.kind,
            tier=row.tier,
            began=row.started_on,
            ended=row.ended_on,
            outcome=row.outcome,
            sessions=tuple(held.get(row.plan_id, ())),
        )
        for row in rows
    ]


def _sessions(tx: Transaction, plan_ids: Sequence[int], until: date) -> dict[int, list[Session]]:
    if not plan_ids:
        return {}
    of = plan_events.c
    found = tx.execute(
        select(of.plan_id, of.on_day, of.attended, of.minutes)
        .where(of.plan_id.in_(plan_ids), of.kind == SESSION, of.undone_at.is_(None), of.on_day <= until)
        .order_by(of.on_day, of.event_id)
    )
    held: dict[int, list[Session]] = {}
    for row in found:
        held.setdefault(row.plan_id, []).append((row.on_day, row.attended, row.minutes))
    return held


def plans_as_tried(
    tx: Transaction, principal: Principal, students: Sequence[str], as_of: date
) -> Mapping[str, tuple[SupportTried, ...]]:
    """Student to their plans here as supports with their dose, the newest first."""
    found: dict[str, tuple[SupportTried, ...]] = {}
    for plan in started_plans(tx, principal, until=as_of, students=students):
        over = plan.ended is not None and plan.ended <= as_of
        told: list[Sequence[Any]] = list(plan.sessions)
        tried = SupportTried(
            kind=plan.kind,
            tier=plan.tier,
            target=None,
            begins_on=plan.began,
            ends_on=plan.ended,
            dose=dose_of(told),
            result=result_of(told, plan.outcome if over else None, over),
            source=HERE,
        )
        found[plan.student_id] = (tried, *found.get(plan.student_id, ()))
    return found
