"""The handover: what the next counselor should know of students moving up, and who came from whom.

A packet says what goes well before anything else, the supports in place, what a team decided, and who knows
the student. Notes are left out: one may be for fewer readers than the person who gets the paper. Whoever is
shown is in the ledger before this returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, or_, select

from ews.people.access import Principal, roles_untold, scoped
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import Act, Field
from ews.store.contact_tables import contact_log, contact_students
from ews.store.handover_tables import caseload_moves
from ews.store.meeting_tables import meeting_decisions, meetings
from ews.store.record_tables import sis_contacts, sis_supports
from ews.store.store import Transaction
from ews.store.tables import accounts, run_students, schools, staff
from ews.store.work_tables import plans
from ews.support.facts import Reason, Run, sentence_of
from ews.support.levels import LISTED
from ews.support.list_rows import ListRow, list_row, with_our_contacts, with_work
from ews.support.plans_told import plans_as_tried
from ews.support.runs import of_run, shown_run
from ews.support.shown import sentences_shown, targets_shown
from ews.support.sis_contacts import NOBODY_NAMED
from ews.support.supports_tried import SupportTried, supports_tried

MOVING_UP = 8
A_PAGE = 30
MOST_STRENGTHS = 3
MOST_WHO_KNOW = 4
STILL_NEW = timedelta(days=60)  # how long a student who changed hands is told to be new on a caseload
UNIVERSAL = "Universal"
SPOKE = "spoke with them or the family"
FIELDS = ("name", "grade", "strengths", "supports", "plan", "contact")


@dataclass(frozen=True)
class Knows:
    """Somebody who knows a student: from what, and when last."""

    who: str
    how: str
    on: date


@dataclass(frozen=True)
class Decided:
    """What a team decided last, and when."""

    on: date
    text: str


@dataclass(frozen=True)
class Packet:
    """One student for the next counselor."""

    row: ListRow
    strengths: tuple[Reason, ...]
    supports: tuple[SupportTried, ...]
    decided: Decided | None
    knows: tuple[Knows, ...]


@dataclass(frozen=True)
class Moved:
    """A student who is new on a caseload: from whom, since when, and who has been with them."""

    row: ListRow
    came_from: str
    now_with: str
    moved_on: date
    knows: tuple[Knows, ...]


@dataclass(frozen=True)
class Handover:
    """grades: those in sight; moving_up: how many of the grade are; told: how many of them have something
    to hand over."""

    run: Run
    grade: int
    grades: tuple[int, ...]
    moving_up: int
    told: int
    page: int
    pages: int
    packets: tuple[Packet, ...]
    moved: tuple[Moved, ...]
    written_by: str
    today: date


def handover(
    tx: Transaction, principal: Principal, *, grade: int | None = None, page: int = 1, now: datetime
) -> Handover | None:
    """The packets of a grade and who changed hands, of students in sight; None when there is no run.

    With no ``grade``: grade 8 for those who have one, else the lowest in sight.
    """
    run = shown_run(tx)
    if run is None:
        return None
    of = run_students.c
    counted = scoped(principal, of_run(run, of.grade_level, func.count().label("students")), of.student_id)
    in_sight = {row.grade_level: row.students for row in tx.execute(counted.group_by(of.grade_level))}
    if grade is None:
        grade = MOVING_UP if MOVING_UP in in_sight else min(in_sight, default=MOVING_UP)
    of_grade = scoped(principal, of_run(run, run_students), of.student_id).where(of.grade_level == grade)
    found = tx.execute(
        of_grade.where(has_something(principal, run)).order_by(of.sort_name, of.student_id)
    ).all()
    shown = found[(page - 1) * A_PAGE : page * A_PAGE]
    moves = _moves(tx, principal, run, now.date())
    named = [row.student_id for row in (*shown, *moves)]
    if named:
        record_view(
            tx,
            principal,
            action="handover",
            students=named,
            fields=FIELDS,
            at=now,
            model_version=run.model_version,
        )
    names = {one.school_id: one.name for one in tx.execute(select(schools))}
    return Handover(
        run=run,
        grade=grade,
        grades=tuple(sorted({*in_sight, grade})),
        moving_up=in_sight.get(grade, 0),
        told=len(found),
        page=page,
        pages=max(1, -(-len(found) // A_PAGE)),
        packets=_packets(tx, principal, run, shown, names),
        moved=_moved(tx, principal, run, moves, names),
        written_by=principal.display_name,
        today=now.date(),
    )


def has_something(principal: Principal, run: Run) -> ColumnElement[bool]:
    """On the list, or with a support, a plan or a tier of people's making: what there is to hand over."""
    of = run_students.c
    conditions: list[ColumnElement[bool]] = [of.level.in_(LISTED)]
    if principal.sees(Field.PLANS):
        going_on = select(sis_supports.c.student_id).where(
            sis_supports.c.begins_on <= run.as_of,
            or_(sis_supports.c.ends_on.is_(None), sis_supports.c.ends_on >= run.as_of),
            targets_shown(principal, sis_supports.c.target),
        )
        planned = select(plans.c.student_id).where(
            plans.c.started_on.is_not(None), plans.c.ended_on.is_(None)
        )
        conditions += [of.tier != UNIVERSAL, of.student_id.in_(going_on), of.student_id.in_(planned)]
    return or_(*conditions)


