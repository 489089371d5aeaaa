"""Every drop leaves its report: loaded, rejected or held; values of bad rows only in the newest of them."""

from __future__ import annotations

import json
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from small_drop import ATTENDANCE, FIRST, SECOND, THIRD, load, write_drop

from ews.records import load_log
from ews.records.load_log import FOLDER, kept_load, kept_loads
from ews.settings import Settings

BAD = [*ATTENDANCE, {"student_id": "0001", "school_id": "S1", "date": "20-Oct", "status": "present"}]


def test_a_load_a_rejection_and_a_repeat_are_all_on_record(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "first"), now=FIRST)
    load(settings, write_drop(tmp_path / "bad", attendance=BAD), now=SECOND)
    load(settings, write_drop(tmp_path / "again"), now=THIRD)
    found = list(kept_loads(settings.home))
    assert [one.drop for one in found] == ["again", "bad", "first"]
    assert [one.report["status"] for one in found] == ["loaded", "rejected", "loaded"]
    assert [one.report["published"] for one in found] == [False, False, True]
    assert found[1].at == SECOND and found[1].source == "csv"
    problem = found[1].report["problems"][0]
    assert (problem["file"], problem["line"], problem["column"], problem["value"]) == (
        "attendance.csv", 6, "date", "20-Oct",
    )  # fmt: skip


def test_only_its_owner_reads_a_report(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "drop"))
    (kept,) = (settings.home / FOLDER).glob("*.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_older_reports_lose_the_values_and_the_oldest_go(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_log, "WITH_VALUES", 2)
    monkeypatch.setattr(load_log, "KEPT", 4)
    folder = write_drop(tmp_path / "bad", attendance=BAD)
    for day in range(6):
        load(settings, folder, now=FIRST + timedelta(days=day))
    found = list(kept_loads(settings.home, most=10))
    values = [one.report["problems"][0]["value"] for one in found]
    assert values == ["20-Oct", "20-Oct", None, None]
    assert [one.report["problems"][0]["line"] for one in found] == [6, 6, 6, 6]
    assert "20-Oct" not in "".join(
        path.read_text(encoding="utf-8") for path in sorted((settings.home / FOLDER).glob("*.json"))[:2]
    )


def test_two_drops_of_one_instant_both_stay(settings: Settings, tmp_path: Path) -> None:
    folder = write_drop(tmp_path / "drop")
    for _ in range(3):
        load(settings, folder, now=FIRST)
    assert len(list(kept_loads(settings.home))) == 3


def test_a_damaged_report_is_passed_over_and_no_other_file_is_read(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "drop"))
    folder = settings.home / FOLDER
    (folder / "20200101T000000000000Z.json").write_text("{half", encoding="utf-8")
    (folder / "20200102T000000000000Z.json").write_text("[]", encoding="utf-8")
    (settings.home / "secret.json").write_text(json.dumps({"at": "x", "problems": []}), encoding="utf-8")
    assert len(list(kept_loads(settings.home))) == 1
    assert kept_load(settings.home, "../secret") is None


def test_a_report_that_cannot_be_written_does_not_undo_a_load(settings: Settings, tmp_path: Path) -> None:
    settings.home.mkdir(parents=True, exist_ok=True)
    (settings.home / FOLDER).write_text("a file where the folder should be", encoding="utf-8")
    assert load(settings, write_drop(tmp_path / "drop")).published
