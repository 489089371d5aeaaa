"""What waits on one person: students nobody has seen yet, reviews that are due, students who come back.

Counselors find their own students here; a school's administrators, who lead its team, also find whoever has
been waiting for ten school days or more, and every review that is overdue, whosever it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select, true

from ews.people.access import Principal, scoped
from ews.people.roles import SCHOOL_ADMINISTRATOR, Act
from ews.store.store import Transaction
from ews.store.tables import actions, run_students
from ews.store.work_tables import follow_ups
from ews.support.actions import NOT_NOW, Action, acts_told
from ews.support.named import Named, names_of, record_names
from ews.support.nominations import NOTHING_SAID, said_of, unanswered
from ews.support.plan_record import plans_to_review
from ews.support.runs import shown_run
from ews.support.states import MONITORING, NEW, SEEN_WITHIN, FollowUp, is_mine, standing_where

TOLD, NAMED, TO_SEE, REVIEW, BACK = "told", "named", "to_see", "review", "back"
TITLES = {
    TOLD: "Not seen by anybody for ten school days or more",
    NAMED: "Named by a colleague",
    TO_SEE: "To see",
    REVIEW: "Reviews",
    BACK: "Put off by you",
}
SOON = timedelta(days=7)


@dataclass(frozen=True)
class Waits:
    """One student who waits: for what, until when, whether it is overdue, whose they are.

    level: what the list suggests, as a word of ``LEVEL_WORDS``' keys. owner: empty for one's own.
    """

    student: Named
    level: str
    kind: str
    words: str
    due: date | None
    overdue: bool
    owner: str


@dataclass(frozen=True)
class Waiting:
    """Everything that waits on one person, kind by kind; each kind the most pressing first."""

    items: tuple[Waits, ...]
    overdue: int

    def of(self, kind: str) -> list[Waits]:
        """Those of one kind."""
        return [one for one in self.items if one.kind == kind]


def what_is_due(tx: Transaction, principal: Principal, *, now: datetime) -> Waiting:
    """What waits on ``principal``, written into the ledger before it is shown."""
    today = now.date()
    found = [*_to_see(tx, principal, today), *_reviews(tx, principal, today), *_back(tx, principal, today)]
    names = names_of(tx, principal, {student for student, *_ in found})
    places = _places(tx, names)
    items = tuple(
        Waits(names[student], places.get(student, ""), kind, words, due, overdue, owner)
        for student, kind, words, due, overdue, owner in found
        if student in names
    )
    record_names(
        tx,
        principal,
        {one.student.student_id for one in items},
        action="due",
        now=now,
        fields=("name", "grade", "state"),
    )
    return Waiting(items, sum(one.overdue for one in items))


def _places(tx: Transaction, students: Iterable[str]) -> dict[str, str]:
    """Student to suggested level, in the order of the newest list."""
    run = shown_run(tx)
    if run is None:
        return {}
    of = run_students.c
    rows = tx.execute(
        select(of.student_id, of.level)
        .where(of.run_id == run.run_id, of.student_id.in_(list(students)))
        .order_by(of.position)
    )
    return {row.student_id: row.level for row in rows}


Found = tuple[str, str, str, date | None, bool, str]


def _mine(principal: Principal) -> ColumnElement[bool]:
    """The follow-ups that are this person's; for whoever leads the team, all in their sight."""
    return true() if leads(principal) else is_mine(principal)


def leads(principal: Principal) -> bool:
    """Whether this person leads the team of their schools, and is told what waits too long."""
    return principal.role == SCHOOL_ADMINISTRATOR


def _to_see(tx: Transaction, principal: Principal, today: date) -> list[Found]:
    if not principal.does(Act.FOLLOW_UP):
        return []
    standing = standing_where(tx, principal, _mine(principal), today=today)
    new = [one for one in standing if one.state == NEW]
    named = said_of(tx, principal, _named(tx, principal, [one.student_id for one in standing]))
    found: list[Found] = []
    order = {
        student: place for place, student in enumerate(_places(tx, (one.student_id for one in standing)))
    }
    last = len(order)
    for one in sorted(standing, key=lambda each: (-each.days, order.get(each.student_id, last))):
        who = named.get(one.student_id, NOTHING_SAID).nominated
        if who and one.mine:
            found.append((one.student_id, NAMED, f"{who[0].who}: {who[0].text}", None, False, ""))
        elif one in new and one.told and leads(principal):
            found.append((one.student_id, TOLD, since(one), None, True, one.owner))
        elif one in new and one.mine:
            found.append((one.student_id, TO_SEE, since(one), None, one.overdue, ""))
    return found


def _named(tx: Transaction, principal: Principal, students: Iterable[str]) -> list[str]:
    wanted = select(follow_ups.c.student_id).where(
        follow_ups.c.student_id.in_(list(students)), unanswered(follow_ups.c.student_id)
    )
    return list(tx.execute(scoped(principal, wanted, follow_ups.c.student_id)).scalars())


def since(one: FollowUp) -> str:
    """How long a student has waited, and what was promised.

    The promise is that somebody sees them within five school days.
    """
    days = f"{one.days} school day{'s' if one.days != 1 else ''}"
    if one.overdue:
        return f"On the list for {days}; to be seen within {SEEN_WITHIN}"
    left = SEEN_WITHIN - one.days
    return f"On the list for {days}; {left} left to see them" if one.days else "On the list since today"


def _reviews(tx: Transaction, principal: Principal, today: date) -> list[Found]:
    """Plans and monitored students to look at again within a week; for whoever leads, all overdue ones."""
    due = [
        one
        for one in standing_where(tx, principal, _mine(principal), today=today)
        if one.state == MONITORING
        and one.review_on
        and one.review_on < (today + SOON + timedelta(days=1) if one.mine else today)
    ]
    due.sort(key=lambda one: one.review_on or today)
    reviews: list[Found] = [
        (
            plan.student_id,
            REVIEW,
            f"{plan.kind}: review the plan",
            plan.review_on,
            plan.review_on is not None and plan.review_on < today,
            plan.adult,
        )
        for plan in plans_to_review(
            tx, principal, today + SOON, everybodys_before=today if leads(principal) else None
        )
    ]
    return reviews + [
        (
            one.student_id,
            REVIEW,
            "Monitoring: look again",
            one.review_on,
            one.review_on is not None and one.review_on < today,
            "" if one.mine else one.owner,
        )
        for one in due
    ]


def _back(tx: Transaction, principal: Principal, today: date) -> list[Found]:
    """Students whom this person has put off, until they are back."""
    statement = acts_told().where(
        actions.c.kind == NOT_NOW,
        actions.c.undone_at.is_(None),
        actions.c.account_id == principal.account_id,
        actions.c.returns_on >= today,
    )
    rows = tx.execute(scoped(principal, statement, actions.c.student_id).order_by(actions.c.returns_on))
    return [
        (one.student_id, BACK, f"Not now: {one.text}", one.returns_on, False, "")
        for one in (Action.of(row, principal) for row in rows)
    ]
