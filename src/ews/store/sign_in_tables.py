"""Signing in through the district's own identity provider: who is who there, and sign-ins under way."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, String, Table, Text, UniqueConstraint

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
