"""The tables of team meetings: the meeting, the students on its agenda, and what was decided.

A decision is added and never changed: of two people who write at once neither loses a word. That it is done
is a row of its own.
"""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from ews.store.tables import ID, METADATA, Instant

meetings = Table(
    "meetings",
    METADATA,
    Column("meeting_id", Integer, primary_key=True),
    Column("held_on", Date, nullable=False),
    Column("begins", String(5), nullable=False),  # 10:00, where the school is
    Column("minutes", Integer, nullable=False),  # for each student
    Column("school_id", ID, nullable=False),
    Column("attending", Text, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("form_id", ID, nullable=False, unique=True),
)

meeting_students = Table(
    "meeting_students",
    METADATA,
    Column("meeting_id", ForeignKey("meetings.meeting_id"), primary_key=True),
    Column("student_id", ID, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),  # who brought them
    Column("taken_off_at", Instant),
)
Index("meeting_students_by_student", meeting_students.c.student_id)

meeting_decisions = Table(
    "meeting_decisions",
    METADATA,
    Column("decision_id", Integer, primary_key=True),
    Column("meeting_id", ForeignKey("meetings.meeting_id"), nullable=False),
    Column("student_id", ID, nullable=False),
    Column("decided", Text, nullable=False),
    Column("adult", Text, nullable=False),  # who does it
    Column("does", Text, nullable=False),  # what
    Column("due_on", Date),  # by when
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("form_id", ID, nullable=False),
    UniqueConstraint("form_id", "student_id"),
)

decisions_done = Table(
    "decisions_done",
    METADATA,
    Column("done_id", Integer, primary_key=True),
    Column("decision_id", ForeignKey("meeting_decisions.decision_id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),  # taken back
)
Index("meeting_decisions_by_meeting", meeting_decisions.c.meeting_id, meeting_decisions.c.student_id)
