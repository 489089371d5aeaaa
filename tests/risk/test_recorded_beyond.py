"""Where more is written up than students with the same records meet with elsewhere, the audit says so."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ews.risk.recorded_beyond import compared, hidden_schools, students_of

NAMES = {"alder": "Alder Creek High", "orchard": "Orchard Bend Middle", "hill": "Hill School"}


def district(**ever: tuple[int, int]) -> pd.DataFrame:
    """Students by school: how many there are, and to how many of them it happened; all expected at .06."""
    rows = [
        {"school_id": school, "student_id": f"{school} {place}", "happened": float(place < had),
         "expected": 0.06, "ever": float(place < had)}
        for school, (size, had) in ever.items()
        for place in range(size)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def test_a_school_that_writes_up_twice_as_many_as_expected_is_told() -> None:
    found = compared(district(alder=(600, 36), orchard=(600, 78)), NAMES)
    assert [(one.name, one.found) for one in found] == [
        ("Alder Creek High", "as expected"),
        ("Orchard Bend Middle", "more"),
    ]
    orchard = found[1].as_json()
    assert (orchard["happened"], orchard["expected"], orchard["beyond"]) == (0.13, 0.06, 0.07)
    assert orchard["told"] == "More than expected: look into it"


def test_a_school_where_less_is_recorded_is_told_too() -> None:
    (alder,) = compared(district(alder=(900, 12)), NAMES)
    assert alder.found == "fewer"


def test_a_small_school_is_hidden_and_a_second_one_so_that_it_stays_so() -> None:
    students = district(alder=(600, 40), orchard=(500, 30), hill=(90, 4))
    assert hidden_schools(students) == {"hill", "orchard"}
    told = {one.school_id: one for one in compared(students, NAMES)}
    assert told["hill"].found == told["orchard"].found == "not shown"
    assert told["hill"].happened is None and told["alder"].happened is not None


def test_a_school_in_which_it_happened_to_nearly_everyone_is_hidden() -> None:
    assert "hill" in hidden_schools(district(alder=(600, 40), orchard=(500, 30), hill=(40, 35)))


def test_without_any_difference_hardly_a_district_in_twenty_has_a_school_told() -> None:
    random = np.random.default_rng(5)
    told = 0
    for _ in range(100):
        students = district(**{f"s{place}": (300, int(random.binomial(300, 0.06))) for place in range(8)})
        told += any(one.found in ("more", "fewer") for one in compared(students, {}))
    assert told <= 12


def test_every_student_weighs_the_same_however_many_weeks_there_are() -> None:
    matrix = pd.DataFrame({"school_id": ["a"] * 4, "student_id": ["x", "x", "x", "y"]})
    students = students_of(matrix, np.array([1, 0, 0, 1]), np.array([0.3, 0.3, 0.3, 0.1]))
    assert students["happened"].round(3).tolist() == [0.333, 1.0]
    assert students["ever"].tolist() == [1, 1]
    assert students["expected"].round(3).tolist() == [0.3, 0.1]
