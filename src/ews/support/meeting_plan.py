"""Planning a team meeting: who is proposed, calling it, one student more or less on its agenda.

Every look is in the ledger before it returns.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update

from ews.errors import UsageError
from ews.people.access import Principal, all_in_sight, scoped
from ews.people.ledger import record_view
from ews.school_year import first_day, school_year_of
from ews.store.meeting_tables import meeting_students, meetings
from ews.store.store import Transaction
from ews.store.tables import placements, run_students, schools
from ews.support.actions import once
from ews.support.facts import Run
from ews.support.levels import FIRST, LISTED
from ews.support.list_rows import FIELDS, ListRow, list_row, with_work
from ews.support.meetings import LONGEST_WAIT, MOST_STUDENTS, may_meet, meeting_row, short
from ews.support.named import NOBODY_FOUND, Found, Named, find_students, names_of, record_names
from ews.support.runs import of_run, shown_run

MOST_CANDIDATES = 60
FEWEST_MINUTES, MOST_MINUTES = 3, 60
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

    found: others there whose names have ``name``. chosen: those of the students already ticked who stand
    neither on the list nor among them.
    """

    run: Run | None
    school_id: str
    schools: Mapping[str, str]
    students: tuple[Candidate, ...]
    more: int
    today: date
    name: str = ""
    found: Found = NOBODY_FOUND
    chosen: tuple[Named, ...] = ()


def candidates(
    tx: Transaction,
    principal: Principal,
    school: str | None,
    *,
    name: str = "",
    ticked: Collection[str] = (),
    now: datetime,
) -> Candidates:
    """Who is on the list at a school in sight, those proposed first; written into the ledger.

    school: None for the first by name. name: words of the names of others to choose from. ticked: students
    chosen already. ``tx`` must be able to write, and to commit.
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
    others, there = NOBODY_FOUND, {row.student_id for row in shown}
    chosen = names_of(tx, principal, [one for one in ticked if one not in there])
    record_names(tx, principal, chosen, action="names", now=now)
    if name:
        there |= chosen.keys()
        others = find_students(tx, principal, name, school=school_id, without=there, action="names", now=now)
    more = len(found) - len(shown)
    kept = tuple(chosen.values())
    return Candidates(run, school_id, known, tuple(students), more, now.date(), name, others, kept)


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


# ---- calling it ---------------------------------------------------------------------------------------


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
    if meeting_row(tx, principal, meeting_id) is None:
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
    """A student off an agenda, once; what was decided for them stays. False when it is not theirs to do."""
    of = meeting_students.c
    its = (of.meeting_id == meeting_id) & (of.student_id == student_id)
    row = tx.execute(scoped(principal, select(of.taken_off_at).where(its), of.student_id)).one_or_none()
    if row is None or not may_meet(principal):
        return False
    if row.taken_off_at is not None:
        return True
    record_view(tx, principal, action="meeting", students=[student_id], fields=FIELDS, at=now)
    tx.execute(update(meeting_students).where(its).values(taken_off_at=now))
    return True
