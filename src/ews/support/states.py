"""Where a student stands with people: new, seen, contacted, plan, monitoring, closed; and whose they are.

A follow-up opens when a student comes onto the list, or is named by somebody. From then on the state is
not set but follows from what was done: an acknowledgement, a contact, a plan. Only monitoring and closing
are said by a person. Everybody has one owner: the counselor of the caseload, until it is handed over.

Nobody waits unseen: after five school days a student who is still new is overdue, and at ten the school's
administrators, who lead the team, have the student among what waits on them. School days are those of the
school's own calendar; where it has none, Monday to Friday.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, false, func, or_, select, update

from ews.errors import ChangedMeanwhile, UsageError
from ews.people.access import Principal, author_shown, rule, scoped
from ews.people.colleagues import colleagues
from ews.people.ledger import record_view
from ews.people.roles import COUNSELOR, Act
from ews.store.store import Transaction
from ews.store.tables import accounts, actions, caseloads, placements, run_students, runs, staff
from ews.store.work_tables import follow_ups, plans, school_days
from ews.support.actions import ACKNOWLEDGED, NOT_NOW, NOTE, UNDONE, act_on, may_act
from ews.support.contact_log import logged_since
from ews.support.levels import LISTED
from ews.support.words_written import words_written

NEW, SEEN, CONTACTED, PLAN, MONITORING, CLOSED = "new", "seen", "contacted", "plan", "monitoring", "closed"
STATES = {
    NEW: "New",
    SEEN: "Seen",
    CONTACTED: "Contacted",
    PLAN: "Plan",
    MONITORING: "Monitoring",
    CLOSED: "Closed",
}
ENDINGS = {
    "met": "The need is met",
    "not_needed": "Support is not needed",
    "transferred": "Another school or program has the student",
}
HANDED_OVER = "handed_over"
SEEN_BY = (ACKNOWLEDGED, NOT_NOW, NOTE, MONITORING)
"""What somebody does who has seen a student; not handing over: the next owner has yet to see them."""
SEEN_WITHIN = 5  # school days
TOLD_AT = 10  # school days after which whoever leads the team is told
LONGEST_REVIEW = timedelta(weeks=6)


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


# ---- opened by the list --------------------------------------------------------------------------------


def open_for_listed(tx: Transaction, run_id: str, as_of: date, *, now: datetime) -> None:
    """A follow-up for everybody whom the newest run lists anew; one of whoever left unseen is put aside.

    ``now`` is in the district's timezone: its date is the day from which school days are counted.
    """
    newest = tx.execute(select(func.max(runs.c.as_of))).scalar()
    if newest is not None and as_of < newest:
        return
    of = run_students.c
    listed = select(of.student_id, of.is_new, of.changed).where(
        of.run_id == run_id, of.level.in_(LISTED), of.waiting.is_(False)
    )
    rows = {row.student_id: row for row in tx.execute(listed)}
    known = {row.student_id: row for row in tx.execute(select(follow_ups))}
    over = _over(tx)
    opened = {"opened_on": as_of, "opened_at": now, "shown_on": now.date(), "left_on": None}
    fresh = [student for student in rows if student not in known]
    if fresh:
        tx.execute(
            follow_ups.insert(),
            [{"student_id": one, "owner_id": None, "version": 1} | opened for one in fresh],
        )
    again = [
        student
        for student, row in rows.items()
        if student in known and (known[student].left_on or (student in over and (row.is_new or row.changed)))
    ]
    _change(tx, again, **opened)
    gone = [one for one, row in known.items() if one not in rows and row.left_on is None]
    _change(tx, _untouched(tx, gone), left_on=as_of)


def ensure_open(tx: Transaction, student_id: str, *, now: datetime) -> None:
    """A follow-up for a student whom a person names, where none is open."""
    row = tx.execute(select(follow_ups).where(follow_ups.c.student_id == student_id)).one_or_none()
    opened = {"opened_on": now.date(), "opened_at": now, "shown_on": now.date(), "left_on": None}
    if row is None:
        tx.execute(follow_ups.insert().values(student_id=student_id, version=1, **opened))
    elif row.left_on or student_id in _over(tx, student_id):
        _change(tx, [student_id], **opened)


def _change(tx: Transaction, students: Iterable[str], **values: Any) -> None:
    for student in students:
        tx.execute(
            update(follow_ups)
            .where(follow_ups.c.student_id == student)
            .values(version=follow_ups.c.version + 1, **values)
        )


def _over(tx: Transaction, student_id: str | None = None) -> set[str]:
    """The students whose follow-up a person has closed."""
    statement = (
        select(follow_ups.c.student_id).select_from(follow_ups).join(ENDED, ENDED.c.action_id == _last_said())
    )
    if student_id is not None:
        statement = statement.where(follow_ups.c.student_id == student_id)
    return set(tx.execute(statement.where(ENDED.c.kind == CLOSED)).scalars())


def _untouched(tx: Transaction, students: Iterable[str]) -> list[str]:
    """Those of ``students`` with whom nobody has done anything since their follow-up was opened."""
    of = follow_ups.c
    found = set(tx.execute(select(of.student_id).where(~_done(SEEN_BY), ~_named(), ~_planned())).scalars())
    return [student for student in students if student in found]


# ---- what stands ---------------------------------------------------------------------------------------

ENDED = actions.alias("ended")
HANDED = actions.alias("handed")
OWNER, OWNER_STAFF = accounts.alias("owner"), staff.alias("owner_staff")


def _done(kinds: Iterable[str]) -> ColumnElement[bool]:
    """Something of these kinds was done since the follow-up was opened, and stands."""
    return exists().where(
        actions.c.student_id == follow_ups.c.student_id,
        actions.c.kind.in_(tuple(kinds)),
        actions.c.undone_at.is_(None),
        actions.c.at >= follow_ups.c.opened_at,
    )


def _named() -> ColumnElement[bool]:
    return exists().where(
        actions.c.student_id == follow_ups.c.student_id,
        actions.c.kind == "nominated",
        actions.c.undone_at.is_(None),
    )


def _planned() -> ColumnElement[bool]:
    """A plan is open: offered or going on."""
    return exists().where(plans.c.student_id == follow_ups.c.student_id, plans.c.ended_on.is_(None))


def _contacted() -> ColumnElement[bool]:
    """Somebody spoke with the student or the family since, by the student system or by our own log."""
    newest = select(runs.c.run_id).order_by(runs.c.as_of.desc(), runs.c.serial.desc()).limit(1)
    told = run_students.alias()
    theirs = exists().where(
        told.c.run_id == newest.scalar_subquery(),
        told.c.student_id == follow_ups.c.student_id,
        told.c.contact_on >= follow_ups.c.opened_on,
    )
    return or_(theirs, logged_since(follow_ups.c.student_id, follow_ups.c.opened_on))


def _last_said() -> ColumnElement[int | None]:
    """The last thing a person said of the follow-up since it was opened: monitoring, or closed."""
    said = actions.alias()
    return (
        select(func.max(said.c.action_id))
        .where(
            said.c.student_id == follow_ups.c.student_id,
            said.c.kind.in_((MONITORING, CLOSED)),
            said.c.undone_at.is_(None),
            said.c.at >= follow_ups.c.opened_at,
        )
        .correlate(follow_ups)
        .scalar_subquery()
    )


def _last_handed() -> ColumnElement[int | None]:
    """The last hand-over that stands."""
    handed = actions.alias()
    return (
        select(func.max(handed.c.action_id))
        .where(
            handed.c.student_id == follow_ups.c.student_id,
            handed.c.kind == HANDED_OVER,
            handed.c.undone_at.is_(None),
        )
        .correlate(follow_ups)
        .scalar_subquery()
    )


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


def is_mine(principal: Principal) -> ColumnElement[bool]:
    """The condition under which ``principal`` owns a follow-up: handed to them, or on their caseload.

    Whoever it was handed to owns it while their account is open; then it falls back to the caseload.
    """
    by_roster = exists().where(
        caseloads.c.student_id == follow_ups.c.student_id,
        caseloads.c.staff_id == (principal.staff_id or ""),
        caseloads.c.role == COUNSELOR,
    )
    handed = follow_ups.c.owner_id == principal.account_id if principal.account_id else false()
    still_theirs = exists().where(
        accounts.c.account_id == follow_ups.c.owner_id, accounts.c.disabled_at.is_(None)
    )
    return or_(handed, and_(~still_theirs, by_roster))


def _owns() -> ColumnElement[bool]:
    """``OWNER`` is whoever it was handed to, while their account is open."""
    return and_(OWNER.c.account_id == follow_ups.c.owner_id, OWNER.c.disabled_at.is_(None))


def without_owner() -> Select[Any]:
    """The students who are followed up and are nobody's: handed to nobody who stands, on no caseload."""
    by_roster = exists().where(
        caseloads.c.student_id == follow_ups.c.student_id, caseloads.c.role == COUNSELOR
    )
    return (
        select(follow_ups.c.student_id)
        .select_from(follow_ups)
        .join(OWNER, _owns(), isouter=True)
        .join(ENDED, ENDED.c.action_id == _last_said(), isouter=True)
        .where(
            follow_ups.c.left_on.is_(None),
            OWNER.c.account_id.is_(None),
            ~by_roster,
            func.coalesce(ENDED.c.kind, "") != CLOSED,
        )
    )


