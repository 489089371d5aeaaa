"""Measures of an order, checked by hand on small lists and against scikit-learn on long ones."""

from __future__ import annotations

import numpy as np
import pytest

from ews.risk.evaluation import (
    auc,
    average_precision,
    brier,
    listed,
    paired_bootstrap,
    precision_of,
    recall_of,
)


def long_lists(seed: int = 2) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(seed)
    labels = (chance.random(4000) < 0.2).astype(float)
    return labels, np.round(chance.normal(size=4000) + labels, 1)


def test_auc_and_average_precision_are_those_of_scikit_learn_ties_included() -> None:
    from sklearn.metrics import average_precision_score, roc_auc_score

    labels, scores = long_lists()
    assert auc(labels, scores) == pytest.approx(roc_auc_score(labels, scores))
    assert average_precision(labels, scores) == pytest.approx(average_precision_score(labels, scores))


def test_a_weight_of_two_is_the_row_twice() -> None:
    labels, scores = long_lists()
    weights = np.where(np.arange(4000) % 3 == 0, 2.0, 1.0)
    twice = np.repeat(np.arange(4000), weights.astype(int))
    for measure in (auc, average_precision, brier):
        assert measure(labels, scores, weights) == pytest.approx(measure(labels[twice], scores[twice]))


def test_without_anyone_with_the_outcome_nothing_is_claimed() -> None:
    assert np.isnan(auc(np.zeros(5), np.arange(5.0)))
    assert np.isnan(recall_of(np.zeros(5), np.ones(5)))


def test_each_school_lists_its_own_share() -> None:
    schools = np.array(["Alder"] * 10 + ["Birch"] * 20)
    scores = np.arange(30.0)
    chosen = listed(scores, schools, 0.10)
    assert np.flatnonzero(chosen).tolist() == [9, 28, 29]


def test_of_equals_at_the_edge_each_counts_by_its_chance() -> None:
    chosen = listed(np.array([3.0, 1.0, 1.0, 1.0, 1.0]), np.array(["Alder"] * 5), 0.40)
    assert chosen.tolist() == [1.0, 0.25, 0.25, 0.25, 0.25]


def test_a_small_school_still_lists_one() -> None:
    assert listed(np.array([0.1, 0.3]), np.array(["Cedar"] * 2), 0.05).tolist() == [0.0, 1.0]


def test_recall_and_precision_count_those_on_the_list() -> None:
    labels, chosen = np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])
    assert recall_of(labels, chosen) == 0.5 and precision_of(labels, chosen) == 0.5


def test_a_better_order_has_an_interval_above_zero_and_an_equal_one_is_exactly_zero() -> None:
    labels, scores = long_lists()
    noise = np.random.default_rng(9).normal(size=4000)
    students = np.arange(4000) % 1000
    better = paired_bootstrap(auc, labels, scores, noise, students, repeats=60)
    assert better.low > 0.1 and better.low < better.point < better.high
    same = paired_bootstrap(auc, labels, scores, scores, students, repeats=20)
    assert (same.point, same.low, same.high) == (0.0, 0.0, 0.0)


def test_rows_of_one_student_are_drawn_together_so_the_interval_is_wider() -> None:
    labels, scores = (np.repeat(values[:500], 8) for values in long_lists())
    flat = np.zeros(4000)
    apart = paired_bootstrap(auc, labels, scores, flat, np.arange(4000), repeats=100)
    together = paired_bootstrap(auc, labels, scores, flat, np.repeat(np.arange(500), 8), repeats=100)
    assert together.high - together.low > 2 * (apart.high - apart.low)
