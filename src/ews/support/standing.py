"""How a student stands with people: in what state, whose, and for how many school days nobody has looked.

Nobody waits unseen: after five school days a student who is still new is overdue, and at ten the school's
administrators, who lead the team, have the student among what waits on them. School days are those of the
school's own calendar; where it has none, Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select

from ews.people.access import Principal, author_shown, scoped
from ews.people.roles import COUNSELOR
from ews.store.store import Transaction
from ews.store.tables import caseloads, placements, staff
from ews.store.work_tables import follow_ups, school_days
from ews.support.owners import HANDED, OWNER, is_mine, last_handed, owns
from ews.support.states import CLOSED, ENDED, ENDINGS, MONITORING, NEW, STATES, last_said, state_now

SEEN_WITHIN = 5  # school days
TOLD_AT = 10  # school days after which whoever leads the team is told
OWNER_STAFF = staff.alias("owner_staff")


@dataclass(frozen=True)
class FollowUp:
    """One student's follow-up. days: school days since it was opened, for a student nobody has seen yet.

    owner: by name; empty when the student is on no caseload. mine: the owner is the person who looks.
    review_on: while monitoring. ending: how it was closed. version: of what stands, for the forms. handed_id:
    the hand-over by which the owner has the student, where whoever looks can take it back.
    """

    student_id: str
    state: str
    state_word: str
    opened_on: date
    owner: str
    mine: bool
    days: int
    review_on: date | None
    ending: str
    said: str
    act_id: int | None
    act_mine: bool
    version: int
    handed_id: int | None = None

    @property
    def overdue(self) -> bool:
        """Whether nobody has seen the student within the days that were promised."""
        return self.state == NEW and self.days > SEEN_WITHIN

    @property
    def told(self) -> bool:
        """Whether whoever leads the team is told of it."""
        return self.state == NEW and self.days >= TOLD_AT


def follow_ups_told(principal: Principal, today: date) -> Select[Any]:
    """The follow-ups in sight with their state and owner, one row a student, in one question."""
    days, has_calendar = _school_days(today)
    counselor = (
        select(func.min(staff.c.name))
        .join(caseloads, caseloads.c.staff_id == staff.c.staff_id)
        .where(caseloads.c.student_id == follow_ups.c.student_id, caseloads.c.role == COUNSELOR)
        .scalar_subquery()
    )
    statement = (
        select(
            follow_ups,
            func.coalesce(OWNER_STAFF.c.name, OWNER.c.name, counselor).label("owner"),
            OWNER.c.role.label("owner_role"),
            is_mine(principal).label("mine"),
            state_now().label("state"),
            days.label("days"),
            has_calendar.label("has_calendar"),
            ENDED.c.action_id,
            ENDED.c.choice,
            ENDED.c.text,
            ENDED.c.returns_on,
            ENDED.c.account_id,
            HANDED.c.action_id.label("handed_id"),
            HANDED.c.account_id.label("handed_by"),
        )
        .select_from(follow_ups)
        .join(OWNER, owns(), isouter=True)
        .join(OWNER_STAFF, OWNER_STAFF.c.staff_id == OWNER.c.staff_id, isouter=True)
        .join(ENDED, ENDED.c.action_id == last_said(), isouter=True)
        .join(HANDED, HANDED.c.action_id == last_handed(), isouter=True)
    )
    return scoped(principal, statement, follow_ups.c.student_id)


def _school_days(today: date) -> tuple[ColumnElement[int], ColumnElement[bool]]:
    """How many school days have passed since, and whether the school has a calendar that says so."""
    theirs = (
        placements.c.student_id == follow_ups.c.student_id,
        placements.c.school_id == school_days.c.school_id,
    )
    passed = select(func.count(school_days.c.day)).where(
        *theirs, school_days.c.day > follow_ups.c.shown_on, school_days.c.day <= today
    )
    return passed.correlate(follow_ups).scalar_subquery(), exists().where(*theirs).correlate(follow_ups)


def standing_of(
    tx: Transaction, principal: Principal, students: Iterable[str], *, today: date
) -> Mapping[str, FollowUp]:
    """Student to follow-up, for those of ``students`` who are in sight and have one."""
    statement = follow_ups_told(principal, today).where(follow_ups.c.student_id.in_(list(students)))
    return {row.student_id: _follow_up(row, principal, today) for row in tx.execute(statement)}


def standing_where(
    tx: Transaction, principal: Principal, condition: ColumnElement[bool], *, today: date
) -> tuple[FollowUp, ...]:
    """The follow-ups in sight that meet ``condition``, the oldest first."""
    statement = follow_ups_told(principal, today).where(condition, follow_ups.c.left_on.is_(None))
    ordered = statement.order_by(follow_ups.c.shown_on, follow_ups.c.student_id)
    return tuple(_follow_up(row, principal, today) for row in tx.execute(ordered))


def _follow_up(row: Row, principal: Principal, today: date) -> FollowUp:
    state = row.state
    return FollowUp(
        student_id=row.student_id,
        state=state,
        state_word=STATES[state],
        opened_on=row.opened_on,
        owner=author_shown(principal, row.owner or "", row.owner_role),
        mine=bool(row.mine),
        days=days_waited(row.shown_on, row.days, row.has_calendar, today) if state == NEW else 0,
        review_on=row.returns_on if state == MONITORING else None,
        ending=ENDINGS.get(row.choice or "", "") if state == CLOSED else "",
        said=row.text or "",
        act_id=row.action_id,
        act_mine=row.account_id is not None and row.account_id == principal.account_id,
        version=row.version,
        handed_id=row.handed_id if row.handed_by == principal.account_id and row.handed_by else None,
    )


def days_waited(shown_on: date, days: int, has_calendar: bool, today: date) -> int:
    """The school days since a student was shown; Mondays to Fridays where the school has no calendar."""
    return days if has_calendar else weekdays_between(shown_on, today)


def weekdays_between(first: date, last: date) -> int:
    """The Mondays to Fridays after ``first``, up to ``last``.

    >>> weekdays_between(date(2025, 11, 14), date(2025, 11, 24))
    6
    """
    return sum((first + timedelta(days=one)).weekday() < 5 for one in range(1, (last - first).days + 1))
