"""One set of draws under every number: intervals are those of a plain bootstrap, and much faster."""

from __future__ import annotations

import numpy as np
import pytest

from ews.risk.calibration_error import calibration_slope
from ews.risk.draws import Draws, Estimate
from ews.risk.evaluation import auc, average_precision, brier, listed, recall_of
from ews.risk.measured import Ground, Score, measured, net_benefit, slope_of
from ews.risk.order import auc_of, auc_within, average_precision_of, equal_places_within


def weeks_of_students(students: int = 400, weeks: int = 5) -> tuple[Ground, np.ndarray]:
    """Students of four schools over some weeks, and a probability that is right about them."""
    chance = np.random.default_rng(4)
    owner = np.repeat(np.arange(students), weeks)
    log_odds = chance.normal(-1.5, 1.2, students)[owner]
    said = 1 / (1 + np.exp(-log_odds))
    labels = (chance.random(len(owner)) < said).astype(float)
    lists = (owner % 4) * weeks + np.tile(np.arange(weeks), students)
    return Ground(labels, lists, Draws.of(owner, repeats=60)), np.round(said, 3)


def one_by_one(ground: Ground, measure, said: np.ndarray) -> np.ndarray:
    """The measure on each draw, computed from the drawn weights row by row."""
    return np.array([measure(ground.labels, said, times[ground.draws.owner]) for times in ground.draws.times])


@pytest.mark.parametrize(("fast", "plain"), [(auc_of, auc), (average_precision_of, average_precision)])
def test_the_draws_of_an_order_are_those_of_a_plain_bootstrap(fast, plain) -> None:
    ground, said = weeks_of_students()
    found = fast(ground.labels, said, ground.draws)
    assert found.point == plain(ground.labels, said)
    assert found.drawn == pytest.approx(one_by_one(ground, plain, said), abs=0.002)


def test_recall_on_lists_and_brier_are_drawn_exactly() -> None:
    ground, said = weeks_of_students()
    found = measured(ground, Score("model", said, True), [0.3])
    assert found["brier"].drawn == pytest.approx(one_by_one(ground, brier, said))
    chosen = listed(said, ground.lists, 0.10)
    assert found["recall_at_10"].drawn == pytest.approx(one_by_one(ground, recall_of, chosen))


def test_auc_within_a_list_compares_students_of_one_school_on_one_day_alone() -> None:
    labels = np.array([1.0, 0.0, 1.0, 0.0])
    scores = np.array([0.2, 0.1, 0.9, 0.8])
    draws = Draws.of(np.arange(4))
    schools = np.array([0, 0, 1, 1])
    assert auc(labels, scores) == 0.75
    assert auc_within(labels, scores, schools, draws).point == 1.0
    assert auc_within(labels, -scores, schools, draws).point == 0.0
    assert auc_within(labels, np.ones(4), schools, draws).point == 0.5


def test_equal_scores_share_a_place_and_places_rise() -> None:
    places = equal_places_within(np.array([3.0, 1.0, 1.0, 2.0, 9.0]), np.array([0, 0, 0, 0, 1]), 4)
    assert places.tolist() == [3, 0, 0, 2, 0]


def test_a_slope_is_that_of_a_logistic_regression_and_too_bold_is_below_one() -> None:
    ground, said = weeks_of_students()
    found = slope_of(ground, said)
    assert found.point == pytest.approx(calibration_slope(ground.labels, said), abs=1e-4)
    low, high = found.interval()
    assert low < 1.0 < high
    bold = 1 / (1 + np.exp(-2 * np.log(said / (1 - said))))
    assert slope_of(ground, bold).point == pytest.approx(found.point / 2, abs=1e-3)


def test_acting_on_the_right_ones_is_worth_more_than_acting_on_all_or_on_nobody() -> None:
    ground, said = weeks_of_students()
    acts, everybody = (said >= 0.3).astype(float), np.ones(len(said))
    assert net_benefit(ground, acts, 0.3).point > max(0.0, net_benefit(ground, everybody, 0.3).point)
    assert net_benefit(ground, np.zeros(len(said)), 0.3).point == 0.0


def test_a_difference_on_the_same_draws_is_narrower_than_its_parts() -> None:
    ground, said = weeks_of_students()
    mine = auc_of(ground.labels, said, ground.draws)
    other = auc_of(ground.labels, said + 0.05 * np.sin(np.arange(len(said))), ground.draws)
    gap, whole = mine.minus(other).interval(), mine.interval()
    assert gap[1] - gap[0] < 0.5 * (whole[1] - whole[0])


def test_a_group_keeps_the_draws_of_everyone() -> None:
    ground, said = weeks_of_students()
    inside = ground.draws.owner % 4 == 1
    few = ground.among(inside)
    assert few.students == 100
    weights = ground.draws.times[7][ground.draws.owner[inside]]
    found = auc_of(few.labels, said[inside], few.draws)
    assert found.drawn[7] == pytest.approx(auc(few.labels, said[inside], weights), abs=0.003)


def test_what_has_no_value_is_left_out_of_the_json() -> None:
    assert Estimate(float("nan"), np.full(3, np.nan)).as_json() == {}
    nobody = Ground(np.zeros(30), np.zeros(30, dtype=int), Draws.of(np.arange(30)))
    found = measured(nobody, Score("model", np.linspace(0, 1, 30), True), [0.3])
    assert found["auc"].as_json() == {} and found["recall_at_10"].as_json() == {}
    assert found["precision_at_10"].as_json()["point"] == 0.0
