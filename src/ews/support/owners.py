"""Whose a student is: the counselor's of the caseload, until the student is handed over to a colleague.

Whoever a student was handed to has them while their account is open and the student is in their sight; then
the student is the caseload's counselor's again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, update

from ews.people.access import Principal, rule
from ews.people.roles import COUNSELOR, Act
from ews.store.store import Transaction
from ews.store.tables import accounts, actions, caseloads
from ews.store.work_tables import follow_ups
from ews.support.states import CLOSED, ENDED, SEEN_BY, last_said

HANDED_OVER = "handed_over"
HANDED = actions.alias("handed")
OWNER = accounts.alias("owner")


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


def owns() -> ColumnElement[bool]:
    """``OWNER`` is whoever it was handed to, while their account is open."""
    return and_(OWNER.c.account_id == follow_ups.c.owner_id, OWNER.c.disabled_at.is_(None))


def last_handed() -> ColumnElement[int | None]:
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


def without_owner() -> Select[Any]:
    """The students who are followed up and are nobody's: handed to nobody who stands, on no caseload."""
    by_roster = exists().where(
        caseloads.c.student_id == follow_ups.c.student_id, caseloads.c.role == COUNSELOR
    )
    return (
        select(follow_ups.c.student_id)
        .select_from(follow_ups)
        .join(OWNER, owns(), isouter=True)
        .join(ENDED, ENDED.c.action_id == last_said(), isouter=True)
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
        .join(HANDED, HANDED.c.action_id == last_handed())
        .join(OWNER, owns(), isouter=True)
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
