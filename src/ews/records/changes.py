"""What a drop changes in one table: versions to add and versions to close, or nothing.

A correction closes the version it corrects and adds one that is known from this load on, so the past
stays as it was known then. A full file also ends the rows it no longer holds, within its window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.contract import Table
from ews.records.drop import FileFacts
from ews.records.keys import are_among, key_codes, positions_in, say_the_same
from ews.records.known import known_from_the_start, recorded
from ews.records.moments import INSTANT, local_days
from ews.records.typed import lake_schema
from ews.settings import Settings

TABLE_WIDE = 0
"""The year of rows without a date of their own."""


@dataclass
class Accepted:
    """Rows of one table that are taken: their day, and whether each may count as a first load's."""

    rows: pa.Table
    event_on: pa.Array
    from_first: np.ndarray


@dataclass
class Changes:
    """``added``: versions in the lake's columns. ``closed``: key, known_at, superseded_at of versions.

    ``ended`` are the keys of rows that stand no longer; ``corrected`` counts rows with a new version.
    """

    added: pa.Table
    closed: pa.Table
    ended: pa.Table
    corrected: int

    @property
    def any(self) -> bool:
        """Whether the table changes at all."""
        return bool(self.added.num_rows or self.closed.num_rows)


def changes_of(
    table: Table,
    versions: pa.Table,
    accepted: Accepted,
    ended: np.ndarray,
    *,
    at: datetime,
    settings: Settings,
) -> Changes:
    """What the ``accepted`` rows change in a table that has these ``versions``.

    ``ended`` marks the versions that end (deleted or vanished); ``at`` is when the news became known.
    """
    stands = np.asarray(pc.is_null(versions["superseded_at"]))
    old_codes, new_codes = key_codes([versions, accepted.rows], table.key)
    standing = np.flatnonzero(stands)
    where = positions_in(new_codes, old_codes[standing])
    matched = np.flatnonzero(where >= 0)
    before = standing[where[matched]]
    rows = accepted.rows.append_column("event_on", accepted.event_on)
    names = [name for name in rows.column_names if name != "known_at"]
    same = say_the_same(rows.take(pa.array(matched)), versions.take(pa.array(before)), names)
    corrected, superseded = matched[~same], before[~same]
    new = np.flatnonzero(where < 0)
    known_at, assumed = known(table, accepted, at, settings)
    seen_before = are_among(new_codes, old_codes)
    again = np.union1d(corrected, new[seen_before[new]])
    known_at[again] = after_all_before(new_codes[again], old_codes, versions, at)
    assumed[again] = False
    added = with_version(table, rows, known_at, assumed).take(pa.array(np.concatenate([new, corrected])))
    gone = np.flatnonzero(ended & stands)
    moments = np.concatenate([known_at[corrected], np.repeat(_moment(at), len(gone))])
    return Changes(
        added,
        closed_versions(table, versions, np.concatenate([superseded, gone]), moments),
        versions.select(list(table.key)).take(pa.array(gone)),
        len(corrected),
    )


def known(
    table: Table, accepted: Accepted, at: datetime, settings: Settings
) -> tuple[np.ndarray, np.ndarray]:
    """(known_at, assumed) of new rows: as in a first load where that holds, else recorded, else this load.

    What was handed over is known by the load at the latest, whatever the usual lag says.
    """
    usual, guessed = known_from_the_start(table, accepted.rows, accepted.event_on, settings)
    limit = pa.scalar(at, INSTANT)
    early = pc.fill_null(pc.less(usual, limit), False)
    usual = pc.if_else(pc.and_(guessed, pc.invert(early)), limit, usual)
    entered = pc.coalesce(recorded(table, accepted.rows, settings.timezone), limit)
    entered = pa.repeat(limit, accepted.rows.num_rows) if table.plan else entered
    known_at = pc.if_else(pa.array(accepted.from_first), usual, entered)
    return _moments(known_at), np.asarray(guessed) & accepted.from_first


