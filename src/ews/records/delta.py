"""The lake's tables on disk: Delta tables, written by one load at a time.

A load starts from the version that is in force. A version after it, left by a load that was cut off,
was never published: it is restored away before the next one writes.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from deltalake import DeltaTable, write_deltalake

MANY_FILES = 60
"""A table of more files is compacted by the load that writes to it."""


def files_of(path: Path, version: int) -> list[str]:
    """The Parquet files that make up ``version``, as paths; the tables have no folders within."""
    return _files(path, DeltaTable(path, version=version))


def _files(path: Path, table: DeltaTable) -> list[str]:
    return [str(path / uri.rsplit("/", 1)[-1]) for uri in table.file_uris()]


def read_version(path: Path, version: int, columns: Sequence[str] | None = None) -> pa.Table:
    """All rows of ``version``."""
    return DeltaTable(path, version=version).to_pyarrow_table(columns=list(columns) if columns else None)


def at_version(path: Path, version: int | None) -> DeltaTable | None:
    """The table brought back to ``version``; None when nothing was published yet (leftovers are removed)."""
    if version is None:
        if path.exists():
            shutil.rmtree(path)
        return None
    table = DeltaTable(path)
    if table.version() != version:
        table.restore(version)
    return table


def write_versions(
    path: Path, version: int | None, key: Sequence[str], added: pa.Table, closed: pa.Table
) -> int:
    """Adds the row versions ``added`` and closes those in ``closed``; answers the new Delta version.

    ``closed`` has the key, ``known_at`` (which together name one version of a row) and ``superseded_at``.
    """
    table = at_version(path, version)
    if table is None or not closed.num_rows:
        write_deltalake(path, added, mode="append")
    else:
        _merge(table, key, added, closed)
    return _synced(path)


def replace_rows(path: Path, version: int | None, rows: pa.Table) -> int:
    """Replaces all rows of the table by ``rows``; answers the new Delta version."""
    at_version(path, version)
    write_deltalake(path, rows, mode="overwrite", schema_mode="overwrite")
    return _synced(path)


def _merge(table: DeltaTable, key: Sequence[str], added: pa.Table, closed: pa.Table) -> None:
    names = [*key, "known_at"]
    empty = {name: pa.nulls(closed.num_rows, added.schema.field(name).type) for name in added.column_names}
    closing = pa.table(empty | {name: closed[name] for name in closed.column_names}, schema=added.schema)
    (
        table.merge(
            pa.concat_tables([added, closing]),
            predicate=" AND ".join(f"old.{name} = new.{name}" for name in names),
            source_alias="new",
            target_alias="old",
        )
        .when_matched_update({"superseded_at": "new.superseded_at"})
        .when_not_matched_insert_all()
        .execute()
    )


def _synced(path: Path) -> int:
    """The table's newest version, after its files have reached the disk."""
    table = DeltaTable(path)
    if len(table.file_uris()) > MANY_FILES:
        table.optimize.compact()
    for file in _files(path, table):
        _sync(Path(file))
    log = path / "_delta_log"
    _sync(log / f"{table.version():020d}.json")
    for folder in (path, log):
        _sync(folder)
    return table.version()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
