"""Do we need individual scores? Told of districts where students differ, and of one where only schools do."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd

from ews.risk.logistic import sigmoid
from ews.risk.need_individual_scores import Need, need_individual_scores
from ews.risk.rows import Rows


def district(year: int, *, by_school: float, by_student: float, seed: int = 1) -> tuple[Rows, np.ndarray]:
    """Students of 12 schools whose risk differs by school and grade, by student, or both."""
    chance = np.random.default_rng(seed)
    count = 4000
    school, grade = chance.integers(0, 12, count), chance.integers(9, 13, count)
    own = chance.normal(size=count)
    log_odds = -2 + by_school * ((school - 5.5) / 3.5 + (grade - 10.5)) + by_student * own
    matrix = pd.DataFrame(
        {
            "student_id": [f"S{place}" for place in range(count)],
            "school_id": school,
            "grade_level": grade,
            "as_of": f"{year}-10-11",
            "absence_rate_last_year": chance.random(count) * 0.2,
            "absence_rate_year": chance.random(count) * 0.2,
            "incidents_last_45": 0.0,
            "suspensions_year": 0.0,
            "fs_now": 0.0,
        }
    )
    labels = (chance.random(count) < sigmoid(log_odds)).astype(float)
    return Rows(matrix, labels, 0.0), sigmoid(log_odds)


def need(**about: float) -> Need:
    rows, said = district(2025, **about, seed=2)
    earlier, _ = district(2024, **about, seed=1)
    found = need_individual_scores(2025, rows, said, earlier)
    assert found is not None
    return found


def test_where_students_differ_the_scores_win_and_the_list_comes_first() -> None:
    found = need(by_school=0.0, by_student=1.5)
    assert found.winner == "individual" and found.default_page == "list" and found.beaten_by_none
    assert found.told.startswith("Yes")


def test_where_only_schools_and_grades_differ_the_school_view_comes_first() -> None:
    found = need(by_school=1.0, by_student=0.0)
    assert found.gains["school_by_grade"].low <= 0
    assert found.default_page == "school" and "school view comes first" in found.told


def test_every_way_gets_the_same_number_of_names() -> None:
    found = need(by_school=0.0, by_student=0.0)
    assert all(abs(recall - 0.10) < 0.04 for recall in found.recall.values()), "nothing to know: all by lot"


def test_a_school_that_is_new_has_everyone_s_rate() -> None:
    rows, said = district(2025, by_school=0.5, by_student=0.5)
    earlier, _ = district(2024, by_school=0.5, by_student=0.5)
    moved = Rows(rows.matrix.assign(school_id=99), rows.labels, 0.0)
    found = need_individual_scores(2025, moved, said, earlier)
    assert found is not None and abs(found.recall["school"] - 0.10) < 0.03


def test_without_earlier_years_there_is_no_answer() -> None:
    rows, said = district(2025, by_school=0.5, by_student=0.5)
    nobody = Rows(rows.matrix.iloc[:0], rows.labels[:0], 0.0)
    assert need_individual_scores(2025, rows, said, nobody) is None


def test_the_verdict_is_a_value_for_others() -> None:
    told = need(by_school=0.0, by_student=1.0).as_json()
    assert json.loads(json.dumps(told))["default_page"] in ("list", "school")
    assert set(told["gain_over"]) == {"school_by_grade", "school", "last_year", "abc_rule"}
