"""Questions to teachers as they are read: all answers by those who ask, by a teacher only their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, and_, func, select

from ews.people.access import Principal, author_shown, scoped
from ews.people.authors import by_whom
from ews.people.roles import Field
from ews.store.meeting_tables import meeting_students, meetings
from ews.store.question_tables import answers, question_teachers, questions
from ews.store.store import Transaction
from ews.store.tables import run_students, staff
from ews.support.named import record_names
from ews.support.questions import (
    LONGEST_WAIT,
    Teacher,
    is_open,
    may_answer,
    may_ask,
    teachers_of_student,
)
from ews.support.runs import shown_run

MOST_QUESTIONS = 100


@dataclass(frozen=True)
class Answer:
    """What one teacher was asked and answered. text None: no answer yet."""

    staff_id: str
    name: str
    course: str
    period: str | None
    text: str | None
    at: datetime | None
    reminded_on: date | None


@dataclass(frozen=True)
class Question:
    """One question with its answers gathered. mine: asked by the person who looks."""

    question_id: int
    student_id: str
    display_name: str
    text: str
    asked_by: str
    mine: bool
    asked_at: datetime
    due_on: date
    open: bool
    answers: tuple[Answer, ...]

    @property
    def answered(self) -> int:
        """How many have answered."""
        return sum(one.text is not None for one in self.answers)


@dataclass(frozen=True)
class QuestionsView:
    """The page of questions about the students in sight: those that are open, then those that have closed."""

    open: tuple[Question, ...]
    closed: tuple[Question, ...]


@dataclass(frozen=True)
class AskView:
    """The form: whom it is about, who will be asked, and the days that may be chosen.

    meets_on: when the team next meets about the student; usual is then the day before.
    """

    student_id: str
    display_name: str
    teachers: tuple[Teacher, ...]
    first: date
    last: date
    meets_on: date | None
    usual: date | None


@dataclass(frozen=True)
class AskedOfMe:
    """One question as the teacher who was asked reads it: the student's name, and nothing of the record."""

    question_id: int
    display_name: str
    course: str
    period: str | None
    text: str
    asked_by: str
    asked_at: datetime
    due_on: date
    days_left: int
    reminded_on: date | None
    answer: str | None
    answered_at: datetime | None
    open: bool


@dataclass(frozen=True)
class AskedView:
    """Asked of me: what waits for an answer, what was answered and can be added to, what has closed."""

    waiting: tuple[AskedOfMe, ...]
    answered: tuple[AskedOfMe, ...]
    closed: tuple[AskedOfMe, ...]


# ---- for those who ask ------------------------------------------------------------------------------


def ask_view(tx: Transaction, principal: Principal, student_id: str, *, now: datetime) -> AskView | None:
    """The form about a student; None when the student is not theirs, or asking is not for them."""
    name = _names(tx, principal, [student_id]).get(student_id)
    if name is None or not may_ask(principal):
        return None
    record_names(tx, principal, [student_id], action="question_form", now=now, fields=("name", "teachers"))
    today = now.date()
    meets_on = next_meeting(tx, student_id, today)
    return AskView(
        student_id,
        name,
        teachers_of_student(tx, student_id),
        first=today,
        last=today + LONGEST_WAIT,
        meets_on=meets_on,
        usual=meets_on - timedelta(days=1) if meets_on else None,
    )


def next_meeting(tx: Transaction, student_id: str, today: date) -> date | None:
    """The day after ``today`` on which a team next meets about the student, within the longest wait."""
    return tx.execute(
        select(func.min(meetings.c.held_on))
        .join(meeting_students, meeting_students.c.meeting_id == meetings.c.meeting_id)
        .where(
            meeting_students.c.student_id == student_id,
            meeting_students.c.taken_off_at.is_(None),
            meetings.c.held_on > today,
            meetings.c.held_on <= today + LONGEST_WAIT,
        )
    ).scalar()


def questions_view(tx: Transaction, principal: Principal, *, now: datetime) -> QuestionsView:
    """All questions about the students in sight, the nearest day first; the closed ones latest first."""
    found = gathered(tx, principal, now=now) if may_ask(principal) else ()
    about = [one.student_id for one in found]
    record_names(tx, principal, about, action="questions", now=now, fields=("name", "answers"))
    opened = sorted((one for one in found if one.open), key=lambda one: (one.due_on, one.question_id))
    return QuestionsView(tuple(opened), tuple(one for one in found if not one.open))


def question_view(
    tx: Transaction, principal: Principal, question_id: int, *, now: datetime
) -> Question | None:
    """One question with its answers; None for one about a stranger's student and for none alike."""
    found = gathered(tx, principal, questions.c.question_id == question_id, now=now)
    if not found or not may_ask(principal):
        return None
    about = [found[0].student_id]
    record_names(tx, principal, about, action="questions", now=now, fields=("name", "answers"))
    return found[0]


def questions_about(
    tx: Transaction, principal: Principal, student_id: str, *, now: datetime
) -> tuple[Question, ...]:
    """The questions about one student, for their page; none for whoever may not read notes."""
    if not principal.sees(Field.NOTES):
        return ()
    return gathered(tx, principal, questions.c.student_id == student_id, now=now)


def last_questions(
    tx: Transaction, principal: Principal, students: Sequence[str], *, now: datetime
) -> dict[str, Question]:
    """Student to the last question about them, for an agenda; none for whoever may not read notes."""
    if not principal.sees(Field.NOTES) or not students:
        return {}
    found = gathered(tx, principal, questions.c.student_id.in_(list(students)), now=now)
    return {one.student_id: one for one in reversed(found)}


