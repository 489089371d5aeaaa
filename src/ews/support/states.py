"""The states of a follow-up: new, seen, contacted, plan, monitoring, closed.

A follow-up opens when a student comes onto the list, or is named by somebody. From then on the state is
not set but follows from what was done: an acknowledgement, a contact, a plan. Only monitoring and closing
are said by a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, or_, select, update

from ews.errors import UsageError
from ews.people.access import Principal
from ews.store.store import Transaction
from ews.store.tables import actions, run_students, runs
from ews.store.work_tables import follow_ups, plans
from ews.support.actions import ACKNOWLEDGED, NOT_NOW, NOTE, act_on, once
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
SEEN_BY = (ACKNOWLEDGED, NOT_NOW, NOTE, MONITORING)
"""What somebody does who has seen a student; not handing over: the next owner has yet to see them."""
LONGEST_REVIEW = timedelta(weeks=6)
ENDED = actions.alias("ended")


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
    change_follow_ups(tx, again, **opened)
    gone = [one for one, row in known.items() if one not in rows and row.left_on is None]
    change_follow_ups(tx, _untouched(tx, gone), left_on=as_of)


def ensure_open(tx: Transaction, student_id: str, *, now: datetime) -> None:
    """A follow-up for a student whom a person names, where none is open."""
    row = tx.execute(select(follow_ups).where(follow_ups.c.student_id == student_id)).one_or_none()
    opened = {"opened_on": now.date(), "opened_at": now, "shown_on": now.date(), "left_on": None}
    if row is None:
        tx.execute(follow_ups.insert().values(student_id=student_id, version=1, **opened))
    elif row.left_on or student_id in _over(tx, student_id):
        change_follow_ups(tx, [student_id], **opened)


def change_follow_ups(tx: Transaction, students: Iterable[str], **values: Any) -> None:
    """Writes ``values`` and a new version into the follow-ups of ``students``."""
    for student in students:
        tx.execute(
            update(follow_ups)
            .where(follow_ups.c.student_id == student)
            .values(version=follow_ups.c.version + 1, **values)
        )


def _over(tx: Transaction, student_id: str | None = None) -> set[str]:
    """The students whose follow-up a person has closed."""
    statement = (
        select(follow_ups.c.student_id).select_from(follow_ups).join(ENDED, ENDED.c.action_id == last_said())
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


def last_said() -> ColumnElement[int | None]:
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


# ---- what a person says --------------------------------------------------------------------------------


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
    told = words_written(words, None)
    done = act_on(
        tx, principal, student_id, MONITORING, now=now, form_id=once(form_id, told, str(review_on)),
        text=told, returns_on=review_on,
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
    told = words_written(words, None)
    done = act_on(
        tx, principal, student_id, CLOSED, now=now, form_id=once(form_id, told, ending), text=told,
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