def came_back(principal: Principal) -> Select[Any]:
    """The students who were handed to somebody who no longer can have them, and are ``principal``'s again;
    until somebody has looked."""
    later = actions.alias()
    looked = exists().where(
        later.c.student_id == follow_ups.c.student_id,
        later.c.action_id > HANDED.c.action_id,
        later.c.kind.in_((*SEEN_BY, CLOSED)),
        later.c.undone_at.is_(None),
    )
    return (
        select(follow_ups.c.student_id)
        .select_from(follow_ups)
        .join(HANDED, HANDED.c.action_id == _last_handed())
        .join(OWNER, _owns(), isouter=True)
        .where(follow_ups.c.left_on.is_(None), OWNER.c.account_id.is_(None), is_mine(principal), ~looked)
    )


def let_go(tx: Transaction) -> None:
    """Whoever may no longer see a student no longer has them: they are the caseload's counselor's again.

    Called when the roster is replaced and when an account is changed: who left a school, took another role or
    lost the caseload is let go of.
    """
    owners = select(accounts).where(accounts.c.account_id.in_(select(follow_ups.c.owner_id)))
    for row in tx.execute(owners).all():
        owner = Principal(
            row.name, row.name, row.role, staff_id=row.staff_id, school_ids=tuple(row.school_ids)
        )
        lost = follow_ups.c.owner_id == row.account_id
        if owner.does(Act.FOLLOW_UP):
            lost &= ~rule(owner, follow_ups.c.student_id)
        tx.execute(update(follow_ups).where(lost).values(owner_id=None, version=follow_ups.c.version + 1))


