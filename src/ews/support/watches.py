"""The reports of watches, kept so that the pages show the latest."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from ews.store.store import Transaction
from ews.store.tables import watches


def keep_watch(
    tx: Transaction, as_of: date, made_at: datetime, colour: str, report: Mapping[str, Any]
) -> None:
    """Store what a watch found."""
    tx.execute(watches.insert().values(as_of=as_of, made_at=made_at, colour=colour, report=dict(report)))


def latest_watch(tx: Transaction) -> dict[str, Any] | None:
    """The report of the newest watch; None when nobody has watched yet."""
    newest = select(watches.c.report).order_by(watches.c.as_of.desc(), watches.c.watch_id.desc()).limit(1)
    found: dict[str, Any] | None = tx.execute(newest).scalar()
    return found
