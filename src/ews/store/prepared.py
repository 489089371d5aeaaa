"""Statements of the hot path, compiled once: each request of a scoring client runs half a dozen of them.

Building and dispatching a statement costs SQLAlchemy some 150 microseconds, running it costs SQLite ten.
A ``Prepared`` keeps the compiled text and the conversions of its values, and hands both to the driver
inside the same transaction. The statement is still written, typed and checked by SQLAlchemy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Dialect, bindparam
from sqlalchemy.sql.compiler import SQLCompiler

from ews.store.store import Transaction

Convert = Callable[[Any], Any] | None


def given(name: str) -> BindParameter[Any]:
    """The place in a statement of a value that is given at each run."""
    return bindparam(name, required=False)


class Prepared:
    """One statement, made once and run often: what changes between two runs is ``given``."""

    def __init__(self, statement: Any) -> None:
        self.statement = statement
        self._compiled: dict[str, Compiled] = {}

    def rows(self, tx: Transaction, **values: Any) -> list[tuple[Any, ...]]:
        """The rows that the statement answers with, as tuples in the order of its columns."""
        compiled = self._of(tx)
        cursor = tx.connection.connection.cursor()
        try:
            cursor.execute(compiled.text, compiled.sent(values))
            return compiled.received(cursor.fetchall())
        finally:
            cursor.close()

    def row(self, tx: Transaction, **values: Any) -> tuple[Any, ...] | None:
        """The first row, or None."""
        found = self.rows(tx, **values)
        return found[0] if found else None

    def run(self, tx: Transaction, *many: Mapping[str, Any]) -> None:
        """Run the statement, which answers nothing, once for each set of values."""
        compiled = self._of(tx)
        cursor = tx.connection.connection.cursor()
        try:
            cursor.executemany(compiled.text, [compiled.sent(values) for values in many])
        finally:
            cursor.close()

    def _of(self, tx: Transaction) -> Compiled:
        dialect = tx.connection.dialect
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = compiled_for(self.statement, dialect)
        return found


@dataclass(frozen=True)
class Compiled:
    """A statement as the driver takes it. ``names``: its values in order; None when they go by name."""

    text: str
    names: Sequence[str] | None
    fixed: Mapping[str, Any]
    bind: Mapping[str, Convert]
    result: Sequence[Convert]

    def sent(self, values: Mapping[str, Any]) -> Any:
        """``values`` as the driver takes them."""
        said = {**self.fixed, **values}
        for name, convert in self.bind.items():
            if convert is not None:
                said[name] = convert(said[name])
        return said if self.names is None else [said[name] for name in self.names]

    def received(self, rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
        """``rows`` from the driver, each value as its column's type."""
        return [
            tuple(
                value if convert is None else convert(value)
                for convert, value in zip(self.result, row, strict=True)
            )
            for row in rows
        ]


def compiled_for(statement: Any, dialect: Dialect) -> Compiled:
    """``statement`` for one database."""
    compiled = statement.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    columns = [column.type for column in statement.exported_columns]
    return Compiled(
        compiled.string,
        compiled.positiontup if compiled.positional else None,
        {name: value for name, value in compiled.params.items() if value is not None},
        {
            name: parameter.type.dialect_impl(dialect).bind_processor(dialect)
            for parameter, name in compiled.bind_names.items()
        },
        [kind.dialect_impl(dialect).result_processor(dialect, None) for kind in columns],
    )
