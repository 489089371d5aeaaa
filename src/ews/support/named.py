"""A student by name alone: what stands at the head of every form, and nothing of their record."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, not_, select

from ews.people.access import Principal, scoped
from ews.people.ledger import record_view
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.store.tables import run_schools, run_students
from ews.support.facts import Run
from ews.support.levels import LISTED
from ews.support.run_content import searchable
from ews.support.runs import shown_run

MOST_FOUND = 40


@dataclass(frozen=True)
class Named:
    """One student: how they are called, their grade and school."""

    student_id: str
    display_name: str
    grade_level: int
    school_id: str
    school_name: str


@dataclass(frozen=True)
class Found:
    """Whom a search found: the first few in the order of names, and how many there are."""

    students: tuple[Named, ...] = ()
    total: int = 0

    @property
    def more(self) -> int:
        """How many are not among the first few."""
        return self.total - len(self.students)


NOBODY_FOUND = Found()


def find_students(
    tx: Transaction,
    principal: Principal,
    words: str,
    *,
    school: str | None = None,
    grade: int | None = None,
    listed: bool = False,
    without: Collection[str] = (),
    action: str,
    now: datetime,
    most: int = MOST_FOUND,
) -> Found:
    """The students in sight whose names have ``words``; the first ``most`` are written into the ledger.

    listed: only whom this week's list has on See first or See next. without: ids that are not wanted.
    Accents, capitals and the order of the words do not matter; whoever sees no names finds everybody.
    """
    run = shown_run(tx)
    if run is None:
        return NOBODY_FOUND
    of = run_students.c
    asked: list[ColumnElement[bool]] = []
    if principal.sees(Field.NAMES):
        asked += [of.search_name.contains(word, autoescape=True) for word in searchable(words).split()]
    if school is not None:
        asked.append(of.school_id == school)
    if grade is not None:
        asked.append(of.grade_level == grade)
    if listed:
        asked += [of.level.in_(LISTED), not_(of.waiting)]
    found = [one for one in _named(tx, principal, run, *asked) if one.student_id not in without]
    record_names(tx, principal, [one.student_id for one in found[:most]], action=action, now=now)
    return Found(tuple(found[:most]), len(found))


def names_of(tx: Transaction, principal: Principal, students: Iterable[str]) -> Mapping[str, Named]:
    """Student to name, in the order of names, for those of ``students`` in sight.

    The caller writes the ledger before any of it is shown.
    """
    run = shown_run(tx)
    if run is None:
        return {}
    wanted = run_students.c.student_id.in_(list(students))
    return {one.student_id: one for one in _named(tx, principal, run, wanted)}


def _named(tx: Transaction, principal: Principal, run: Run, *asked: ColumnElement[bool]) -> list[Named]:
    """The students in sight in a run of whom all that is ``asked`` is true, in the order of names."""
    of = run_students.c
    statement = (
        select(of.student_id, of.display_name, of.grade_level, of.school_id, run_schools.c.name)
        .join(
            run_schools,
            (run_schools.c.run_id == of.run_id) & (run_schools.c.school_id == of.school_id),
        )
        .where(of.run_id == run.run_id, *asked)
        .order_by(of.sort_name if principal.sees(Field.NAMES) else of.student_id, of.student_id)
    )
    return [
        Named(
            row.student_id,
            row.display_name if principal.sees(Field.NAMES) else f"Student {row.student_id}",
            row.grade_level,
            row.school_id,
            row.name,
        )
        for row in tx.execute(scoped(principal, statement, of.student_id))
    ]


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
