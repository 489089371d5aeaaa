"""Team meetings: who is proposed, the agenda of at most twelve, and what was decided for whom.

A meeting is seen by whoever may see a student on its agenda, and each sees only their own students there.
Every look is in the ledger before it returns; a decision also becomes a note on the student.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, update

from ews.errors import UsageError
from ews.people.access import Principal, all_in_sight, author_shown, scoped
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import Act
from ews.school_year import first_day, school_year_of
from ews.store.meeting_tables import meeting_decisions, meeting_students, meetings
from ews.store.store import Transaction
from ews.store.tables import placements, run_students, schools
from ews.support.actions import NOTHING, add_note, once, standings
from ews.support.facts import Run
from ews.support.levels import FIRST, LISTED
from ews.support.list_rows import FIELDS, ListRow, list_row, with_work
from ews.support.named import NOBODY_FOUND, Found, find_students
from ews.support.question_views import Question, last_questions
from ews.support.runs import of_run, shown_run
from ews.support.words_written import LONGEST_TEXT, words_written

MOST_STUDENTS = 12
MOST_CANDIDATES = 60
FEWEST_MINUTES, MOST_MINUTES = 3, 60
LONGEST_NAMES = 500  # characters of who attends, of an adult
LONGEST_WAIT = timedelta(days=366)  # a meeting and a due day lie within a year
HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True)
class Candidate:
    """A student who could be talked about. proposed: See first, and in no meeting of this school year."""

    row: ListRow
    discussed_on: date | None
    proposed: bool


@dataclass(frozen=True)
class Candidates:
    """Whom a meeting at a school could be about, and the schools there are to choose from.

    found: others there whose names have ``name``.
    """

    run: Run | None
    school_id: str
    schools: Mapping[str, str]
    students: tuple[Candidate, ...]
    more: int
    today: date
    name: str = ""
    found: Found = NOBODY_FOUND


@dataclass(frozen=True)
class Decision:
    """What a team decided for a student, and who does what by when."""

    decided: str
    adult: str
    does: str
    due_on: date | None
    who: str
    at: datetime


@dataclass(frozen=True)
class Entry:
    """One student of an agenda: their place and minutes, their line of the list, what was decided so far.

    question: the last one to all their teachers, with the answers.
    """

    place: int
    begins: str
    ends: str
    row: ListRow
    brought_by: str
    decisions: tuple[Decision, ...]
    question: Question | None = None


@dataclass(frozen=True)
class Meeting:
    """When, where and who; the counts are of the students whom the viewer may see."""

    meeting_id: int
    held_on: date
    begins: str
    minutes: int
    school_name: str
    attending: str
    called_by: str
    students: int
    decided: int


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


@dataclass(frozen=True)
class StudentMeetings:
    """The meetings that a student is on the agenda of, latest first, and those to come that have room."""

    about: tuple[Meeting, ...] = ()
    with_room: tuple[Meeting, ...] = ()


NO_MEETINGS = StudentMeetings()


def may_meet(principal: Principal) -> bool:
    """Whether this person plans support with a team."""
    return principal.does(Act.PLAN) and principal.account_id is not None


# ---- whom to talk about -----------------------------------------------------------------------------


def candidates(
    tx: Transaction, principal: Principal, school: str | None, *, name: str = "", now: datetime
) -> Candidates:
    """Who is on the list at a school in sight, those proposed first; written into the ledger.

    school: None for the first by name. name: words of the names of others to choose from. ``tx`` must be
    able to write, and to commit.
    """
    run = shown_run(tx)
    if run is None:
        return Candidates(None, "", {}, (), 0, now.date())
    known = _schools_in_sight(tx, principal, run)
    school_id = school if school in known else next(iter(known), "")
    of = run_students.c
    listed = scoped(principal, of_run(run, run_students), of.student_id).where(
        of.school_id == school_id, of.level.in_(LISTED)
    )
    found = tx.execute(listed.order_by(of.position)).all()
    shown = found[:MOST_CANDIDATES]
    discussed = _discussed(tx, (row.student_id for row in shown), since=first_day(school_year_of(now.date())))
    if shown:
        record_view(
            tx,
            principal,
            action="list",
            students=[row.student_id for row in shown],
            fields=FIELDS,
            at=now,
            model_version=run.model_version,
        )
    left = MOST_STUDENTS
    students = []
    lines = tuple(list_row(row, principal, run, known) for row in shown)
    for row in with_work(tx, principal, lines):
        proposed = left > 0 and row.level == FIRST and row.student_id not in discussed
        left -= proposed
        students.append(Candidate(row, discussed.get(row.student_id), proposed))
    others = NOBODY_FOUND
    if name:
        there = {row.student_id for row in shown}
        others = find_students(tx, principal, name, school=school_id, without=there, action="names", now=now)
    more = len(found) - len(shown)
    return Candidates(run, school_id, known, tuple(students), more, now.date(), name, others)


def _schools_in_sight(tx: Transaction, principal: Principal, run: Run) -> dict[str, str]:
    """The schools of the students that ``principal`` may see, by name."""
    seen = scoped(principal, of_run(run, run_students.c.school_id), run_students.c.student_id).distinct()
    found = tx.execute(select(schools).where(schools.c.school_id.in_(seen)).order_by(schools.c.name))
    return {row.school_id: row.name for row in found}


def _discussed(tx: Transaction, students: Iterable[str], *, since: date) -> dict[str, date]:
    """The day of each student's latest meeting since ``since``."""
    of = meeting_students.c
    found = tx.execute(
        select(of.student_id, func.max(meetings.c.held_on).label("latest"))
        .join(meetings, meetings.c.meeting_id == of.meeting_id)
        .where(of.student_id.in_(list(students)), of.taken_off_at.is_(None), meetings.c.held_on >= since)
        .group_by(of.student_id)
    )
    return {row.student_id: row.latest for row in found}


