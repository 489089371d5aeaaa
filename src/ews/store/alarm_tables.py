"""The tables about mass reading: how much each person has read, at most, and the alarms that were raised."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table

from ews.store.tables import METADATA, Instant, ledger, ledger_students

readings = Table(
    "readings",
    METADATA,
    Column("who", String(254), primary_key=True),
    Column("students", Integer, nullable=False),  # no fewer than were different ones in the last 24 hours
)

mass_readings = Table(
    "mass_readings",
    METADATA,
    Column("alarm_id", Integer, primary_key=True),
    Column("entry", ForeignKey("ledger.entry"), nullable=False),  # the one that crossed the line
    Column("at", Instant, nullable=False),
    Column("who", String(254), nullable=False),
    Column("role", String(32), nullable=False),
    Column("students", Integer, nullable=False),
    Column("heard_by", String(254)),  # a sign-in name, as who; null: nobody has acknowledged it yet
    Column("heard_at", Instant),
)

Index("ledger_by_who", ledger.c.who, ledger.c.at)
Index("ledger_students_by_entry", ledger_students.c.entry)
