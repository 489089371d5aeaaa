"""Call slips: a group called out of class; each slip has the period, the room, the teacher; then one entry.

The records have no times of a bell, so a period is chosen and the schedule says where each student is in it.
A slip carries no reason and no course. Afterwards the whole group is one entry of the contact log.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, func, select, update

from ews.errors import UsageError
from ews.people.access import ANYBODY, Principal, all_in_sight, author_shown, scoped
from ews.people.ledger import record_view
from ews.people.roles import Act, Field
from ews.store.call_tables import call_students, calls
from ews.store.contact_tables import contact_log, contact_students
from ews.store.schedule_tables import section_seats, section_teachers
from ews.store.store import Transaction
from ews.store.tables import run_schools, run_students, staff
from ews.support.actions import once
from ews.support.contact_log import FAMILY, log_contact
from ews.support.facts import Run
from ews.support.named import Named, find_students, names_of, record_names
from ews.support.runs import shown_run
from ews.support.school_days import SchoolDay, next_school_day
from ews.support.words_written import words_written

MOST_CALLED = 60
MOST_PICKED_FROM = 150  # students on one page to choose from
MOST_EARLIER = 10
LONGEST_PLACE = 80
FARTHEST = timedelta(days=30)
CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Seat:
    """Where a student is in a period: the room and who teaches there; either may not be on record."""

    room: str | None
    teacher: str


@dataclass(frozen=True)
class Slip:
    """One slip. seats: empty where the schedule has nobody's class for the student in that period."""

    student_id: str
    display_name: str
    grade_level: int
    school_name: str
    seats: tuple[Seat, ...]


@dataclass(frozen=True)
class CallGroup:
    """A group that was called. gone: students of it who are no longer in sight. logged_on: the day of the
    contact that it became; None while it was not logged, or when that was taken back. called_by: as a slip
    says it to a teacher, who must not learn from it why the student is known."""

    call_id: int
    called_on: date
    period: str
    clock: str
    place: str
    at: datetime
    slips: tuple[Slip, ...]
    gone: int
    logged_on: date | None
    called_by: str


@dataclass(frozen=True)
class Earlier:
    """A group called before, in a line."""

    call_id: int
    called_on: date
    period: str
    students: int
    logged_on: date | None


