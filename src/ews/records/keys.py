"""Rows compared by their key and by what they say, a whole table at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

UNCOMPARED = frozenset({"recorded_at"})
"""A row sent again with another moment of recording says nothing new."""
LARGEST = 2**62


def key_codes(tables: Sequence[pa.Table], key: Sequence[str]) -> list[np.ndarray]:
    """For each table one whole number a row, equal where the keys are equal, across all of them."""
    size = sum(table.num_rows for table in tables)
    codes, cardinality = np.zeros(size, np.int64), 1
    for name in key:
        column, distinct = _column_codes([table[name] for table in tables])
        if cardinality > LARGEST // distinct:
            kept, codes = np.unique(codes, return_inverse=True)
            cardinality = len(kept)
        codes = codes * distinct + column
        cardinality *= distinct
    return np.split(codes, np.cumsum([table.num_rows for table in tables])[:-1])


def _column_codes(columns: Sequence[pa.ChunkedArray]) -> tuple[np.ndarray, int]:
    chunks = [chunk for column in columns for chunk in column.chunks]
    merged = pa.chunked_array(chunks, columns[0].type).combine_chunks().dictionary_encode()
    distinct = len(merged.dictionary)
    return np.asarray(pc.fill_null(merged.indices, distinct)).astype(np.int64), distinct + 1


def are_among(codes: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each of the whole numbers ``codes`` whether it is one of ``others``."""
    if not len(codes) or not len(others):
        return np.zeros(len(codes), bool)
    return np.asarray(pc.is_in(pa.array(codes), value_set=pa.array(others)))


def positions_in(codes: np.ndarray, among: np.ndarray) -> np.ndarray:
    """For each code its position in ``among``, -1 where it is not there; ``among`` has each code once."""
    if not len(among):
        return np.full(len(codes), -1, np.int64)
    order = np.argsort(among, kind="stable")
    place = np.minimum(np.searchsorted(among, codes, sorter=order), len(among) - 1)
    found = order[place]
    return np.where(among[found] == codes, found, -1)


def say_the_same(left: pa.Table, right: pa.Table, columns: Sequence[str]) -> np.ndarray:
    """For each row whether both tables say the same in it; null equals null."""
    same = np.ones(left.num_rows, bool)
    for name in columns:
        if name in UNCOMPARED:
            continue
        one, other = left[name].combine_chunks(), right[name].combine_chunks()
        equal = pc.fill_null(pc.equal(one, other), False)
        same &= np.asarray(pc.or_(equal, pc.and_(one.is_null(), other.is_null())))
    return same
