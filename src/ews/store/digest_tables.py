"""The tables of the Monday digest: who wants it, and what went out to whom in which week."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, ForeignKey, String, Table

from ews.store.tables import METADATA, Instant

digest_choices = Table(
    "digest_choices",
    METADATA,
    Column("account_id", ForeignKey("accounts.account_id"), primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
)

digests = Table(
    "digests",
    METADATA,
    Column("account_id", ForeignKey("accounts.account_id"), primary_key=True),
    Column("monday", Date, primary_key=True),  # of the week it is for
    Column("state", String(16), nullable=False),  # sending, sent or failed
    Column("problem", String(40), nullable=False),  # what kind of failure, never an address
    Column("at", Instant, nullable=False),
)
