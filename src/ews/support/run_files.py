"""The files of a run: the features that were scored and the weeks behind the charts, as Parquet.

They stand in EWS_HOME/runs/<run_id>/, complete on the disk before the run is committed; the run keeps
each file's SHA-256. A folder that no run names was left by a killed one, and the next run removes it.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ews.errors import OurFault, UsageError

if TYPE_CHECKING:
    import pandas as pd

FEATURES, WEEKS = "features.parquet", "weeks.parquet"
LEARNERS = "english_learners.parquet"  # what the English learners' own model looks at, apart from all others
ROWS_TOGETHER = 2_000  # rows that are read together when one student is asked for


def new_run_id(as_of: date) -> str:
    """The day and eight random figures: two runs of a day never have the same."""
    return f"{as_of.isoformat()}-{secrets.token_hex(4)}"


@contextmanager
def only_run(home: Path) -> Iterator[None]:
    """One run at a time in this home; UsageError while another one goes on."""
    folder = home / "runs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError("Another run is being made.", "Wait until it is done, then try again.") from None
        yield


def remove_orphans(home: Path, named: Collection[str]) -> None:
    """Removes the folders of runs that were never finished. Call it inside ``only_run``."""
    for folder in (home / "runs").iterdir():
        if folder.is_dir() and folder.name not in named:
            shutil.rmtree(folder)


def write_run_files(home: Path, run_id: str, frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Writes ``frames`` (file name to rows, sorted by student) and gives each file's SHA-256."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = home / "runs" / run_id
    folder.mkdir(mode=0o700)
    for name, frame in frames.items():
        table = pa.Table.from_pandas(frame, preserve_index=False)
        pq.write_table(table, folder / name, compression="zstd", row_group_size=ROWS_TOGETHER)
    hashes = {name: _settled_hash(folder / name) for name in frames}
    _settle(folder)
    _settle(folder.parent)
    return hashes


def _settled_hash(path: Path) -> str:
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_features(home: Path, run_id: str, files: Mapping[str, str], file: str = FEATURES) -> pd.DataFrame:
    """The whole feature matrix of a run, as it was scored; OurFault when it is missing or altered.

    ``file`` is ``LEARNERS`` for the English learners' own.
    """
    import pyarrow.parquet as pq

    path = home / "runs" / run_id / file
    if not path.exists() or _settled_hash(path) != files.get(file):
        raise OurFault(f"The features of run {run_id} are missing or altered.", "Score that day again.")
    return _as_frame(pq.read_table(path))


def read_student(home: Path, run_id: str, file: str, student_ids: Sequence[str]) -> pd.DataFrame:
    """The rows of a few students in one file of a run; no rows when the file is gone."""
    import pyarrow.parquet as pq

    path = home / "runs" / run_id / file
    if not path.exists():
        raise OurFault(f"The files of run {run_id} are missing.", "Score that day again.")
    return _as_frame(pq.read_table(path, filters=[("student_id", "in", list(student_ids))]))


def _as_frame(table: object) -> pd.DataFrame:
    return table.to_pandas(date_as_object=True)  # type: ignore[attr-defined]
