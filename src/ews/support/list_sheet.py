"""The list as a sheet for a spreadsheet: the rows that a page would show, one column a field.

A column whose field the role does not see is not there at all. No probability is in it, and nothing of who
is an English learner: a sheet leaves the house and is passed on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from ews.people.access import Principal
from ews.people.roles import Field
from ews.support.list_rows import ListRow
from ews.support.risk_list import RiskList

MOST_ROWS = 500  # students in one download; whoever needs more narrows the list


@dataclass(frozen=True)
class Column:
    """A column: its head, what stands in it, and the field one must see to have it."""

    name: str
    cell: Callable[[ListRow], Any]
    sees: Field | None = None


COLUMNS = (
    Column("student_id", lambda row: row.student_id),
    Column("student", lambda row: row.display_name, Field.NAMES),
    Column("grade", lambda row: row.grade_level),
    Column("school", lambda row: row.school_name),
    Column("counselor", lambda row: row.counselor),
    Column("suggested_level", lambda row: row.level_word),
    Column("change", lambda row: row.change),
    Column("rules", lambda row: ", ".join(rule.word for rule in row.rules)),
    Column("named_by", lambda row: ", ".join(row.named_by), Field.PLANS),
    Column("last_4_weeks", lambda row: row.trend_word),
    Column("reason_1", lambda row: reason(row, 0)),
    Column("reason_2", lambda row: reason(row, 1)),
    Column("going_well", lambda row: row.going_well.text if row.going_well else ""),
    Column("last_contact_on", lambda row: row.last_contact and row.last_contact.on, Field.CONTACTS),
    Column("last_contact_by", lambda row: row.last_contact and row.last_contact.who, Field.CONTACTS),
    Column("last_contact_how", lambda row: row.last_contact and row.last_contact.how, Field.CONTACTS),
    Column("tier", lambda row: row.tier, Field.PLANS),
    Column("plan", lambda row: "; ".join(kind for kind, _ in plans_now(row)), Field.PLANS),
    Column("plan_since", lambda row: next((since for _, since in plans_now(row)), None), Field.PLANS),
    Column("acknowledged_by", lambda row: row.acknowledged and row.acknowledged.who, Field.PLANS),
    Column("not_now_until", lambda row: row.not_now and row.not_now.returns_on, Field.PLANS),
    Column("disputed", lambda row: row.disputed.mark if row.disputed else ""),
    Column("disputed_since", lambda row: row.disputed and row.disputed.since),
    Column("data_to", lambda row: row.through.latest),
)


def columns_for(principal: Principal) -> tuple[Column, ...]:
    """The columns that this person may have."""
    return tuple(column for column in COLUMNS if column.sees is None or principal.sees(column.sees))


def heads_for(principal: Principal) -> list[str]:
    """The heads of the columns that this person may have."""
    return [*(column.name for column in columns_for(principal)), "as_of"]


def rows_of(view: RiskList, principal: Principal) -> list[list[Any]]:
    """A row under those heads for each student of ``view``; days as they are."""
    columns = columns_for(principal)
    as_of = view.run.as_of if view.run else None
    return [[*(column.cell(row) for column in columns), as_of] for row in view.rows]


def plans_now(row: ListRow) -> list[tuple[str, date | None]]:
    """What a student is offered or has, and since when: by plans here, then in the student system."""
    here: list[tuple[str, date | None]] = [
        (plan.kind, plan.started_on or plan.offered_on) for plan in row.work.open_plans
    ]
    return [*here, (row.plan.kind.replace("_", " "), row.plan.since)] if row.plan else here


def reason(row: ListRow, place: int) -> str:
    """The reason at ``place``, as a whole sentence with its source; empty where there is none."""
    return row.reasons[place].text if place < len(row.reasons) else ""
