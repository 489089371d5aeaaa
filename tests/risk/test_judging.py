"""LightGBM ships only where it earns it; small groups are not shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pytest
from made_up import MadeUp

from ews.risk.evaluation import Difference
from ews.risk.judging import Judgement, kind_to_ship, rivals_of
from ews.risk.rows import Rows


@dataclass(frozen=True)
class Year:
    """A test year with the gain of LightGBM over the logistic, and whose probabilities hold."""

    gain: tuple[float, float]
    hold: tuple[str, ...] = ("lightgbm", "logistic")

    def recall_gain(self, first: str, second: str) -> Difference:
        assert (first, second) == ("lightgbm", "logistic")
        return Difference(*self.gain, self.gain[0] + 0.02)

    def holds(self, kind: str) -> bool:
        return kind in self.hold


def shipped(*years: Year) -> tuple[str, str]:
    return kind_to_ship(cast(Any, years))


@pytest.mark.parametrize(
    ("gains", "kind"),
    [
        ([(0.05, 0.02)], "lightgbm"),
        ([(0.019, 0.01)], "logistic"),
        ([(0.05, -0.01)], "logistic"),
        ([(0.05, 0.02), (0.05, 0.02), (-0.1, -0.2)], "lightgbm"),
        ([(0.05, 0.02), (0.0, -0.02), (0.0, -0.02)], "logistic"),
        ([(0.05, 0.02), (0.0, -0.02)], "logistic"),
    ],
)
def test_lightgbm_needs_two_points_of_recall_in_two_of_three_years(
    gains: list[tuple[float, float]], kind: str
) -> None:
    assert shipped(*(Year(gain) for gain in gains))[0] == kind


def test_the_choice_is_told_with_its_numbers_and_one_year_is_provisional() -> None:
    assert shipped(Year((0.012, -0.004)))[1].endswith(
        "+1.2 points (-0.4 to +3.2). Provisional: one test year."
    )


def test_a_kind_whose_probabilities_fail_gives_way_to_one_whose_hold() -> None:
    kind, because = shipped(Year((0.0, -0.02), hold=("lightgbm",)))
    assert kind == "lightgbm" and because.endswith(
        "only the probabilities of lightgbm hold on the latest test year."
    )
    assert shipped(Year((0.05, 0.02), hold=("logistic",)))[0] == "logistic"
    assert shipped(Year((0.05, 0.02), hold=()))[0] == "lightgbm"


def test_a_card_tells_of_everyone_of_groups_and_of_every_rival(rows: MadeUp) -> None:
    test = rows.year(2025)
    held = Rows(test.matrix, test.labels, 0.0)
    said = np.clip(0.2 + 0.5 * (test.matrix["absence_rate_year"].to_numpy() - 0.05), 0.01, 0.99)
    told = Judgement(2025, held, {"logistic": said}, rivals_of(held, 0.2)).about("logistic")
    assert set(told["measures"]) == {"logistic", "base_rate", "year_to_date", "last_year", "abc_rule"}
    assert told["measures"]["base_rate"]["auc"] == 0.5
    assert told["measures"]["logistic"]["auc"] == pytest.approx(
        told["measures"]["year_to_date"]["auc"], abs=0.01
    )
    assert {"not_yet_flagged", "new_students", "grades 9-12", "week 10"} <= set(told["groups"])
    assert told["calibration"]["verdict"] == "too few to tell"


def test_a_group_of_ten_or_fewer_is_not_shown(rows: MadeUp) -> None:
    test = rows.year(2025)
    few = test.matrix["student_id"].isin([f"S{place:05d}" for place in range(12)]).to_numpy()
    held = Rows(test.matrix[few].reset_index(drop=True), test.labels[few], 0.0)
    told = Judgement(2025, held, {"logistic": np.full(few.sum(), 0.2)}, {}).groups(np.full(few.sum(), 0.2))
    assert "week 10" in told and "grades TK-5" not in told


def test_what_was_said_and_what_happened_is_kept_in_twentieths_for_the_bands(rows: MadeUp) -> None:
    test = rows.year(2025)
    held = Rows(test.matrix, test.labels, 0.0)
    said = np.where(np.arange(len(test.labels)) % 2, 0.60, 0.10)
    few = test.matrix["student_id"] == test.matrix["student_id"].iloc[0]
    said[few.to_numpy()] = 0.95
    steps = Judgement(2025, held, {"logistic": said}, {}).said_and_happened(said)
    assert [step["from"] for step in steps] == [0.10, 0.60], "one student alone is left out"
    assert sum(step["rows"] for step in steps) == len(said) - few.sum()
    assert sum(step["happened"] for step in steps) == test.labels[~few.to_numpy()].sum()
