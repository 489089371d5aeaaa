"""Supports that were tried and what came of them: the student system's, read at a run, told with their dose.

Offer is not receipt: a support with sessions on record says how many were attended, and says nothing of its
result before enough of them were.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ews.people.access import Principal
from ews.people.roles import Field
from ews.store.record_tables import sis_supports
from ews.store.store import Transaction
from ews.support.facts import TIERS
from ews.support.shown import targets_shown

FEWEST_SESSIONS = 5
"""Attended sessions from which something may be said of a result."""

OUTCOMES = {"met": "Goal met", "partial": "Goal met in part", "not_met": "Goal not met"}
UNNAMED = "support"


@dataclass(frozen=True)
class SupportTried:
    """One support: what it was for, from when to when, how often it took place, what came of it.

    ``dose`` is None where no session is on record; ``result`` is a sentence, and None while it goes on
    without one. ``source``: the student system, or what people planned here.
    """

    kind: str
    tier: str
    target: str | None
    begins_on: date
    ends_on: date | None
    dose: str | None
    result: str
    source: str = "SIS"


def supports_on_record(
    interventions: Iterable[Mapping[str, Any]], sessions: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The rows of ``sis_supports``, each with its sessions in the order of their days."""
    held: dict[str, list[Mapping[str, Any]]] = {}
    for row in sessions:
        held.setdefault(row["intervention_id"], []).append(row)
    return [
        {
            "student_id": row["student_id"],
            "intervention_id": row["intervention_id"],
            "kind": row["kind"] or UNNAMED,
            "tier": row["tier"],
            "target": row["target"],
            "begins_on": row["begin_date"],
            "ends_on": row["end_date"],
            "planned_minutes": number(row["planned_minutes_week"]),
            "outcome": row["outcome"],
            "sessions": [
                [one["date"].isoformat(), one["attended"], number(one["minutes"])]
                for one in sorted(held.get(row["intervention_id"], []), key=lambda one: one["date"])
            ],
        }
        for row in interventions
    ]


def number(value: Any) -> float | None:
    """A decimal of the records as a number; None where there is none."""
    return None if value is None else float(value)


def supports_tried(
    tx: Transaction, principal: Principal, student_id: str, as_of: date
) -> tuple[SupportTried, ...]:
    """What the student system has of a student's supports, as of a day, the newest first.

    Nothing for whoever sees no plans; what was for behavior or English learners only for those who see that.
    """
    if not principal.sees(Field.PLANS):
        return ()
    of = sis_supports.c
    statement = select(sis_supports).where(
        of.student_id == student_id, of.begins_on <= as_of, targets_shown(principal, of.target)
    )
    found = tx.execute(statement.order_by(of.begins_on.desc(), of.intervention_id))
    return tuple(support_of(dict(row._mapping), as_of) for row in found)


def support_of(row: Mapping[str, Any], as_of: date) -> SupportTried:
    """One stored support as it stood on ``as_of``."""
    over = row["ends_on"] is not None and row["ends_on"] <= as_of
    sessions = [one for one in row["sessions"] if date.fromisoformat(one[0]) <= as_of]
    return SupportTried(
        kind=row["kind"],
        tier=TIERS.get(row["tier"] or 1, TIERS[1]),
        target=row["target"],
        begins_on=row["begins_on"],
        ends_on=row["ends_on"],
        dose=dose_of(sessions),
        result=result_of(sessions, row["outcome"] if over else None, over),
    )


def dose_of(sessions: Sequence[Sequence[Any]]) -> str | None:
    """How many of the sessions on record were attended.

    >>> dose_of([["2025-10-07", True, 30], ["2025-10-09", False, 0]])
    '1 of 2 sessions'
    """
    told = [one for one in sessions if one[1] is not None]
    if not told:
        return None
    attended = sum(1 for one in told if one[1])
    return f"{attended} of {len(told)} session{'' if len(told) == 1 else 's'}"


def result_of(sessions: Sequence[Sequence[Any]], outcome: str | None, over: bool) -> str:
    """What came of it, in words; too few sessions say nothing, whatever the outcome on record.

    >>> result_of([["2025-10-07", True, 30]], "partial", True)
    'Too few sessions to say'
    >>> result_of([], "partial", True), result_of([], None, False)
    ('Goal met in part; no session is on record', 'Going on; no session is on record')
    """
    told = [one for one in sessions if one[1] is not None]
    attended = sum(1 for one in told if one[1])
    if told and attended < FEWEST_SESSIONS:
        return "Too few sessions to say"
    said = OUTCOMES.get(outcome or "", "No result on record" if over else "Going on")
    return said if told else f"{said}; no session is on record"