def state_now() -> ColumnElement[str]:
    """The state that follows from what was done; what a person closed stays closed. Over ``ENDED``."""
    return case(
        (ENDED.c.kind == CLOSED, CLOSED),
        (_planned(), PLAN),
        (ENDED.c.kind == MONITORING, MONITORING),
        (_contacted(), CONTACTED),
        (_done(SEEN_BY), SEEN),
        else_=NEW,
    )


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
        .join(OWNER, _owns(), isouter=True)
        .join(OWNER_STAFF, OWNER_STAFF.c.staff_id == OWNER.c.staff_id, isouter=True)
        .join(ENDED, ENDED.c.action_id == _last_said(), isouter=True)
        .join(HANDED, HANDED.c.action_id == _last_handed(), isouter=True)
    )
    return scoped(principal, statement, follow_ups.c.student_id)


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


# ---- what a person says --------------------------------------------------------------------------------


def hand_over(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    to: int,
    words: str,
    *,
    version: int,
    now: datetime,
    form_id: str,
) -> bool:
    """Another colleague has this student from now on; False when the student is not theirs.

    Errors: UsageError for somebody who is not offered (see ``colleagues``), ChangedMeanwhile when the owner
    is another by now.
    """
    had = tx.execute(select(follow_ups.c.owner_id).where(follow_ups.c.student_id == student_id)).scalar()
    if not act_on(
        tx, principal, student_id, HANDED_OVER, now=now, form_id=form_id, text=words_written(words, None),
        choice=str(had) if had else None,
    ):  # fmt: skip
        return False
    theirs = {one.account_id: one.name for one in colleagues(tx, principal, student_id, Act.FOLLOW_UP)}
    if to not in theirs:
        raise UsageError("That person does not work with this student.", "Choose another one.")
    row = tx.execute(select(follow_ups).where(follow_ups.c.student_id == student_id)).one_or_none()
    if row is not None and row.owner_id != to and row.version != version:
        now_with = standing_of(tx, principal, [student_id], today=now.date())[student_id].owner
        raise ChangedMeanwhile(row.version, {"Handed over to": now_with or "nobody"})
    ensure_open(tx, student_id, now=now)
    if row is None or row.owner_id != to:
        _change(tx, [student_id], owner_id=to)
    return True


