"""Who may see which student, and why: decided here, in the query itself, and nowhere else.

Each role has its ways to a student, in one table below: a reason in words, and the condition under which it
is true of the student at hand. Whoever has no way to a student sees nothing of them, as if they were not.
What of a student in sight is shown to a role is said in ``ews.people.roles``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, false, literal, or_, select, true

from ews.people.roles import (
    ATTENDANCE_COORDINATOR,
    CASE_MANAGER,
    CLIENT,
    COUNSELOR,
    DISTRICT_ANALYST,
    EQUITY_REVIEWER,
    LEARNER_COORDINATOR,
    LIAISON,
    OPERATOR,
    SCHOOL_ADMINISTRATOR,
    SUPPORT_TEAM,
    TEACHER,
    Act,
    Field,
    role_of,
)
from ews.store.prepared import Prepared, given
from ews.store.sight_tables import circumstances, teaching
from ews.store.store import Transaction
from ews.store.tables import caseloads, placements

FOSTER, HOMELESS, LEARNER, FORMER_LEARNER = "foster", "homeless", "learner", "former_learner"
AT_ONCE = 500  # ids in one question: databases take only so many values


@dataclass(frozen=True)
class Principal:
    """Whoever asks. ``name`` is what the ledger keeps: the sign-in name, the client's id, the shell's user.

    ``school_ids`` are the schools of a person, or of a client; none are every school for a client and for a
    liaison, and no school for anybody else.
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


# ---- the conditions -------------------------------------------------------------------------------

Student = ColumnElement[str]
Condition = Callable[[Principal, Student], ColumnElement[bool]]

# Aliases: a statement over these very tables would otherwise tie the condition to itself and be true.


def on_caseload(principal: Principal, student: Student) -> ColumnElement[bool]:
    """On the caseload of this person by the roster, in whatever part."""
    if not principal.staff_id:
        return false()
    theirs = caseloads.alias()
    return exists().where(theirs.c.student_id == student, theirs.c.staff_id == principal.staff_id)


def in_class(principal: Principal, student: Student) -> ColumnElement[bool]:
    """In a section that this person teaches, as of the newest run."""
    if not principal.staff_id:
        return false()
    taught = teaching.alias()
    return exists().where(taught.c.student_id == student, taught.c.staff_id == principal.staff_id)


def in_school(principal: Principal, student: Student) -> ColumnElement[bool]:
    """Enrolled in one of this principal's schools; none when none was given."""
    placed = placements.alias()
    return exists().where(placed.c.student_id == student, placed.c.school_id.in_(principal.school_ids))


def in_some_school(principal: Principal, student: Student) -> ColumnElement[bool]:
    """In one of this principal's schools, or in any where none was given."""
    return in_school(principal, student) if principal.school_ids else true()


def is_one_of(*kinds: str) -> Condition:
    """In one of these circumstances."""

    def condition(principal: Principal, student: Student) -> ColumnElement[bool]:
        known = circumstances.alias()
        return exists().where(known.c.student_id == student, known.c.kind.in_(kinds))

    return condition


def both(first: Condition, second: Condition) -> Condition:
    """Where both hold."""
    return lambda principal, student: and_(first(principal, student), second(principal, student))


def anybody(principal: Principal, student: Student) -> ColumnElement[bool]:
    """Everybody."""
    return true()


Way = tuple[str, Condition]
LEARNING = is_one_of(LEARNER)
LEARNED = is_one_of(FORMER_LEARNER)

WAYS: Mapping[str, Sequence[Way]] = {
    COUNSELOR: [("on the caseload", on_caseload)],
    CASE_MANAGER: [("on the caseload", on_caseload)],
    TEACHER: [("in a class they teach", in_class)],
    SCHOOL_ADMINISTRATOR: [("in the school", in_school)],
    SUPPORT_TEAM: [("in the school", in_school)],
    ATTENDANCE_COORDINATOR: [("in the school", in_school)],
    LEARNER_COORDINATOR: [
        ("English learner on the caseload", both(LEARNING, on_caseload)),
        ("former English learner on the caseload, in monitoring", both(LEARNED, on_caseload)),
        ("English learner in the school", both(LEARNING, in_school)),
        ("former English learner in the school, in monitoring", both(LEARNED, in_school)),
    ],
    LIAISON: [
        ("foster youth, support in force", both(is_one_of(FOSTER), in_some_school)),
        ("without a fixed home, support in force", both(is_one_of(HOMELESS), in_some_school)),
    ],
    DISTRICT_ANALYST: [("district analysis, without names", anybody)],
    CLIENT: [("student information system", in_some_school)],
    OPERATOR: [("at the server's command line", anybody)],
}
"""The ways of each role, the first that holds is the reason. A role that is not here sees no student."""

TELLING = {
    LEARNER_COORDINATOR: Field.LEARNERS,
    LIAISON: Field.PROGRAMS,
    CASE_MANAGER: Field.DISABILITY,
}
"""Roles whose very look at a student tells something of them, and the field that it tells."""


THE_TEAM = "the support team"
ANYBODY = Principal("", "anybody", "")
"""Whoever may come to read a paper that is carried round: sees no field."""


def roles_untold(principal: Principal) -> frozenset[str]:
    """The telling roles whose field ``principal`` does not see: none of their names is told to them."""
    return frozenset(role for role, field in TELLING.items() if not principal.sees(field))


