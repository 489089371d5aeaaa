"""Team meetings: when, where and who, of at most twelve students.

A meeting is seen by whoever may see a student on its agenda, and each sees only their own students there.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select

from ews.errors import UsageError
from ews.people.access import Principal, author_shown, scoped
from ews.people.authors import by_whom
from ews.people.roles import Act
from ews.store.meeting_tables import meeting_decisions, meeting_students, meetings
from ews.store.store import Transaction
from ews.store.tables import schools
from ews.support.school_days import next_school_day

MOST_STUDENTS = 12
LONGEST_NAMES = 500  # characters of who attends, of an adult
LONGEST_WAIT = timedelta(days=366)  # a meeting and a due day lie within a year
USUAL_WAIT = timedelta(days=3)


@dataclass(frozen=True)
class Meeting:
    """When, where and who; the counts are of the students whom the viewer may see."""

    meeting_id: int
    held_on: date
    begins: str
    minutes: int
    school_name: str
    attending: str
    called_by: str
    students: int
    decided: int


@dataclass(frozen=True)
class StudentMeetings:
    """The meetings that a student is on the agenda of, latest first, and those to come that have room.

    usual_day: the day that is proposed for another.
    """

    about: tuple[Meeting, ...] = ()
    with_room: tuple[Meeting, ...] = ()
    usual_day: date | None = None


NO_MEETINGS = StudentMeetings()


def may_meet(principal: Principal) -> bool:
    """Whether this person plans support with a team."""
    return principal.does(Act.PLAN) and principal.account_id is not None


def meetings_in_sight(tx: Transaction, principal: Principal) -> tuple[Meeting, ...]:
    """The meetings about students whom ``principal`` may see, latest first; nobody is named."""
    rows = tx.execute(_meetings(principal).order_by(meetings.c.held_on.desc(), meetings.c.meeting_id.desc()))
    return tuple(meeting_of(principal, row) for row in rows)


def meetings_about(tx: Transaction, principal: Principal, student_id: str, *, today: date) -> StudentMeetings:
    """The meetings of a student in sight, for whoever plans support with a team."""
    if not may_meet(principal):
        return NO_MEETINGS
    of = meeting_students.c
    on = select(of.meeting_id).where(of.student_id == student_id, of.taken_off_at.is_(None))
    numbers = set(tx.execute(on).scalars())
    known = meetings_in_sight(tx, principal)
    coming = [one for one in known if one.held_on >= today and one.students < MOST_STUDENTS]
    return StudentMeetings(
        about=tuple(one for one in known if one.meeting_id in numbers),
        with_room=tuple(reversed([one for one in coming if one.meeting_id not in numbers])),
        usual_day=usual_day(tx, principal, today),
    )


def usual_day(tx: Transaction, principal: Principal, today: date) -> date:
    """The day that is proposed for a meeting: three days on, or the school day after."""
    return next_school_day(tx, principal, today + USUAL_WAIT).day


def meeting_row(tx: Transaction, principal: Principal, meeting_id: int) -> Row | None:
    """The meeting, if a student whom this person may see is on its agenda."""
    return tx.execute(_meetings(principal).where(meetings.c.meeting_id == meeting_id)).one_or_none()


def meeting_of(principal: Principal, row: Row) -> Meeting:
    """A ``meeting_row`` as ``principal`` reads it."""
    return Meeting(
        meeting_id=row.meeting_id,
        held_on=row.held_on,
        begins=row.begins,
        minutes=row.minutes,
        school_name=row.school_name or row.school_id,
        attending=row.attending,
        called_by=author_shown(principal, row.person, row.by_role),
        students=row.students,
        decided=row.decided,
    )


def entries_of(principal: Principal, meeting_id: int) -> Select[Any]:
    """Who is on an agenda and in sight, in their order, with who brought them."""
    of = meeting_students.c
    return scoped(
        principal,
        by_whom(select(of.student_id, of.place), of.account_id)
        .where(of.meeting_id == meeting_id, of.taken_off_at.is_(None))
        .order_by(of.place, of.student_id),
        of.student_id,
    )


def is_on_agenda(tx: Transaction, principal: Principal, meeting_id: int, student_id: str) -> bool:
    """Whether this student is on the agenda, and in sight."""
    found = entries_of(principal, meeting_id).where(meeting_students.c.student_id == student_id)
    return tx.execute(found).one_or_none() is not None


def _meetings(principal: Principal) -> Select[Any]:
    """Meetings with at least one student in sight, and how many of those there are."""
    of = meeting_students.c
    decided = (
        select(meeting_decisions.c.meeting_id, meeting_decisions.c.student_id).distinct().subquery("decided")
    )
    counted = scoped(
        principal,
        select(
            of.meeting_id,
            func.count().label("students"),
            func.count(decided.c.student_id).label("decided"),
        )
        .join(
            decided,
            (decided.c.meeting_id == of.meeting_id) & (decided.c.student_id == of.student_id),
            isouter=True,
        )
        .where(of.taken_off_at.is_(None)),
        of.student_id,
    )
    seen = counted.group_by(of.meeting_id).subquery("seen")
    theirs = (
        select(meetings, seen.c.students, seen.c.decided, schools.c.name.label("school_name"))
        .join(seen, seen.c.meeting_id == meetings.c.meeting_id)
        .join(schools, schools.c.school_id == meetings.c.school_id, isouter=True)
    )
    return by_whom(theirs, meetings.c.account_id)


def short(text: str, what: str) -> str:
    """A line of text that fits; UsageError when it is too long."""
    line = " ".join(text.replace("\x00", "").split())
    if len(line) > LONGEST_NAMES:
        raise UsageError(f"{what} is longer than {LONGEST_NAMES} characters.", "Shorten it.")
    return line