def take_hand_over_back(tx: Transaction, principal: Principal, action_id: int, *, now: datetime) -> bool:
    """Takes one's own hand-over back: the student is again with whoever had them before.

    False when it is not one's own or was taken back before, and when the student was handed on since: then it
    is the next one's to take back.
    """
    later = actions.alias()
    handed_on = exists().where(
        later.c.student_id == actions.c.student_id,
        later.c.kind == HANDED_OVER,
        later.c.undone_at.is_(None),
        later.c.action_id > actions.c.action_id,
    )
    stands = and_(
        actions.c.action_id == action_id,
        actions.c.account_id == principal.account_id,
        actions.c.kind == HANDED_OVER,
        actions.c.undone_at.is_(None),
        ~handed_on,
    )
    one = scoped(
        principal, select(actions.c.student_id, actions.c.choice).where(stands), actions.c.student_id
    )
    row = tx.execute(one).one_or_none()
    if row is None or not may_act(principal):
        return False
    record_view(tx, principal, action=UNDONE, students=[row.student_id], fields=(UNDONE,), at=now)
    if not tx.execute(update(actions).where(stands).values(undone_at=now)).rowcount:
        return False  # somebody handed the student on meanwhile
    _change(tx, [row.student_id], owner_id=int(row.choice) if row.choice else None)
    return True


def monitor(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    review_on: date,
    words: str,
    *,
    now: datetime,
    form_id: str,
) -> bool:
    """Nothing more for now, and a look again on ``review_on``; False when the student is not theirs.

    Errors: UsageError for a day that is not within the next six weeks.
    """
    hold_review(review_on, now.date())
    done = act_on(
        tx, principal, student_id, MONITORING, now=now, form_id=form_id, text=words_written(words, None),
        returns_on=review_on,
    )  # fmt: skip
    if done:
        ensure_open(tx, student_id, now=now)
    return done


def close(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    ending: str,
    words: str,
    *,
    now: datetime,
    form_id: str,
) -> bool:
    """The follow-up is over: met, not needed or transferred; False when the student is not theirs.

    It can be taken back, and a student who comes onto the list anew is new again. Errors: UsageError for an
    ending that there is not, or while a plan is open.
    """
    if ending not in ENDINGS:
        raise UsageError("Closing needs a reason.", "Choose how it ended.")
    done = act_on(
        tx, principal, student_id, CLOSED, now=now, form_id=form_id, text=words_written(words, None),
        choice=ending,
    )  # fmt: skip
    going_on = select(plans.c.plan_id).where(plans.c.student_id == student_id, plans.c.ended_on.is_(None))
    if done and tx.execute(going_on.limit(1)).scalar() is not None:
        raise UsageError("A plan is still open.", "End the plan first; its last review says how it went.")
    return done


def hold_review(review_on: date, today: date) -> None:
    """Refuses a review that is not within the next six weeks."""
    if not today < review_on <= today + LONGEST_REVIEW:
        raise UsageError("That day is not within the next six weeks.", "Choose another day for the review.")