# ---- planning it --------------------------------------------------------------------------------------


def call_meeting(
    tx: Transaction,
    principal: Principal,
    *,
    held_on: date,
    begins: str,
    minutes: int,
    school_id: str,
    attending: str,
    student_ids: Sequence[str],
    form_id: str,
    now: datetime,
) -> int | None:
    """A new meeting, and its number; None when a student is not theirs, or they call none.

    The same form sent twice calls one meeting. Errors: UsageError for no student, more than twelve, a day
    that is over or more than a year away, an hour that is none.
    """
    wanted = list(dict.fromkeys(student_ids))
    _check_meeting(held_on, begins, minutes, len(wanted), now.date())
    if not may_meet(principal) or not all_in_sight(tx, principal, wanted):
        return None
    known = scoped(principal, select(placements.c.school_id), placements.c.student_id)
    if tx.execute(known.where(placements.c.school_id == school_id).limit(1)).scalar() is None:
        return None
    attending = short(attending, "Who attends")
    form_id = once(form_id, str(held_on), begins, str(minutes), school_id, attending, *wanted)
    # From here on one writer at a time: the ledger is locked.
    record_view(tx, principal, action="meeting", students=wanted, fields=FIELDS, at=now)
    sent = select(meetings.c.meeting_id).where(
        meetings.c.form_id == form_id, meetings.c.account_id == principal.account_id
    )
    if (again := tx.execute(sent).scalar()) is not None:
        return int(again)
    made = tx.execute(
        meetings.insert().values(
            held_on=held_on,
            begins=begins,
            minutes=minutes,
            school_id=school_id,
            attending=attending,
            account_id=principal.account_id,
            created_at=now,
            form_id=form_id,
        )
    )
    meeting_id = int(made.inserted_primary_key[0])  # type: ignore[index]  # the row just made has one
    for place, student in enumerate(wanted, start=1):
        _put_on(tx, principal, meeting_id, student, place)
    return meeting_id


