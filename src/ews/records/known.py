"""When a row became known: its ``event_on`` and, from that, its ``known_at``.

``recorded_at`` when the row carries it; else, as long as a table and school year is new, the event's
day plus the table's usual lag, marked as assumed; else the load that brought it. Plans and references
of a first load are known since 1970.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from ews.records.contract import CONTRACT, Table
from ews.records.moments import BEGINNING, INSTANT, local_days, starts_of_days
from ews.settings import Settings

Lookup = Callable[[str], pa.Table]
"""From a parent's name to its rows as they stand: at least its key and the date asked for."""


def event_days(table: Table, rows: pa.Table, parent: Lookup, zone: ZoneInfo) -> pa.Array:
    """The local day each row belongs to: the first of the table's event dates that is there."""
    if not table.event_date:
        return pa.nulls(rows.num_rows, pa.date32())
    days = [_day(table, rows, source, parent, zone) for source in table.event_date]
    return _one(pc.coalesce(*days))


def _day(table: Table, rows: pa.Table, source: str, parent: Lookup, zone: ZoneInfo) -> pa.Array:
    if "." not in source:
        return _as_days(rows[source], zone)
    name, column = source.split(".")
    link = next(own for own, other in table.parents.items() if other == name)
    known = parent(name)
    where = pc.index_in(rows[link], value_set=_one(known[CONTRACT[name].key[0]]))
    return _as_days(_one(known[column]).take(_one(where)), zone)


def _as_days(column: pa.ChunkedArray, zone: ZoneInfo) -> pa.Array:
    return local_days(column, zone) if pa.types.is_timestamp(column.type) else _one(column)


def usually_known(table: Table, rows: pa.Table, event_on: pa.Array, settings: Settings) -> pa.Array:
    """When each row usually became known, judged by its own dates alone; null where it has none."""
    if table.plan:
        return pa.repeat(pa.scalar(BEGINNING, INSTANT), rows.num_rows)
    lag = settings[table.lag] if table.lag else 0
    usual = starts_of_days(event_on, settings.timezone, lag)
    seen = _seen_from(table, rows, settings.timezone)
    return usual if seen is None else _one(pc.coalesce(seen, usual))


def recorded(table: Table, rows: pa.Table, zone: ZoneInfo) -> pa.Array:
    """When each row was recorded, but not before it could be seen; null without ``recorded_at``.

    Where the day of seeing hides only columns of its own (a score, until ``scored_at``), the rest of the
    row (that work was turned in) is known from ``recorded_at`` on.
    """
    entered = _one(rows["recorded_at"])
    seen = _seen_from(table, rows, zone)
    if seen is None or table.column(str(table.known_from)).event_date:
        return entered
    return _one(pc.if_else(pc.fill_null(pc.less(entered, seen), False), seen, entered))


def _seen_from(table: Table, rows: pa.Table, zone: ZoneInfo) -> pa.Array | None:
    if table.known_from is None:
        return None
    column = rows[table.known_from]
    return _one(column) if pa.types.is_timestamp(column.type) else starts_of_days(column, zone)


def known_from_the_start(
    table: Table, rows: pa.Table, event_on: pa.Array, settings: Settings
) -> tuple[pa.Array, pa.Array]:
    """(``known_at``, ``known_at_assumed``) of rows that come with a first load or as history.

    A plan's ``recorded_at`` tells when the plan was last touched, not when it began to hold.
    """
    usual = usually_known(table, rows, event_on, settings)
    if table.plan:
        return usual, pa.repeat(True, rows.num_rows)
    entered = recorded(table, rows, settings.timezone)
    return _one(pc.coalesce(entered, usual)), _one(pc.is_null(entered))


def _one(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
