"""A model passes when its numbers hold, and chance alone does not fail it."""

from __future__ import annotations

import numpy as np
import pytest

from ews.risk.calibration_error import CalibrationError, calibration_error, equal_bins


def said_and_happened(count: int, off: float, seed: int) -> CalibrationError:
    chance = np.random.default_rng(seed)
    said = chance.beta(1, 4, size=count)
    happened = (chance.random(count) < np.clip(said + off, 0, 1)).astype(float)
    return calibration_error(happened, said, np.arange(count))


def test_a_perfect_model_at_400_students_shows_a_raw_error_that_is_chance() -> None:
    found = [said_and_happened(400, 0.0, seed) for seed in range(20)]
    assert np.mean([each.raw for each in found]) > 0.03
    assert np.mean([each.error for each in found]) < 0.5 * np.mean([each.raw for each in found])
    assert {each.verdict for each in found} == {"too few to tell"}


def test_a_perfect_model_at_5000_students_passes() -> None:
    found = said_and_happened(5000, 0.0, 1)
    assert found.verdict == "pass" and found.slope == pytest.approx(1.0, abs=0.1)


def test_a_model_ten_points_off_fails_and_its_error_is_about_ten_points() -> None:
    found = said_and_happened(5000, 0.10, 1)
    assert found.verdict == "fail" and found.error == pytest.approx(0.10, abs=0.02)
    assert 0.03 < found.low < found.error


def test_weeks_of_the_same_students_do_not_count_as_more_students() -> None:
    chance = np.random.default_rng(3)
    said = np.tile(chance.beta(1, 4, size=300), 10)
    happened = np.tile((chance.random(300) < said[:300]).astype(float), 10)
    students = np.tile(np.arange(300), 10)
    clustered = calibration_error(happened, said, students)
    alone = calibration_error(happened, said, np.arange(3000))
    assert clustered.error < alone.error and clustered.verdict == "too few to tell"


def test_bins_have_equal_counts_even_when_all_say_the_same() -> None:
    assert set(np.bincount(equal_bins(np.full(150, 0.2)))) == {10}
