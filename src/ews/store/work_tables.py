"""The tables of the work with students: who has whom, support plans, places, fair draws.

What happened is added and never changed (``actions``, ``plan_events``, ``draws``); what stands now has a
version, so that two people who change it at once are told of each other.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from ews.store.tables import HASH, ID, METADATA, Instant

school_days = Table(
    "school_days",
    METADATA,
    Column("school_id", ID, primary_key=True),
    Column("day", Date, primary_key=True),
)

# ---- who has whom: opened when a student comes onto the list; the state follows from what was done since --

follow_ups = Table(
    "follow_ups",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("opened_on", Date, nullable=False),  # the day of the list, or of the nomination
    Column("opened_at", Instant, nullable=False),
    Column("shown_on", Date, nullable=False),  # the local day from which school days are counted
    Column("left_on", Date),  # off the list again before anybody had done anything
    Column("owner_id", ForeignKey("accounts.account_id")),  # null: the counselor of the caseload
    Column("version", Integer, nullable=False),
)

# ---- what support there is, and for how many ----------------------------------------------------------

programs = Table(
    "support_programs",
    METADATA,
    Column("program_id", Integer, primary_key=True),
    Column("school_id", ID, nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("places", Integer),  # null: as many as need it
    Column("minutes_week", Float),
    Column("closed_on", Date),
    Column("version", Integer, nullable=False),
    UniqueConstraint("school_id", "name"),
)

# ---- plans: the plan as it stands, and everything that happened to it ----------------------------------

plans = Table(
    "plans",
    METADATA,
    Column("plan_id", Integer, primary_key=True),
    Column("student_id", ID, nullable=False, index=True),
    Column("kind", String(100), nullable=False),
    Column("program_id", ForeignKey("support_programs.program_id"), index=True),
    Column("draw_id", Integer),
    Column("tier", String(16), nullable=False),
    Column("goal", Text, nullable=False),
    Column("adult_id", ForeignKey("accounts.account_id")),
    Column("adult", String(100), nullable=False),
    Column("minutes_week", Float),
    Column("starts_on", Date),  # as planned
    Column("ends_on", Date),
    Column("offered_on", Date, nullable=False),
    Column("started_on", Date),  # as it was: an offer is not a start
    Column("ended_on", Date),
    Column("outcome", String(16)),
    Column("review_on", Date),
    Column("made_by", ForeignKey("accounts.account_id"), nullable=False),
    Column("form_id", ID, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("form_id", "student_id"),
)

plan_events = Table(
    "plan_events",
    METADATA,
    Column("event_id", Integer, primary_key=True),
    Column("plan_id", ForeignKey("plans.plan_id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),  # offered, changed, started, session, review, ended
    Column("on_day", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("minutes", Float),
    Column("attended", Boolean),
    Column("outcome", String(16)),
    Column("text", Text, nullable=False),
    Column("before", JSON),  # a change: what stood there
    Column("form_id", ID, nullable=False),
    Column("undone_at", Instant),
    UniqueConstraint("form_id", "plan_id", "kind"),
)

# ---- fair draws: the seed is fixed before the names; a second draw is a second record ------------------

draws = Table(
    "draws",
    METADATA,
    Column("draw_id", Integer, primary_key=True),
    Column("program_id", ForeignKey("support_programs.program_id"), nullable=False, index=True),
    Column("seed", HASH, nullable=False),
    Column("fingerprint", HASH, nullable=False),  # shown before the draw; the seed only after it
    Column("reason", Text, nullable=False),  # why again, where a draw was held before
    Column("opened_at", Instant, nullable=False),
    Column("opened_by", ForeignKey("accounts.account_id"), nullable=False),
    Column("form_id", ID, nullable=False, unique=True),
    Column("places", Integer),
    Column("drawn_at", Instant),
    Column("drawn_by", ForeignKey("accounts.account_id")),
)

draw_names = Table(
    "draw_names",
    METADATA,
    Column("draw_id", ForeignKey("draws.draw_id"), primary_key=True),
    Column("student_id", ID, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("digest", HASH, nullable=False),
    Column("drawn", Boolean, nullable=False),
)
Index("draw_names_by_student", draw_names.c.student_id)
