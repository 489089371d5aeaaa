"""Local school days and UTC instants, turned into each other by the column.

Zones come from Python's ``zoneinfo`` (with the ``tzdata`` package behind it), so a server without
timezone files, or in another timezone, answers the same.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

INSTANT = pa.timestamp("us", "UTC")
QUARTER_HOUR = 900_000_000
DAY = 86_400_000_000
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
"""Plans and references that came with a first load are known since then."""


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The UTC instant at which the local ``day`` starts.

    >>> start_of_day(date(2025, 10, 17), ZoneInfo("America/Los_Angeles")).isoformat()
    '2025-10-17T07:00:00+00:00'
    """
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local_days(instants: pa.ChunkedArray, zone: ZoneInfo) -> pa.Array:
    """The local day of each instant; null stays null."""
    merged = _merged(instants.cast(INSTANT))
    values = np.asarray(pc.fill_null(merged.cast(pa.int64()), 0))
    quarters = pa.array(values // QUARTER_HOUR).dictionary_encode()
    offsets = np.array([_offset(quarter, zone) for quarter in quarters.dictionary.to_pylist()], np.int64)
    days = (values + offsets[np.asarray(quarters.indices)]) // DAY
    return pa.array(days.astype("int32"), mask=_nulls(merged)).cast(pa.date32())


def starts_of_days(days: pa.ChunkedArray, zone: ZoneInfo, later: int = 0) -> pa.Array:
    """The UTC instant at which each local day starts, ``later`` days after it; null stays null."""
    merged = _merged(days.cast(pa.date32()))
    encoded = merged.dictionary_encode()
    starts = [start_of_day(day + timedelta(days=later), zone) for day in encoded.dictionary.to_pylist()]
    return pa.array(starts, INSTANT).take(encoded.indices)


def _offset(quarter: int, zone: ZoneInfo) -> int:
    moment = BEGINNING + timedelta(microseconds=quarter * QUARTER_HOUR)
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return round(offset.total_seconds() * 1_000_000)


def _merged(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def _nulls(column: pa.Array) -> np.ndarray:
    return np.asarray(column.is_null())