def _check_meeting(held_on: date, begins: str, minutes: int, students: int, today: date) -> None:
    if not students:
        raise UsageError("The agenda is empty.", "Choose at least one student.")
    if students > MOST_STUDENTS:
        raise UsageError(
            f"That is {students} students; a meeting takes at most {MOST_STUDENTS}.",
            "Choose fewer, and call a second meeting for the others.",
        )
    if not today <= held_on <= today + LONGEST_WAIT:
        raise UsageError(
            "A meeting is called for today or a day within the next year.", "Choose another day."
        )
    if not HOUR.fullmatch(begins):
        raise UsageError("The hour is not understood.", "Write it as 10:00.")
    if not FEWEST_MINUTES <= minutes <= MOST_MINUTES:
        raise UsageError(
            f"Each student gets {FEWEST_MINUTES} to {MOST_MINUTES} minutes.", "Choose another number."
        )


def _put_on(tx: Transaction, principal: Principal, meeting_id: int, student_id: str, place: int) -> None:
    tx.execute(
        meeting_students.insert().values(
            meeting_id=meeting_id,
            student_id=student_id,
            place=place,
            account_id=principal.account_id,
            taken_off_at=None,
        )
    )


def bring_student(
    tx: Transaction, principal: Principal, meeting_id: int, student_id: str, *, now: datetime
) -> bool:
    """One student more on an agenda, at its end; False when either is not theirs. Brought twice is once.

    Errors: UsageError when the agenda is full.
    """
    if not may_meet(principal) or not all_in_sight(tx, principal, [student_id]):
        return False
    if _meeting_row(tx, principal, meeting_id) is None:
        return False
    record_view(tx, principal, action="meeting", students=[student_id], fields=FIELDS, at=now)
    of = meeting_students.c
    on_it = tx.execute(select(meeting_students).where(of.meeting_id == meeting_id)).all()
    standing = next((row for row in on_it if row.student_id == student_id), None)
    if standing is not None and standing.taken_off_at is None:
        return True
    if sum(row.taken_off_at is None for row in on_it) >= MOST_STUDENTS:
        raise UsageError(
            f"The agenda has {MOST_STUDENTS} students.", "Take one off first, or call a second meeting."
        )
    place = max((row.place for row in on_it), default=0) + 1
    if standing is None:
        _put_on(tx, principal, meeting_id, student_id, place)
    else:
        again = (of.meeting_id == meeting_id) & (of.student_id == student_id)
        tx.execute(
            update(meeting_students)
            .where(again)
            .values(place=place, taken_off_at=None, account_id=principal.account_id)
        )
    return True


def take_off(
    tx: Transaction, principal: Principal, meeting_id: int, student_id: str, *, now: datetime
) -> bool:
    """A student off an agenda; what was decided for them stays. False when it is not theirs to do."""
    if not may_meet(principal) or not _on_agenda(tx, principal, meeting_id, student_id):
        return False
    record_view(tx, principal, action="meeting", students=[student_id], fields=FIELDS, at=now)
    of = meeting_students.c
    tx.execute(
        update(meeting_students)
        .where(of.meeting_id == meeting_id, of.student_id == student_id)
        .values(taken_off_at=now)
    )
    return True


# ---- the agenda ---------------------------------------------------------------------------------------


def meetings_in_sight(tx: Transaction, principal: Principal) -> tuple[Meeting, ...]:
    """The meetings about students whom ``principal`` may see, latest first; nobody is named."""
    rows = tx.execute(_meetings(principal).order_by(meetings.c.held_on.desc(), meetings.c.meeting_id.desc()))
    return tuple(_meeting(principal, row) for row in rows)