def author_shown(principal: Principal, name: str, role: str | None) -> str:
    """Who wrote, asked, called or has something about a student, as ``principal`` may read it.

    The name of whoever holds a telling role would say why they know the student; whoever may not see that
    reads that it was the support team. ``role`` None: nobody with an account.
    """
    return THE_TEAM if role in roles_untold(principal) else name


def ways_of(principal: Principal) -> Sequence[Way]:
    """The ways of this principal's role."""
    return WAYS.get(principal.role, ())


# ---- the one door ---------------------------------------------------------------------------------


def scoped(principal: Principal, statement: Select[Any], student: ColumnElement[str]) -> Select[Any]:
    """``statement`` narrowed to the students whom ``principal`` may see; ``student`` is its id column."""
    return statement.where(rule(principal, student))


def rule(principal: Principal, student: ColumnElement[str]) -> ColumnElement[bool]:
    """The condition on ``student`` under which ``principal`` may see them. An unknown role sees nobody."""
    return or_(false(), *(condition(principal, student) for _, condition in ways_of(principal)))


def sees_everybody(principal: Principal) -> bool:
    """Whether no student is out of this principal's sight."""
    return principal.role in (DISTRICT_ANALYST, OPERATOR) or (
        principal.role == CLIENT and not principal.school_ids
    )


def why(principal: Principal) -> str:
    """The reason that is true of every student in sight: where a role has several, that one of them holds."""
    return " or ".join(reason for reason, _ in ways_of(principal)) or "no reason"


def why_may_see(tx: Transaction, principal: Principal, student_id: str) -> str | None:
    """Why ``principal`` may see this student; None when there is no reason, or no such student for them."""
    return reasons_to_see(tx, principal, [student_id]).get(student_id)


def reasons_to_see(tx: Transaction, principal: Principal, student_ids: Iterable[str]) -> dict[str, str]:
    """Those of ``student_ids`` whom ``principal`` may see, each with the reason that is true of them.

    For whoever sees everybody the ids are not looked up: whether they exist is the caller's to find out.
    """
    told = reasons_unasked(principal, student_ids)
    if told is not None:
        return told
    sight = in_sight(principal)
    found = ((student, sight.row(tx, student=student)) for student in dict.fromkeys(student_ids))
    return {student: row[0] for student, row in found if row is not None}


def reasons_unasked(principal: Principal, student_ids: Iterable[str]) -> dict[str, str] | None:
    """The same for whoever sees everybody or nobody, which asks the database nothing; None for the others."""
    if not ways_of(principal):
        return {}
    return dict.fromkeys(student_ids, why(principal)) if sees_everybody(principal) else None


def all_in_sight(tx: Transaction, principal: Principal, student_ids: Collection[str]) -> bool:
    """Whether every one of ``student_ids`` is placed in a school and for ``principal`` to see."""
    wanted = set(student_ids)
    theirs = scoped(principal, select(placements.c.student_id), placements.c.student_id)
    return set(tx.execute(theirs.where(placements.c.student_id.in_(wanted))).scalars()) == wanted


@lru_cache(maxsize=256)
def in_sight(principal: Principal) -> Prepared:
    """The query that answers why one student is among those whom ``principal`` may see; no row when not."""
    one = select(reason_column(principal, placements.c.student_id)).where(
        placements.c.student_id == given("student")
    )
    return Prepared(scoped(principal, one, placements.c.student_id))


def who_may_see(tx: Transaction, principals: Sequence[Principal], student_id: str) -> list[Principal]:
    """Those of ``principals`` who may see this student, enrolled now: one question for them all."""
    found: list[Principal] = []
    for start in range(0, len(principals), AT_ONCE):
        some = tuple(principals[start : start + AT_ONCE])
        sees = seen_by(some).row(tx, student=student_id) or ()
        found += [one for one, may in zip(some, sees, strict=False) if may]
    return found


@lru_cache(maxsize=32)
def seen_by(principals: tuple[Principal, ...]) -> Prepared:
    """The query that answers for each of ``principals`` whether one student is in their sight."""
    each = (rule(one, placements.c.student_id).label(f"p{place}") for place, one in enumerate(principals))
    return Prepared(select(*each).where(placements.c.student_id == given("student")))


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


def reason_column(principal: Principal, student: ColumnElement[str]) -> ColumnElement[str]:
    """The reason that is true of ``student``, as a column of a statement that ``rule`` narrows."""
    ways = ways_of(principal)
    if len(ways) < 2:
        return literal(ways[0][0] if ways else "")
    return case(*((condition(principal, student), reason) for reason, condition in ways), else_="")


def students_by_reason(
    tx: Transaction, principal: Principal, student_ids: Sequence[str]
) -> dict[str, list[str]]:
    """Students already in sight, by the reason: what a look at many of them writes into the ledger.

    One question a few hundred students, and none for a role that has a single reason.
    """
    if len(ways_of(principal)) < 2 or not student_ids:
        return {why(principal): list(student_ids)}
    reason = reason_column(principal, placements.c.student_id).label("reason")
    true_of: dict[str, str] = {}
    for start in range(0, len(student_ids), AT_ONCE):
        some = placements.c.student_id.in_(student_ids[start : start + AT_ONCE])
        for row in tx.execute(select(placements.c.student_id, reason).where(some)):
            true_of[row.student_id] = row.reason
    by_reason: defaultdict[str, list[str]] = defaultdict(list)
    for student in student_ids:  # also one who has left since the list of an earlier day
        by_reason[true_of.get(student) or why(principal)].append(student)
    return dict(by_reason)
