"""A student handed over to a colleague, and taken back by whoever handed them over."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import and_, exists, select, update

from ews.errors import ChangedMeanwhile, UsageError
from ews.people.access import Principal, scoped
from ews.people.colleagues import colleagues
from ews.people.ledger import record_view
from ews.people.roles import Act
from ews.store.store import Transaction
from ews.store.tables import actions
from ews.store.work_tables import follow_ups
from ews.support.actions import UNDONE, act_on, may_act, once
from ews.support.owners import HANDED_OVER
from ews.support.standing import standing_of
from ews.support.states import change_follow_ups, ensure_open
from ews.support.words_written import words_written


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
    told = words_written(words, None)
    if not act_on(
        tx, principal, student_id, HANDED_OVER, now=now, form_id=once(form_id, told, str(to)), text=told,
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
        change_follow_ups(tx, [student_id], owner_id=to)
    return True


def take_hand_over_back(tx: Transaction, principal: Principal, action_id: int, *, now: datetime) -> bool:
    """Takes one's own hand-over back: the student is again with whoever had them before.

    Asked twice it is done once. False when it is not one's own, and when the student was handed on since:
    then it is the next one's to take back.
    """
    later = actions.alias()
    handed_on = exists().where(
        later.c.student_id == actions.c.student_id,
        later.c.kind == HANDED_OVER,
        later.c.undone_at.is_(None),
        later.c.action_id > actions.c.action_id,
    )
    own = and_(
        actions.c.action_id == action_id,
        actions.c.account_id == principal.account_id,
        actions.c.kind == HANDED_OVER,
        ~handed_on,
    )
    stands = and_(own, actions.c.undone_at.is_(None))
    told = select(actions.c.student_id, actions.c.choice, actions.c.undone_at).where(own)
    row = tx.execute(scoped(principal, told, actions.c.student_id)).one_or_none()
    if row is None or not may_act(principal):
        return False
    if row.undone_at is not None:
        return True
    record_view(tx, principal, action=UNDONE, students=[row.student_id], fields=(UNDONE,), at=now)
    if not tx.execute(update(actions).where(stands).values(undone_at=now)).rowcount:
        return False  # somebody handed the student on meanwhile
    change_follow_ups(tx, [row.student_id], owner_id=int(row.choice) if row.choice else None)
    return True
