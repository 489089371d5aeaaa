"""Scores with reasons: the same for one as for all, adding up, silent where too little is known."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd
import pytest
from made_up import MadeUp

from ews.errors import NoModel
from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.fitting import Fitted
from ews.risk.scoring import Score, explained_scores
from ews.settings import Settings

Bundles = dict[str, Bundle]


@pytest.fixture(scope="module")
def today(rows: MadeUp) -> pd.DataFrame:
    matrix = rows.year(2025).matrix
    return matrix[matrix["week"] == 10].reset_index(drop=True)


def scores(bundles: Bundles, matrix: pd.DataFrame, settings: Settings) -> list[Score]:
    return explained_scores(bundles, matrix, settings=settings).scores


def test_each_student_is_scored_in_the_domains_of_their_grade(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    found = explained_scores(bundles, today, settings=settings).by_student()
    for row in today.to_dict("records"):
        wanted = {"attendance", "behavior", "overall"} | ({"grades"} if row["grade_level"] >= 6 else set())
        assert set(found[row["student_id"]]) == wanted


def test_one_student_alone_gets_the_same_scores_to_the_bit(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    whole = scores(bundles, today, settings)
    for place in (0, 3, len(today) - 1):
        alone = today.iloc[[place]]
        own = [score for score in whole if score.student_id == today["student_id"][place]]
        assert scores(bundles, alone, settings) == own


def test_parts_add_up_to_the_log_odds_in_every_domain(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    for score in scores(bundles, today, settings):
        assert score.log_odds is not None
        assert abs(sum(score.parts.values()) - score.log_odds) < 1e-6


def test_probabilities_are_those_of_the_models(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    model = bundles["attendance"].model
    assert isinstance(model, Fitted)
    own = [score for score in scores(bundles, today, settings) if score.domain == "attendance"]
    assert [score.probability for score in own] == model.probability(today).tolist()


def test_overall_is_taken_through_its_domains(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    model = bundles["overall"].model
    assert isinstance(model, Composite) and model.domains == ("attendance", "grades")
    young = today[today["grade_level"] == 5]
    for row in explained_scores(bundles, young, settings=settings).by_student().values():
        said = row["attendance"].log_odds
        assert said is not None
        expected = model.intercept + model.present_weight + (model.weight[0] + model.maximum_weight) * said
        assert row["overall"].log_odds == pytest.approx(expected, abs=1e-9)


def test_no_more_than_five_reasons_each_with_a_sentence_and_a_notable_contribution(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    found = scores(bundles, today, settings)
    assert any(score.drivers for score in found)
    for score in found:
        assert len(score.drivers) <= 5
        for driver in score.drivers:
            assert set(driver) == {"code", "title", "text", "direction", "contribution", "kind"}
            assert abs(driver["contribution"]) >= 0.10 and driver["text"].endswith(".")
            assert (driver["contribution"] > 0) == (driver["direction"] == "raises")
            assert "nan" not in driver["text"] and "%" not in driver["text"]


def test_a_new_student_with_few_days_and_no_history_is_not_scored_but_listed(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    new = today.head(1).assign(expected_days_year=9.0, has_history=False)
    for score in scores(bundles, new, settings):
        assert score.status == "not_enough_data" and score.probability is None and score.band is None
        assert score.why_not == "Fewer than 10 school days on record and no earlier year."
    known = new.assign(has_history=True)
    assert {score.status for score in scores(bundles, known, settings)} == {"scored"}


def test_at_the_years_end_there_is_no_new_score(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    late = today.head(1).assign(horizon_days=14)
    assert {score.why_not for score in scores(bundles, late, settings)} == {
        "Fewer than 15 school days remain this year."
    }


def test_a_school_whose_attendance_is_old_has_scores_that_say_so(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    old = today.head(2).copy()
    old["attendance_through"] = [old["as_of"][0] - timedelta(days=8), None]
    found = scores(bundles, old, settings)
    assert {score.status for score in found} == {"stale"}
    assert all(score.probability is not None for score in found)


def test_bands_follow_the_lines_and_watch_starts_at_the_base_rate(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    for score in scores(bundles, today, settings):
        assert score.probability is not None
        base = bundles[score.domain].base_rate
        lines = {"high": 0.60, "elevated": 0.30, "watch": min(base, 0.30), "low": 0.0}
        assert score.band == next(band for band, line in lines.items() if score.probability >= line)


def test_how_far_the_records_reach_is_told_by_the_domains_own_table(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    one = explained_scores(bundles, today.iloc[[1]], settings=settings).by_student()
    domains = next(iter(one.values()))
    assert domains["attendance"].data_through == today["attendance_through"][1]


def test_without_a_model_there_is_an_error_that_says_what_to_do(
    today: pd.DataFrame, settings: Settings
) -> None:
    with pytest.raises(NoModel, match="ews promote"):
        explained_scores({}, today, settings=settings)


def test_overall_without_a_domain_that_it_stands_on_says_which(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    without = {name: bundle for name, bundle in bundles.items() if name != "grades"}
    with pytest.raises(NoModel, match="stacked on grades"):
        explained_scores(without, today, settings=settings)


def test_another_version_below_overall_is_told_to_those_who_run_it(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    from dataclasses import replace

    newer = bundles | {"grades": replace(bundles["grades"], version="grades-newer")}
    assert explained_scores(bundles, today, settings=settings).notes == []
    notes = explained_scores(newer, today, settings=settings).notes
    assert len(notes) == 1 and "grades-newer is in service: train and promote overall" in notes[0]


def test_scores_as_a_table_have_one_row_each(
    bundles: Bundles, today: pd.DataFrame, settings: Settings
) -> None:
    found = explained_scores(bundles, today.head(3), settings=settings)
    assert len(found.as_table()) == len(found.scores)
