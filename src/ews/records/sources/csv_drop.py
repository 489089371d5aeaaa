"""A drop of CSV or Parquet files: a folder, a zip or one file, with an optional manifest.json."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from ews.errors import UsageError
from ews.records.contract import CONTRACT
from ews.records.drop import Drop, FileFacts
from ews.records.manifest import NAME as MANIFEST
from ews.records.manifest import FileSaid, Manifest, read_manifest
from ews.records.problems import Problem
from ews.records.reader import Reading, read_file
from ews.records.sources.zipped import members, zip_problems
from ews.records.structure import LIMITS
from ews.records.vocabulary import Vocabulary, read_vocabulary
from ews.settings import Settings

KINDS = (".csv", ".parquet")


def read_csv_drop(path: Path, settings: Settings) -> Drop:
    """What lies at ``path``, by the contract; problems are in the drop. UsageError if nothing is there."""
    if not path.exists():
        raise UsageError(f"There is nothing at {path}.", "Name a folder, a zip or a file.")
    drop = Drop()
    if path.is_file() and path.suffix.lower() == ".zip":
        drop.problems += zip_problems(path)
        if drop.problems:
            return drop
    manifest = find_manifest(path, settings)
    drop.problems += manifest.problems
    drop.coverage, drop.extract_at = manifest.coverage, manifest.extract_at
    vocabulary = read_vocabulary(Path(settings["load.vocabulary"]))
    seen: set[str] = set()
    for name, data, changed in files_of(path):
        table = Path(name).stem.casefold()
        if changed:
            drop.problems.append(changed)
        elif table in seen:
            drop.problems.append(_problem(name, "There are two files of this table.", "Send one."))
        elif name != MANIFEST and is_of_the_contract(drop, name, manifest):
            seen.add(table)
            take(drop, table, name, data, manifest.said(table), vocabulary, settings)
    drop.surprises += [
        f"{table} is in the manifest and not in the drop."
        for table, said in manifest.files.items()
        if said.mode != "absent" and table in CONTRACT and table not in seen
    ]
    return drop


def take(
    drop: Drop, table: str, name: str, data: bytes, said: FileSaid, vocabulary: Vocabulary, settings: Settings
) -> None:
    """Reads one file into the drop and compares it with what the manifest says about it."""
    facts = FileFacts(
        name, hashlib.sha256(data).hexdigest(), "delta" if said.mode == "delta" else "full", said.window
    )
    reading = Reading(settings.timezone, vocabulary.aliases(table), partial(vocabulary.translate, table))
    handed, problems = read_file(CONTRACT[table], facts, data, reading)
    drop.problems += problems
    if said.sha256 and said.sha256 != facts.sha256:
        drop.surprises.append(f"{name} has another checksum than the manifest says.")
    if handed is None:
        return
    drop.tables[table] = handed
    if said.rows is not None and said.rows != handed.rows.num_rows:
        drop.surprises.append(f"{name} has {handed.rows.num_rows:,} rows, the manifest says {said.rows:,}.")


def is_of_the_contract(drop: Drop, name: str, manifest: Manifest) -> bool:
    """Whether the file is read; what is not of the contract is left with a warning."""
    table, kind = Path(name).stem.casefold(), Path(name).suffix.lower()
    if table not in CONTRACT or kind not in KINDS:
        fix = "Files are called as the tables: attendance.csv, marks.parquet."
        drop.problems.append(_problem(name, "No file of the contract; it is left.", fix, "warning"))
        return False
    if manifest.said(table).mode == "absent":
        drop.problems.append(_problem(name, "The manifest calls it absent; it is left.", "", "warning"))
        return False
    return True


def find_manifest(path: Path, settings: Settings) -> Manifest:
    """The drop's manifest, read; an empty one if there is none."""
    for name, read in _named(path):
        if name == MANIFEST:
            return read_manifest(read(), settings.timezone)
    return Manifest()


def files_of(path: Path) -> Iterator[tuple[str, bytes, Problem | None]]:
    """(name, bytes, why it could not be read) of every file, one at a time, in the order of names."""
    if path.is_file() and path.suffix.lower() == ".zip":
        for name, data in members(path):
            yield name, data, None
        return
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        if file.is_file() and not file.name.startswith("."):
            yield file.name, *read_whole(file)


def read_whole(file: Path) -> tuple[bytes, Problem | None]:
    """The file's bytes, or why not: too large, or changed while it was read."""
    with file.open("rb") as handle:
        before = os.fstat(handle.fileno())
        if before.st_size > LIMITS.file_bytes:
            return b"", _problem(file.name, "The file is too large.", f"At most {LIMITS.file_bytes:,} bytes.")
        data = handle.read(before.st_size + 1)
        after = os.fstat(handle.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(
        data
    ) != after.st_size:
        return b"", _problem(file.name, "The file changed while it was read.", "Load it once it is complete.")
    return data, None


def _named(path: Path) -> Iterator[tuple[str, partial[bytes]]]:
    if path.is_file() and path.suffix.lower() == ".zip":
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.file_size < 10_000_000:
                    yield Path(member.filename).name, partial(archive.read, member)
    elif path.is_dir() and (path / MANIFEST).is_file():
        yield MANIFEST, partial((path / MANIFEST).read_bytes)


def _problem(name: str, problem: str, fix: str, severity: str = "error") -> Problem:
    return Problem(name, None, None, None, problem, fix, "warning" if severity == "warning" else "error")
