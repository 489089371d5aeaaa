"""Killed while a run is being stored: the state before or the state after, and the next run works."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from ews.settings import Settings
from ews.store import open_store
from ews.store.tables import placements, run_schools, run_students, runs, scores
from ews.support.run_files import read_features
from ews.support.runs import shown_run

TESTS = Path(__file__).parents[1]
STUDENTS = 1500
STORING = """
import sys
from datetime import date
sys.path[:0] = sys.argv[1:3]
from alder_creek import Person, keep
from ews.settings import read_settings
count = int(sys.argv[3])
people = [Person(f"Student {n}", {"attendance": n / 2000, "overall": n / 2000}) for n in range(count)]
print("ready", flush=True)
sys.stdin.readline()
keep(read_settings(), people, date.fromisoformat(sys.argv[4]))
"""


def storing(settings: Settings, as_of: str) -> subprocess.Popen[str]:
    """A process that is about to store a run."""
    environment = os.environ | {"EWS_HOME": str(settings.home), "EWS_DATABASE_URL": settings.database_url}
    process = subprocess.Popen(
        [sys.executable, "-c", STORING, str(TESTS), str(TESTS / "support"), str(STUDENTS), as_of],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    return process


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def finish(process: subprocess.Popen[str]) -> int:
    code = process.wait(120)
    for pipe in (process.stdin, process.stdout):
        assert pipe is not None
        pipe.close()
    return code


def whole_runs(settings: Settings) -> int:
    """How many runs there are, each looked at: every one must be whole, in the database and on the disk."""
    with open_store(settings) as store, store.read() as tx:
        found = tx.execute(select(runs.c.run_id, runs.c.files)).all()
        for run in found:
            for table, rows in ((run_students, STUDENTS), (scores, 2 * STUDENTS), (run_schools, 1)):
                counted = select(func.count()).select_from(table).where(table.c.run_id == run.run_id)
                assert tx.execute(counted).scalar_one() == rows
            for name, sha256 in run.files.items():
                content = (settings.home / "runs" / run.run_id / name).read_bytes()
                assert hashlib.sha256(content).hexdigest() == sha256
        placed = tx.execute(select(func.count()).select_from(placements)).scalar_one()
        for table in (run_students, run_schools, scores):
            loose = select(func.count()).where(table.c.run_id.not_in([run.run_id for run in found]))
            assert tx.execute(loose).scalar_one() == 0
    assert placed == (STUDENTS if found else 0)
    return len(found)


def run_folders(settings: Settings) -> set[str]:
    return {path.name for path in (settings.home / "runs").iterdir() if path.is_dir()}


def unfinished(settings: Settings) -> set[str]:
    """The folders of runs that are not in the database: their storing had begun and did not end."""
    with open_store(settings) as store, store.read() as tx:
        return run_folders(settings) - set(tx.execute(select(runs.c.run_id)).scalars())


def storing_began(settings: Settings, process: subprocess.Popen[str]) -> float:
    """Lets ``process`` go on until the folder of its run is there, and tells that moment."""
    (settings.home / "runs").mkdir(parents=True, exist_ok=True)
    earlier = run_folders(settings)
    begin(process)
    while run_folders(settings) <= earlier and process.poll() is None:
        time.sleep(0.001)
    return time.perf_counter()


@pytest.mark.slow
def test_a_run_that_is_killed_is_there_as_a_whole_or_not_at_all(on_both: Settings) -> None:
    process = storing(on_both, "2025-11-07")
    began = storing_began(on_both, process)
    assert finish(process) == 0
    usual = time.perf_counter() - began
    before = whole_runs(on_both)
    killed_midway = 0
    for part in (0, 0.3, 0.6, 0.75, 0.9):
        process = storing(on_both, "2025-11-14")
        storing_began(on_both, process)
        time.sleep(part * usual)
        process.send_signal(signal.SIGKILL)
        finish(process)
        now = whole_runs(on_both)
        assert now in (before, before + 1)
        killed_midway += bool(unfinished(on_both))
        before = now
    assert killed_midway > 0
    process = storing(on_both, "2025-11-14")
    begin(process)
    assert finish(process) == 0
    assert whole_runs(on_both) == before + 1
    assert not unfinished(on_both)
    with open_store(on_both) as store, store.read() as tx:
        run = shown_run(tx)
    assert run is not None and len(read_features(on_both.home, run.run_id, run.files)) == STUDENTS
