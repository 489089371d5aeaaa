"""The rows of a table as they were known by the end of a local day, for what pages show beside the scores."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from ews.school_year import end_of_day

if TYPE_CHECKING:
    from ews.records.lake import Records


def known_rows(records: Records, name: str, as_of: date) -> list[dict[str, Any]]:
    """The rows of a table that were known, and had happened, by the end of the local day ``as_of``."""
    return known_table(records, name, as_of).to_pyarrow().to_pylist() if records.has(name) else []


def known_table(records: Records, name: str, as_of: date) -> Any:
    """The same rows as a table to go on asking."""
    end = end_of_day(as_of, records.timezone)
    table = records.table(name)
    known = table.filter(table.known_at < end, table.superseded_at.isnull() | (table.superseded_at >= end))
    if "event_on" in table.columns:
        known = known.filter(known.event_on.isnull() | (known.event_on <= as_of))
    return known


def in_force(row: Mapping[str, Any], as_of: date) -> bool:
    """Whether ``as_of`` lies between the row's begin and end; an open side has no limit."""
    begins, ends = row["begin_date"], row["end_date"]
    return (begins is None or begins <= as_of) and (ends is None or ends >= as_of)


def table_in_force(table: Any, as_of: date) -> Any:
    """Those rows of ``table`` that are in force on ``as_of``, as ``in_force`` says it of one."""
    return table.filter(
        table.begin_date.isnull() | (table.begin_date <= as_of),
        table.end_date.isnull() | (table.end_date >= as_of),
    )
