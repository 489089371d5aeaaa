"""Columns as they were handed over, turned into the contract's types.

Work is done once for each distinct value, so a million attendance rows cost as much as the few
hundred dates and the dozen codes in them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.contract.definition import Column, Table
from ews.records.moments import INSTANT
from ews.records.problems import Problem, Severity, listed
from ews.records.values import Wrong, read_value

ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "integer": pa.int32(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "instant": INSTANT,
}
VERSION_FIELDS = (
    pa.field("event_on", pa.date32()),
    pa.field("known_at", INSTANT),
    pa.field("known_at_assumed", pa.bool_()),
    pa.field("superseded_at", INSTANT),
)
EMPTY = "empty"

Translate = Callable[[str, str], str | None]
"""From (column, local code) to the contract's code, or None without a mapping."""


def contract_schema(table: Table) -> pa.Schema:
    """The contract's columns as Arrow types."""
    return pa.schema([pa.field(column.name, ARROW[column.type]) for column in table.columns])


def lake_schema(table: Table) -> pa.Schema:
    """The columns of the table in the lake: the contract's, the row's day and its version."""
    return pa.schema([*contract_schema(table), *VERSION_FIELDS])


@dataclass
class Typed:
    """One table in the contract's types.

    ``rows`` has every column of the contract (null when the file lacks it). ``reasons`` says for each
    row why it must be set aside, null when it need not.
    """

    rows: pa.Table
    reasons: pa.Array
    problems: list[Problem] = field(default_factory=list)


def typed(
    table: Table,
    given: Mapping[str, pa.Array],
    *,
    length: int,
    file: str,
    lines: np.ndarray,
    zone: ZoneInfo,
    translate: Translate | None = None,
) -> Typed:
    """The columns ``given`` (by contract name) as the contract's types, with what was wrong in them.

    ``lines`` is the line of each row in ``file``. Severity follows CONTRACT: a value that cannot be
    read in a key or a required column is an error; in an optional column the row is set aside; a code
    without a mapping becomes null and is counted.
    """
    problems: list[Problem] = []
    reasons = np.full(length, None, dtype=object)
    columns: dict[str, pa.Array] = {}
    for column in table.columns:
        if column.name not in given:
            columns[column.name] = pa.nulls(length, ARROW[column.type])
            continue
        one = typed_column(column, given[column.name], zone, translate)
        columns[column.name] = one.values
        problems += told(table, column, one, file, lines, reasons)
    _keep_raw_codes(table, given, columns)
    return Typed(pa.table(columns, schema=contract_schema(table)), pa.array(reasons, pa.string()), problems)


@dataclass
class TypedColumn:
    """A column's values, and for its distinct values what was wrong (``wrong[codes[row]]``)."""

    values: pa.Array
    codes: np.ndarray
    wrong: list[Wrong]
    written: list[str | None]


def typed_column(column: Column, given: pa.Array, zone: ZoneInfo, translate: Translate | None) -> TypedColumn:
    """One column in its type; what was not text is read as it would be written."""
    merged = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
    if isinstance(merged.type, pa.DictionaryType):
        merged = merged.cast(merged.type.value_type)
    encoded = merged.dictionary_encode()
    distinct = [as_written(value) for value in encoded.dictionary.to_pylist()]
    number_as_id = column.unit == "id" and not _is_text(merged.type) and not pa.types.is_null(merged.type)
    read = [_read(column, value, zone, translate, number_as_id) for value in distinct]
    values = pa.array([None if isinstance(value, Wrong) else value for value in read], ARROW[column.type])
    codes = np.asarray(pc.fill_null(encoded.indices, len(distinct))).astype(np.int64)
    wrong = [verdict(value, written) for value, written in zip(read, distinct, strict=True)]
    return TypedColumn(values.take(encoded.indices), codes, [*wrong, EMPTY_VALUE], [*distinct, None])


EMPTY_VALUE = Wrong(EMPTY, "Fill it in.")
FINE = Wrong("", "")