def meetings_about(tx: Transaction, principal: Principal, student_id: str, *, today: date) -> StudentMeetings:
    """The meetings of a student in sight, for whoever plans support with a team."""
    if not may_meet(principal):
        return NO_MEETINGS
    of = meeting_students.c
    on = select(of.meeting_id).where(of.student_id == student_id, of.taken_off_at.is_(None))
    numbers = set(tx.execute(on).scalars())
    known = meetings_in_sight(tx, principal)
    coming = [one for one in known if one.held_on >= today and one.students < MOST_STUDENTS]
    return StudentMeetings(
        about=tuple(one for one in known if one.meeting_id in numbers),
        with_room=tuple(reversed([one for one in coming if one.meeting_id not in numbers])),
    )


def agenda(
    tx: Transaction, principal: Principal, meeting_id: int, *, name: str = "", now: datetime
) -> Agenda | None:
    """One meeting with its students; None when none of them is the viewer's. It is in the ledger first.

    name: words of the names of others, who could be brought.
    """
    run = shown_run(tx)
    row = _meeting_row(tx, principal, meeting_id)
    if run is None or row is None:
        return None
    meeting = _meeting(principal, row)
    on_it = tx.execute(_entries_of(principal, meeting_id)).all()
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
    decided = _decisions(tx, principal, meeting_id)
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


def _meetings(principal: Principal) -> Select[Any]:
    """Meetings with at least one student in sight, and how many of those there are."""
    of = meeting_students.c
    decided = (
        select(meeting_decisions.c.meeting_id, meeting_decisions.c.student_id).distinct().subquery("decided")
    )
    counted = scoped(
        principal,
        select(
            of.meeting_id,
            func.count().label("students"),
            func.count(decided.c.student_id).label("decided"),
        )
        .join(
            decided,
            (decided.c.meeting_id == of.meeting_id) & (decided.c.student_id == of.student_id),
            isouter=True,
        )
        .where(of.taken_off_at.is_(None)),
        of.student_id,
    )
    seen = counted.group_by(of.meeting_id).subquery("seen")
    theirs = (
        select(meetings, seen.c.students, seen.c.decided, schools.c.name.label("school_name"))
        .join(seen, seen.c.meeting_id == meetings.c.meeting_id)
        .join(schools, schools.c.school_id == meetings.c.school_id, isouter=True)
    )
    return by_whom(theirs, meetings.c.account_id)


def _meeting_row(tx: Transaction, principal: Principal, meeting_id: int) -> Row | None:
    return tx.execute(_meetings(principal).where(meetings.c.meeting_id == meeting_id)).one_or_none()


def _meeting(principal: Principal, row: Row) -> Meeting:
    return Meeting(
        meeting_id=row.meeting_id,
        held_on=row.held_on,
        begins=row.begins,
        minutes=row.minutes,
        school_name=row.school_name or row.school_id,
        attending=row.attending,
        called_by=author_shown(principal, row.person, row.by_role),
        students=row.students,
        decided=row.decided,
    )


def _entries_of(principal: Principal, meeting_id: int) -> Select[Any]:
    of = meeting_students.c
    return scoped(
        principal,
        by_whom(select(of.student_id, of.place), of.account_id)
        .where(of.meeting_id == meeting_id, of.taken_off_at.is_(None))
        .order_by(of.place, of.student_id),
        of.student_id,
    )


def _on_agenda(tx: Transaction, principal: Principal, meeting_id: int, student_id: str) -> bool:
    found = _entries_of(principal, meeting_id).where(meeting_students.c.student_id == student_id)
    return tx.execute(found).one_or_none() is not None


# ---- what was decided -----------------------------------------------------------------------------------


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
    if not may_meet(principal) or not _on_agenda(tx, principal, meeting_id, student_id):
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


def _decisions(tx: Transaction, principal: Principal, meeting_id: int) -> dict[str, tuple[Decision, ...]]:
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


def short(text: str, what: str) -> str:
    """A line of text that fits; UsageError when it is too long."""
    line = " ".join(text.replace("\x00", "").split())
    if len(line) > LONGEST_NAMES:
        raise UsageError(f"{what} is longer than {LONGEST_NAMES} characters.", "Shorten it.")
    return line
