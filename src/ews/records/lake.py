"""The records lake, read: every version of every row, on whichever engine computes the features.

``open_lake`` pins the versions that ``current.json`` names, so an open :class:`Records` stays what it
was while a newer drop is published. ``records_of`` holds rows in memory by the same rules.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ews.records.contract import CONTRACT
from ews.records.coverage import COVERAGE, COVERAGE_SCHEMA
from ews.records.given import Rows, versions_given
from ews.records.published import Published, read_published
from ews.records.typed import lake_schema
from ews.settings import Settings

if TYPE_CHECKING:
    import ibis
    import pyarrow as pa


@dataclass
class Records:
    """The tables of one state of the lake, as Ibis tables on ``connection``.

    ``versions`` maps each table of the lake to its pinned Delta version (empty in memory).
    """

    connection: Any
    timezone: ZoneInfo
    versions: dict[str, int]
    readers: Mapping[str, Callable[[], ibis.Table]] = field(repr=False)
    opened: dict[str, Any] = field(default_factory=dict, repr=False)

    def has(self, name: str) -> bool:
        """Whether the table was ever handed over."""
        return name in self.readers

    def table(self, name: str) -> ibis.Table:
        """All versions of all rows of the contract's table ``name``; typed and empty if there is none."""
        if name not in self.opened:
            read = self.readers.get(name)
            self.opened[name] = read() if read else _empty(self.connection, name)
        return self.opened[name]


def open_lake(settings: Settings, engine: Any = None) -> Records:
    """The lake as it is published now, pinned; without a lake every table is empty.

    ``engine`` is an Ibis backend; None takes a fresh DuckDB in memory.
    """
    published = read_published(settings.lake)
    connection = engine or _duckdb()
    readers = {name: _reader(connection, settings, published, name) for name in published.tables}
    return Records(connection, settings.timezone, dict(published.tables), readers)


def records_of(tables: Mapping[str, Rows], settings: Settings, engine: Any = None) -> Records:
    """``tables`` (contract rows) as a first load would have known them, in memory.

    BadData names the table, the row and the column of the first thing that cannot be read.
    """
    connection = engine or _duckdb()
    coverage = tables.get(COVERAGE)
    versions = versions_given({name: rows for name, rows in tables.items() if name != COVERAGE}, settings)
    if coverage is not None:
        versions[COVERAGE] = _coverage(coverage)
    readers = {name: _memory(connection, name, rows) for name, rows in versions.items()}
    return Records(connection, settings.timezone, {}, readers)


def _coverage(rows: Rows) -> pa.Table:
    import pyarrow as pa

    given = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), COVERAGE_SCHEMA)
    return given.select(COVERAGE_SCHEMA.names).cast(COVERAGE_SCHEMA)


def _duckdb() -> Any:
    import ibis

    connection = ibis.duckdb.connect()
    connection.raw_sql("SET TimeZone = 'UTC'")
    # DuckDB would draw a bar of its own over the one of a command.
    connection.raw_sql("SET enable_progress_bar = false")
    # DuckDB 2.0.0 loses rows of `row_number() < n` under joins when this rewrite is on.
    connection.raw_sql("SET disabled_optimizers = 'top_n_window_elimination'")
    return connection


def _schema(name: str) -> pa.Schema:
    return COVERAGE_SCHEMA if name == COVERAGE else lake_schema(CONTRACT[name])


def _reader(connection: Any, settings: Settings, published: Published, name: str) -> Callable[[], ibis.Table]:
    def read() -> ibis.Table:
        from ews.records.delta import files_of

        files = files_of(settings.lake / name, published.tables[name])
        if not files:
            return _empty(connection, name)
        return _in_contract(_parquet(connection, name, files), name)

    return read


def _parquet(connection: Any, name: str, files: list[str]) -> ibis.Table:
    if connection.name == "pyspark":
        session = connection._session
        session.read.option("mergeSchema", "true").parquet(*files).createOrReplaceTempView(f"lake_{name}")
        return connection.table(f"lake_{name}")
    return connection.read_parquet(files, table_name=f"lake_{name}", union_by_name=True)


def _in_contract(table: ibis.Table, name: str) -> ibis.Table:
    """The columns in the contract's order; one added since the files were written reads as null."""
    import ibis

    schema = ibis.schema(_schema(name))
    return table.select(
        **{
            column: table[column].cast(kind) if column in table.columns else ibis.null(kind)
            for column, kind in schema.items()
        }
    )


def _memory(connection: Any, name: str, rows: pa.Table) -> Callable[[], ibis.Table]:
    """The rows as a table of the connection's own.

    Never a memtable: Ibis keeps results of those on its default connection. And never twice the same
    name: Ibis keeps results by table name, and a connection may hold several Records.
    """

    def read() -> ibis.Table:
        own = f"given_{name}_{next(_numbers)}"
        if connection.name == "pyspark":
            connection._session.createDataFrame(rows).createOrReplaceTempView(own)
            return connection.table(own)
        return connection.create_table(own, rows, temp=True)

    return read


_numbers = count()


def _empty(connection: Any, name: str) -> ibis.Table:
    return _memory(connection, name, _schema(name).empty_table())()