def verdict(value: Any, written: str | None) -> Wrong:
    """What is wrong with a value that was read; ``FINE`` when nothing is."""
    if not written:
        return EMPTY_VALUE
    return value if isinstance(value, Wrong) else FINE


def as_written(value: Any) -> str | None:
    """A value as a file of the contract would write it; None for null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def told(
    table: Table, column: Column, one: TypedColumn, file: str, lines: np.ndarray, reasons: np.ndarray
) -> list[Problem]:
    """The column's problems by CONTRACT's severity; rows to set aside get their reason."""
    problems: list[Problem] = []
    for problem in _kinds(one, column):
        members = np.array([why.problem == problem for why in one.wrong])
        rows = np.flatnonzero(members[one.codes])
        why = one.wrong[one.codes[rows[0]]]
        effect = effect_of(column, why, key=column.name in table.key)
        if effect in ("null", "set aside, unmapped"):
            problems += _nulled(column, one, why, file, lines, rows)
        else:
            severity: Severity = "error" if effect == "error" else "warning"
            problems += listed(file, column.name, _found(one, lines, rows), why.problem, why.fix, severity)
        if effect.startswith("set aside"):
            reasons[rows] = f"{column.name}: {why.problem}"
    return problems


def effect_of(column: Column, why: Wrong, *, key: bool) -> str:
    """What CONTRACT does with a value that is ``why`` wrong: error, null, or the row is set aside.

    A code without a mapping in a key cannot be null: its row waits for the mapping.
    """
    if why.kind == "unmapped":
        return "set aside, unmapped" if key else "null"
    if column.unit == "code" and not key:
        return "null"
    return "error" if column.required else "set aside"


def _kinds(one: TypedColumn, column: Column) -> list[str]:
    """The kinds of problem that rows of the column have; empty is one only where a value must be."""
    kinds = {one.wrong[code].problem for code in np.flatnonzero(np.bincount(one.codes))} - {FINE.problem}
    return sorted(kinds if column.required else kinds - {EMPTY})


def _nulled(
    column: Column, one: TypedColumn, why: Wrong, file: str, lines: np.ndarray, rows: np.ndarray
) -> list[Problem]:
    codes, first, counts = np.unique(one.codes[rows], return_index=True, return_counts=True)
    return [
        Problem(
            file,
            int(lines[rows[at]]),
            column.name,
            one.written[code],
            why.problem,
            why.fix,
            "warning",
            int(count),
        )
        for code, at, count in zip(codes, first, counts, strict=True)
    ]


def _found(one: TypedColumn, lines: np.ndarray, rows: np.ndarray) -> list[tuple[int, str | None]]:
    return [(int(lines[row]), one.written[one.codes[row]]) for row in rows]


def _read(
    column: Column, written: str | None, zone: ZoneInfo, translate: Translate | None, number: bool
) -> Any:
    if not written:
        return None
    if number:
        return Wrong("an identifier stored as a number", "Store identifiers as text; leading zeros are lost.")
    if translate is not None:
        written = translate(column.name, written) or written
    return read_value(column, written, zone)


def _is_text(kind: pa.DataType) -> bool:
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)


def _keep_raw_codes(table: Table, given: Mapping[str, pa.Array], columns: dict[str, pa.Array]) -> None:
    """Puts the raw code of the first coded column into ``source_code`` where mapping changed or lost it."""
    coded = next((column.name for column in table.columns if column.unit == "code"), None)
    if coded is None or coded not in given or "source_code" in given:
        return
    raw = given[coded]
    raw = (raw.combine_chunks() if isinstance(raw, pa.ChunkedArray) else raw).cast(pa.string())
    same = pc.fill_null(pc.equal(raw, columns[coded]), False)
    empty = pc.fill_null(pc.equal(raw, ""), True)
    columns["source_code"] = pc.if_else(pc.or_(same, empty), pa.scalar(None, pa.string()), raw)
