"""How often the list is right: told in tenths, from a year the model had not seen, or not at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ews.support.hit_rate import hit_rate


def bundle(students: int = 1500, **measures: float) -> Any:
    tests = [{"year": 2025, "students": students, "measures": {"logistic": measures, "abc_rule": {}}}]
    card = {"tests": tests, "predicts": "Absent on 10 % or more of the next 45 school days."}
    return SimpleNamespace(kind="logistic", card=card)


def test_the_sentence_speaks_of_the_capacity_that_was_tested_nearest_to_ours() -> None:
    said = hit_rate({"overall": bundle(precision_at_5=0.9, precision_at_10=0.62)}, 0.11)
    assert said == (
        "In 2024-25, a year the model had not seen, about 6 of 10 students it would have listed went on"
        " to what it looks for: absent on 10 % or more of the next 45 school days. Four did not."
    )


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
