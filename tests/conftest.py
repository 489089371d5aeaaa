"""What every test may ask for: settings of its own, and a made-up district that has gone the whole way."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")

from databases import on_both
from places import ROOT, settings_in

from ews.settings import Settings

__all__ = ["on_both"]

SHARED = {"demo_district": "the demo", "whole_way": "the whole way", "spark": "spark"}
"""What takes long to make, and the name of the tests that stand on it: one process runs them all."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Where tests run side by side, those of one file, or on one costly district, stay together."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(group_of(item)))


def group_of(item: pytest.Item) -> str:
    """The group of tests that one process runs: by what they share, else by their file."""
    params = getattr(getattr(item, "callspec", None), "params", {})
    asked = [*getattr(item, "fixturenames", ()), params.get("engine")]
    return next((SHARED[name] for name in SHARED if name in asked), item.nodeid.partition("::")[0])


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
            "EWS_MODELS": str(self.settings.models),
            "EWS_MLRUNS": str(self.settings.mlruns),
            "EWS_TRAINING": str(ROOT / "training"),
            "EWS_CONFIG": str(self.folder / "ews.toml"),
        }


@pytest.fixture(scope="session")
def whole_way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeWay]:
    """The tiny district after the whole way, made once a session; tests only read it, or copy it."""
    from ews.demo import AS_OF, WEEKS
    from ews.district.make import make_district
    from ews.records.intake import load_drop
    from ews.risk.promotion import promote
    from ews.risk.training import train_all
    from ews.support.score_run import score_run

    folder = tmp_path_factory.mktemp("whole-way")
    settings = settings_in(folder)
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
