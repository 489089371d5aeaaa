"""Overall is the sum of its domains' parts, whichever of them a student has."""

from __future__ import annotations

import numpy as np
import pytest

from ews.errors import OurFault
from ews.risk.composite import Composite, fit_composite, read_composite
from ews.risk.logistic import sigmoid

OVERALL = Composite(
    ("attendance", "grades"), (0.5, 0.4), 0.3, 0.2, -0.1, {"attendance": "a-1", "grades": "g-1"}
)
NONE = float("nan")


def test_two_domains_count_each_and_the_severer_one_once_more() -> None:
    said = np.array([[1.0, -2.0]])
    assert OVERALL.log_odds(said)[0] == pytest.approx(-0.1 + 0.2 * 2 + 0.5 * 1.0 + 0.4 * -2.0 + 0.3 * 1.0)


def test_a_student_with_one_domain_is_scored_on_it() -> None:
    assert OVERALL.log_odds(np.array([[1.0, NONE]]))[0] == pytest.approx(-0.1 + 0.2 + (0.5 + 0.3) * 1.0)


def test_a_student_with_no_domain_has_no_score() -> None:
    assert np.isnan(OVERALL.log_odds(np.array([[NONE, NONE]]))[0])


def test_it_decomposes_exactly_through_its_domains() -> None:
    said = np.random.default_rng(2).normal(size=(500, 2))
    said[::4, 1] = np.nan
    parts = OVERALL.base(said) + np.nansum(OVERALL.multipliers(said) * said, axis=1)
    assert np.max(np.abs(parts - OVERALL.log_odds(said))) < 1e-12


def test_raising_any_domain_never_lowers_overall() -> None:
    chance = np.random.default_rng(4)
    trait = chance.normal(size=4000)
    said = np.column_stack([trait + chance.normal(size=4000), trait + chance.normal(size=4000)]) - 1
    labels = (chance.random(4000) < sigmoid(1.2 * trait - 1)).astype(float)
    fitted = fit_composite(("a", "b"), said, labels, np.ones(4000), {"a": "1", "b": "1"})
    assert min(*fitted.weight, fitted.maximum_weight, fitted.present_weight) >= 0
    assert np.all(fitted.log_odds(said + np.array([0.5, 0.0])) >= fitted.log_odds(said))
    assert abs(sigmoid(fitted.log_odds(said)).mean() - labels.mean()) < 0.01


def test_its_text_read_again_is_the_same_model() -> None:
    assert read_composite(OVERALL.text()) == OVERALL


def test_a_damaged_text_is_refused() -> None:
    with pytest.raises(OurFault, match="damaged"):
        read_composite(OVERALL.text().replace('"g-1"', '"g-1", "behavior": "b-1"'))