@dataclass(frozen=True)
class Picking:
    """The page to choose from: the students in sight by name, the periods of the schedule, groups before.

    proposed: the day that the form begins with, today or the next day on which school is held. chosen: those
    of the students already ticked who are not among ``choices``.
    """

    run: Run | None
    name: str
    grade: int | None
    listed: bool
    choices: tuple[Named, ...] = ()
    total: int = 0
    grades: tuple[int, ...] = ()
    periods: tuple[str, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    proposed: SchoolDay | None = None
    chosen: tuple[Named, ...] = ()


def may_call(principal: Principal) -> bool:
    """Whether calling students is for this person."""
    return principal.does(Act.CALL_STUDENTS) and principal.account_id is not None


def picking(
    tx: Transaction,
    principal: Principal,
    *,
    name: str = "",
    grade: int | None = None,
    listed: bool = False,
    ticked: Iterable[str] = (),
    now: datetime,
) -> Picking:
    """Whom can be called, and when; written into the ledger for those who are named.

    listed: only whom this week's list has on See first or See next. ticked: students chosen already.
    """
    run = shown_run(tx)
    if run is None or not may_call(principal):
        return Picking(None, name, grade, listed)
    found = find_students(
        tx, principal, name, grade=grade, listed=listed, action="call_choice", now=now, most=MOST_PICKED_FROM
    )
    there = {one.student_id for one in found.students}
    chosen = names_of(tx, principal, [one for one in ticked if one not in there])
    record_names(tx, principal, chosen, action="call_choice", now=now)
    grades = select(run_students.c.grade_level).where(run_students.c.run_id == run.run_id).distinct()
    return Picking(
        run=run,
        name=name,
        grade=grade,
        listed=listed,
        choices=found.students,
        total=found.total,
        grades=tuple(sorted(tx.execute(scoped(principal, grades, run_students.c.student_id)).scalars())),
        periods=periods_of(tx),
        earlier=earlier_calls(tx, principal),
        proposed=next_school_day(tx, principal, now.date()),
        chosen=tuple(chosen.values()),
    )


def periods_of(tx: Transaction) -> tuple[str, ...]:
    """The periods of the schedule: numbers by their size, then names."""
    found = tx.execute(
        select(section_teachers.c.period).where(section_teachers.c.period.is_not(None)).distinct()
    ).scalars()
    return tuple(sorted(found, key=lambda period: (not period.isdigit(), period.rjust(8), period)))


def call_group(
    tx: Transaction,
    principal: Principal,
    student_ids: Iterable[str],
    *,
    on: date,
    period: str,
    clock: str,
    place: str,
    now: datetime,
    form_id: str,
) -> int:
    """Makes the slips of a group; its number, or 0 for whoever calls nobody.

    Errors: UsageError without students or with too many, for a period that the schedule does not have, a
    time or a day that is none, or no place; and in the same words for a stranger's student and for nobody.
    """
    students = sorted(set(student_ids))
    if not 1 <= len(students) <= MOST_CALLED:
        raise UsageError(f"A group is 1 to {MOST_CALLED} students.", "Choose students by the boxes.")
    if period not in periods_of(tx):
        raise UsageError("The schedule has no such period.", "Choose one of the form's own.")
    if clock and not CLOCK.fullmatch(clock):
        raise UsageError("That is no time of the day.", "Write it as 10:20, or leave it empty.")
    if not now.date() <= on <= now.date() + FARTHEST:
        raise UsageError("That day is not within the next thirty days.", "Choose another day.")
    where = words_written(place, "The slips do not say where to go.", longest=LONGEST_PLACE)
    if not may_call(principal):
        return 0
    if not all_in_sight(tx, principal, students):
        raise UsageError("One of these is not among your students.", "Look at the ids once more.")
    record_view(tx, principal, action="call_slips", students=students, fields=("name", "schedule"), at=now)
    sent = once(form_id, str(principal.account_id), on.isoformat(), period, clock, where, *students)
    before = tx.execute(select(calls.c.call_id).where(calls.c.form_id == sent)).scalar()
    if before is not None:
        return int(before)
    made = tx.execute(
        calls.insert().values(
            called_on=on,
            period=period,
            clock=clock,
            place=where,
            at=now,
            account_id=principal.account_id,
            form_id=sent,
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    tx.execute(call_students.insert(), [{"call_id": number, "student_id": one} for one in students])
    return number


def called_group(tx: Transaction, principal: Principal, call_id: int, *, now: datetime) -> CallGroup | None:
    """One's own group with its slips by room; None for another's and for none alike."""
    row = _own(tx, principal, call_id)
    run = shown_run(tx)
    if row is None or run is None:
        return None
    wanted = set(
        tx.execute(select(call_students.c.student_id).where(call_students.c.call_id == call_id)).scalars()
    )
    there = [one for one in _in_sight(tx, principal, run) if one.student_id in wanted]
    seats = seats_in(tx, row.period, [one.student_id for one in there])
    slips = sorted((_slip(one, principal, seats) for one in there), key=_by_room)
    called = [one.student_id for one in slips]
    record_names(tx, principal, called, action="call_slips", now=now, fields=("name", "schedule"))
    return CallGroup(
        call_id=row.call_id,
        called_on=row.called_on,
        period=row.period,
        clock=row.clock,
        place=row.place,
        at=row.at,
        slips=tuple(slips),
        gone=len(wanted) - len(slips),
        logged_on=row.logged_on,
        called_by=author_shown(ANYBODY, principal.display_name, principal.role),
    )


def log_call(
    tx: Transaction, principal: Principal, call_id: int, student_ids: Iterable[str], **said: Any
) -> bool:
    """One entry of the contact log for those of the group who came; ``said`` is as for ``log_contact``.

    Said twice it is logged once. False when the group is not one's own. Errors: UsageError when something
    else was logged already, or nobody came.
    """
    row = _own(tx, principal, call_id)
    if row is None:
        return False
    called = set(
        tx.execute(select(call_students.c.student_id).where(call_students.c.call_id == call_id)).scalars()
    )
    came = called & set(student_ids)
    if not came:
        raise UsageError("Nobody of the group came, so there is no contact.", "Tick who came.")
    if row.logged_on is not None and not _says_the_same(tx, row.contact_id, came, said):
        raise UsageError("This group was logged already.", "Take that entry back first, on a student's page.")
    if row.logged_on is not None:
        return True
    number = log_contact(tx, principal, came, **said)
    if number:
        tx.execute(update(calls).where(calls.c.call_id == call_id).values(contact_id=number))
    return number != 0


def _says_the_same(tx: Transaction, contact_id: int, came: set[str], said: Mapping[str, Any]) -> bool:
    """Whether an entry of the log says what is said now of the same students."""
    of = contact_log.c
    entry = tx.execute(select(contact_log).where(of.contact_id == contact_id)).one()
    named = select(contact_students.c.student_id).where(contact_students.c.contact_id == contact_id)
    told = (
        said["on"],
        said["channel"],
        said["direction"],
        said.get("whom", FAMILY),
        words_written(said["words"], None),
    )
    logged = (entry.contact_on, entry.channel, entry.direction, entry.whom, entry.words)
    return told == logged and set(tx.execute(named).scalars()) == came


def earlier_calls(tx: Transaction, principal: Principal) -> tuple[Earlier, ...]:
    """One's own groups, latest first."""
    rows = tx.execute(
        select(calls, func.count(call_students.c.student_id).label("students"), _LOGGED_ON)
        .select_from(calls)
        .join(call_students, call_students.c.call_id == calls.c.call_id)
        .join(contact_log, _STILL_LOGGED, isouter=True)
        .where(calls.c.account_id == principal.account_id)
        .group_by(*calls.c, contact_log.c.contact_on)
        .order_by(calls.c.called_on.desc(), calls.c.call_id.desc())
        .limit(MOST_EARLIER)
    )
    return tuple(Earlier(row.call_id, row.called_on, row.period, row.students, row.logged_on) for row in rows)


def seats_in(tx: Transaction, period: str, students: Sequence[str]) -> Mapping[str, list[Seat]]:
    """Student to where the schedule has them in a period."""
    rows = tx.execute(
        select(section_seats.c.student_id, section_teachers.c.room, section_teachers.c.staff_id, staff.c.name)
        .join(section_teachers, section_teachers.c.section_id == section_seats.c.section_id)
        .join(staff, staff.c.staff_id == section_teachers.c.staff_id, isouter=True)
        .where(section_seats.c.student_id.in_(list(students)), section_teachers.c.period == period)
        .order_by(section_teachers.c.room, staff.c.name)
    )
    found: dict[str, list[Seat]] = {}
    for row in rows:
        found.setdefault(row.student_id, []).append(Seat(row.room, row.name or row.staff_id))
    return found


_STILL_LOGGED = and_(contact_log.c.contact_id == calls.c.contact_id, contact_log.c.undone_at.is_(None))
_LOGGED_ON = contact_log.c.contact_on.label("logged_on")


def _own(tx: Transaction, principal: Principal, call_id: int) -> Row | None:
    if not may_call(principal):
        return None
    return tx.execute(
        select(calls, _LOGGED_ON)
        .select_from(calls)
        .join(contact_log, _STILL_LOGGED, isouter=True)
        .where(calls.c.call_id == call_id, calls.c.account_id == principal.account_id)
    ).one_or_none()


def _in_sight(tx: Transaction, principal: Principal, run: Run) -> Sequence[Row]:
    """Everyone in sight as the run shows them, by name."""
    of = run_students.c
    statement = (
        select(
            of.student_id, of.display_name, of.search_name, of.grade_level, of.level, of.waiting,
            run_schools.c.name.label("school_name"),
        )
        .join(run_schools, and_(run_schools.c.run_id == of.run_id, run_schools.c.school_id == of.school_id))
        .where(of.run_id == run.run_id)
        .order_by(of.sort_name, of.student_id)
    )  # fmt: skip
    return tx.execute(scoped(principal, statement, of.student_id)).all()


def _slip(row: Row, principal: Principal, seats: Mapping[str, list[Seat]]) -> Slip:
    return Slip(
        row.student_id,
        _name(row, principal),
        row.grade_level,
        row.school_name,
        tuple(seats.get(row.student_id, ())),
    )


def _by_room(slip: Slip) -> tuple[bool, str, str]:
    """In the order in which slips are carried round; who is nowhere on the schedule comes last."""
    room = slip.seats[0].room or "" if slip.seats else ""
    return not slip.seats, room, slip.display_name.casefold()


def _name(row: Row, principal: Principal) -> str:
    return row.display_name if principal.sees(Field.NAMES) else f"Student {row.student_id}"
