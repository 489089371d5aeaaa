"""Years are always learned from before they are judged on."""

from __future__ import annotations

import pytest

from ews.errors import BadData
from ews.risk.splits import Split, plan


def test_three_years_are_fit_calibrate_test_and_the_recipe_moves_one_year_on() -> None:
    tests, served = plan((2023, 2024, 2025))
    assert tests == [Split((2023,), 2024, 2025)]
    assert served == Split((2023, 2024), 2025)


def test_with_five_years_three_are_tested_latest_first() -> None:
    tests, served = plan((2021 + 2, 2024, 2025, 2026, 2027))
    assert [split.test for split in tests] == [2027, 2026, 2025]
    assert tests[0] == Split((2023, 2024, 2025), 2026, 2027)
    assert served == Split((2023, 2024, 2025, 2026), 2027)


def test_with_two_years_the_sigmoid_comes_from_folds() -> None:
    tests, served = plan((2024, 2025))
    assert tests == [Split((2024,), None, 2025)]
    assert served == Split((2024, 2025), None)


def test_years_of_closed_schools_are_learned_from_but_never_tested_or_calibrated_on() -> None:
    tests, served = plan((2019, 2020, 2021, 2022, 2023, 2024))
    assert tests[0] == Split((2019, 2020, 2021, 2022), 2023, 2024)
    assert all(split.test not in (2020, 2021, 2022) for split in tests)
    assert served == Split((2019, 2020, 2021, 2022, 2023), 2024)


@pytest.mark.parametrize("years", [(), (2025,), (2021, 2022)])
def test_too_few_years_say_what_is_missing(years: tuple[int, ...]) -> None:
    with pytest.raises(BadData, match="two are needed"):
        plan(years)
