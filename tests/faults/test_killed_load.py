"""A load that is killed leaves the state before or the state after, and the next load works."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from small_drop import ANA, ATTENDANCE, SECOND, STUDENTS, load, standing, versions, write_drop

from ews.records.lake import open_lake
from ews.records.published import read_published
from ews.settings import Settings

KILLED_AT = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
import ews.records.{module} as module
from ews.records.intake import load_drop
from ews.settings import read_settings

calls = 0
whole = module.{function}

def cut_off(*given, **named):
    global calls
    calls += 1
    if calls == {call}:
        {first}
        os.kill(os.getpid(), signal.SIGKILL)
    return whole(*given, **named)

module.{function} = cut_off
home, drop, now = sys.argv[1:]
load_drop(read_settings({{"EWS_HOME": home}}), Path(drop), "csv", now=datetime.fromisoformat(now))
"""
DURING = "whole(*given, **named)"
NOTHING = "pass"

MOMENTS = {
    "before anything is written": ("intake", "write_versions", 1, NOTHING),
    "after the first table": ("intake", "write_versions", 1, DURING),
    "between two tables": ("intake", "write_versions", 2, DURING),
    "after the rows that wait": ("intake", "replace_rows", 1, DURING),
    "before the new state is in force": ("intake", "publish", 1, NOTHING),
    "with the new state written and not yet renamed": ("published.os", "replace", 1, NOTHING),
}
CHANGED = [
    ATTENDANCE[0] | {"status": "absent_excused"},
    *ATTENDANCE[1:],
    ATTENDANCE[2] | {"date": "2024-10-16"},
]
ORPHAN = ATTENDANCE[0] | {"student_id": "0099"}


AFTERWARDS = ("intake", "publish", 1, DURING)


def killed(settings: Settings, folder: Path, moment: tuple[str, str, int, str]) -> None:
    """Loads ``folder`` in a process of its own that is killed at ``moment``."""
    module, function, call, first = moment
    script = KILLED_AT.format(module=module, function=function, call=call, first=first)
    if "." in module:
        script = script.replace(f"import ews.records.{module} as module", "import os as module")
    ended = subprocess.run(
        [sys.executable, "-c", script, str(settings.home), str(folder), SECOND.isoformat()], timeout=120
    )
    assert ended.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_load_leaves_the_state_before_and_the_next_works(
    settings: Settings, tmp_path: Path, moment: str
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    before = {name: versions(settings, name) for name in ("students", "attendance")}
    state = read_published(settings.lake)
    newcomer = [*STUDENTS, {"student_id": "0006"}]
    folder = write_drop(tmp_path / "two", students=newcomer, attendance=[*CHANGED, ORPHAN])

    killed(settings, folder, MOMENTS[moment])
    assert read_published(settings.lake) == state
    assert {name: versions(settings, name) for name in before} == before

    report = load(settings, folder, now=SECOND)
    assert (report.status, report.published) == ("loaded", True)
    assert report.tables["attendance"].waiting == 1
    rows = versions(settings, "attendance")
    assert len(rows) == len(ATTENDANCE) + 2
    assert sum(row["superseded_at"] is not None for row in rows) == 1
    assert {row["status"] for row in standing(settings, "attendance") if row["student_id"] == ANA} == {
        "absent_excused",
        "absent_unexcused",
    }
    assert load(settings, folder, now=SECOND).published is False


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_first_load_leaves_no_lake_and_the_next_works(
    settings: Settings, tmp_path: Path, moment: str
) -> None:
    folder = write_drop(tmp_path / "one", attendance=[*ATTENDANCE, ORPHAN])
    killed(settings, folder, MOMENTS[moment])
    assert not open_lake(settings).has("students")
    assert load(settings, folder).status == "loaded"
    assert len(versions(settings, "attendance")) == len(ATTENDANCE)


def test_a_load_killed_after_the_new_state_is_in_force_was_a_load(settings: Settings, tmp_path: Path) -> None:
    killed(settings, write_drop(tmp_path / "one"), AFTERWARDS)
    assert len(standing(settings, "attendance")) == len(ATTENDANCE)
    assert load(settings, tmp_path / "one").published is False
