"""What a team decided for whom, and whether it is done; each decision also becomes a note on the student."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, select, update

from ews.errors import UsageError
from ews.people.access import Principal, author_shown, scoped
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.store.meeting_tables import decisions_done, meeting_decisions, meetings
from ews.store.store import Transaction
from ews.support.actions import add_note, once
from ews.support.meetings import LONGEST_WAIT, is_on_agenda, may_meet, short
from ews.support.words_written import LONGEST_TEXT, words_written

DONE, NOT_DONE = "decision_done", "decision_not_done"
MOST_DONE = 4  # of one student that are told beside what is open


@dataclass(frozen=True)
class Done:
    """That a decision is done: who said so and when. mine: said by whoever looks, who can take it back."""

    who: str
    at: datetime
    mine: bool


@dataclass(frozen=True)
class Decision:
    """What a team decided for a student, and who does what by when. done: None while it is open."""

    decided: str
    adult: str
    does: str
    due_on: date | None
    who: str
    at: datetime
    decision_id: int = 0
    meeting_id: int = 0
    held_on: date | None = None
    done: Done | None = None


def decide(
    tx: Transaction,
    principal: Principal,
    meeting_id: int,
    student_id: str,
    *,
    decided: str,
    adult: str = "",
    does: str = "",
    due_on: date | None = None,
    form_id: str,
    now: datetime,
) -> bool:
    """What the team decided for a student, kept beside what was written before, and as a note on them.

    False when the student is not on an agenda of theirs. Errors: UsageError without words, with too many,
    or with a day that is more than a year away.
    """
    words = words_written(decided, "What was decided is empty.", longest=LONGEST_TEXT // 2)
    if due_on is not None and due_on > now.date() + LONGEST_WAIT:
        raise UsageError("That day is more than a year away.", "Choose an earlier day.")
    if not may_meet(principal) or not is_on_agenda(tx, principal, meeting_id, student_id):
        return False
    held_on = tx.execute(select(meetings.c.held_on).where(meetings.c.meeting_id == meeting_id)).scalar_one()
    task = Decision(words, short(adult, "The adult"), short(does, "What they do"), due_on, "", now)
    form_id = once(form_id, str(meeting_id), task.decided, task.adult, task.does, str(due_on))
    if not add_note(tx, principal, student_id, note_of(task, held_on), now=now, form_id=form_id):
        return False
    of = meeting_decisions.c
    sent = (of.form_id == form_id) & (of.student_id == student_id)
    if tx.execute(select(of.decision_id).where(sent)).scalar() is None:
        tx.execute(
            meeting_decisions.insert().values(
                meeting_id=meeting_id,
                student_id=student_id,
                decided=task.decided,
                adult=task.adult,
                does=task.does,
                due_on=due_on,
                account_id=principal.account_id,
                at=now,
                form_id=form_id,
            )
        )
    return True


def note_of(decision: Decision, held_on: date) -> str:
    """A decision as the note that stands on the student's page.

    >>> told = Decision("Mentor, twice a week.", "Ms. Roy", "asks him", date(2025, 12, 4), "", datetime.min)
    >>> note_of(told, date(2025, 11, 20))
    'Team meeting, 20 Nov 2025: Mentor, twice a week. Ms. Roy: asks him, by 4 Dec.'
    """
    who_does_what = ": ".join(part for part in (decision.adult, decision.does) if part)
    by = f"by {decision.due_on.day} {decision.due_on:%b}" if decision.due_on else ""
    task = ", ".join(part for part in (who_does_what, by) if part)
    text = f"Team meeting, {held_on.day} {held_on:%b %Y}: {decision.decided.rstrip('.')}."
    return f"{text} {task.rstrip('.')}." if task else text


# ---- whether it is done -------------------------------------------------------------------------------


def mark_done(tx: Transaction, principal: Principal, decision_id: int, *, now: datetime) -> bool:
    """What was decided is done; False when the student is not theirs. Said twice is once."""
    student = _student_of(tx, principal, decision_id)
    if student is None:
        return False
    record_view(tx, principal, action=DONE, students=[student], fields=("decision",), at=now)
    # From here on one writer at a time: the ledger is locked.
    if not tx.execute(select(is_done(decision_id))).scalar():
        tx.execute(
            decisions_done.insert().values(
                decision_id=decision_id, account_id=principal.account_id, at=now, undone_at=None
            )
        )
    return True


def take_done_back(tx: Transaction, principal: Principal, decision_id: int, *, now: datetime) -> bool:
    """It is open again, once; False when it was never this person who said that it is done."""
    student = _student_of(tx, principal, decision_id)
    of = decisions_done.c
    own = (of.decision_id == decision_id) & (of.account_id == principal.account_id)
    said = list(tx.execute(select(of.undone_at).where(own)).scalars())
    if student is None or not said:
        return False
    if None not in said:
        return True
    record_view(tx, principal, action=NOT_DONE, students=[student], fields=("decision",), at=now)
    tx.execute(update(decisions_done).where(own, of.undone_at.is_(None)).values(undone_at=now))
    return True


def is_done(decision_id: ColumnElement[int] | int) -> ColumnElement[bool]:
    """The condition under which a decision is done."""
    of = decisions_done.c
    return exists().where(of.decision_id == decision_id, of.undone_at.is_(None))


def _student_of(tx: Transaction, principal: Principal, decision_id: int) -> str | None:
    if not may_meet(principal):
        return None
    of = meeting_decisions.c
    found = select(of.student_id).where(of.decision_id == decision_id)
    return tx.execute(scoped(principal, found, of.student_id)).scalar()


# ---- what is shown of them ------------------------------------------------------------------------------


def decisions_of(tx: Transaction, principal: Principal, meeting_id: int) -> dict[str, tuple[Decision, ...]]:
    """Student to what was decided in a meeting, in the order of writing."""
    return _by_student(tx, principal, _told().where(meeting_decisions.c.meeting_id == meeting_id))


def decided_before(
    tx: Transaction, principal: Principal, students: Collection[str], *, without: int = 0
) -> dict[str, tuple[Decision, ...]]:
    """Student to what meetings decided for them, but for one meeting: all that is open, the oldest first,
    then the latest that are done. The students are in sight."""
    of = meeting_decisions.c
    found = _by_student(
        tx, principal, _told().where(of.student_id.in_(list(students)), of.meeting_id != without)
    )
    return {student: open_first(decided) for student, decided in found.items()}


def open_first(decided: Collection[Decision]) -> tuple[Decision, ...]:
    """All that is open, and then the latest that are done."""
    done = sorted((one for one in decided if one.done), key=lambda one: one.at, reverse=True)
    return (*(one for one in decided if not one.done), *done[:MOST_DONE])


def _told() -> Select[Any]:
    of = meeting_decisions.c
    told = select(meeting_decisions, meetings.c.held_on).join(
        meetings, meetings.c.meeting_id == of.meeting_id
    )
    return by_whom(told, of.account_id).order_by(of.decision_id)


def _by_student(
    tx: Transaction, principal: Principal, statement: Select[Any]
) -> dict[str, tuple[Decision, ...]]:
    rows = tx.execute(statement).all()
    done = _done(tx, principal, [row.decision_id for row in rows])
    found: dict[str, tuple[Decision, ...]] = {}
    for row in rows:
        told = Decision(
            row.decided,
            row.adult,
            row.does,
            row.due_on,
            author_shown(principal, row.person, row.by_role),
            row.at,
            row.decision_id,
            row.meeting_id,
            row.held_on,
            done.get(row.decision_id),
        )
        found[row.student_id] = (*found.get(row.student_id, ()), told)
    return found


def _done(tx: Transaction, principal: Principal, numbers: Collection[int]) -> Mapping[int, Done]:
    """Those of the decisions that are done."""
    of = decisions_done.c
    if not numbers:
        return {}
    rows: list[Row[Any]] = list(
        tx.execute(
            by_whom(select(decisions_done), of.account_id).where(
                of.decision_id.in_(list(numbers)), of.undone_at.is_(None)
            )
        )
    )
    return {
        row.decision_id: Done(
            author_shown(principal, row.person, row.by_role), row.at, row.account_id == principal.account_id
        )
        for row in rows
    }
