"""What `make` promises to whoever has records beside it, and to whoever reads that all tests passed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from databases import wanting

ROOT = Path(__file__).parents[1]


def make_clean(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "-C", str(folder), "-f", str(ROOT / "Makefile"), "clean"], capture_output=True, text=True
    )


def written(folder: Path, *names: str) -> list[Path]:
    files = [folder / name for name in names]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("of somebody", encoding="utf-8")
    return files


@pytest.mark.parametrize("home", ["data", "elsewhere"])
def test_make_clean_leaves_the_records_and_models_of_a_real_district(tmp_path: Path, home: str) -> None:
    files = written(tmp_path, f"{home}/ews.db", f"{home}/ledger.key", "models/grades/1.json", "mlruns/a.db")
    refused = make_clean(tmp_path)
    assert refused.returncode != 0 and "nothing was removed" in refused.stdout
    assert all(file.exists() for file in files)


def test_make_clean_removes_a_finished_demo_and_keeps_what_says_why_the_folders_are_there(
    tmp_path: Path,
) -> None:
    *made, readme, _ = written(
        tmp_path, "data/demo.json", "models/attendance/1.json", "models/README.md", "mlruns/README.md"
    )
    assert make_clean(tmp_path).returncode == 0
    assert not any(file.exists() for file in made) and readme.exists()


def test_what_make_install_installs_can_speak_to_postgresql() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert re.findall(r"^(psycopg\S*)==", lines, re.MULTILINE) == ["psycopg", "psycopg-binary"]


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_test_is_left_out_for_want_of_a_program_on_a_desk_and_fails_in_ci(
    monkeypatch: pytest.MonkeyPatch, ci: str
) -> None:
    monkeypatch.setenv("CI", ci)
    ends: type[BaseException] = pytest.fail.Exception if ci else pytest.skip.Exception
    with pytest.raises(ends, match="Chromium is not installed"):
        wanting("Chromium is not installed")
