"""A student by name alone: what stands at the head of every form, and nothing of their record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ews.people.access import Principal, scoped
from ews.people.ledger import record_view
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.store.tables import run_schools, run_students
from ews.support.run_content import searchable
from ews.support.runs import shown_run


@dataclass(frozen=True)
class Named:
    """One student: how they are called, their grade and school."""

    student_id: str
    display_name: str
    grade_level: int
    school_id: str
    school_name: str


def names_of(
    tx: Transaction, principal: Principal, students: Iterable[str] | None = None, words: str = ""
) -> Mapping[str, Named]:
    """Student to name, in the order of names, for those in sight: of ``students``, or with ``words`` in it.

    The caller writes the ledger before any of it is shown.
    """
    run = shown_run(tx)
    if run is None:
        return {}
    of = run_students.c
    statement = (
        select(of.student_id, of.display_name, of.grade_level, of.school_id, run_schools.c.name)
        .join(
            run_schools,
            (run_schools.c.run_id == of.run_id) & (run_schools.c.school_id == of.school_id),
        )
        .where(of.run_id == run.run_id)
        .order_by(of.sort_name if principal.sees(Field.NAMES) else of.student_id)
    )
    if students is not None:
        statement = statement.where(of.student_id.in_(list(students)))
    if principal.sees(Field.NAMES):
        for word in searchable(words).split():
            statement = statement.where(of.search_name.contains(word, autoescape=True))
    return {
        row.student_id: Named(
            row.student_id,
            row.display_name if principal.sees(Field.NAMES) else f"Student {row.student_id}",
            row.grade_level,
            row.school_id,
            row.name,
        )
        for row in tx.execute(scoped(principal, statement, of.student_id))
    }


def record_names(
    tx: Transaction,
    principal: Principal,
    students: Iterable[str],
    *,
    action: str,
    now: datetime,
    fields: tuple[str, ...] = ("name", "grade"),
) -> None:
    """Writes into the ledger that ``students`` are shown by name, each for the reason they are in sight."""
    wanted = list(students)
    if wanted:
        record_view(tx, principal, action=action, students=wanted, fields=fields, at=now)


def named(
    tx: Transaction, principal: Principal, student_id: str, *, action: str, now: datetime
) -> Named | None:
    """One student in sight, written into the ledger; None for a stranger's student and for nobody."""
    found = names_of(tx, principal, [student_id]).get(student_id)
    if found is not None:
        record_names(tx, principal, [student_id], action=action, now=now)
    return found
