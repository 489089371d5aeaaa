"""Small groups are hidden, and nobody gets them back by subtraction."""

from __future__ import annotations

import numpy as np
from risk.attacker import pinned

from ews.risk.groups import Dimension
from ews.risk.small_cells import FEWEST, Sum, hidden_among, hidden_cells, told_by_all

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


def test_of_grades_schools_and_a_district_no_hidden_number_follows_from_what_is_shown() -> None:
    for seed in range(12):
        counts, sums = district_of(np.random.default_rng(seed))
        hidden = hidden_among(counts, sums)
        small = {cell for cell, count in counts.items() if count < FEWEST}
        assert small and small <= hidden
        assert not pinned(hidden, counts, sums), f"seed {seed}"


def test_an_attacker_who_subtracts_has_every_number_when_only_the_small_ones_are_hidden() -> None:
    counts, sums = district_of(np.random.default_rng(0))
    assert pinned({cell for cell, count in counts.items() if count < FEWEST}, counts, sums)


def test_a_part_that_is_all_of_its_total_takes_the_total_with_it() -> None:
    counts = {("total",): 4, ("part",): 4, ("other",): 30}
    assert ("total",) in hidden_among(counts, [Sum(("total",), (("part",),))])
    assert ("other",) not in hidden_among(counts, [Sum(("total",), (("part",),))])


def test_a_bridge_between_two_squares_is_hidden_better_than_by_two_in_each_line() -> None:
    """Every line has two that are hidden, and still one of them follows from all lines together."""
    cells = {("a",): 4, ("b",): 20, ("c",): 20, ("d",): 7, ("x",): 5, ("e",): 30}
    lines = [
        Sum(("t1",), (("a",), ("b",))),
        Sum(("t2",), (("a",), ("b",), ("x",))),
        Sum(("t3",), (("x",), ("c",), ("d",), ("e",))),
    ]
    counts = cells | {one.total: sum(cells[part] for part in one.parts) for one in lines}
    naive = {("a",), ("b",), ("x",), ("c",), ("d",)}
    assert ("x",) in told_by_all(naive, lines)
    assert not pinned(hidden_among(counts, lines), counts, lines)


def district_of(random: np.random.Generator) -> tuple[dict[tuple[str, ...], int], list[Sum]]:
    """A made-up district: grades in schools, in each those in band high, elevated, either and neither."""
    counts: dict[tuple[str, ...], int] = {}
    sums: list[Sum] = []
    kinds = ("students", "high", "elevated", "flagged", "rest")
    schools = [f"school {place}" for place in range(int(random.integers(2, 6)))]
    for school in schools:
        grades = [f"grade {place}" for place in range(int(random.integers(1, 6)))]
        for grade in grades:
            students = int(random.integers(5, 200))
            high, elevated = (int(random.integers(0, max(1, students // part))) for part in (9, 4))
            told = (students, high, elevated, high + elevated, students - high - elevated)
            counts |= {(school, grade, kind): count for kind, count in zip(kinds, told, strict=True)}
        for kind in kinds:
            parts = tuple((school, grade, kind) for grade in grades)
            counts[school, kind] = sum(counts[part] for part in parts)
            sums.append(Sum((school, kind), parts))
    for kind in kinds:
        counts["district", kind] = sum(counts[school, kind] for school in schools)
        sums.append(Sum(("district", kind), tuple((school, kind) for school in schools)))
    for *place, kind in list(counts):
        if kind == "flagged":
            sums.append(Sum((*place, "flagged"), ((*place, "high"), (*place, "elevated"))))
            sums.append(Sum((*place, "students"), ((*place, "flagged"), (*place, "rest"))))
    return counts, sums
