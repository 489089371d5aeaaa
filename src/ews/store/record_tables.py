"""The tables of what a student's page tells from the records: supports, contacts, English, feasible steps.

Supports, contacts and English are replaced at each newest run: they carry their own days, and a page of an
earlier day leaves out what is later. Steps and what is typical belong to a run, since its models said them.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Date, Float, ForeignKey, Index, Integer, String, Table, Text

from ews.store.tables import ID, METADATA

sis_supports = Table(
    "sis_supports",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("intervention_id", ID, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("tier", Integer),
    Column("target", String(16)),
    Column("begins_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("planned_minutes", Float),  # a week
    Column("outcome", String(16)),
    Column("sessions", JSON, nullable=False),  # [day, attended or null, minutes or null] each
)

sis_contacts = Table(
    "sis_contacts",
    METADATA,
    Column("contact_id", ID, primary_key=True),
    Column("student_id", ID, nullable=False),
    Column("contact_on", Date, nullable=False),
    Column("direction", String(8)),
    Column("channel", Text),
    Column("reason", Text),
    Column("who", Text, nullable=False),
    Column("system", Text),
)
Index("sis_contacts_by_student", sis_contacts.c.student_id, sis_contacts.c.contact_on)

english_records = Table(
    "english_records",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("status", String(8), nullable=False),  # EL or RFEP
    Column("status_since", Date, nullable=False),
    Column("learner_since", Date),
    Column("ela_level", Integer),
    Column("results", JSON, nullable=False),  # of the annual test, newest first
)

run_steps = Table(
    "run_steps",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("student_id", ID, primary_key=True),
    Column("steps", JSON, nullable=False),
)

run_typical_weeks = Table(
    "run_typical_weeks",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("grade_level", Integer, primary_key=True),
    Column("signal", String(16), primary_key=True),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
)

run_typical_facts = Table(
    "run_typical_facts",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("grade_level", Integer, primary_key=True),
    Column("feature", String(40), primary_key=True),
    Column("low", Float, nullable=False),
    Column("high", Float, nullable=False),
)
