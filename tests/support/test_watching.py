"""A year of a made-up district watched: what was said beside what happened, and the first remedy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import copied
from sqlalchemy import func, select, update

from ews.errors import BadData, UsageError
from ews.settings import Settings
from ews.store import open_store
from ews.store.tables import scores, shadow_scores
from ews.support.score_run import score_run
from ews.support.watch_page import write_watch
from ews.support.watches import latest_watch
from ews.support.watching import WatchReport, repair_model, watch

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)
AUTUMN = (date(2024, 10, 4), date(2024, 10, 18))
MARCH = date(2025, 3, 14)


def test_nothing_scored_is_told(settings: Settings) -> None:
    with pytest.raises(UsageError, match="Nothing was scored by 2025-03-14"):
        watch(settings, MARCH, now=NOW)


@pytest.fixture(scope="module")
def autumn(whole_way: Any, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The tiny district with two runs of last autumn, whose outcomes have closed by March."""
    folder = tmp_path_factory.mktemp("autumn")
    for name in ("models", "mlruns"):
        shutil.copytree(getattr(whole_way.settings, name), folder / name)
    settings = replace(
        copied(whole_way.settings, folder / "data"), models=folder / "models", mlruns=folder / "mlruns"
    )
    for day in AUTUMN:
        score_run(settings, day, now=NOW)
    return settings


@pytest.fixture(scope="module")
def calm(autumn: Settings) -> WatchReport:
    """What was found in March."""
    return watch(autumn, MARCH, now=NOW)


@pytest.fixture
def said_too_little(autumn: Settings, calm: WatchReport) -> Iterator[Settings]:
    """The same runs, had the attendance model said half of each chance; put back afterwards."""
    own = scores.c.domain == "attendance"
    with open_store(autumn) as store:
        with store.begin() as tx:
            tx.execute(update(scores).where(own).values(probability=scores.c.probability / 2))
        yield autumn
        with store.begin() as tx:
            tx.execute(update(scores).where(own).values(probability=scores.c.probability * 2))


def check_of(report: WatchReport, name: str) -> Any:
    return next(check for check in report.checks if check.name == name)


@pytest.mark.slow
def test_every_check_has_its_number_and_calibration_stands_first(calm: WatchReport) -> None:
    names = [check.name for check in calm.checks]
    assert names[:4] == [f"calibration_{name}" for name in ("attendance", "behavior", "grades", "overall")]
    assert names[4:] == [
        "freshness", "volumes", "missingness", "psi_scores", "psi_features", "churn", "acknowledged",
    ]  # fmt: skip
    gap = check_of(calm, "calibration_attendance")
    assert gap.colour in ("green", "amber") and gap.rows[0]["labels"] > 1000
    assert "scores of attendance-" in gap.told


@pytest.mark.slow
def test_the_latest_report_is_kept_and_written_as_page_and_json(
    autumn: Settings, calm: WatchReport, tmp_path: Path
) -> None:
    with open_store(autumn) as store, store.read() as tx:
        assert latest_watch(tx) == json.loads(json.dumps(calm.as_json()))
    page, twin = write_watch(tmp_path / "out", calm.as_json())
    assert json.loads(twin.read_text()) == json.loads(json.dumps(calm.as_json()))
    text = page.read_text()
    assert "Calibration of attendance on matured labels" in text and "<style>" in text
    assert "http://" not in text and "https://" not in text and "<script" not in text


@pytest.mark.slow
def test_scores_that_said_too_little_turn_the_watch_red_and_psi_does_not(said_too_little: Settings) -> None:
    report = watch(said_too_little, MARCH, now=NOW)
    assert report.colour == "red" and check_of(report, "calibration_attendance").colour == "red"
    assert check_of(report, "psi_scores").colour != "red"


@pytest.mark.slow
def test_a_repair_judged_on_labels_it_had_not_seen(said_too_little: Settings) -> None:
    made = repair_model(said_too_little, "attendance", MARCH)
    assert made.repaired["shift"] > 0.4 and abs(made.repaired["after"]["said"] - 0.2) < 0.15
    with pytest.raises(UsageError, match="No astrology"):
        repair_model(said_too_little, "astrology", MARCH)
    with pytest.raises(BadData, match="0 labels"):
        repair_model(said_too_little, "attendance", date(2024, 11, 1))


@pytest.mark.slow
def test_a_shadow_scores_apart_and_is_compared_once_outcomes_close(autumn: Settings) -> None:
    folder = autumn.models / "attendance"
    version = (folder / "current").read_text()
    (folder / "shadow").write_text(version)
    try:
        day = AUTUMN[0].replace(day=11)
        score_run(autumn, day, now=NOW)
        report = watch(autumn, MARCH, now=NOW)
    finally:
        (folder / "shadow").unlink()
    with open_store(autumn) as store, store.read() as tx:
        assert tx.execute(select(func.count()).select_from(shadow_scores)).scalar_one() > 1000
    served, shadow = check_of(report, "shadow_attendance").rows
    assert {**served, "model": ""} == {**shadow, "model": ""}
