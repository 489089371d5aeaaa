"""One question to all teachers of a student: asked once, answered by each in one box before a day.

A teacher learns the question, the student's name and nothing else of the record, and reads no answer but
their own. It closes by itself after its day. Everything is written with who and when, and into the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row, select, update

from ews.errors import UsageError
from ews.people.access import Principal, all_in_sight, scoped
from ews.people.ledger import record_view
from ews.people.roles import Act
from ews.store.question_tables import answers, question_teachers, questions
from ews.store.schedule_tables import class_sections, section_seats, section_teachers
from ews.store.store import Transaction
from ews.store.tables import staff
from ews.support.actions import once
from ews.support.words_written import words_written

LONGEST_QUESTION = 1_000
LONGEST_WAIT = timedelta(days=30)
NO_TEACHERS = "No teacher is on record for this student."


@dataclass(frozen=True)
class Teacher:
    """Who teaches a student now, and in which course."""

    staff_id: str
    name: str
    course: str
    period: str | None


def teachers_of_student(tx: Transaction, student_id: str) -> tuple[Teacher, ...]:
    """Everyone who teaches a student (whom the caller may see) now: each once, by name."""
    rows = tx.execute(
        select(section_teachers.c.staff_id, section_teachers.c.period, staff.c.name, class_sections.c.title)
        .join(section_seats, section_seats.c.section_id == section_teachers.c.section_id)
        .join(class_sections, class_sections.c.section_id == section_teachers.c.section_id)
        .join(staff, staff.c.staff_id == section_teachers.c.staff_id, isouter=True)
        .where(section_seats.c.student_id == student_id)
        .order_by(section_teachers.c.period, class_sections.c.title)
    )
    found: dict[str, Teacher] = {}
    for row in rows:
        found.setdefault(row.staff_id, Teacher(row.staff_id, row.name or row.staff_id, row.title, row.period))
    return tuple(sorted(found.values(), key=lambda one: one.name))


def ask_teachers(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    text: str,
    *,
    due_on: date,
    now: datetime,
    form_id: str,
) -> int:
    """Asks everyone who teaches the student; the question's number, or 0 when the student is not theirs.

    Errors: UsageError for an empty or long question, a day behind or too far ahead, no teacher on record.
    """
    if not may_ask(principal) or not all_in_sight(tx, principal, [student_id]):
        return 0
    words = words_written(text, "The question is empty.", longest=LONGEST_QUESTION)
    today = now.date()
    if not today <= due_on <= today + LONGEST_WAIT:
        raise UsageError("That day is not within the next thirty days.", "Choose the day before you meet.")
    teachers = teachers_of_student(tx, student_id)
    if not teachers:
        raise UsageError(NO_TEACHERS, "Ask the office whether the schedule was handed over.")
    record_view(tx, principal, action="question", students=[student_id], fields=("name",), at=now)
    sent = once(form_id, student_id, words, due_on.isoformat())
    before = tx.execute(select(questions.c.question_id).where(questions.c.form_id == sent)).scalar()
    if before is not None:
        return int(before)
    made = tx.execute(
        questions.insert().values(
            student_id=student_id,
            text=words,
            asked_at=now,
            account_id=principal.account_id,
            due_on=due_on,
            form_id=sent,
        )
    )
    number = int(made.inserted_primary_key[0])  # type: ignore[index]
    tx.execute(question_teachers.insert(), [_asked(number, teacher) for teacher in teachers])
    return number


def answer_question(
    tx: Transaction, principal: Principal, question_id: int, text: str, *, now: datetime, form_id: str
) -> bool:
    """A teacher's answer; False when they were not asked, or no longer teach the student.

    Errors: UsageError when it is empty or too long, or the question has closed or was taken back.
    """
    question = asked_of(tx, principal, question_id)
    if question is None:
        return False
    words = words_written(text, "The answer is empty.")
    if question.undone_at is not None:
        raise UsageError("The question was taken back.", "Tell the person who asked what you know.")
    if not is_open(question.due_on, now):
        raise UsageError(
            "The question has closed: its day is over.", "Tell the person who asked what you know."
        )
    record_view(tx, principal, action="answer", students=[question.student_id], fields=("name",), at=now)
    sent = once(form_id, words)
    same = (answers.c.form_id == sent) & (answers.c.question_id == question_id)
    if tx.execute(select(answers.c.answer_id).where(same)).scalar() is None:
        tx.execute(
            answers.insert().values(
                question_id=question_id,
                staff_id=principal.staff_id,
                text=words,
                at=now,
                account_id=principal.account_id,
                form_id=sent,
            )
        )
    return True


def remind_teachers(tx: Transaction, principal: Principal, question_id: int, *, now: datetime) -> bool:
    """Marks the question as waited for with everyone who has not answered; False when it is not theirs."""
    question = _asked_about(tx, principal, question_id)
    if question is None or question.undone_at is not None:
        return False
    if not is_open(question.due_on, now):
        raise UsageError("The question has closed: its day is over.", "Ask once more, with another day.")
    answered = select(answers.c.staff_id).where(answers.c.question_id == question_id)
    record_view(tx, principal, action="reminder", students=[question.student_id], fields=("name",), at=now)
    tx.execute(
        update(question_teachers)
        .where(question_teachers.c.question_id == question_id, question_teachers.c.staff_id.not_in(answered))
        .values(reminded_on=now.date())
    )
    return True


def take_question_back(tx: Transaction, principal: Principal, question_id: int, *, now: datetime) -> bool:
    """Takes one's own question back, once, while nobody has answered; False otherwise."""
    question = _asked_about(tx, principal, question_id)
    if question is None or question.account_id != principal.account_id:
        return False
    if question.undone_at is not None:
        return True
    if tx.execute(select(answers.c.answer_id).where(answers.c.question_id == question_id)).first():
        return False
    record_view(
        tx, principal, action="question_undone", students=[question.student_id], fields=("name",), at=now
    )
    tx.execute(update(questions).where(questions.c.question_id == question_id).values(undone_at=now))
    return True


def may_ask(principal: Principal) -> bool:
    """Whether asking teachers is for this person."""
    return principal.does(Act.ASK_TEACHERS) and principal.account_id is not None


def may_answer(principal: Principal) -> bool:
    """Whether answering is for this person, who is then a teacher on the roster."""
    return (
        principal.does(Act.ANSWER_QUESTIONS) and bool(principal.staff_id) and principal.account_id is not None
    )


def is_open(due_on: date, now: datetime) -> bool:
    """Whether a question is still answered: to the end of its day."""
    return now.date() <= due_on


def asked_of(tx: Transaction, principal: Principal, question_id: int) -> Row | None:
    """The question, when it was asked of this teacher and they still teach the student."""
    if not may_answer(principal):
        return None
    statement = (
        select(questions)
        .join(question_teachers, question_teachers.c.question_id == questions.c.question_id)
        .where(
            questions.c.question_id == question_id,
            question_teachers.c.staff_id == principal.staff_id,
        )
    )
    return tx.execute(scoped(principal, statement, questions.c.student_id)).one_or_none()


def _asked_about(tx: Transaction, principal: Principal, question_id: int) -> Row | None:
    """The question, when it is about a student of whoever may ask."""
    if not may_ask(principal):
        return None
    statement = select(questions).where(questions.c.question_id == question_id)
    return tx.execute(scoped(principal, statement, questions.c.student_id)).one_or_none()


def _asked(question_id: int, teacher: Teacher) -> Mapping[str, object]:
    return {
        "question_id": question_id,
        "staff_id": teacher.staff_id,
        "course": teacher.course,
        "period": teacher.period,
    }
