"""A district's own words: its codes and its names for columns, mapped to the contract's.

One TOML file (the setting ``load.vocabulary``)::

    [codes.attendance.status]
    A = "absent_unexcused"
    E = "absent_excused"

    [columns.attendance]
    "Absence Date" = "date"
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ews.errors import UsageError
from ews.records.contract import CONTRACT


@dataclass(frozen=True)
class Vocabulary:
    """``codes``: table, column, local code (casefolded) -> code. ``columns``: table, local name -> column."""

    codes: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def translate(self, table: str, column: str, written: str) -> str | None:
        """The contract's code for what the district wrote; None without a mapping."""
        return self.codes.get(table, {}).get(column, {}).get(written.strip().casefold())

    def aliases(self, table: str) -> Mapping[str, str]:
        """The district's names for the table's columns."""
        return self.columns.get(table, {})


def read_vocabulary(path: Path) -> Vocabulary:
    """The file at ``path``, checked against the contract; may be absent. UsageError says what is wrong."""
    if not path.exists():
        return Vocabulary()
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise UsageError(f"{path} is not readable TOML: {problem}.", "Mend the file.") from None
    unknown = sorted(set(written) - {"codes", "columns"})
    if unknown:
        raise UsageError(f"Unknown section {unknown[0]} in {path}.", "Known are codes and columns.")
    codes = {
        table: {column: _codes(path, table, column, mapping) for column, mapping in columns.items()}
        for table, columns in written.get("codes", {}).items()
    }
    columns = {
        table: {alias: _column(path, table, name) for alias, name in mapping.items()}
        for table, mapping in written.get("columns", {}).items()
    }
    return Vocabulary(codes, columns)


def _codes(path: Path, table: str, column: str, mapping: Mapping[str, Any]) -> dict[str, str]:
    allowed = CONTRACT[_table(path, table)].column(_column(path, table, column)).allowed
    for local, code in mapping.items():
        if allowed and str(code) not in allowed:
            raise UsageError(
                f"{path} maps {local!r} of {table}.{column} to {code!r}.", f"Allowed: {', '.join(allowed)}."
            )
    return {local.strip().casefold(): str(code) for local, code in mapping.items()}


def _column(path: Path, table: str, name: str) -> str:
    names = CONTRACT[_table(path, table)].names
    if name not in names:
        raise UsageError(f"{path} names {table}.{name}.", f"The columns are {', '.join(names)}.")
    return name


def _table(path: Path, name: str) -> str:
    if name not in CONTRACT:
        raise UsageError(f"{path} names the table {name}.", f"The tables are {', '.join(CONTRACT)}.")
    return name