def _packets(
    tx: Transaction,
    principal: Principal,
    run: Run,
    rows: Sequence[Row],
    names: dict[str, str],
) -> tuple[Packet, ...]:
    told = tuple(list_row(row, principal, run, names) for row in rows)
    lines = with_work(tx, principal, with_our_contacts(tx, principal, told))
    students = [row.student_id for row in rows]
    knows = who_knows(tx, principal, students)
    decided = _decided(tx, principal, students)
    planned = plans_as_tried(tx, principal, students, run.as_of)
    return tuple(
        Packet(
            row=line,
            strengths=tuple(
                sentence_of(text) for text in sentences_shown(principal, row.going_well)[:MOST_STRENGTHS]
            ),
            supports=_in_place(
                (
                    *planned.get(row.student_id, ()),
                    *supports_tried(tx, principal, row.student_id, run.as_of),
                ),
                run.as_of,
            ),
            decided=decided.get(row.student_id),
            knows=knows.get(row.student_id, ()),
        )
        for row, line in zip(rows, lines, strict=True)
    )


def _in_place(tried: Iterable[SupportTried], as_of: date) -> tuple[SupportTried, ...]:
    return tuple(one for one in tried if one.ends_on is None or one.ends_on >= as_of)


# ---- who changed hands --------------------------------------------------------------------------------


def _moves(tx: Transaction, principal: Principal, run: Run, today: date) -> Sequence[Row]:
    """The students in sight who changed counselor lately, the latest first; each with their last change."""
    moves, of = caseload_moves.c, run_students.c
    now_with = func.coalesce(staff.c.name, moves.to_staff_id).label("now_with")
    found = tx.execute(
        scoped(
            principal,
            select(run_students, moves.from_name, moves.moved_on, now_with)
            .join(caseload_moves, moves.student_id == of.student_id)
            .join(staff, staff.c.staff_id == moves.to_staff_id, isouter=True)
            .where(of.run_id == run.run_id, moves.moved_on >= today - STILL_NEW),
            of.student_id,
        ).order_by(moves.moved_on.desc(), of.sort_name, of.student_id)
    ).all()
    return list({row.student_id: row for row in reversed(found)}.values())[::-1][:A_PAGE]


def _moved(
    tx: Transaction, principal: Principal, run: Run, moves: Sequence[Row], names: dict[str, str]
) -> tuple[Moved, ...]:
    lines = with_our_contacts(tx, principal, tuple(list_row(row, principal, run, names) for row in moves))
    knows = who_knows(tx, principal, [row.student_id for row in moves])
    return tuple(
        Moved(line, row.from_name, row.now_with, row.moved_on, knows.get(row.student_id, ()))
        for row, line in zip(moves, lines, strict=True)
    )


# ---- who knows them -----------------------------------------------------------------------------------


def who_knows(tx: Transaction, principal: Principal, students: Sequence[str]) -> dict[str, tuple[Knows, ...]]:
    """Student to the adults who had to do with them lately, each once, the latest first.

    Nobody for whoever sees no contacts. Whose very part would tell what ``principal`` may not know (a liaison
    of foster youth) is left out.
    """
    if not students or not principal.sees(Field.CONTACTS):
        return {}
    found: list[tuple[str, Knows]] = []
    spoken = select(contact_students.c.student_id, contact_log.c.contact_on).join(
        contact_log, contact_log.c.contact_id == contact_students.c.contact_id
    )
    ours = tx.execute(
        by_whom(spoken, contact_log.c.account_id).where(
            contact_students.c.student_id.in_(students),
            contact_log.c.undone_at.is_(None),
            accounts.c.role.not_in(roles_untold(principal)),
        )
    )
    found += [
        (row.student_id, Knows(row.person, "spoke with them or the family", row.contact_on)) for row in ours
    ]
    of = sis_contacts.c
    a_person = and_(of.who != NOBODY_NAMED, or_(of.system.is_(None), of.who != of.system))
    theirs = tx.execute(select(sis_contacts).where(of.student_id.in_(students), a_person))
    found += [(row.student_id, Knows(row.who, SPOKE, row.contact_on)) for row in theirs]
    if principal.sees(Field.PLANS):
        agreed = tx.execute(
            select(meeting_decisions.c.student_id, meeting_decisions.c.adult, meetings.c.held_on)
            .join(meetings, meetings.c.meeting_id == meeting_decisions.c.meeting_id)
            .where(meeting_decisions.c.student_id.in_(students), meeting_decisions.c.adult != "")
        )
        found += [(row.student_id, Knows(row.adult, "named by the team", row.held_on)) for row in agreed]
    return _latest_of_each(found)


def _latest_of_each(found: Iterable[tuple[str, Knows]]) -> dict[str, tuple[Knows, ...]]:
    latest: dict[str, dict[str, Knows]] = {}
    for student, one in sorted(found, key=lambda pair: pair[1].on):
        latest.setdefault(student, {})[one.who] = one
    return {
        student: tuple(sorted(people.values(), key=lambda one: one.on, reverse=True)[:MOST_WHO_KNOW])
        for student, people in latest.items()
    }


def _decided(tx: Transaction, principal: Principal, students: Sequence[str]) -> dict[str, Decided]:
    """Student to what a team decided last; for those who plan support."""
    if not students or not (principal.does(Act.PLAN) and principal.sees(Field.PLANS)):
        return {}
    of: Any = meeting_decisions.c
    rows = tx.execute(
        select(of.student_id, of.decided, meetings.c.held_on)
        .join(meetings, meetings.c.meeting_id == of.meeting_id)
        .where(of.student_id.in_(students))
        .order_by(of.decision_id)
    )
    return {row.student_id: Decided(row.held_on, row.decided) for row in rows}
