"""Both kinds behind one face: the same bits every time, additive to the last decimals, never by halves."""

from __future__ import annotations

import numpy as np
import pytest
from made_up import MadeUp, definition, made_up

from ews.errors import BadData
from ews.risk.bundle import body_hash
from ews.risk.evaluation import auc
from ews.risk.fitting import (
    KINDS,
    Fitted,
    calibrated,
    even_weights,
    fit,
    fit_with_folds,
    numbers,
    student_fold,
)

MODEL = definition()


def fitted_on(rows: MadeUp, kind: str, threads: int = 1) -> Fitted:
    first, later = rows.year(2023), rows.year(2024)
    fitted = fit(MODEL, first.matrix, first.labels, even_weights(first.matrix), kind, threads=threads)
    return calibrated(fitted, later.matrix, later.labels)


@pytest.fixture(scope="module", params=KINDS)
def fitted(rows: MadeUp, request: pytest.FixtureRequest) -> Fitted:
    return fitted_on(rows, request.param)


@pytest.mark.parametrize("kind", KINDS)
def test_threads_and_the_order_of_rows_change_nothing_in_the_model(rows: MadeUp, kind: str) -> None:
    one, two = fitted_on(rows, kind, threads=1), fitted_on(rows, kind, threads=2)
    mixed = fitted_on(rows.shuffled(), kind, threads=2)
    assert body_hash(one) == body_hash(two) == body_hash(mixed)
    assert one.calibration == two.calibration == mixed.calibration


def test_it_orders_students_of_a_year_it_never_saw(rows: MadeUp, fitted: Fitted) -> None:
    test = rows.year(2025)
    assert auc(test.labels, fitted.probability(test.matrix)) > 0.72


def test_contributions_add_up_to_the_calibrated_log_odds(rows: MadeUp, fitted: Fitted) -> None:
    test = rows.year(2025).matrix
    parts = fitted.contributions(test)
    assert parts.shape == (len(test), len(MODEL.features) + 1)
    assert np.max(np.abs(parts.sum(axis=1) - fitted.log_odds(test))) < 1e-6


def test_contributions_of_trees_are_those_of_shap(rows: MadeUp) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

        fitted = fitted_on(rows, "lightgbm")
        test = numbers(rows.year(2025).matrix, MODEL.features)[:200]
        explainer = shap.TreeExplainer(fitted.body.booster)  # type: ignore[union-attr]
        theirs = np.asarray(explainer.shap_values(test))
    assert np.max(np.abs(fitted.calibration.slope * theirs - fitted.contributions(test)[:, :-1])) < 1e-6


def test_one_student_alone_has_the_same_bits_as_in_a_batch(rows: MadeUp, fitted: Fitted) -> None:
    test = rows.year(2025).matrix
    whole, parts = fitted.log_odds(test), fitted.contributions(test)
    for place in (0, 17, len(test) - 1):
        alone = test.iloc[[place]]
        assert fitted.log_odds(alone)[0] == whole[place]
        assert np.array_equal(fitted.contributions(alone)[0], parts[place])


@pytest.mark.parametrize("name", ["absence_rate_year", "fs_now", "missing_work", "incidents_last_45"])
def test_more_absence_fs_missing_work_or_incidents_never_lower_risk(
    rows: MadeUp, fitted: Fitted, name: str
) -> None:
    test = rows.year(2025).matrix.dropna(subset=[name])
    more = test.assign(**{name: test[name] * 1.5 + 0.2})
    assert np.all(fitted.log_odds(more) >= fitted.log_odds(test) - 1e-12)


def test_every_student_year_weighs_the_same_however_often_it_was_seen() -> None:
    rows = made_up(students=60).matrix
    some = rows[~((rows["student_id"] == "S00003") & (rows["week"] > 4))]
    weights = even_weights(some)
    totals = some.assign(weight=weights).groupby(["student_id", "school_year"])["weight"].sum()
    assert weights.mean() == pytest.approx(1.0)
    assert totals.to_numpy() == pytest.approx(np.full(len(totals), totals.iloc[0]))


@pytest.mark.parametrize("label", [0.0, 1.0])
def test_one_class_alone_is_bad_data_that_counts_students(rows: MadeUp, label: float) -> None:
    first = rows.year(2023)
    with pytest.raises(BadData, match=r"at least 25 of each"):
        fit(MODEL, first.matrix, np.full(len(first.labels), label), np.ones(len(first.labels)), "logistic")


def test_a_sigmoid_that_would_turn_the_order_round_is_bad_data(rows: MadeUp) -> None:
    first, later = rows.year(2023), rows.year(2024)
    fitted = fit(MODEL, first.matrix, first.labels, even_weights(first.matrix), "logistic")
    with pytest.raises(BadData, match="no better than chance"):
        calibrated(fitted, later.matrix, 1 - later.labels)


def test_folds_keep_a_student_on_one_side_and_calibrate_nearly_as_well(rows: MadeUp) -> None:
    first, later = rows.year(2023), rows.year(2024)
    fold = student_fold(first.matrix["student_id"])
    assert first.matrix.assign(fold=fold).groupby("student_id")["fold"].nunique().max() == 1
    folded = fit_with_folds(MODEL, first.matrix, first.labels, even_weights(first.matrix), "logistic")
    said = folded.probability(later.matrix).mean()
    assert abs(said - later.labels.mean()) < 0.05


def test_a_matrix_without_a_feature_is_bad_data_that_names_it(rows: MadeUp, fitted: Fitted) -> None:
    with pytest.raises(BadData, match="lacks gpa_now"):
        fitted.probability(rows.matrix.drop(columns="gpa_now"))
