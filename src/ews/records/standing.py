"""The lake as a load finds it: every version on disk, and what stands once the drop's rows are taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.contract import CONTRACT
from ews.records.delta import read_version
from ews.records.keys import are_among, key_codes
from ews.records.published import Published
from ews.records.typed import lake_schema


@dataclass
class Standing:
    """The published state at ``lake``; ``taken`` holds the accepted rows of the drop, table by table.

    ``open_rows`` keeps what was read of the tables that others refer to.
    """

    lake: Path
    published: Published
    taken: dict[str, pa.Table] = field(default_factory=dict)
    ended: dict[str, pa.Table] = field(default_factory=dict)
    open_rows: dict[str, pa.Table] = field(default_factory=dict)

    def versions(self, name: str) -> pa.Table:
        """All versions of all rows of the table, in today's contract."""
        if name not in self.published.tables:
            return lake_schema(CONTRACT[name]).empty_table()
        stored = read_version(self.lake / name, self.published.tables[name])
        return in_schema(stored, lake_schema(CONTRACT[name]))

    def rows(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """The rows that stand with the drop: those taken from it, and the lake's that it leaves alone."""
        table = CONTRACT[name]
        wanted = list(columns or table.names)
        old = self._open(name, list(dict.fromkeys([*wanted, *table.key])))
        new = self.taken.get(name)
        if new is None:
            return old.select(wanted)
        new = new.select(old.column_names)
        gone = self.ended.get(name, new.slice(0, 0)).select(list(table.key))
        if not old.num_rows:
            return new.select(wanted)
        old_codes, new_codes, gone_codes = key_codes([old, new, gone], table.key)
        left = old.filter(pa.array(~are_among(old_codes, np.concatenate([new_codes, gone_codes]))))
        return pa.concat_tables([new, left]).select(wanted)

    def _open(self, name: str, columns: Sequence[str]) -> pa.Table:
        if name not in self.open_rows:
            versions = self.versions(name)
            self.open_rows[name] = versions.filter(pc.is_null(versions["superseded_at"]))
        return self.open_rows[name].select(columns)


def in_schema(stored: pa.Table, schema: pa.Schema) -> pa.Table:
    """The stored rows with exactly the columns of ``schema``; one that is not stored is null."""
    present: Mapping[str, pa.ChunkedArray] = {name: stored[name] for name in stored.column_names}
    columns = [
        present[column.name].cast(column.type)
        if column.name in present
        else pa.chunked_array([pa.nulls(stored.num_rows, column.type)])
        for column in schema
    ]
    return pa.table(columns, schema=schema)
