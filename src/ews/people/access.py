"""Who may see which student, and why: decided here, in the query itself, and nowhere else.

A counselor sees the caseload, a school administrator the schools given, a district analyst everybody
without names, a system administrator nobody. A student information system sees the schools it was
given. Whoever works at the server's command line already holds the data; they see all, by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, select, true

from ews.people.roles import (
    CLIENT,
    COUNSELOR,
    DISTRICT_ANALYST,
    EQUITY_REVIEWER,
    OPERATOR,
    SCHOOL_ADMINISTRATOR,
    Act,
    Field,
    role_of,
)
from ews.store.prepared import Prepared, given
from ews.store.store import Transaction
from ews.store.tables import caseloads, placements


@dataclass(frozen=True)
class Principal:
    """Whoever asks. ``name`` is what the ledger keeps: the sign-in name, the client's id, the shell's user.

    ``school_ids`` are the schools of a school administrator, or of a client (empty: every school).
    """

    name: str
    display_name: str
    role: str
    account_id: int | None = None
    staff_id: str | None = None
    school_ids: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    must_change: bool = False

    def sees(self, field: Field) -> bool:
        """Whether ``field`` of the students in sight is shown to this principal."""
        return field in role_of(self.role).sees

    def does(self, act: Act) -> bool:
        """Whether ``act`` is for this principal. A person acts by their account, an operator by the shell."""
        return act in role_of(self.role).does

    def may(self, scope: str) -> bool:
        """Whether a client was given ``scope``."""
        return scope in self.scopes


def operator(user: str) -> Principal:
    """The person at the command line of the server."""
    return Principal(name=user, display_name=user, role=OPERATOR)


def scoped(principal: Principal, statement: Select[Any], student: ColumnElement[str]) -> Select[Any]:
    """``statement`` narrowed to the students whom ``principal`` may see; ``student`` is its id column."""
    return statement.where(rule(principal, student))


def rule(principal: Principal, student: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition on ``student`` under which ``principal`` may see them. An unknown role sees nobody."""
    # Aliases: a statement over these very tables would otherwise tie the condition to itself and be true.
    if principal.role == COUNSELOR and principal.staff_id:
        theirs = caseloads.alias()
        return exists().where(theirs.c.student_id == student, theirs.c.staff_id == principal.staff_id)
    if sees_everybody(principal):
        return true()
    if principal.role in (SCHOOL_ADMINISTRATOR, CLIENT):
        placed = placements.alias()
        return exists().where(placed.c.student_id == student, placed.c.school_id.in_(principal.school_ids))
    return false()


def sees_everybody(principal: Principal) -> bool:
    """Whether no student is out of this principal's sight."""
    return principal.role in (DISTRICT_ANALYST, OPERATOR) or (
        principal.role == CLIENT and not principal.school_ids
    )


def why(principal: Principal) -> str:
    """The reason that stands in the ledger for every student whom ``rule`` lets through."""
    return {
        COUNSELOR: "on the caseload",
        SCHOOL_ADMINISTRATOR: "in the school",
        DISTRICT_ANALYST: "district analysis, without names",
        CLIENT: "student information system",
        OPERATOR: "at the server's command line",
    }.get(principal.role, "no reason")


def why_may_see(tx: Transaction, principal: Principal, student_id: str) -> str | None:
    """Why ``principal`` may see this student; None when there is no reason, or no such student for them."""
    return reasons_to_see(tx, principal, [student_id]).get(student_id)


def reasons_to_see(tx: Transaction, principal: Principal, student_ids: Iterable[str]) -> dict[str, str]:
    """Those of ``student_ids`` whom ``principal`` may see, each with the reason.

    For whoever sees everybody the ids are not looked up: whether they exist is the caller's to find out.
    """
    wanted = dict.fromkeys(student_ids, why(principal))
    if sees_everybody(principal):
        return wanted
    sight = in_sight(principal)
    return {student: reason for student, reason in wanted.items() if sight.row(tx, student=student)}


@lru_cache(maxsize=256)
def in_sight(principal: Principal) -> Prepared:
    """The query whether one student is among those whom ``principal`` may see."""
    one = select(placements.c.student_id).where(placements.c.student_id == given("student"))
    return Prepared(scoped(principal, one, placements.c.student_id))


def schools_in_sight(tx: Transaction, principal: Principal) -> frozenset[str]:
    """The schools whose counts are for this principal: those of the students in sight, and those given.

    An equity reviewer sees no student and the counts of every school; so does whoever sees everybody.
    """
    if not principal.does(Act.SEE_SCHOOLS):
        return frozenset()
    if sees_every_school(principal):
        return frozenset(tx.execute(select(placements.c.school_id).distinct()).scalars())
    theirs = scoped(principal, select(placements.c.school_id).distinct(), placements.c.student_id)
    return frozenset(tx.execute(theirs).scalars()) | frozenset(principal.school_ids)


def sees_every_school(principal: Principal) -> bool:
    """Whether the whole district is this principal's to look at, in counts."""
    return principal.role in (DISTRICT_ANALYST, EQUITY_REVIEWER, OPERATOR)


def runs_school(principal: Principal, school_id: str) -> bool:
    """Whether this principal answers for how the work is shared at the school: its administrator."""
    return principal.role == SCHOOL_ADMINISTRATOR and school_id in principal.school_ids
