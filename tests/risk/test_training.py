"""Training leaves a tested candidate and a complete record, and no student in it."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from made_up import (
    PastMadeUp,
    Trained,
    definition,
    definitions_made_up,
    made_up,
    past_made_up,
    settings_in,
    train_made_up,
)

from ews.errors import BadData, UsageError
from ews.risk.bundle import load_bundle, version_in_service
from ews.risk.cards import missing_from
from ews.risk.composite import Composite
from ews.risk.definition import RiskModel
from ews.risk.rows import Past, closed_years
from ews.risk.tracking import BUNDLE, open_tracking, training_store
from ews.risk.training import attempt, train_model
from ews.settings import Settings


def test_each_card_is_complete_and_tested_on_a_year_that_nothing_was_learned_from(trained: Trained) -> None:
    for report in trained.reports.values():
        card = report.card
        assert missing_from(card) == []
        assert card["tests"][0]["year"] == 2025 and card["provisional"] is True
        assert card["learned_from"]["fit"] == [2023, 2024] and card["learned_from"]["calibrated_on"] == 2025
        assert "rules" not in card["kind_because"] and card["records"] == {"attendance": 3}
        assert card["version"].startswith(f"{card['name']}-2025-11-14-{card['body_sha256'][:10]}")


def test_overall_names_the_exact_versions_that_it_was_stacked_on(trained: Trained) -> None:
    stacked = trained.reports["overall"].card["stacked_on"]
    assert stacked == {name: trained.reports[name].version for name in ("attendance", "grades")}


def test_behavior_joins_overall_only_where_the_district_chose_so(trained_here: Settings) -> None:
    from dataclasses import replace

    chosen = replace(trained_here, choices={**trained_here.choices, "overall.behavior_joins": True})
    report = train_made_up(chosen, ["overall"], made_up())[0]
    assert set(report.card["stacked_on"]) == {"attendance", "grades", "behavior"}


def test_overall_trained_alone_stands_on_the_registered_candidates(
    trained: Trained, trained_here: Settings
) -> None:
    report = train_made_up(trained_here, ["overall"], made_up())[0]
    assert report.version == trained.reports["overall"].version


def test_overall_without_its_domains_says_what_to_train(empty_store: Settings) -> None:
    with pytest.raises(UsageError, match=r"No trained attendance.*ews train attendance"):
        train_made_up(empty_store, ["overall"], made_up(students=200))


def test_training_twice_on_the_same_data_gives_the_same_version(
    trained: Trained, trained_here: Settings
) -> None:
    again = train_made_up(trained_here, ["attendance"], made_up())[0]
    mixed = train_made_up(trained_here, ["attendance"], made_up().shuffled())[0]
    assert trained.reports["attendance"].version == again.version == mixed.version


def test_a_run_holds_parameters_measures_bundle_and_pictures(trained: Trained) -> None:
    settings = settings_in(trained.folder)
    for name, report in trained.reports.items():
        tracking = open_tracking(settings)
        run = tracking.client.get_run(str(report.run_id))
        assert run.info.status == "FINISHED"
        assert run.data.params["version"] == report.version
        assert json.loads(run.data.params["records"]) == {"attendance": 3}
        assert run.data.metrics[f"{report.kind}.auc"] > 0.7 and "abc_rule.recall_at_10" in run.data.metrics
        folder = tracking.candidate(name).folder
        for picture in ("reliability.png", "shap_bar.png", "shap_beeswarm.png"):
            assert (folder / "pictures" / picture).read_bytes().startswith(b"\x89PNG")
        bundle = load_bundle(folder / BUNDLE)
        assert bundle.version == report.version
        assert isinstance(bundle.model, Composite) or (folder / "tested" / "2025" / "model.txt").exists()


def test_the_alias_in_service_points_at_what_serves(trained: Trained) -> None:
    client = open_tracking(settings_in(trained.folder)).client
    for name in trained.reports:
        found = client.get_model_version_by_alias(name, "in_service")
        assert found.tags["version"] == version_in_service(trained.folder / "models" / name)
        assert found.run_id == trained.reports[name].run_id


def test_no_student_is_in_the_store_or_in_a_bundle(trained: Trained) -> None:
    for path in trained.folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"S00001" not in content and b"school-1" not in content, path


def test_the_stores_artifacts_are_found_after_it_was_moved(trained_here: Settings) -> None:
    assert load_bundle(open_tracking(trained_here).candidate("grades").folder / BUNDLE).name == "grades"


def test_a_run_in_which_something_fails_is_marked_failed(empty_store: Settings) -> None:
    settings = empty_store
    with training_store(settings) as tracking, pytest.raises(BadData, match="unlabelled"):
        train_model(definition(), cast(Any, Unlabelled.past()), tracking, settings)
    assert statuses(settings) == ["FAILED"]


def test_a_run_that_died_is_marked_failed_by_the_next_training(empty_store: Settings) -> None:
    settings = empty_store
    tracking = open_tracking(settings)
    tracking.client.create_run(tracking.experiment("attendance"))
    assert statuses(settings) == ["RUNNING"]
    with training_store(settings):
        assert statuses(settings) == ["FAILED"]


def test_two_trainings_at_once_are_refused(empty_store: Settings) -> None:
    settings = empty_store
    with (
        training_store(settings),
        pytest.raises(UsageError, match="Another training"),
        training_store(settings),
    ):
        pass


def test_asked_for_by_name_too_little_data_is_an_error_otherwise_it_is_skipped(empty_store: Settings) -> None:
    settings = empty_store
    few = past_made_up(made_up(students=30))

    def known(model: RiskModel) -> Past:
        return few

    with training_store(settings) as tracking:
        skipped = attempt(definition(), known, tracking, settings, asked=False)
        assert skipped.version is None and "at least 25 of each" in str(skipped.skipped)
        assert "no candidate" in skipped.line()
        with pytest.raises(BadData, match="at least 25 of each"):
            attempt(definition(), known, tracking, settings, asked=True)


def test_with_two_years_models_are_calibrated_on_folds_and_the_card_says_so(empty_store: Settings) -> None:
    settings = empty_store
    rows = made_up(students=500, years=(2024, 2025))
    names = ["attendance", "grades", "overall"]
    found = {report.name: report for report in train_made_up(settings, names, rows)}
    assert found["attendance"].card["learned_from"]["calibrated_on"] == "folds grouped by student"
    assert found["overall"].card["tests"][0]["measures"]["composite"]["auc"] > 0.7
    assert set(definitions_made_up()) > set(names)


def test_a_year_is_closed_when_its_last_day_is_over() -> None:
    assert closed_years(date(2025, 11, 14))[-1] == 2025
    assert closed_years(date(2025, 6, 29))[-1] == 2024
    assert closed_years(date(2025, 6, 30))[-1] == 2025


class Unlabelled(PastMadeUp):
    """A past without outcomes."""

    @classmethod
    def past(cls) -> SimpleNamespace:
        def rows(model: object, settings: object) -> None:
            raise BadData("unlabelled", "label it")

        return SimpleNamespace(rows=rows)


def statuses(settings: Settings) -> list[str]:
    client = open_tracking(settings).client
    experiments = [found.experiment_id for found in client.search_experiments()]
    return [run.info.status for run in client.search_runs(experiments)]
