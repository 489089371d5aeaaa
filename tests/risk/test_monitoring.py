"""Calibration on matured labels is the first alarm; the others say their number and what to do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ews.risk.monitoring import (
    Gap,
    acknowledged,
    calibration_check,
    calibration_in_the_large,
    churn,
    drift_of_features,
    drift_of_scores,
    freshness,
    gap_colour,
    missing_features,
    psi,
    volumes,
    worst,
)

COLOURS = {
    "nothing to say": (Gap(0.20, 0.19, -0.01, 0.03, 900, 300), "green"),
    "amber from .03": (Gap(0.20, 0.23, -0.04, -0.02, 900, 300), "amber"),
    "red from .05": (Gap(0.20, 0.26, -0.08, -0.04, 900, 300), "red"),
    "too few labels": (Gap(0.20, 0.30, -0.12, -0.08, 499, 300), "grey"),
    "many labels of few students": (Gap(0.20, 0.30, -0.12, -0.08, 900, 60), "grey"),
    "wide as chance": (Gap(0.20, 0.26, -0.13, 0.01, 900, 300), "amber"),
}


@pytest.mark.parametrize(("gap", "colour"), COLOURS.values(), ids=COLOURS)
def test_the_gap_is_coloured_as_method_says(gap: Gap, colour: str) -> None:
    assert gap_colour(gap) == colour


def test_the_gap_is_what_was_said_less_what_happened_with_students_as_draws() -> None:
    chance = np.random.default_rng(4)
    students = np.repeat(np.arange(400), 5)
    own = np.repeat((chance.random(400) < 0.3).astype(float), 5)
    found = calibration_in_the_large(own, np.full(2000, 0.2), students)
    assert found.gap == pytest.approx(0.2 - own.mean()) and (found.labels, found.students) == (2000, 400)
    width = found.high - found.low
    assert width == pytest.approx(2 * 1.96 * own.std() / np.sqrt(400), rel=0.02)


def test_no_matured_label_is_said_and_is_no_alarm() -> None:
    nothing = calibration_in_the_large(*(np.zeros(0) for _ in range(3)))
    check = calibration_check("attendance", nothing, 0, "scores of attendance-1")
    assert check.colour == "grey" and "No outcome has closed yet" in check.told


def test_red_says_what_to_do() -> None:
    check = calibration_check("attendance", COLOURS["red from .05"][0], 4, "scores of attendance-1")
    assert "ews repair attendance" in check.to_do and "-0.060" in check.told


def test_psi_is_0_for_the_same_and_grows_with_the_shift_and_with_what_is_missing() -> None:
    chance = np.random.default_rng(1)
    before, same = chance.normal(size=(2, 5000))
    assert psi(before, before) == 0.0
    assert psi(before, same) < 0.01
    assert 0.1 < psi(before, same + 0.5) < psi(before, same + 1.0)
    assert psi(before, np.where(chance.random(5000) < 0.3, np.nan, same)) > 0.25
    assert psi(np.full(100, np.nan), np.full(100, np.nan)) == 0.0


def test_scores_that_moved_much_are_red_and_features_are_amber_at_most() -> None:
    chance = np.random.default_rng(2)
    before, moved = chance.random(2000), chance.random(2000) ** 4
    assert drift_of_scores({"grades": before}, {"grades": moved}).colour == "red"
    assert drift_of_scores({}, {"grades": moved}).colour == "grey"
    check = drift_of_features(pd.DataFrame({"gpa": before}), pd.DataFrame({"gpa": moved}), ["gpa"])
    assert check.colour == "amber" and "gpa" in check.to_do


def test_a_feature_that_went_missing_is_named() -> None:
    before = pd.DataFrame({"gpa": [3.0] * 10, "absences": [1.0] * 10})
    now = before.assign(gpa=[None] * 4 + [3.0] * 6)
    check = missing_features(before, now, ["gpa", "absences"])
    assert check.colour == "red" and "gpa, missing for 40% of students, 0% a year before" in check.told


ROWS = {
    "as many as last year": ({"now": 95, "a_year_before": 100, "four_weeks_before": 10}, "green"),
    "a fifth fewer": ({"now": 75, "a_year_before": 100, "four_weeks_before": 10}, "amber"),
    "less than half": ({"now": 40, "a_year_before": 100, "four_weeks_before": 10}, "red"),
    "no last year: the weeks before": ({"now": 40, "a_year_before": 0, "four_weeks_before": 100}, "red"),
    "a table that never had rows": ({"now": 0, "a_year_before": 0, "four_weeks_before": 0}, "grey"),
}


@pytest.mark.parametrize(("rows", "colour"), ROWS.values(), ids=ROWS)
def test_rows_by_table_are_held_against_the_same_weeks_before(rows: dict[str, int], colour: str) -> None:
    assert volumes({"attendance": rows}).colour == colour


def test_a_list_that_turns_over_is_told_and_a_first_list_is_not() -> None:
    before = frozenset(f"s{place}" for place in range(40))
    new = frozenset(f"n{place}" for place in range(20)) | frozenset(f"s{place}" for place in range(20))
    assert churn(before, before).colour == "green"
    assert churn(new, before).colour == "red" and "50%" in churn(new, before).told
    assert churn(new, None).colour == "grey"


def test_feeds_are_amber_at_two_school_days_and_red_at_five() -> None:
    colours = [freshness({"Alder Creek": days}, 0).colour for days in (1, 2, 4, 5, None)]
    assert colours == ["green", "amber", "amber", "red", "red"]


def test_the_worst_colour_is_the_watchs_and_grey_only_when_nothing_is_known() -> None:
    assert worst(["green", "grey", "amber"]) == "amber"
    assert worst(["grey", "red"]) == "red"
    assert worst(["grey"]) == "grey"


def test_new_names_that_nobody_answers_are_amber_at_most() -> None:
    assert acknowledged(0, 40, recorded=False).colour == "grey"
    assert acknowledged(3, 10, recorded=True).colour == "grey"
    assert acknowledged(35, 40, recorded=True).colour == "green"
    check = acknowledged(0, 40, recorded=True)
    assert check.colour == "amber" and "0 of 40 new names" in check.told
