"""The tables about families: guardians and notices from the records, letters, requests and disputes.

Guardians, notices, ages and home languages are replaced at each newest run. What was sent, released,
asked and challenged is added and never changed: triggers hold that for the record of what was sent.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, String, Table

from ews.store.tables import ID, METADATA

# ---- from the records, at each run -------------------------------------------------------------------

guardians = Table(
    "guardians",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("guardian_id", ID, primary_key=True),
    Column("language", String(3)),  # ISO 639-3
    Column("interpreter", Boolean),
    Column("education_rights", Boolean),
    Column("no_contact", Boolean),
    Column("channel", String(16)),  # phone, text, mail, email or portal
    Column("receives_mail", Boolean),
)

attendance_notices = Table(
    "attendance_notices",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("notice_date", Date, primary_key=True),
    Column("kind", String(20), primary_key=True),
)

of_age = Table(
    "of_age",
    METADATA,
    Column("student_id", ID, primary_key=True),  # 18 or older: the rights are the student's own
)

home_languages = Table(
    "home_languages",
    METADATA,
    Column("school_id", ID, primary_key=True),
    Column("language", String(3), primary_key=True),
    Column("students", Integer, nullable=False),
    Column("enrolled", Integer, nullable=False),
    Column("counted_on", Date, nullable=False),
)