def after_all_before(
    codes: np.ndarray, old_codes: np.ndarray, versions: pa.Table, at: datetime
) -> np.ndarray:
    """For keys that were in the lake before: this load, or just after the last version if that is later."""
    concerned = np.flatnonzero(are_among(old_codes, codes))
    began = _moments(versions["known_at"])[concerned]
    over = _moments(versions["superseded_at"])[concerned]
    latest = np.where(np.isnat(over), began, np.maximum(began, over))
    order = np.lexsort((latest, old_codes[concerned]))
    newest = np.searchsorted(old_codes[concerned][order], codes, side="right") - 1
    return np.maximum(_moment(at), latest[order][newest] + np.timedelta64(1, "us"))


def vanished(
    table: Table, versions: pa.Table, present: pa.Table, facts: FileFacts, settings: Settings
) -> np.ndarray:
    """The versions that a full file ends: their key is not in it although it lies within its window."""
    none = np.zeros(versions.num_rows, bool)
    if facts.mode != "full" or table.vanished == "kept" or not versions.num_rows:
        return none
    old, new = key_codes([versions, present], table.key)
    return ~are_among(old, new) & in_window(table, versions, present, facts, settings)


def in_window(
    table: Table, rows: pa.Table, present: pa.Table, facts: FileFacts, settings: Settings
) -> np.ndarray:
    """Which rows a full file speaks about: its manifest's window, else the school years in it."""
    if table.vanished == "closed":
        return np.ones(rows.num_rows, bool)
    if facts.window:
        days = window_days(table, rows, settings)
        inside = pc.and_(
            pc.greater_equal(days, pa.scalar(facts.window[0])),
            pc.less_equal(days, pa.scalar(facts.window[1])),
        )
        return np.asarray(pc.fill_null(inside, False))
    years = school_years(table, present, settings)
    return are_among(school_years(table, rows, settings), years)


def school_years(table: Table, rows: pa.Table, settings: Settings) -> np.ndarray:
    """The school year of each row by the date its table's window goes by; 0 without a date."""
    days = window_days(table, rows, settings)
    year, month = pc.year(days), pc.month(days)
    years = pc.add(year, pc.greater_equal(month, 7).cast(pa.int64()))
    return np.asarray(pc.fill_null(years, TABLE_WIDE)).astype(np.int64)


def window_days(table: Table, rows: pa.Table, settings: Settings) -> pa.Array:
    """The local day of each row that its table's window goes by; null where there is none."""
    name = "event_on" if table.window_date is None and "event_on" in rows.column_names else table.window_date
    if name is None:
        return pa.nulls(rows.num_rows, pa.date32())
    column = rows[name]
    if pa.types.is_timestamp(column.type):
        return local_days(column, settings.timezone)
    return column.combine_chunks()


def first_load(table: Table, versions: pa.Table, rows: pa.Table, settings: Settings) -> np.ndarray:
    """Which ``rows`` belong to a school year of which the lake has nothing in this table yet."""
    known_years = school_years(table, versions, settings)
    return ~are_among(school_years(table, rows, settings), known_years)


def with_version(table: Table, rows: pa.Table, known_at: np.ndarray, assumed: np.ndarray) -> pa.Table:
    """``rows`` in the lake's columns, as versions that stand."""
    full = (
        rows.append_column("known_at", pa.array(known_at, pa.timestamp("us")).cast(INSTANT))
        .append_column("known_at_assumed", pa.array(assumed, pa.bool_()))
        .append_column("superseded_at", pa.nulls(rows.num_rows, INSTANT))
    )
    return full.select(lake_schema(table).names).cast(lake_schema(table))


def closed_versions(table: Table, versions: pa.Table, rows: np.ndarray, moments: np.ndarray) -> pa.Table:
    """The versions at ``rows`` by key and ``known_at``, with the moment each ends: never before it began."""
    chosen = versions.select([*table.key, "known_at"]).take(pa.array(rows))
    ends = np.maximum(moments.astype("datetime64[us]"), _moments(chosen["known_at"]))
    return chosen.append_column("superseded_at", pa.array(ends, pa.timestamp("us")).cast(INSTANT))


def _moments(column: pa.ChunkedArray | pa.Array) -> np.ndarray:
    """UTC instants as numpy moments without a zone; null is NaT."""
    merged = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return merged.cast(pa.timestamp("us")).to_numpy(zero_copy_only=False).astype("datetime64[us]")


def _moment(at: datetime) -> np.datetime64:
    return np.datetime64(at.astimezone(UTC).replace(tzinfo=None), "us")
