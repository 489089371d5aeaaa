"""Who may see which student, and why: decided here, in the query itself, and nowhere else.

A counselor sees the caseload, a school administrator the schools given, a district analyst everybody
without names, a system administrator nobody. A student information system sees the schools it was
given. Whoever works at the server's command line already holds the data; they see all, by name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, false, select, true

from ews.store.store import Transaction
from ews.store.tables import caseloads, placements

COUNSELOR = "counselor"
SCHOOL_ADMINISTRATOR = "school_administrator"
DISTRICT_ANALYST = "district_analyst"
SYSTEM_ADMINISTRATOR = "system_administrator"
ROLES = (COUNSELOR, SCHOOL_ADMINISTRATOR, DISTRICT_ANALYST, SYSTEM_ADMINISTRATOR)
CLIENT = "client"
OPERATOR = "operator"
AT_ONCE = 500  # ids in one query: below every database's limit of parameters


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

    @property
    def sees_names(self) -> bool:
        """Whether names of students, and who spoke with them, are for this role."""
        return self.role != DISTRICT_ANALYST

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
    if principal.role == COUNSELOR:
        return exists().where(
            caseloads.c.student_id == student, caseloads.c.staff_id == (principal.staff_id or "")
        )
    if sees_everybody(principal):
        return true()
    if principal.role in (SCHOOL_ADMINISTRATOR, CLIENT):
        return exists().where(
            placements.c.student_id == student, placements.c.school_id.in_(principal.school_ids)
        )
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
    wanted = list(dict.fromkeys(student_ids))
    if sees_everybody(principal):
        return dict.fromkeys(wanted, why(principal))
    seen: dict[str, str] = {}
    for start in range(0, len(wanted), AT_ONCE):
        part = wanted[start : start + AT_ONCE]
        found = tx.execute(
            scoped(principal, select(placements.c.student_id), placements.c.student_id).where(
                placements.c.student_id.in_(part)
            )
        )
        seen |= dict.fromkeys(found.scalars(), why(principal))
    return seen
