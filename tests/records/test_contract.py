"""The contract agrees with itself."""

from __future__ import annotations

import doctest
import importlib

import pytest

from ews.records.contract import CONTRACT, Table

EVERY_TABLE = pytest.mark.parametrize("table", CONTRACT.values(), ids=lambda table: table.name)


@EVERY_TABLE
def test_a_key_is_made_of_required_columns(table: Table) -> None:
    assert all(table.column(name).required for name in table.key)


@EVERY_TABLE
def test_parents_are_tables_with_one_key_column(table: Table) -> None:
    for column, parent in table.parents.items():
        assert column in table.names
        assert len(CONTRACT[parent].key) == 1


@EVERY_TABLE
def test_every_row_has_a_day_or_is_a_plan(table: Table) -> None:
    assert table.plan != bool(table.event_date)


@EVERY_TABLE
def test_dates_that_columns_name_exist(table: Table) -> None:
    for column in table.columns:
        assert column.event_date is None or table.column(column.event_date).type in ("date", "instant")
    for source in table.event_date:
        name, column = source.split(".") if "." in source else (table.name, source)
        assert CONTRACT[name].column(column).type in ("date", "instant")


@EVERY_TABLE
def test_every_row_may_carry_its_raw_code_when_it_was_recorded_and_whether_it_is_deleted(
    table: Table,
) -> None:
    assert {"source_code", "recorded_at"} <= set(table.names)
    assert table.deletion_column not in table.names


@pytest.mark.parametrize("name", ["moments", "values"])
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"ews.records.{name}"))
    assert result.attempted and not result.failed
