"""The tables about families: guardians and notices from the records, letters, requests and disputes.

Guardians, notices, ages and home languages are replaced at each newest run. What was sent, released,
asked and challenged is added and never changed: triggers hold that for the record of what was sent.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ews.store.tables import ID, METADATA, Instant

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

# ---- letters: written, looked over once by somebody else, sent; never changed -------------------------

letters = Table(
    "letters",
    METADATA,
    Column("letter_id", Integer, primary_key=True),
    Column("student_id", ID, nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("as_of", Date, nullable=False),  # the day of the run that the fact is from
    Column("language", String(16), nullable=False),
    Column("fact", JSON, nullable=False),  # its code and its slots
    Column("text", Text, nullable=False),
    Column("english", Text, nullable=False),
    Column("form_id", ID, nullable=False),
    Column("chosen", JSON),  # what the writer chose and typed, to write it anew; an older letter has none
    Column("instead_of", Integer),  # the letter that this one was written anew from
    UniqueConstraint("form_id", "account_id"),
)

letters_taken_back = Table(
    "letters_taken_back",
    METADATA,
    Column("taking_id", Integer, primary_key=True),
    Column("letter_id", ForeignKey("letters.letter_id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("undone_at", Instant),  # handed in again
)

letter_reviews = Table(
    "letter_reviews",
    METADATA,
    Column("letter_id", ForeignKey("letters.letter_id"), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("verdict", String(16), nullable=False),  # released or returned
    Column("confirmed", JSON, nullable=False),
    Column("words", Text, nullable=False),
)

letter_sendings = Table(
    "letter_sendings",
    METADATA,
    Column("letter_id", ForeignKey("letters.letter_id"), primary_key=True),
    Column("guardian_id", ID, primary_key=True),
    Column("student_id", ID, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("sent_on", Date, nullable=False),
    Column("channel", String(16), nullable=False),
    Column("language", String(16), nullable=False),
    Column("text", Text, nullable=False),  # which text exactly
)

# ---- what a family asks for and challenges: rows are added; what came of one is a row of its own ------

record_requests = Table(
    "record_requests",
    METADATA,
    Column("request_id", Integer, primary_key=True),
    Column("student_id", ID, nullable=False, index=True),
    Column("asked_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("asked_by", String(16), nullable=False),  # guardian or student
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("form_id", ID, nullable=False),
    UniqueConstraint("form_id", "account_id"),
)

records_given = Table(
    "records_given",
    METADATA,
    Column("request_id", ForeignKey("record_requests.request_id"), primary_key=True),
    Column("given_on", Date, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
)

disputes = Table(
    "disputes",
    METADATA,
    Column("dispute_id", Integer, primary_key=True),
    Column("student_id", ID, nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # fact or inference
    Column("about", String(32), nullable=False),  # a domain, or other
    Column("words", Text, nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("meet_by", Date, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("form_id", ID, nullable=False),
    UniqueConstraint("form_id", "account_id"),
)

dispute_steps = Table(
    "dispute_steps",
    METADATA,
    Column("dispute_id", ForeignKey("disputes.dispute_id"), primary_key=True),
    Column("kind", String(16), primary_key=True),  # met or resolved: each once
    Column("on", Date, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("words", Text, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("at", Instant, nullable=False),
)
