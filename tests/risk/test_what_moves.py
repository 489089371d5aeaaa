"""What could move a score: only what can be done, only where the model itself then says less."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from made_up import MadeUp

from ews.features.catalogue import FEATURES
from ews.risk.bundle import Bundle
from ews.risk.drivers import NOTABLE
from ews.risk.scoring import Score, explained_scores
from ews.risk.typical import EVERYONE, Typical
from ews.risk.what_moves import DAYS_AHEAD, MOST_WORK, days, mornings, what_moves, work
from ews.settings import Settings

Bundles = dict[str, Bundle]


@pytest.fixture(scope="module")
def today(rows: MadeUp) -> pd.DataFrame:
    """One day, with the counts behind the shares, and with assignments that are not in."""
    matrix = rows.year(2025).matrix
    matrix = matrix[matrix["week"] == 10].reset_index(drop=True)
    missing = np.arange(len(matrix)) % 9.0
    return matrix.assign(
        missing_work=missing,
        fact_work_due=20.0,
        missing_work_share=missing / 20,
        missing_work_last_20=missing,
        fact_expected_days_year=50.0,
        fact_absent_days_year=matrix["absence_rate_year"] * 50,
        fact_tardies_year=0.0,
    )


@pytest.fixture(scope="module")
def scores(bundles: Bundles, today: pd.DataFrame) -> list[Score]:
    from ews.settings import read_settings

    return explained_scores(bundles, today, settings=read_settings({})).scores


def test_a_step_is_told_only_where_the_served_model_then_says_notably_less(
    bundles: Bundles, today: pd.DataFrame, scores: list[Score], settings: Settings
) -> None:
    found = what_moves(bundles, today, scores, settings)
    assert found
    said = {(score.student_id, score.domain): score for score in scores}
    models = [bundles["attendance"], bundles["grades"]]
    tried = (work(today), days(today, models), mornings(today, models))
    altered = {one.code: one.altered for one in tried}
    for student, steps in found.items():
        place = int(np.flatnonzero(today["student_id"] == student)[0])
        for step in steps:
            taken = {name: values[place] for name, values in altered[step["code"]].items()}
            row = today.iloc[[place]].assign(**taken)
            for move in step["moves"]:
                score = said[student, move["domain"]]
                after = float(bundles[move["domain"]].model.log_odds(row)[0])  # type: ignore[arg-type]
                assert score.band == move["before"] != "low"
                assert score.log_odds is not None and score.log_odds - after >= NOTABLE


def test_nobody_in_the_band_low_is_told_to_do_anything(
    bundles: Bundles, today: pd.DataFrame, scores: list[Score], settings: Settings
) -> None:
    found = what_moves(bundles, today, scores, settings)
    low = {
        score.student_id
        for score in scores
        if score.domain in ("attendance", "grades") and score.band == "low"
    }
    high = {score.student_id for score in scores if score.band not in (None, "low")}
    assert low - high and set(found) <= high


def test_behavior_is_never_told_to_move(
    bundles: Bundles, today: pd.DataFrame, scores: list[Score], settings: Settings
) -> None:
    steps = [step for told in what_moves(bundles, today, scores, settings).values() for step in told]
    assert {move["domain"] for step in steps for move in step["moves"]} <= {"attendance", "grades"}
    assert not any(character in step["said"] for step in steps for character in "%.")


def test_at_most_five_assignments_are_asked_for() -> None:
    matrix = pd.DataFrame(
        {"missing_work": [1.0, 3.0, 8.0, np.nan], "fact_work_due": 10.0, "missing_work_last_20": [1, 1, 8, 0]}
    )
    tried = work(matrix)
    assert tried.who.tolist() == [True, True, True, False]
    assert [tried.said(place) for place in range(3)] == [
        "Turn in the one assignment of this term that is not in",
        "Turn in the 3 assignments of this term that are not in",
        "Turn in 5 of the 8 assignments of this term that are not in",
    ]
    assert tried.altered["missing_work"][:3].tolist() == [0, 0, 8 - MOST_WORK]
    assert tried.altered["missing_work_share"][2] == 0.3
    assert tried.altered["missing_work_last_20"].tolist() == [0, 0, 3, 0]


def test_the_days_ahead_are_added_to_those_behind(bundles: Bundles) -> None:
    rate = "absence_rate_last_20"
    typical = Typical((rate,), {EVERYONE: np.array([[0.0, 0.05, 0.1]])})
    model = replace(bundles["attendance"], features={rate: FEATURES[rate]}, typical=typical)
    matrix = pd.DataFrame(
        {
            "grade_level": [9, 9],
            "week": [10, 10],
            rate: [0.3, 0.1],
            "fact_absent_days_year": [9.0, 3.0],
            "fact_expected_days_year": [60.0, 60.0],
        }
    )
    tried = days(matrix, [model])
    assert tried.who.tolist() == [True, False]  # one day more than usual is nothing to speak of
    assert tried.said(0) == "At school on 19 of the next 20 school days"
    assert tried.altered["absence_rate_year"][0] == pytest.approx((9 + 1) / (60 + DAYS_AHEAD))
    assert tried.altered["absence_trend"][0] == pytest.approx(1 / 20 - 9 / 60)


def test_without_a_model_nothing_is_said(
    today: pd.DataFrame, scores: list[Score], settings: Settings
) -> None:
    assert what_moves({}, today, scores, settings) == {}
