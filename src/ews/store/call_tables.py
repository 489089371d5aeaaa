"""The tables of call slips: who was called out of which period, and the contact that it became."""

from __future__ import annotations

from sqlalchemy import Column, Date, ForeignKey, Integer, String, Table, Text

from ews.store.tables import ID, METADATA, Instant

calls = Table(
    "calls",
    METADATA,
    Column("call_id", Integer, primary_key=True),
    Column("called_on", Date, nullable=False),
    Column("period", String(50), nullable=False),
    Column("clock", String(5), nullable=False),  # 10:20, or empty
    Column("place", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("form_id", ID, nullable=False, unique=True),
    Column("contact_id", ForeignKey("contact_log.contact_id")),  # once it was logged
)

call_students = Table(
    "call_students",
    METADATA,
    Column("call_id", ForeignKey("calls.call_id"), primary_key=True),
    Column("student_id", ID, primary_key=True),
)
