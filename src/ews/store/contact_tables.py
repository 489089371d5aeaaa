"""The tables of the contact log: one entry for a word with one student or family, or with a whole group."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from ews.store.tables import ID, METADATA, Instant

contact_log = Table(
    "contact_log",
    METADATA,
    Column("contact_id", Integer, primary_key=True),
    Column("contact_on", Date, nullable=False),  # the day it took place
    Column("channel", String(16), nullable=False),
    Column("direction", String(8), nullable=False),  # out: from the school; in: to it
    Column("whom", String(8), nullable=False),  # student or family
    Column("words", Text, nullable=False),
    Column("at", Instant, nullable=False),  # when it was written down
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("form_id", ID, nullable=False),
    Column("undone_at", Instant),
    UniqueConstraint("form_id", "account_id"),
)

contact_students = Table(
    "contact_students",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("contact_id", ForeignKey("contact_log.contact_id"), primary_key=True),
)
Index("contact_students_by_contact", contact_students.c.contact_id)
