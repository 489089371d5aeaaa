"""The tables of one question to all teachers of a student: the question, who is asked, what each answered.

An answer is added and never changed; of several by one teacher the last stands.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from ews.store.tables import ID, METADATA, Instant

questions = Table(
    "questions",
    METADATA,
    Column("question_id", Integer, primary_key=True),
    Column("student_id", ID, nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("due_on", Date, nullable=False),  # the last day on which it is answered
    Column("form_id", ID, nullable=False, unique=True),
    Column("undone_at", Instant),
)

question_teachers = Table(
    "question_teachers",
    METADATA,
    Column("question_id", ForeignKey("questions.question_id"), primary_key=True),
    Column("staff_id", ID, primary_key=True),
    Column("course", Text, nullable=False),  # what they taught the student when it was asked
    Column("period", String(50)),
    Column("reminded_on", Date),
)
Index("question_teachers_by_staff", question_teachers.c.staff_id)

answers = Table(
    "answers",
    METADATA,
    Column("answer_id", Integer, primary_key=True),
    Column("question_id", ForeignKey("questions.question_id"), nullable=False),
    Column("staff_id", ID, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("form_id", ID, nullable=False),
    UniqueConstraint("form_id", "question_id"),
)
Index("answers_by_question", answers.c.question_id)
