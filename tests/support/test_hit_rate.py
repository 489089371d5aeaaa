"""How often the list is right: told in tenths, from a year the model had not seen, or not at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ews.settings import Settings
from ews.support.hit_rate import band_rates, bands_of, hit_rate

MISSED = "missed 10 % or more of the next 45 school days"
STEPS = [
    {"from": 0.0, "rows": 900, "students": 400, "happened": 45},
    {"from": 0.30, "rows": 100, "students": 60, "happened": 40},
    {"from": 0.55, "rows": 100, "students": 50, "happened": 60},
    {"from": 0.60, "rows": 100, "students": 40, "happened": 70},
]


def bundle(students: int = 1500, steps: object = (), **measures: float) -> Any:
    tests = [
        {
            "year": 2025,
            "students": students,
            "measures": {"logistic": measures, "abc_rule": {}},
            "said_and_happened": steps,
        },
        {"year": 2024, "students": 9000, "measures": {"logistic": {"precision_at_10": 0.1}}},
    ]
    predicts = "Absent on 10 % or more of the next 45 school days."
    return SimpleNamespace(kind="logistic", card={"tests": tests, "predicts": predicts, "base_rate": 0.2})


def test_the_sentence_speaks_of_the_last_closed_year_at_the_capacity_tested_nearest_to_ours() -> None:
    said = hit_rate({"overall": bundle(precision_at_5=0.9, precision_at_10=0.62)}, 0.11)
    assert said == (
        "Of 10 students who would have been listed in 2024-25, a year the model had not seen, about 6 went"
        " on to what it looks for: absent on 10 % or more of the next 45 school days. Four did not."
    )


def test_each_level_is_told_apart_where_both_were_tested() -> None:
    said = hit_rate({"overall": bundle(precision_at_5=0.9, precision_at_10=0.62)}, 0.10, 0.03)
    assert said is not None and said.endswith("See first: about 9 of 10; See next: about 3 of 10.")


def test_a_level_with_few_students_behind_it_is_not_told_apart() -> None:
    said = hit_rate({"overall": bundle(students=200, precision_at_5=0.9, precision_at_10=0.6)}, 0.10, 0.03)
    assert said is not None and "See first" not in said


@pytest.mark.parametrize(
    "bundles",
    [
        {},
        {"grades": bundle(precision_at_10=0.6)},
        {"overall": bundle()},
        {"overall": bundle(students=100, precision_at_10=0.6)},
        {"overall": SimpleNamespace(kind="logistic", card={"tests": []})},
    ],
)
def test_nothing_is_said_where_nothing_is_known(bundles: Any) -> None:
    assert hit_rate(bundles, 0.10) is None


def test_every_band_has_a_rate_of_its_own_between_its_lines(settings: Settings) -> None:
    told = band_rates({"attendance": bundle(steps=STEPS), "grades": bundle()}, settings)
    assert told == {
        "attendance": {
            "high": f"Of 10 students in this band in 2024-25, about 7 {MISSED}.",
            "elevated": f"Of 10 students in this band in 2024-25, about 5 {MISSED}.",
            "low": f"Of 10 students in this band in 2024-25, about 0 {MISSED}.",
        }
    }


def test_bands_meet_and_cover_everything(settings: Settings) -> None:
    lines = bands_of(0.2, settings)
    assert lines == {"high": (0.6, 1.0), "elevated": (0.3, 0.6), "watch": (0.2, 0.3), "low": (0.0, 0.2)}


def test_a_band_with_few_students_behind_it_is_not_told(settings: Settings) -> None:
    few = [{"from": 0.60, "rows": 30, "students": 10, "happened": 20}]
    assert band_rates({"attendance": bundle(steps=few)}, settings) == {}
