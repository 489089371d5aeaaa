"""What people do with the list: acknowledge a student, put one off with a reason, write a note.

Each is written with who and when, and into the ledger. Nothing is changed afterwards: a click can be taken
back, and that is written down too. The same form sent twice acts once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, exists, or_, select, true, update

from ews.errors import UsageError
from ews.people.access import Principal, all_in_sight, author_shown, scoped
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import COUNSELOR, OPERATOR, SCHOOL_ADMINISTRATOR, Act
from ews.store.store import Transaction
from ews.store.tables import actions
from ews.support.words_written import words_written

ACKNOWLEDGED, NOT_NOW, NOTE, UNDONE = "acknowledged", "not_now", "note", "undone"
ANSWERS = (ACKNOWLEDGED, NOT_NOW)  # to a student on the list
TAKEN_BACK = (ACKNOWLEDGED, NOT_NOW, "nominated", "override", "monitoring", "closed")
"""What a click can take back; a note is words, and is answered by another note."""

LONGEST_REST = timedelta(days=21)

ALL, LEADERS, OWN = "all", "leaders", "own"
READERS = {
    ALL: "Staff who work with the student",
    LEADERS: "Counselors and administrators only",
    OWN: "Only me",
}
"""Who among the staff may read a note. The family can read each of them on request."""
WHO_LEAD = (COUNSELOR, SCHOOL_ADMINISTRATOR)


@dataclass(frozen=True)
class Action:
    """One thing that somebody did. mine: done by the person who looks. text: the note, or why not now.

    readers: who among the staff may read a note (``READERS``). choice: what an override says.
    """

    action_id: int
    student_id: str
    kind: str
    at: datetime
    who: str
    mine: bool
    text: str
    returns_on: date | None
    readers: str = ALL
    choice: str | None = None

    @classmethod
    def of(cls, row: Row, principal: Principal) -> Action:
        """A row of ``acts_told`` as ``principal`` reads it."""
        return cls(
            action_id=row.action_id,
            student_id=row.student_id,
            kind=row.kind,
            at=row.at,
            who=author_shown(principal, row.person, row.by_role),
            mine=row.account_id == principal.account_id,
            text=row.text,
            returns_on=row.returns_on,
            readers=row.readers or ALL,
            choice=row.choice,
        )


@dataclass(frozen=True)
class Standing:
    """Where a student stands with people this week: seen, or put off until a day."""

    acknowledged: Action | None = None
    not_now: Action | None = None


NOTHING = Standing()


def may_act(principal: Principal, act: Act = Act.FOLLOW_UP) -> bool:
    """Whether this person may do more than look."""
    return principal.does(act) and principal.account_id is not None


def acknowledge(
    tx: Transaction, principal: Principal, student_id: str, *, as_of: date, now: datetime, form_id: str
) -> bool:
    """Somebody has seen this student on the list of ``as_of``; False when the student is not theirs."""
    return act_on(tx, principal, student_id, ACKNOWLEDGED, now=now, form_id=form_id, as_of=as_of)


def put_off(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    *,
    as_of: date,
    now: datetime,
    form_id: str,
    reason: str,
    returns_on: date,
) -> bool:
    """Not now: out of the first tab until ``returns_on``; False when the student is not theirs.

    Errors: UsageError without a reason, or for a day that is not within the next three weeks.
    """
    today = now.date()
    if not today < returns_on <= today + LONGEST_REST:
        raise UsageError("That day is not within the next three weeks.", "Choose another day to look again.")
    words = words_written(reason, "Not now needs a reason.")
    return act_on(
        tx,
        principal,
        student_id,
        NOT_NOW,
        now=now,
        form_id=once(form_id, words, returns_on.isoformat()),
        as_of=as_of,
        text=words,
        returns_on=returns_on,
    )


def add_note(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    text: str,
    *,
    now: datetime,
    form_id: str,
    readers: str = ALL,
) -> bool:
    """A note beside the record, for ``readers``; False when the student is not theirs.

    Errors: UsageError when it is empty or too long, or for readers that there are not.
    """
    if readers not in READERS:
        raise UsageError("A note needs its readers.", "Choose who may read it.")
    words = words_written(text, "The note is empty.")
    return act_on(
        tx,
        principal,
        student_id,
        NOTE,
        now=now,
        form_id=once(form_id, words, readers),
        text=words,
        readers=readers,
    )


def once(form_id: str, *said: str) -> str:
    """The id under which what a form says is written once: other words from the same form are not lost.

    A form of which the browser kept an old copy (the back button) may come again with another text.
    """
    return hashlib.sha256("\0".join((form_id, *said)).encode()).hexdigest()


def as_written(tx: Transaction, table: Table, form_id: str, *where: ColumnElement[bool]) -> tuple[str, bool]:
    """The id under which a form is written down, and whether what it wrote stands: then it was sent twice.

    What was taken back since, and comes again from an old copy of the page, is meant anew.
    """
    while True:
        row = tx.execute(select(table.c.undone_at).where(table.c.form_id == form_id, *where)).first()
        if row is None or row.undone_at is None:
            return form_id, row is not None
        form_id = once(form_id, UNDONE)


def undo(tx: Transaction, principal: Principal, action_id: int, *, now: datetime) -> bool:
    """Take back one's own click, once however often asked; False when it is not one's own, or a note."""
    own = select(actions.c.student_id, actions.c.undone_at).where(
        actions.c.action_id == action_id,
        actions.c.account_id == principal.account_id,
        actions.c.kind.in_(TAKEN_BACK),
    )
    found = tx.execute(scoped(principal, own, actions.c.student_id)).one_or_none()
    if found is None or not (may_act(principal) or may_act(principal, Act.NOMINATE)):
        return False
    if found.undone_at is not None:
        return True
    record_view(tx, principal, action=UNDONE, students=[found.student_id], fields=(UNDONE,), at=now)
    tx.execute(update(actions).where(actions.c.action_id == action_id).values(undone_at=now))
    return True


# ---- what is shown of them --------------------------------------------------------------------------


def standings(
    tx: Transaction, principal: Principal, students: Iterable[str], *, as_of: date, today: date
) -> Mapping[str, Standing]:
    """Student to standing on the list of ``as_of``, for those of ``students`` with whom anything was done."""
    rows = tx.execute(
        acts_told()
        .where(
            actions.c.student_id.in_(list(students)),
            actions.c.undone_at.is_(None),
            answers_of(as_of, today),
        )
        .order_by(actions.c.action_id)
    )
    return standings_in(rows, principal)


def answers_of(as_of: date, today: date) -> ColumnElement[bool]:
    """The condition on an act that answers the list of ``as_of``: seen on it, or put off beyond ``today``."""
    return ((actions.c.kind == ACKNOWLEDGED) & (actions.c.as_of == as_of)) | _rests(today)


def standings_in(rows: Iterable[Row], principal: Principal) -> Mapping[str, Standing]:
    """Student to standing, from such acts in the order in which they were done."""
    latest: dict[str, dict[str, Action]] = {}
    for row in rows:
        latest.setdefault(row.student_id, {})[row.kind] = Action.of(row, principal)
    return {
        student: Standing(kinds.get(ACKNOWLEDGED), kinds.get(NOT_NOW)) for student, kinds in latest.items()
    }


def resting(student: ColumnElement[str], today: date) -> ColumnElement[bool]:
    """The condition under which ``student`` was put off until a later day than ``today``."""
    return exists().where(actions.c.student_id == student, actions.c.undone_at.is_(None), _rests(today))


def noted_since(principal: Principal, student: ColumnElement[str], moment: datetime) -> ColumnElement[bool]:
    """The condition that ``student`` has a note, of ``moment`` or later, that ``principal`` may read."""
    return exists().where(
        actions.c.student_id == student,
        actions.c.kind == NOTE,
        actions.c.undone_at.is_(None),
        actions.c.at >= moment,
        _readable(principal),
    )


def notes_on(tx: Transaction, principal: Principal, student_id: str) -> tuple[Action, ...]:
    """The notes that ``principal`` may read on a student whom they may see, latest first."""
    rows = tx.execute(
        acts_told()
        .where(actions.c.student_id == student_id, actions.c.kind == NOTE, _readable(principal))
        .order_by(actions.c.action_id.desc())
    )
    return tuple(Action.of(row, principal) for row in rows)


def _readable(principal: Principal) -> ColumnElement[bool]:
    """The condition under which a note is for this person's eyes: its readers, or it is their own."""
    if principal.role == OPERATOR:
        return true()
    readers = actions.c.readers
    conditions = [readers.is_(None), readers == ALL, actions.c.account_id == principal.account_id]
    if principal.role in WHO_LEAD:
        conditions.append(readers == LEADERS)
    return or_(*conditions)


