"""Contract rows that were given in memory: by a test, by a request, by a source that is not CSV."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, cast
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from ews.errors import BadData
from ews.records.contract import CONTRACT, Table
from ews.records.known import Lookup, event_days, known_from_the_start
from ews.records.moments import INSTANT
from ews.records.problems import Problem
from ews.records.typed import EMPTY, Typed, as_written, contract_schema, typed
from ews.records.values import UNMAPPED
from ews.settings import Settings

Rows: TypeAlias = Sequence[Mapping[str, Any]] | pa.Table


def versions_given(tables: Mapping[str, Rows], settings: Settings) -> dict[str, pa.Table]:
    """The rows as a first load would have put them into the lake; BadData names table, row, column."""
    read = {name: conform(_table(name), rows, settings.timezone) for name, rows in tables.items()}

    def parent(name: str) -> pa.Table:
        return read.get(name, contract_schema(CONTRACT[name]).empty_table())

    return {name: first_versions(CONTRACT[name], rows, parent, settings) for name, rows in read.items()}


def first_versions(table: Table, rows: pa.Table, parent: Lookup, settings: Settings) -> pa.Table:
    """``rows`` (contract columns) with the columns of their first version in the lake."""
    event_on = event_days(table, rows, parent, settings.timezone)
    known_at, assumed = known_from_the_start(table, rows, event_on, settings)
    return (
        rows.append_column("event_on", event_on)
        .append_column("known_at", known_at)
        .append_column("known_at_assumed", assumed)
        .append_column("superseded_at", pa.nulls(rows.num_rows, INSTANT))
    )


def conform(table: Table, rows: Rows, zone: ZoneInfo) -> pa.Table:
    """``rows`` in the contract's types; BadData tells the first thing that is wrong with them."""
    read = typed_rows(table, rows, zone)
    wrong = [problem for problem in read.problems if not only_null(table, problem)]
    if wrong:
        raise BadData(_in_words(table, wrong[0]), wrong[0].fix)
    return read.rows


def only_null(table: Table, problem: Problem) -> bool:
    """Whether the problem costs a value and not the row: a code that is unmapped or missing."""
    lost = problem.severity == "warning" and problem.problem in (UNMAPPED, EMPTY)
    return lost and problem.column not in table.key


def typed_rows(table: Table, rows: Rows, zone: ZoneInfo, file: str | None = None) -> Typed:
    """``rows`` in the contract's types with their problems; rows count from 1."""
    given = rows if isinstance(rows, pa.Table) else _columns(table, rows)
    _known_columns(table, list(given.column_names))
    lines = np.arange(1, given.num_rows + 1)
    columns = {name: given[name].combine_chunks() for name in given.column_names}
    return typed(table, columns, length=given.num_rows, file=file or table.name, lines=lines, zone=zone)


def _known_columns(table: Table, given: list[str]) -> None:
    unknown = [name for name in given if name not in table.names]
    if unknown:
        raise BadData(
            f"{table.name} has no column {unknown[0]}.", f"Its columns are {', '.join(table.names)}."
        )
    missing = [column.name for column in table.columns if column.required and column.name not in given]
    if missing and given:
        raise BadData(f"{table.name} lacks the column {missing[0]}.", "Add it: it is required.")


def _columns(table: Table, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    if not rows:
        return contract_schema(table).empty_table()
    return pa.table({name: _array([row.get(name) for row in rows]) for name in names})


def _array(values: list[Any]) -> pa.Array:
    """The values as one Arrow array; a mixture of types is written out as text."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) == 1:
        try:
            return pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
            pass
    return pa.array([as_written(value) for value in values], pa.string())


def _table(name: str) -> Table:
    if name not in CONTRACT:
        raise BadData(f"There is no table {name}.", f"The tables are {', '.join(CONTRACT)}.")
    return cast(Table, CONTRACT[name])


def _in_words(table: Table, problem: Problem) -> str:
    column = f", column {problem.column}" if problem.column else ""
    return f"{table.name}, row {problem.line}{column}: {problem.problem}."
