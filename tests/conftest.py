"""What every test may ask for: settings of its own, and a made-up district that has gone the whole way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

from databases import ground, on_both, on_both_new
from places import ROOT, settings_in

from ews.settings import Settings

__all__ = ["on_both", "on_both_new"]

SHARED = {"demo_served": "the demo", "demo_district": "the demo", "whole_way": "the whole way"}
"""What takes long to make, and the name of the tests that stand on it: one process runs them all."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where tests run side by side, those of one file, or on one costly ground, stay in one process.

    By name, since a mark for it does not reach the scheduler (pytest 9.2 with pytest-xdist 3.8).
    """
    from xdist.scheduler import LoadFileScheduling

    class ByGround(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return ground_of(nodeid)

    return ByGround(config, log)


@cache
def ground_of(nodeid: str) -> str:
    """What a test stands on: Spark, a district that its file asks for, else its file."""
    if "[spark" in nodeid:
        return "spark"
    file = nodeid.partition("::")[0]
    text = (ROOT / file).read_text(encoding="utf-8")
    return next((SHARED[name] for name in SHARED if name in text), file)


NOW = datetime(2025, 11, 17, 14, 0, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of this test's own, in an empty folder."""
    return settings_in(tmp_path)


@dataclass(frozen=True)
class WholeWay:
    """A made-up district that was made, loaded, trained, promoted and scored."""

    folder: Path
    settings: Settings
    as_of: date

    def environment(self) -> dict[str, str]:
        """The variables under which a command of another process finds it."""
        return {
            "EWS_HOME": str(self.settings.home),
            "EWS_DATABASE_URL": self.settings.database_url,
            "EWS_MODELS": str(self.settings.models),
            "EWS_MLRUNS": str(self.settings.mlruns),
            "EWS_TRAINING": str(ROOT / "training"),
            "EWS_CONFIG": str(self.folder / "ews.toml"),
        }


@pytest.fixture(scope="session")
def whole_way(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[WholeWay]:
    """The tiny district after the whole way, made once a session; tests only read it, or copy it."""
    from ews.demo import AS_OF, WEEKS
    from ews.district.make import make_district
    from ews.records.intake import load_drop
    from ews.risk.promotion import promote
    from ews.risk.training import train_all
    from ews.support.score_run import score_run

    folder = tmp_path_factory.mktemp("whole-way")
    settings = ground(settings_in(folder), pytestconfig)
    make_district(folder / "drop", "tiny", students=1500, seed=7, truth=folder / "truth", until=AS_OF)
    report = load_drop(settings, folder / "drop", "csv", now=NOW)
    assert report.status == "loaded", report.problems[:5]
    names = ["attendance", "grades", "behavior", "overall"]
    train_all(settings, names, AS_OF)
    for name in names:
        promote(settings, name, run_id=None, signed_by=["analyst", "reviewer"])
    for week in WEEKS:
        score_run(settings, week, now=NOW)
    yield WholeWay(folder, settings, AS_OF)
