"""What people know that the data does not: a student who is named, a suggestion overridden with a reason.

Both stand on the list and on the student's page, by name and date, and can be taken back by whoever said
them. Neither becomes a label: training reads the records' lake, and these are in the application database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, and_, exists, not_, select

from ews.errors import UsageError
from ews.people.access import Principal, scoped
from ews.people.roles import Act, Field
from ews.store.store import Transaction
from ews.store.tables import actions
from ews.store.work_tables import follow_ups
from ews.support.actions import ACKNOWLEDGED, NOT_NOW, NOTE, Action, act_on, acts_told, once
from ews.support.owners import HANDED_OVER
from ews.support.states import CLOSED, MONITORING, ensure_open
from ews.support.words_written import words_written

NOMINATED, OVERRIDE = "nominated", "override"
SAYS = {
    "sooner": "Would benefit from support sooner than the list suggests",
    "later": "Needs less than the list suggests",
    "records": "The records are wrong or late",
}
"""What an override says in place of the data."""
BRIEFLY = {"sooner": "Support sooner", "later": "Needs less", "records": "Records wrong or late"}
"""The same in a row of the list."""


@dataclass(frozen=True)
class Said:
    """What people said of one student, the latest first."""

    nominated: tuple[Action, ...] = ()
    overrides: tuple[Action, ...] = ()


NOTHING_SAID = Said()


def nominate(
    tx: Transaction, principal: Principal, student_id: str, reason: str, *, now: datetime, form_id: str
) -> bool:
    """Somebody names a student, with a reason; False when the student is not theirs to name.

    Errors: UsageError without a reason.
    """
    words = words_written(reason, "A nomination needs a reason.")
    named = act_on(
        tx, principal, student_id, NOMINATED, now=now, form_id=once(form_id, words), text=words,
        act=Act.NOMINATE,
    )  # fmt: skip
    if named:
        ensure_open(tx, student_id, now=now)
    return named


def override(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    says: str,
    reason: str,
    *,
    now: datetime,
    form_id: str,
) -> bool:
    """Somebody knows what the data does not, with a reason; False when the student is not theirs.

    Errors: UsageError without a reason, or for something that cannot be said.
    """
    if says not in SAYS:
        raise UsageError("It is not said what you know.", "Choose one of the three.")
    words = words_written(reason, "This needs a reason.")
    return act_on(
        tx, principal, student_id, OVERRIDE, now=now, form_id=once(form_id, says, words), text=words,
        choice=says, act=Act.PLAN,
    )  # fmt: skip


def said_of(tx: Transaction, principal: Principal, students: Iterable[str]) -> Mapping[str, Said]:
    """Student to what people said of them, for those of ``students`` in sight of whom anything was said.

    Whoever sees no plans sees none of it but their own.
    """
    statement = acts_told().where(
        actions.c.student_id.in_(list(students)),
        actions.c.undone_at.is_(None),
        what_is_said(),
    )
    if not principal.sees(Field.PLANS):
        statement = statement.where(actions.c.account_id == principal.account_id)
    rows = tx.execute(scoped(principal, statement, actions.c.student_id).order_by(actions.c.action_id.desc()))
    return said_in(rows, principal)


def what_is_said() -> ColumnElement[bool]:
    """The condition on an act that is said of a student: an override, or a nomination that still stands."""
    stands = exists().where(
        follow_ups.c.student_id == actions.c.student_id, follow_ups.c.opened_at <= actions.c.at
    )
    return (actions.c.kind == OVERRIDE) | and_(actions.c.kind == NOMINATED, stands)


def said_in(rows: Iterable[Row], principal: Principal) -> Mapping[str, Said]:
    """Student to what is said, from such acts, the latest first."""
    found: dict[str, dict[str, list[Action]]] = {}
    for row in rows:
        found.setdefault(row.student_id, {}).setdefault(row.kind, []).append(Action.of(row, principal))
    return {
        student: Said(tuple(kinds.get(NOMINATED, ())), tuple(kinds.get(OVERRIDE, ())))
        for student, kinds in found.items()
    }


def unanswered(student: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition under which ``student`` was named and nobody has done anything about it since."""
    later, named = actions.alias(), actions.alias()
    answered = exists().where(
        later.c.student_id == named.c.student_id,
        later.c.action_id > named.c.action_id,
        later.c.undone_at.is_(None),
        later.c.kind.in_((ACKNOWLEDGED, NOT_NOW, NOTE, HANDED_OVER, MONITORING, CLOSED)),
    )
    return exists().where(
        named.c.student_id == student,
        named.c.kind == NOMINATED,
        named.c.undone_at.is_(None),
        not_(answered),
    )


def named_by(tx: Transaction, principal: Principal) -> tuple[Action, ...]:
    """The students whom this person has named, the latest first."""
    statement = acts_told().where(
        actions.c.account_id == principal.account_id,
        actions.c.kind == NOMINATED,
        actions.c.undone_at.is_(None),
    )
    found = tx.execute(
        scoped(principal, statement, actions.c.student_id).order_by(actions.c.action_id.desc()).limit(50)
    )
    return tuple(Action.of(row, principal) for row in found)


def answered(tx: Transaction, students: Iterable[str]) -> set[str]:
    """Those of ``students`` about whom somebody has done something since they were named."""
    wanted = list(students)
    open_still = tx.execute(
        select(actions.c.student_id).where(actions.c.student_id.in_(wanted), unanswered(actions.c.student_id))
    )
    return set(wanted) - set(open_still.scalars())
