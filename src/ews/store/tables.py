"""The tables of the application database, one after the other.

Ids are text, days are dates, instants are UTC. What is read as a whole (drivers, trends) is JSON;
what is searched, sorted or counted is a column. A change here is a new file in ``migrations/versions``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Instant(TypeDecorator[datetime]):
    """A moment, always with its timezone; stored in UTC (SQLite keeps no timezone)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """``value`` in UTC; a moment without a timezone is refused, since nobody could say which it was."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs its timezone.")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """``value`` in UTC, with the timezone said."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()
ID = String(64)
HASH = String(64)


# ---- people ----------------------------------------------------------------------------------------

accounts = Table(
    "accounts",
    METADATA,
    Column("account_id", Integer, primary_key=True),
    Column("name", String(254), nullable=False, unique=True),
    Column("role", String(32), nullable=False),
    Column("staff_id", ID),
    Column("school_ids", JSON, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("must_change", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled_at", Instant),
)

sign_in_failures = Table(
    "sign_in_failures",
    METADATA,
    Column("kind", String(16), primary_key=True),  # account or address
    Column("name", String(254), primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("last_at", Instant, nullable=False),
)

sessions = Table(
    "sessions",
    METADATA,
    Column("token_hash", HASH, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

clients = Table(
    "clients",
    METADATA,
    Column("client_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),  # parted by spaces, as in OAuth
    Column("school_ids", JSON, nullable=False),  # empty: every school
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant),
)

client_secrets = Table(
    "client_secrets",
    METADATA,
    Column("secret_hash", HASH, primary_key=True),
    Column("client_id", ForeignKey("clients.client_id"), nullable=False, index=True),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

tokens = Table(
    "tokens",
    METADATA,
    Column("token_hash", HASH, primary_key=True),
    Column("client_id", ForeignKey("clients.client_id"), nullable=False, index=True),
    Column("scopes", Text, nullable=False),
    Column("issued_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# ---- the ledger: rows are added and never changed; triggers in the database hold that too ------------

ledger = Table(
    "ledger",
    METADATA,
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("who", String(254), nullable=False),
    Column("role", String(32), nullable=False),
    Column("action", String(32), nullable=False),
    Column("reason", Text, nullable=False),
    Column("students", Text, nullable=False),  # JSON list, sorted; part of what the chain seals
    Column("fields", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("seal", HASH, nullable=False),
)

ledger_students = Table(
    "ledger_students",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("entry", ForeignKey("ledger.entry"), primary_key=True),
)

ledger_tail = Table(
    "ledger_tail",
    METADATA,
    Column("tail_id", Integer, primary_key=True),
    Column("entry", Integer, nullable=False),
    Column("seal", HASH, nullable=False),
)

# ---- who works where, and with whom (from the records, at each run) ----------------------------------

schools = Table(
    "schools",
    METADATA,
    Column("school_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
)

staff = Table(
    "staff",
    METADATA,
    Column("staff_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text),
    Column("role", Text),
    Column("school_id", ID),
)

caseloads = Table(
    "caseloads",
    METADATA,
    Column("staff_id", ID, primary_key=True),
    Column("student_id", ID, primary_key=True),
    Column("role", String(64), primary_key=True),
)
Index("caseloads_by_student", caseloads.c.student_id)

placements = Table(
    "placements",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("school_id", ID, nullable=False, index=True),
)

# ---- runs and what they say --------------------------------------------------------------------------

runs = Table(
    "runs",
    METADATA,
    Column("run_id", ID, primary_key=True),
    Column("serial", Integer, nullable=False, unique=True),  # in the order of finishing
    Column("as_of", Date, nullable=False, index=True),
    Column("school_year", Integer, nullable=False),
    Column("status", String(16), nullable=False),  # scored or no_model
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("students", Integer, nullable=False),
    Column("models", JSON, nullable=False),  # domain -> model version
    Column("lake_versions", JSON, nullable=False),
    Column("files", JSON, nullable=False),  # file in runs/<run_id>/ -> sha256
    Column("lines", JSON, nullable=False),  # the settings that drew bands and levels
    Column("hit_rate", Text),
)

run_schools = Table(
    "run_schools",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("school_id", ID, primary_key=True),
    Column("name", Text, nullable=False),
    Column("enrolled", Integer, nullable=False),
    Column("attendance_through", Date),
    Column("marks_through", Date),
    Column("incidents_through", Date),
    Column("first_places", Integer, nullable=False),
    Column("listed_places", Integer, nullable=False),
    Column("first_line", Float, nullable=False),
    Column("next_line", Float, nullable=False),
    Column("beyond", Integer, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("notices", JSON, nullable=False),
    Column("days_behind", Integer),  # school days of attendance that are wanting; null: none on record
)

run_students = Table(
    "run_students",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("student_id", ID, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("school_id", ID, nullable=False),
    Column("grade_level", Integer, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("search_name", Text, nullable=False),
    Column("sort_name", Text, nullable=False),
    Column("new_student", Boolean, nullable=False),
    Column("status", String(20), nullable=False),
    Column("level", String(20), nullable=False),
    Column("previous_level", String(20)),
    Column("is_new", Boolean, nullable=False),
    Column("changed", Boolean, nullable=False),
    Column("waiting", Boolean, nullable=False),
    Column("urgency", Float),
    Column("weeks_below", Integer, nullable=False),
    Column("expected_days", Float),
    Column("rules", String(8), nullable=False),  # letters of the ABC rules met
    Column("trend", JSON, nullable=False),
    Column("trend_word", String(16), nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("going_well", JSON, nullable=False),
    Column("missed", Float),  # days missed in the weeks of the trend
    Column("last_contact", JSON),
    Column("contact_on", Date),
    Column("plan", JSON),
    Column("tier", String(16), nullable=False),
    Column("attendance_through", Date),
    Column("marks_through", Date),
    Column("incidents_through", Date),
)
Index("run_students_by_position", run_students.c.run_id, run_students.c.position)

scores = Table(
    "scores",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("student_id", ID, primary_key=True),
    Column("domain", String(16), primary_key=True),
    Column("probability", Float),
    Column("band", String(16)),
    Column("status", String(20), nullable=False),
    Column("data_coverage", Float, nullable=False),
    Column("drivers", JSON, nullable=False),
    Column("going_well", JSON, nullable=False),
    Column("note", Text),
    Column("why_not", Text),
    Column("model_version", Text, nullable=False),
    Column("range_low", Float),  # of one, in steps of .05; None where the model keeps no ranges
    Column("range_high", Float),
)

shadow_scores = Table(
    "shadow_scores",
    METADATA,
    Column("run_id", ForeignKey("runs.run_id"), primary_key=True),
    Column("student_id", ID, primary_key=True),
    Column("domain", String(16), primary_key=True),
    Column("probability", Float, nullable=False),
    Column("model_version", Text, nullable=False),
)

# ---- what was found when somebody watched --------------------------------------------------------------

watches = Table(
    "watches",
    METADATA,
    Column("watch_id", Integer, primary_key=True),
    Column("as_of", Date, nullable=False, index=True),
    Column("made_at", Instant, nullable=False),
    Column("colour", String(16), nullable=False),  # green, amber or red
    Column("report", JSON, nullable=False),
)

# ---- what people did: rows are added; taking one back is written on it, and nothing is ever lost --------

actions = Table(
    "actions",
    METADATA,
    Column("action_id", Integer, primary_key=True),
    Column("student_id", ID, nullable=False),
    Column("kind", String(16), nullable=False),  # acknowledged, not_now, note, nominated or override
    Column("at", Instant, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("as_of", Date),  # the day of the list that it answers; null for a note
    Column("text", Text, nullable=False),  # the note, or the reason for not now
    Column("returns_on", Date),  # not now: the day on which the student is back
    Column("form_id", ID, nullable=False),  # one form, one action: sent twice it is written once
    Column("undone_at", Instant),
    Column("readers", String(16)),  # a note: who among the staff may read it; null: all who work with them
    Column("choice", String(16)),  # an override: what the person says; a hand-over: the account before
    UniqueConstraint("form_id", "student_id", "kind"),
)
Index("actions_by_student", actions.c.student_id, actions.c.kind)