def _rests(today: date) -> ColumnElement[bool]:
    return (actions.c.kind == NOT_NOW) & (actions.c.returns_on > today)


def acts_told() -> Select[Any]:
    """Actions with who did them, by their name on the roster where it has one."""
    return by_whom(select(actions), actions.c.account_id)


# ---- writing ----------------------------------------------------------------------------------------


def act_on(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    kind: str,
    *,
    now: datetime,
    form_id: str,
    as_of: date | None = None,
    text: str = "",
    returns_on: date | None = None,
    readers: str | None = None,
    choice: str | None = None,
    act: Act = Act.FOLLOW_UP,
) -> bool:
    """One action and its entry in the ledger, in ``tx``; the ledger's tail lets one writer in at a time.

    act: what the person must be allowed to do. False when they are not, or the student is not theirs.
    """
    if not may_act(principal, act) or not all_in_sight(tx, principal, [student_id]):
        return False
    record_view(tx, principal, action=kind, students=[student_id], fields=(kind,), at=now)
    same = (actions.c.student_id == student_id, actions.c.kind == kind)
    form_id, stands = as_written(tx, actions, form_id, *same)
    if not stands:
        tx.execute(
            actions.insert().values(
                student_id=student_id,
                kind=kind,
                at=now,
                account_id=principal.account_id,
                as_of=as_of,
                text=text,
                returns_on=returns_on,
                form_id=form_id,
                readers=readers,
                choice=choice,
            )
        )
    return True