def gathered(tx: Transaction, principal: Principal, *conditions: Any, now: datetime) -> tuple[Question, ...]:
    """The questions about students in sight that meet ``conditions``, latest first, each with its answers."""
    statement = scoped(principal, _told().where(*conditions), questions.c.student_id)
    rows = tx.execute(statement.order_by(questions.c.question_id.desc()).limit(MOST_QUESTIONS)).all()
    told = _answers(tx, [row.question_id for row in rows])
    names = _names(tx, principal, {row.student_id for row in rows})
    return tuple(
        Question(
            question_id=row.question_id,
            student_id=row.student_id,
            display_name=names.get(row.student_id, f"Student {row.student_id}"),
            text=row.text,
            asked_by=author_shown(principal, row.person, row.by_role),
            mine=row.account_id == principal.account_id,
            asked_at=row.asked_at,
            due_on=row.due_on,
            open=is_open(row.due_on, now),
            answers=tuple(told.get(row.question_id, ())),
        )
        for row in rows
    )


def _answers(tx: Transaction, question_ids: Sequence[int]) -> Mapping[int, list[Answer]]:
    """Question to everyone who was asked, each with the last of their answers; who answered stands first."""
    last = _last_answers()
    rows = tx.execute(
        select(question_teachers, staff.c.name, answers.c.text, answers.c.at)
        .join(staff, staff.c.staff_id == question_teachers.c.staff_id, isouter=True)
        .join(
            last,
            and_(
                last.c.question_id == question_teachers.c.question_id,
                last.c.staff_id == question_teachers.c.staff_id,
            ),
            isouter=True,
        )
        .join(answers, answers.c.answer_id == last.c.answer_id, isouter=True)
        .where(question_teachers.c.question_id.in_(list(question_ids)))
    )
    found: dict[int, list[Answer]] = {}
    for row in rows:
        found.setdefault(row.question_id, []).append(
            Answer(
                row.staff_id,
                row.name or row.staff_id,
                row.course,
                row.period,
                row.text,
                row.at,
                row.reminded_on,
            )
        )
    for told in found.values():
        told.sort(key=lambda one: (one.text is None, one.name))
    return found


# ---- for those who are asked ------------------------------------------------------------------------


def asked_view(tx: Transaction, principal: Principal, *, now: datetime) -> AskedView:
    """What this teacher was asked about students whom they teach now; written into the ledger."""
    if not may_answer(principal):
        return AskedView((), (), ())
    last = _last_answers()
    statement = (
        _told(
            question_teachers.c.course,
            question_teachers.c.period,
            question_teachers.c.reminded_on,
            answers.c.text.label("answer"),
            answers.c.at.label("answered_at"),
        )
        .join(question_teachers, question_teachers.c.question_id == questions.c.question_id)
        .join(
            last,
            and_(last.c.question_id == questions.c.question_id, last.c.staff_id == principal.staff_id),
            isouter=True,
        )
        .join(answers, answers.c.answer_id == last.c.answer_id, isouter=True)
        .where(question_teachers.c.staff_id == principal.staff_id)
    )
    statement = scoped(principal, statement, questions.c.student_id)
    rows = tx.execute(
        statement.order_by(questions.c.due_on.desc(), questions.c.question_id).limit(MOST_QUESTIONS)
    ).all()
    names = _names(tx, principal, {row.student_id for row in rows})
    theirs = [row.student_id for row in rows]
    record_names(tx, principal, theirs, action="asked", now=now, fields=("name",))
    found = [_asked_of_me(row, principal, names, now) for row in rows]
    nearest = sorted(found, key=lambda one: (one.due_on, one.display_name))
    return AskedView(
        waiting=tuple(one for one in nearest if one.open and one.answer is None),
        answered=tuple(one for one in nearest if one.open and one.answer is not None),
        closed=tuple(one for one in found if not one.open),
    )


def _asked_of_me(row: Row, principal: Principal, names: Mapping[str, str], now: datetime) -> AskedOfMe:
    return AskedOfMe(
        question_id=row.question_id,
        display_name=names.get(row.student_id, f"Student {row.student_id}"),
        course=row.course,
        period=row.period,
        text=row.text,
        asked_by=author_shown(principal, row.person, row.by_role),
        asked_at=row.asked_at,
        due_on=row.due_on,
        days_left=(row.due_on - now.date()).days,
        reminded_on=row.reminded_on,
        answer=row.answer,
        answered_at=row.answered_at,
        open=is_open(row.due_on, now),
    )


# ---- what both read ---------------------------------------------------------------------------------


def _told(*more: Any) -> Select[Any]:
    """Questions that stand, with who asked, by their name on the roster where it has one."""
    asked = select(questions, *more).select_from(questions)
    return by_whom(asked, questions.c.account_id).where(questions.c.undone_at.is_(None))


def _last_answers() -> Any:
    """Question, teacher and the number of the last answer."""
    return (
        select(answers.c.question_id, answers.c.staff_id, func.max(answers.c.answer_id).label("answer_id"))
        .group_by(answers.c.question_id, answers.c.staff_id)
        .subquery()
    )


def _names(tx: Transaction, principal: Principal, students: Iterable[str]) -> dict[str, str]:
    """Student to name as the newest run shows them, for those of ``students`` in sight."""
    run = shown_run(tx)
    wanted = list(students)
    if run is None or not wanted:
        return {}
    of = run_students.c
    statement = select(of.student_id, of.display_name).where(
        of.run_id == run.run_id, of.student_id.in_(wanted)
    )
    rows = tx.execute(scoped(principal, statement, of.student_id))
    shown = principal.sees(Field.NAMES)
    return {row.student_id: row.display_name if shown else f"Student {row.student_id}" for row in rows}
