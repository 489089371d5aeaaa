"""Signing in through the district's own identity provider: who is who there, and sign-ins under way."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text, UniqueConstraint

from ews.store.tables import HASH, METADATA, Instant

identities = Table(
    "identities",
    METADATA,
    Column("issuer", String(254), primary_key=True),
    Column("subject", String(254), primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False),
    Column("linked_at", Instant, nullable=False),
    UniqueConstraint("account_id", "issuer"),
)

sign_ins_begun = Table(
    "sign_ins_begun",
    METADATA,
    Column("state_hash", HASH, primary_key=True),  # the state itself is in the browser's address alone
    Column("visitor_hash", HASH, nullable=False),  # the browser that began
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("wanted", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
)

codes_owed = Table(
    "codes_owed",
    METADATA,
    Column("account_id", ForeignKey("accounts.account_id"), primary_key=True),
    Column("token_hash", HASH, nullable=False, unique=True),  # what the browser holds in a session's place
    Column("wanted", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
)

second_steps = Table(
    "second_steps",
    METADATA,
    Column("account_id", ForeignKey("accounts.account_id"), primary_key=True),
    Column("sealed", Text, nullable=False),  # the authenticator's secret, under a key outside the database
    Column("made_at", Instant, nullable=False),
    Column("confirmed_at", Instant),  # null: set up, and not yet tried
    Column("last_step", Integer),  # the half minute of the last code: none is taken twice
)

recovery_codes = Table(
    "recovery_codes",
    METADATA,
    Column("code_hash", HASH, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), nullable=False, index=True),
    Column("used_at", Instant),
)
