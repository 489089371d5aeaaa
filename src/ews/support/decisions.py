"""What a team decided for whom; each decision also becomes a note on the student."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from ews.errors import UsageError
from ews.people.access import Principal, author_shown
from ews.people.authors import by_whom
from ews.store.meeting_tables import meeting_decisions, meetings
from ews.store.store import Transaction
from ews.support.actions import add_note, once
from ews.support.meetings import LONGEST_WAIT, is_on_agenda, may_meet, short
from ews.support.words_written import LONGEST_TEXT, words_written


@dataclass(frozen=True)
class Decision:
    """What a team decided for a student, and who does what by when."""

    decided: str
    adult: str
    does: str
    due_on: date | None
    who: str
    at: datetime


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


def decisions_of(tx: Transaction, principal: Principal, meeting_id: int) -> dict[str, tuple[Decision, ...]]:
    """Student to what was decided in a meeting, in the order of writing."""
    of = meeting_decisions.c
    rows = tx.execute(
        by_whom(select(meeting_decisions), of.account_id)
        .where(of.meeting_id == meeting_id)
        .order_by(of.decision_id)
    )
    found: dict[str, tuple[Decision, ...]] = {}
    for row in rows:
        who = author_shown(principal, row.person, row.by_role)
        told = Decision(row.decided, row.adult, row.does, row.due_on, who, row.at)
        found[row.student_id] = (*found.get(row.student_id, ()), told)
    return found
