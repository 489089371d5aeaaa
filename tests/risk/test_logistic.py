"""The logistic regression gives the known answer, keeps its signs, and tells missing apart."""

from __future__ import annotations

import json

import numpy as np
import pytest

from ews.errors import BadData, OurFault
from ews.risk.logistic import Logistic, fit_logistic, reach, read_logistic, sigmoid, signed_logistic


def rows_and_labels(seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    rows = chance.normal(size=(3000, 4))
    return rows, (chance.random(3000) < sigmoid(rows @ [1.0, -0.6, 0.0, 0.3] - 1)).astype(float)


def test_without_signs_it_is_the_logistic_regression_of_scikit_learn() -> None:
    from sklearn.linear_model import LogisticRegression

    rows, labels = rows_and_labels()
    ours = signed_logistic(rows, labels, np.ones(3000), np.zeros(4), np.full(4, 3.0))
    theirs = LogisticRegression(C=1 / 3, tol=1e-10, max_iter=1000).fit(rows, labels)
    assert ours == pytest.approx(np.append(theirs.coef_[0], theirs.intercept_[0]), abs=1e-6)


def test_a_feature_that_never_lowers_risk_keeps_a_coefficient_of_at_least_zero() -> None:
    rows, labels = rows_and_labels()
    up = signed_logistic(rows, labels, np.ones(3000), np.ones(4), np.full(4, 3.0))
    down = signed_logistic(rows, labels, np.ones(3000), -np.ones(4), np.full(4, 3.0))
    assert np.all(up[:4] >= 0) and up[1] == 0 and up[0] > 0.8
    assert np.all(down[:4] <= 0) and down[0] == 0 and down[1] < -0.4


def test_a_signed_fit_is_the_free_fit_of_the_features_it_keeps() -> None:
    rows, labels = rows_and_labels()
    held = signed_logistic(rows, labels, np.ones(3000), np.ones(4), np.full(4, 3.0))
    kept = np.flatnonzero(held[:4] > 0)
    free = signed_logistic(rows[:, kept], labels, np.ones(3000), np.zeros(len(kept)), np.full(len(kept), 3.0))
    assert held[[*kept, 4]] == pytest.approx(free, abs=1e-6)


def test_missing_takes_the_stated_value_and_has_an_indicator_of_its_own() -> None:
    rows, labels = rows_and_labels()
    rows = rows.copy()
    gone = np.random.default_rng(1).random(3000) < 0.3
    rows[gone, 0] = np.nan
    labels = np.where(gone, 1.0, labels)
    model = fit_logistic("abcd", rows, labels, np.ones(3000), [0] * 4, [True, False, False, False], 3.0)
    assert model.fill[0] == 0.0 and model.fill[1] == pytest.approx(np.median(rows[:, 1]), rel=1e-5)
    assert model.missing_weight[0] > 1 and model.missing_weight[1:] == (0.0, 0.0, 0.0)
    both = model.raw_log_odds(np.array([[np.nan, 0, 0, 0], [0.0, 0, 0, 0]]))
    assert both[0] - both[1] == pytest.approx(model.missing_weight[0])


def test_an_infinite_number_is_bad_data() -> None:
    rows, labels = rows_and_labels()
    rows[3, 2] = np.inf
    with pytest.raises(BadData, match="infinite"):
        fit_logistic("abcd", rows, labels, np.ones(3000), [0] * 4, [True] * 4, 3.0)


def test_a_value_beyond_those_it_learned_from_counts_as_the_last_of_them() -> None:
    model = small()
    far = model.raw_log_odds(np.array([[model.high[0], 0, 0, 0], [1000.0, 0, 0, 0]]))
    assert far[0] == far[1]


def test_a_rare_event_keeps_its_reach() -> None:
    assert reach(np.r_[np.zeros(999), 1.0]) == (0.0, 1.0)
    assert reach(np.full(5, np.nan)) == (0.0, 0.0)


def small() -> Logistic:
    rows, labels = rows_and_labels()
    return fit_logistic("abcd", rows, labels, np.ones(3000), [0] * 4, [True] * 4, 3.0)


def test_its_text_read_again_is_the_same_model() -> None:
    assert read_logistic(small().text()) == small()


@pytest.mark.parametrize(
    "change",
    [
        {"weight": [1.0]},
        {"scale": [1.0, 1.0, 0.0, 1.0]},
        {"intercept": "one"},
        {"extra": 1},
        {"weight": [1.0, 2.0, float("nan"), 0.0]},
    ],
    ids=["short", "zero scale", "text", "extra field", "not a number"],
)
def test_a_damaged_text_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(OurFault, match="damaged"):
        read_logistic(json.dumps(json.loads(small().text()) | change))
