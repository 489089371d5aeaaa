"""The command line as a person at a terminal meets it: real processes, their words and their exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest


def ews(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder of its own."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("EWS_")}
    environment["EWS_HOME"] = str(folder / "data")
    return subprocess.run(
        [sys.executable, "-m", "ews", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_help_answers_in_under_half_a_second(tmp_path: Path) -> None:
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        assert ews("--help", folder=tmp_path).returncode == 0
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.5, seconds


HEAVY = [
    "pandas",
    "numpy",
    "lightgbm",
    "sklearn",
    "shap",
    "mlflow",
    "bentoml",
    "ibis",
    "duckdb",
    "deltalake",
    "sqlalchemy",
]


def test_help_loads_no_heavy_library(tmp_path: Path) -> None:
    code = f"import sys, ews.commands; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("list",), 2, "--as-of"),
        (("list", "--as-of", "14.11.2025"), 2, "write it as 2025-11-14"),
        (("load", "nowhere"), 2, "nowhere"),
        (("load", "nowhere", "--source", "excel"), 2, "csv"),
        (("train", "astrology"), 2, "astrology"),
        (("rollback", "attendance"), 2, "attendance"),
        (("score", "--as-of", "2025-11-14"), 2, "model"),
        (("accounts", "disable", "nobody"), 2, "nobody"),
        (("digest", "--as-of", "2025-11-14"), 2, "no run as of 2025-11-14"),
        (("digest", "--as-of", "2025-11-14", "--send"), 2, "mail.host"),
    ],
)
def test_a_mistake_gets_a_sentence_and_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = ews(*arguments, folder=tmp_path)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_setting_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "ews.toml").write_text("[bands]\nhihg = 0.5\n")
    done = ews("accounts", "list", folder=tmp_path)
    assert done.returncode == 2
    assert "bands.hihg" in done.stderr
