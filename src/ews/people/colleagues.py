"""Which colleagues may see a student: to whom something about the student can be handed."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ews.people.access import Principal, roles_untold, who_may_see
from ews.people.authors import ON_ROSTER, PERSON
from ews.people.roles import Act, role_of, who_do
from ews.store.store import Transaction
from ews.store.tables import accounts, staff


@dataclass(frozen=True)
class Colleague:
    """Somebody with an account: by what they are called, and as what they work."""

    account_id: int
    name: str
    role: str


def colleagues(tx: Transaction, principal: Principal, student_id: str, act: Act) -> tuple[Colleague, ...]:
    """Everybody with an account who may see this student and does ``act``, by name.

    Left out are those whose standing here would tell something of the student (a liaison of foster youth)
    that ``principal`` does not see.
    """
    found = tx.execute(
        select(accounts, PERSON)
        .join_from(accounts, staff, ON_ROSTER, isouter=True)
        .where(accounts.c.disabled_at.is_(None), accounts.c.role.in_(who_do(act) - roles_untold(principal)))
        .order_by(PERSON)
    ).all()
    people = [
        Principal(row.name, row.person, row.role, row.account_id, row.staff_id, tuple(row.school_ids))
        for row in found
    ]
    theirs = {one.account_id for one in who_may_see(tx, people, student_id)}
    return tuple(
        Colleague(row.account_id, row.person, role_of(row.role).words)
        for row in found
        if row.account_id in theirs
    )
