"""Parameters are chosen within bounds, on students left out of the years learned from, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from made_up import MadeUp, definition, made_up, past_made_up

from ews.errors import BadData
from ews.risk.definition import RiskModel
from ews.risk.fitting import Fitted, fit
from ews.risk.rows import Rows
from ews.risk.tracking import training_store
from ews.risk.training import train_model
from ews.risk.tuning import CONFIGURATIONS, Choice, Tried, left_out_loss, tuned
from ews.settings import Settings

pytestmark = pytest.mark.slow

YEARS = (2023, 2024, 2025)


@pytest.fixture(scope="module")
def few() -> MadeUp:
    return made_up(students=320)


def choice_on(made: MadeUp) -> Choice:
    return tuned(definition(), Rows(made.matrix, made.labels, 0.0), YEARS, lambda tried: None)[1]


@pytest.fixture(scope="module")
def chosen(few: MadeUp) -> Choice:
    """What is chosen on the made-up rows."""
    return choice_on(few)


def with_labels_mixed(made: MadeUp, *years: int) -> MadeUp:
    """The same rows, the outcomes of ``years`` dealt out anew."""
    labels = made.labels.copy()
    inside = made.matrix["school_year"].isin(years).to_numpy()
    labels[inside] = np.random.default_rng(7).permutation(labels[inside])
    return MadeUp(made.matrix, labels)


def test_the_outcomes_of_calibration_and_test_year_change_nothing(few: MadeUp, chosen: Choice) -> None:
    assert choice_on(with_labels_mixed(few, 2024, 2025)) == chosen


def test_the_outcomes_of_the_years_learned_from_do(few: MadeUp, chosen: Choice) -> None:
    assert choice_on(with_labels_mixed(few, 2023)).tried != chosen.tried


def test_twenty_configurations_at_most_the_definitions_own_first(chosen: Choice) -> None:
    assert sum(CONFIGURATIONS.values()) == 20 == len(chosen.tried)
    for kind, count in CONFIGURATIONS.items():
        own = [one for one in chosen.tried if one.kind == kind]
        assert len(own) == count
        assert own[0].parameters.items() <= definition().parameters.items()


def test_all_others_lie_within_the_bounds(chosen: Choice) -> None:
    for kind in CONFIGURATIONS:
        for one in [one for one in chosen.tried if one.kind == kind][1:]:
            within(one)


def within(tried: Tried) -> None:
    bounds = {
        "num_leaves": (8, 15),
        "max_depth": (3, 5),
        "min_child_samples": (80, 400),
        "trees": (100, 400),
        "logistic_l2": (10, 3000),
    }
    assert {"learning_rate", "lambda_l2", "feature_fraction"}.isdisjoint(tried.parameters)
    for name, value in tried.parameters.items():
        low, high = bounds[name]
        assert low <= value <= high


def test_the_best_of_each_kind_is_taken(chosen: Choice) -> None:
    for kind in CONFIGURATIONS:
        best = min((one for one in chosen.tried if one.kind == kind), key=lambda one: one.log_loss)
        assert best.parameters.items() <= chosen.parameters.items()


def test_a_students_rows_are_never_on_both_sides(few: MadeUp, monkeypatch: pytest.MonkeyPatch) -> None:
    first = few.year(2023)
    seen: list[set[str]] = []

    def watched(model: RiskModel, matrix: pd.DataFrame, *more: Any) -> Fitted:
        seen.append(set(matrix["student_id"]))
        return fit(model, matrix, *more)

    monkeypatch.setattr("ews.risk.tuning.fit", watched)
    left_out_loss(definition(), Rows(first.matrix, first.labels, 0.0), "logistic")
    everyone = set(first.matrix["student_id"])
    assert len(seen) == 3
    left_out = [everyone - students for students in seen]
    assert set.union(*left_out) == everyone and sum(len(part) for part in left_out) == len(everyone)


def test_too_little_to_tune_on_says_to_train_without() -> None:
    with pytest.raises(BadData, match=r"Too little to tune on.*without --tune"):
        choice_on(made_up(students=40))


def test_each_configuration_is_a_child_run_and_the_choice_is_on_the_card(
    few: MadeUp, empty_store: Settings
) -> None:
    with training_store(empty_store) as tracking:
        report = train_model(definition(), past_made_up(few), tracking, empty_store, tune=True)
        experiment = tracking.experiment("attendance")
        children = tracking.client.search_runs(
            [experiment], f"tags.`mlflow.parentRunId` = '{report.run_id}'", max_results=100
        )
    assert len(children) == 20 and {run.info.status for run in children} == {"FINISHED"}
    assert all("log_loss" in run.data.metrics and "kind" in run.data.params for run in children)
    told = report.card["tuned"]
    assert told["configurations"] == 20 and told["on_years"] == [2023]
    assert report.card["parameters"]["logistic_l2"] in {
        float(run.data.params["logistic_l2"]) for run in children if run.data.params["kind"] == "logistic"
    }
