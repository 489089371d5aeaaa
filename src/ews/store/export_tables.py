"""The table of downloads above the day's quota: which form was answered with a file."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table

from ews.store.tables import ID, METADATA, Instant

exports_given = Table(
    "exports_given",
    METADATA,
    Column("form_id", ID, primary_key=True),
    Column("account_id", ForeignKey("accounts.account_id"), primary_key=True),
    Column("at", Instant, nullable=False),
)
