"""Sentences are true facts with what is typical, said only where they matter."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from ews.features.definition import DRIVERS
from ews.features.learner_catalogue import DESCRIBED
from ews.risk.drivers import BACKGROUND_NOTE, Row, Said, Speaking, goes_well, stands_out

NONE = float("nan")
NAMES = (
    "absence_rate_last_10",
    "absence_rate_last_year",
    "fs_now",
    "lowest_mark",
    "learner_score_gain",
    "week",
)
TYPICAL = (
    (0.0, 0.0, 0.1),
    (0.02, 0.05, 0.08),
    (0.0, 0.0, 1.0),
    (62.0, 74.0, 85.0),
    (10.0, 25.0, 40.0),
    (6.0, 10.0, 20.0),
)
PLAIN: dict[str, Any] = {
    "grade_level": 7,
    "as_of": date(2025, 11, 14),
    "attendance_through": date(2025, 11, 14),
    "marks_through": date(2025, 11, 12),
    "absence_rate_last_10": 0.0,
    "fact_absent_days_last_10": 0.0,
    "fact_expected_days_last_10": 10.0,
    "absence_rate_last_year": 0.02,
    "fact_absent_days_last_year": 4.0,
    "fact_expected_days_last_year": 180.0,
    "fs_now": 0.0,
    "fact_marks_now": 6.0,
    "lowest_mark": 84.0,
    "fact_lowest_course": "Algebra 1",
    "learner_score_gain": 20.0,
    "week": 13,
}


def told(parts: dict[str, float], **facts: Any) -> Said:
    """What is said of one student with ``facts``, to whose score each feature adds ``parts``."""
    student = PLAIN | facts
    values = np.array([[student[name] for name in NAMES]], dtype=float)
    quartiles = np.array([TYPICAL])
    features = {name: DESCRIBED[name] for name in NAMES}
    worse = np.array([feature.worse for feature in features.values()])
    speaking = Speaking.about(features, DRIVERS, quartiles)
    return speaking.of(
        Row({name: [value] for name, value in student.items()}, 0),
        [parts.get(name, 0.0) for name in NAMES],
        stands_out(values, quartiles, worse)[0].tolist(),
        goes_well(values, quartiles, worse)[0].tolist(),
        0,
        {},
    )


def texts(said: Said) -> list[str]:
    return [reason.text for reason in said.reasons]


def test_mina_missed_four_of_ten_days() -> None:
    mina = told({"absence_rate_last_10": 0.8}, absence_rate_last_10=0.4, fact_absent_days_last_10=4.0)
    assert texts(mina) == ["Missed 4 of the last 10 school days (typical in grade 7: 0 to 1). SIS, 14 Nov."]
    assert mina.reasons[0].direction == "raises" and mina.reasons[0].kind == "changeable"


def test_a_contribution_below_a_tenth_is_not_said() -> None:
    assert texts(told({"absence_rate_last_10": 0.09}, absence_rate_last_10=0.4)) == []


def test_a_fact_that_most_students_share_is_not_said_however_much_it_adds() -> None:
    assert texts(told({"absence_rate_last_10": 0.5}, absence_rate_last_10=0.0)) == []


def test_a_low_mark_is_named_with_its_course_and_a_date_of_its_own() -> None:
    ravi = told({"lowest_mark": 0.6}, lowest_mark=41.0)
    assert texts(ravi) == ["Algebra 1 at 41 (typical in grade 7: 62 to 85). SIS, 12 Nov."]


def test_a_driver_speaks_through_its_strongest_feature_that_stands_out() -> None:
    one_f = told({"fs_now": 0.9, "lowest_mark": 0.3}, fs_now=2.0, lowest_mark=41.0)
    assert texts(one_f) == ["2 Fs among 6 current marks (typical in grade 7: 0 to 1). SIS, 12 Nov."]
    assert one_f.reasons[0].contribution == 1.2


def test_a_fact_that_is_not_on_record_is_never_said() -> None:
    assert texts(told({"lowest_mark": 0.6}, lowest_mark=NONE)) == []


def test_what_lowers_is_said_as_a_strength_and_stands_after_what_raises() -> None:
    leo = told(
        {"fs_now": -0.4, "absence_rate_last_10": 0.3}, absence_rate_last_10=0.3, fact_absent_days_last_10=3.0
    )
    assert [reason.direction for reason in leo.reasons] == ["raises", "lowers"]
    assert texts(leo)[1] == "No F among 6 current marks. SIS, 12 Nov."
    assert leo.going_well == ["No F among 6 current marks. SIS, 12 Nov."]


def test_what_lies_within_the_typical_is_not_compared_with_it() -> None:
    one = told({"fs_now": 0.3}, fs_now=1.0)
    assert texts(one) == ["1 F among 6 current marks. SIS, 12 Nov."]


def test_what_goes_well_is_said_whatever_it_adds_to_the_score() -> None:
    assert told({"fs_now": 0.2}).going_well == [
        "At school on all of the last 10 school days. SIS, 14 Nov.",
        "Every current mark at 84 or above. SIS, 12 Nov.",
    ]


def test_a_large_gain_is_never_a_reason_for_worry_and_still_counts_in_its_driver() -> None:
    noor = told({"learner_score_gain": 0.4}, learner_score_gain=60.0)
    assert texts(noor) == []
    assert noor.sums["english"] == 0.4


def test_a_small_gain_is_a_reason_where_it_raises_and_never_where_it_lowers() -> None:
    assert texts(told({"learner_score_gain": 0.4}, learner_score_gain=-5.0)) == [
        "-5 points on the annual English test since the one before"
        " (typical in grade 7: 10 to 40). SIS, 14 Nov."
    ]
    assert texts(told({"learner_score_gain": -0.4}, learner_score_gain=-5.0)) == []


def test_context_comes_last() -> None:
    late = told({"week": 0.9, "fs_now": 0.3}, week=24, fs_now=2.0)
    assert [reason.kind for reason in late.reasons] == ["changeable", "context"]


def test_a_score_that_rests_on_last_year_says_so() -> None:
    last_year = {"absence_rate_last_year": 0.15, "fact_absent_days_last_year": 27.0}
    assert told({"absence_rate_last_year": 0.5, "fs_now": 0.3}, **last_year).note == BACKGROUND_NOTE
    assert told({"absence_rate_last_year": 0.3, "fs_now": 0.5}, **last_year).note is None


def test_sums_of_named_drivers_keep_every_contribution() -> None:
    parts = dict(zip(NAMES, (0.1, -0.2, 0.3, 0.4, 0.25, -0.05), strict=True))
    assert {code: round(total, 9) for code, total in told(parts).sums.items()} == {
        "absence_recent": 0.1,
        "absence_before": -0.2,
        "marks_now": 0.7,
        "english": 0.25,
        "setting": -0.05,
    }
