"""Rows set aside: they wait beside the lake until what they lack arrives, and are then judged again.

Each table has its own, in the contract's columns, with what a row waits for, why, and whether it came
with a first load (then it counts as known since its own day, as its neighbours do).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.contract import CONTRACT, Table
from ews.records.delta import read_version
from ews.records.drop import FileFacts, Handed
from ews.records.judge import CORRECTION
from ews.records.keys import are_among, key_codes
from ews.records.published import Published
from ews.records.standing import in_schema
from ews.records.typed import contract_schema

FOLDER = "waiting"


@dataclass
class Waiting:
    """Rows of one table that wait, with three notes a row."""

    rows: pa.Table
    waits_for: pa.Array
    reasons: pa.Array
    from_first: np.ndarray


def waiting_schema(table: Table) -> pa.Schema:
    """The contract's columns and the three notes."""
    notes = [
        pa.field("waits_for", pa.string()),
        pa.field("waits_because", pa.string()),
        pa.field("from_first", pa.bool_()),
    ]
    return pa.schema([*contract_schema(table), *notes])


def read_waiting(lake: Path, published: Published, name: str) -> pa.Table:
    """The rows of the table that wait now."""
    schema = waiting_schema(CONTRACT[name])
    if name not in published.waiting:
        return schema.empty_table()
    return in_schema(read_version(lake / FOLDER / name, published.waiting[name]), schema)


def still_wanted(table: Table, waiting: pa.Table, handed: pa.Table, gone: np.ndarray) -> pa.Table:
    """Those that wait and were neither sent again nor left out by a full file (``gone``)."""
    if not waiting.num_rows:
        return waiting
    old, new = key_codes([waiting, handed], table.key)
    return waiting.filter(pa.array(~are_among(old, new) & ~gone))


def joined(handed: Handed, waiting: pa.Table) -> Handed:
    """The rows handed over and those that wait, as one; the latter are on line 0."""
    rows = waiting.select(handed.rows.column_names)
    size = waiting.num_rows
    return Handed(
        pa.concat_tables([handed.rows, rows]),
        np.concatenate([handed.lines, np.zeros(size, np.int64)]),
        pa.concat_arrays([handed.deleted, pa.repeat(False, size)]),
        pa.concat_arrays([handed.reasons, _corrections(waiting)]),
        handed.file,
    )


def nothing_handed(name: str) -> Handed:
    """A table of which the drop has no file."""
    rows = contract_schema(CONTRACT[name]).empty_table()
    empty = pa.array([], pa.string())
    return Handed(rows, np.zeros(0, np.int64), pa.array([], pa.bool_()), empty, FileFacts(name, mode="delta"))


def _corrections(waiting: pa.Table) -> pa.Array:
    """The reasons of rows that only a correction frees; the others are judged afresh."""
    lasting = pc.equal(waiting["waits_for"], CORRECTION)
    return pc.if_else(lasting, waiting["waits_because"], pa.scalar(None, pa.string())).combine_chunks()


def noted(rows: pa.Table, waits_for: np.ndarray, reasons: np.ndarray, from_first: np.ndarray) -> pa.Table:
    """Rows to wait, with their notes; the same row twice waits once."""
    table = (
        rows.append_column("waits_for", pa.array(waits_for, pa.string()))
        .append_column("waits_because", pa.array(reasons, pa.string()))
        .append_column("from_first", pa.array(from_first, pa.bool_()))
    )
    if not table.num_rows:
        return table
    (codes,) = key_codes([table], [name for name in rows.column_names if name != "recorded_at"])
    _, first = np.unique(codes, return_index=True)
    return table.take(pa.array(np.sort(first)))


def same_rows(left: pa.Table, right: pa.Table) -> bool:
    """Whether both hold the same rows, in whatever order."""
    if left.num_rows != right.num_rows:
        return False
    one, other = key_codes([left, right], left.column_names)
    return bool(np.array_equal(np.sort(one), np.sort(other)))
