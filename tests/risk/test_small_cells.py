"""Small groups are hidden, and nobody gets them back by subtraction."""

from __future__ import annotations

import numpy as np

from ews.risk.groups import Dimension
from ews.risk.small_cells import hidden_cells

NOBODY = np.zeros(0, dtype=int)


def parted(name: str, *codes: str, parents: tuple[str, ...] = ()) -> Dimension:
    return Dimension(name, name, tuple((code, code) for code in codes), NOBODY, parents)


RACE = parted("race", "asian", "black", "white", "pac_isl")


def test_fewer_than_eleven_are_hidden_and_the_next_smallest_with_them() -> None:
    counts = {("race", "asian"): 40, ("race", "black"): 60, ("race", "white"): 90, ("race", "pac_isl"): 7}
    assert hidden_cells([RACE], counts) == {("race", "pac_isl"), ("race", "asian")}


def test_two_hidden_groups_that_hold_too_few_together_take_a_third() -> None:
    counts = {("race", "asian"): 3, ("race", "black"): 60, ("race", "white"): 90, ("race", "pac_isl"): 4}
    assert hidden_cells([RACE], counts) == {("race", "pac_isl"), ("race", "asian"), ("race", "black")}


def test_groups_large_enough_are_all_shown() -> None:
    assert hidden_cells([RACE], {("race", code): 11 for code, _ in RACE.groups}) == frozenset()


def test_of_a_yes_and_a_no_both_are_hidden() -> None:
    foster = parted("foster", "yes", "no")
    assert len(hidden_cells([foster], {("foster", "yes"): 5, ("foster", "no"): 900})) == 2


def test_newcomers_are_not_had_from_the_sum_of_all_learners() -> None:
    stages = parted("english", "never_el", "newcomer", "el", "long_term", "rfep")
    counts = dict(zip([("english", code) for code, _ in stages.groups], (500, 6, 80, 70, 20), strict=True))
    hidden = hidden_cells([stages], counts)
    assert ("english", "newcomer") in hidden
    assert {code for _, code in hidden} & {"el", "long_term"}, "all learners less the shown would tell"


def test_an_intersection_hides_in_its_row_and_in_its_column() -> None:
    race, gender = parted("race", "a", "b", "c"), parted("gender", "f", "m")
    cells = parted("race*gender", *(f"{r}*{g}" for r in "abc" for g in "fm"), parents=("race", "gender"))
    each = {"a*f": 5, "a*m": 50, "b*f": 40, "b*m": 41, "c*f": 60, "c*m": 61}
    counts = {("race*gender", code): count for code, count in each.items()}
    counts |= {("race", r): each[f"{r}*f"] + each[f"{r}*m"] for r in "abc"}
    counts |= {("gender", g): sum(each[f"{r}*{g}"] for r in "abc") for g in "fm"}
    hidden = {code for name, code in hidden_cells([race, gender, cells], counts) if name == "race*gender"}
    for line in (["a*f", "a*m"], ["a*f", "b*f", "c*f"], ["a*m", "b*m", "c*m"]):
        gone = [code for code in line if code in hidden]
        assert len(gone) >= 2 and sum(each[code] for code in gone) >= 11


def test_no_intersection_adds_up_to_a_hidden_group() -> None:
    race, gender = parted("race", "a", "b", "c"), parted("gender", "f", "m")
    cells = parted("race*gender", *(f"{r}*{g}" for r in "abc" for g in "fm"), parents=("race", "gender"))
    each = {"a*f": 4, "a*m": 4, "b*f": 20, "b*m": 21, "c*f": 60, "c*m": 61}
    counts = {("race*gender", code): count for code, count in each.items()}
    counts |= {("race", r): each[f"{r}*f"] + each[f"{r}*m"] for r in "abc"}
    counts |= {("gender", g): sum(each[f"{r}*{g}"] for r in "abc") for g in "fm"}
    hidden = hidden_cells([race, gender, cells], counts)
    assert ("race", "b") in hidden, "else the whole less b and c would tell of a"
    assert {("race*gender", "b*f"), ("race*gender", "b*m")} <= hidden
