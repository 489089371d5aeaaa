"""The agenda of a team meeting: each student in sight with their minutes, their line and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from ews.people.access import Principal, author_shown
from ews.people.ledger import record_view
from ews.store.store import Transaction
from ews.store.tables import run_students, schools
from ews.support.actions import NOTHING, standings
from ews.support.decisions import Decision, decided_before, decisions_of
from ews.support.facts import Run
from ews.support.list_rows import FIELDS, ListRow, list_row, with_work
from ews.support.meetings import MOST_STUDENTS, Meeting, entries_of, meeting_of, meeting_row
from ews.support.named import NOBODY_FOUND, Found, find_students
from ews.support.question_views import Question, last_questions
from ews.support.runs import of_run, shown_run


@dataclass(frozen=True)
class Entry:
    """One student of an agenda: their place and minutes, their line of the list, what was decided so far.

    question: the last one to all their teachers, with the answers. before: what other meetings decided, what
    is open first.
    """

    place: int
    begins: str
    ends: str
    row: ListRow
    brought_by: str
    decisions: tuple[Decision, ...]
    question: Question | None = None
    before: tuple[Decision, ...] = ()

    @property
    def open_before(self) -> int:
        """How much of what other meetings decided is open."""
        return sum(one.done is None for one in self.before)


@dataclass(frozen=True)
class Agenda:
    """A meeting with the students on its agenda whom the viewer may see.

    found: others whose names have ``name``, to be brought.
    """

    run: Run
    meeting: Meeting
    entries: tuple[Entry, ...]
    today: date
    name: str = ""
    found: Found = NOBODY_FOUND

    @property
    def room(self) -> int:
        """How many students more it takes."""
        return MOST_STUDENTS - len(self.entries)


def agenda(
    tx: Transaction, principal: Principal, meeting_id: int, *, name: str = "", now: datetime
) -> Agenda | None:
    """One meeting with its students; None when none of them is the viewer's. It is in the ledger first.

    name: words of the names of others, who could be brought.
    """
    run = shown_run(tx)
    row = meeting_row(tx, principal, meeting_id)
    if run is None or row is None:
        return None
    meeting = meeting_of(principal, row)
    on_it = tx.execute(entries_of(principal, meeting_id)).all()
    students = [one.student_id for one in on_it]
    facts = {
        one.student_id: one
        for one in tx.execute(of_run(run, run_students).where(run_students.c.student_id.in_(students)))
    }
    record_view(
        tx,
        principal,
        action="agenda",
        students=students,
        fields=FIELDS,
        at=now,
        model_version=run.model_version,
    )
    names = {one.school_id: one.name for one in tx.execute(select(schools))}
    done = standings(tx, principal, students, as_of=run.as_of, today=now.date())
    decided = decisions_of(tx, principal, meeting_id)
    before = decided_before(tx, principal, students, without=meeting_id)
    asked = last_questions(tx, principal, students, now=now)
    shown = [one for one in on_it if one.student_id in facts]
    lines = tuple(
        list_row(facts[one.student_id], principal, run, names, done.get(one.student_id, NOTHING))
        for one in shown
    )
    rows = with_work(tx, principal, lines)
    return Agenda(
        run,
        meeting,
        tuple(
            Entry(
                number,
                *_slot(meeting, number),
                row,
                author_shown(principal, one.person, one.by_role),
                decided.get(one.student_id, ()),
                asked.get(one.student_id),
                before.get(one.student_id, ()),
            )
            for number, (one, row) in enumerate(zip(shown, rows, strict=True), start=1)
        ),
        now.date(),
        name,
        find_students(tx, principal, name, without=students, action="names", now=now)
        if name
        else NOBODY_FOUND,
    )


def _slot(meeting: Meeting, number: int) -> tuple[str, str]:
    """From when to when the ``number``th student is talked about.

    >>> _slot(Meeting(1, date(2025, 11, 20), "09:40", 10, "", "", "", 0, 0), 3)
    ('10:00', '10:10')
    """
    start = datetime.combine(meeting.held_on, time.fromisoformat(meeting.begins))
    ends = [start + timedelta(minutes=meeting.minutes * count) for count in (number - 1, number)]
    return f"{ends[0].hour}:{ends[0]:%M}", f"{ends[1].hour}:{ends[1]:%M}"
