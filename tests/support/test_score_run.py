"""The whole run on the made-up district, and what it says when it cannot be made."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from databases import copied
from sqlalchemy import func, select

from ews.errors import BadData, NoModel
from ews.people.access import Principal, operator
from ews.settings import Settings
from ews.store import open_store
from ews.store.tables import caseloads, runs, scores
from ews.support.levels import LISTED
from ews.support.list_filters import Filters
from ews.support.risk_list import risk_list
from ews.support.run_files import read_features
from ews.support.runs import run_of
from ews.support.score_run import score_run
from ews.support.student_view import student_view

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)


def test_with_no_model_in_service_a_run_is_refused_and_nothing_is_written(settings: Settings) -> None:
    with pytest.raises(NoModel, match="No model is in service") as refused:
        score_run(settings, date(2025, 11, 14), now=NOW)
    assert "ews promote" in refused.value.fix
    assert not (settings.home / "runs").exists()
    with open_store(settings) as store, store.read() as tx:
        assert not tx.execute(select(runs)).all()


def test_a_day_on_which_nobody_is_enrolled_is_told(settings: Settings) -> None:
    with pytest.raises(BadData, match="2025-11-14"):
        score_run(settings, date(2025, 11, 14), now=NOW, allow_rules_only=True)


@pytest.mark.slow
def test_every_student_has_a_level_a_row_and_scores_of_the_features_kept(whole_way: Any) -> None:
    settings = whole_way.settings
    with open_store(settings) as store, store.read() as tx:
        run = run_of(tx, whole_way.as_of)
        matrix = read_features(settings.home, run.run_id, run.files)
        counted = tx.execute(select(func.count()).select_from(scores).where(scores.c.run_id == run.run_id))
        assert counted.scalar_one() > 2 * len(matrix)
        assert set(run.models) == {"attendance", "grades", "behavior", "overall"}
    with open_store(settings) as store, store.begin() as tx:
        found = risk_list(tx, operator("test"), Filters("all", as_of=whole_way.as_of, size=500), now=NOW)
    assert found.total == len(matrix)
    assert found.counts["new"] > 0 and found.listed > 0
    listed = [row for row in found.rows if row.level in LISTED]
    assert listed and all(row.reasons and len(row.reasons) <= 2 for row in listed)
    assert all(row.trend_word in ("Growing", "Steady", "Easing") for row in listed if len(row.trend) == 4)
    assert all(not row.display_name.startswith("Student ") for row in listed)


@pytest.mark.slow
def test_each_counselor_sees_at_most_eight_new_names(whole_way: Any) -> None:
    with open_store(whole_way.settings) as store, store.begin() as tx:
        counselors = tx.execute(select(caseloads.c.staff_id).distinct()).scalars().all()
        assert counselors
        for staff_id in counselors:
            who = Principal(staff_id, staff_id, "counselor", staff_id=staff_id)
            assert risk_list(tx, who, Filters(), now=NOW).new_names <= 8


@pytest.mark.slow
def test_a_page_adds_up_to_the_stored_score(whole_way: Any) -> None:
    with open_store(whole_way.settings) as store, store.begin() as tx:
        row = risk_list(tx, operator("test"), Filters(size=1), now=NOW).rows[0]
        view = student_view(tx, operator("test"), row.student_id, now=NOW)
    assert view is not None and view.overall is not None and view.overall.probability is not None
    assert 0.0 < view.overall.probability < 1.0 and not math.isnan(view.overall.probability)
    assert len(view.cards) == 3 and view.cards[0].weeks and view.terms


@pytest.mark.slow
def test_the_same_day_scored_again_says_the_same(whole_way: Any, tmp_path: Path) -> None:
    settings = copied(whole_way.settings, tmp_path / "data")
    score_run(settings, whole_way.as_of, now=NOW)
    with open_store(settings) as store, store.read() as tx:
        both = tx.execute(
            select(runs.c.run_id).where(runs.c.as_of == whole_way.as_of).order_by(runs.c.serial)
        ).scalars()
        first, second = (
            {
                (row.student_id, row.domain): (row.probability, row.drivers, row.going_well)
                for row in tx.execute(select(scores).where(scores.c.run_id == run_id))
            }
            for run_id in both
        )
    assert first == second


@pytest.mark.slow
def test_with_no_model_the_abc_rules_are_stored_when_that_is_allowed(whole_way: Any, tmp_path: Path) -> None:
    settings = replace(copied(whole_way.settings, tmp_path / "data"), models=tmp_path / "none")
    report = score_run(settings, whole_way.as_of, now=NOW, allow_rules_only=True)
    assert (report.status, report.scores) == ("no_model", 0)
    with open_store(settings) as store, store.begin() as tx:
        found = risk_list(tx, operator("test"), Filters(), now=NOW)
    assert found.rows and all(row.rules for row in found.rows)
