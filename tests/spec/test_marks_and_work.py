"""Marks and work: a small table of people in the fall and again in the spring, one sentence each."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import pytest
from small_school import (
    DAYS,
    FALL,
    LAST_YEAR,
    SPRING,
    enrolled,
    enrolled_last_year,
    mark,
    rows_of,
    section,
    small_school,
    term,
    weekend_after,
)

from ews.features.catalogue import FEATURES
from ews.records.lake import Records, records_of

People = dict[str, pd.Series]
IN_FALL = weekend_after(40)
IN_SPRING = weekend_after(120)
SPRING_BEFORE = term("spring before", LAST_YEAR[90], LAST_YEAR[179])
ASKED = DAYS[30]

NAMES = ("Ana", "Ben", "Cora", "Eli", "Fay", "Gus", "Hana", "Ira", "Jo", "Kim", "Lee", "Mia")


def work(student: str, *told: str) -> list[dict[str, Any]]:
    return [
        {"student_id": student, "assignment_id": f"page {page}", "status": status}
        for page, status in enumerate(told, 1)
    ]


TABLES = small_school(
    terms=[SPRING_BEFORE, FALL, SPRING],
    enrollments=[
        *(enrolled(name) for name in NAMES),
        enrolled("Dev", 3),
        enrolled_last_year("Kim"),
    ],
    sections=[
        section("Algebra 1", a_g="c", credits_possible=5),
        section("English 8", credits_possible=5),
        section("PE", is_core=False),
        section("Grade 3"),
        section("Algebra 1 spring", "spring"),
        section("Math 7", "spring before"),
        section("Robotics", "spring", course_title=None),
        section("ELD 2", "spring"),
    ],
    marks=[
        mark("Ana", "Algebra 1", ASKED, letter="F", percent=57),
        mark("Ana", "English 8", ASKED, letter="D+", percent=68),
        mark("Ana", "PE", ASKED, letter="A", percent=95),
        mark("Ben", "Algebra 1", ASKED, letter="B-"),
        mark("Ben", "English 8", ASKED, letter=" c "),
        mark("Cora", "Algebra 1", ASKED, percent=59.5),
        mark("Cora", "English 8", ASKED, percent=85),
        mark("Dev", "Grade 3", ASKED, letter="2"),
        mark("Dev", "Grade 3", DAYS[31], letter="3"),
        mark("Eli", "Algebra 1", ASKED, letter="NC", percent=40, excluded_from_gpa=True),
        mark("Eli", "PE", ASKED, letter="P"),
        mark("Hana", "Algebra 1", DAYS[10], letter="F", percent=50),
        mark("Hana", "Algebra 1", ASKED, "progress", letter="C", percent=75),
        mark("Jo", "Algebra 1", DAYS[89], "semester", letter="F", percent=50, credits_earned=0),
        mark("Jo", "English 8", DAYS[89], "semester", letter="B", percent=80, credits_earned=5),
        mark("Jo", "Algebra 1 spring", DAYS[110], term="spring", letter="C", percent=71),
        mark("Kim", "Math 7", LAST_YEAR[179], "semester", "spring before", letter="D", percent=66),
        mark("Lee", "Robotics", DAYS[110], term="spring", letter="D", percent=61),
        mark("Mia", "ELD 2", DAYS[110], term="spring", letter="F", percent=46),
    ],
    assignments=[
        {"assignment_id": f"page {page}", "section_id": "Algebra 1", "due_date": due}
        for page, due in enumerate([DAYS[2], DAYS[5], DAYS[25], DAYS[30], DAYS[33], DAYS[60]], 1)
    ],
    assignment_results=[
        *work("Ira", "graded", "missing", "missing", "submitted", "exempt", "missing"),
        *work("Gus", "graded", "graded"),
    ],
)


@pytest.fixture(scope="module")
def records(engine: Any) -> Records:
    from small_school import SETTINGS

    return records_of(TABLES, SETTINGS, engine)


@pytest.fixture(scope="module")
def fall(records: Records) -> People:
    return rows_of(records, IN_FALL)


@pytest.fixture(scope="module")
def spring(records: Records) -> People:
    return rows_of(records, IN_SPRING)


def test_an_f_a_d_and_an_a_are_counted_and_the_lowest_course_is_named(fall: People) -> None:
    ana = fall["Ana"]
    assert (ana["fs_now"], ana["ds_now"], ana["core_fs_now"]) == (1, 1, 1)
    assert ana["gpa_now"] == pytest.approx((0 + 1 + 4) / 3)
    assert FEATURES["lowest_mark"].sentence(ana) == "Algebra 1 at 57"
    assert FEATURES["fs_now"].sentence(ana) == "1 F among 3 current marks"


def test_letters_without_percents_have_points_and_no_lowest_mark(fall: People) -> None:
    ben = fall["Ben"]
    assert (ben["fs_now"], ben["gpa_now"]) == (0, 2.5)
    assert math.isnan(ben["lowest_mark"])


def test_percents_without_letters_fail_below_sixty(fall: People) -> None:
    cora = fall["Cora"]
    assert (cora["fs_now"], cora["ds_now"], cora["gpa_now"]) == (1, 0, 1.5)


def test_standards_marks_of_an_elementary_school_are_no_fs_and_no_ds(fall: People) -> None:
    dev = fall["Dev"]
    assert dev["standards_mark"] == 3
    assert dev["no_marks_now"] == 0
    assert all(
        math.isnan(dev[name]) for name in ("fs_now", "ds_now", "gpa_now", "lowest_mark", "core_fs_now")
    )


def test_what_the_school_keeps_out_of_its_averages_is_no_f(fall: People) -> None:
    eli = fall["Eli"]
    assert eli["fs_now"] == 0
    assert math.isnan(eli["gpa_now"])
    assert math.isnan(eli["lowest_mark"])


def test_no_mark_is_not_a_zero(fall: People) -> None:
    fay = fall["Fay"]
    assert all(math.isnan(fay[name]) for name in ("fs_now", "gpa_now", "lowest_mark", "mark_change"))
    assert fay["no_marks_now"] == 1


def test_the_latest_mark_of_a_course_counts(fall: People) -> None:
    hana = fall["Hana"]
    assert (hana["fs_now"], hana["lowest_mark"]) == (0, 75)


def test_missing_work_is_counted_against_what_was_due_and_known(fall: People) -> None:
    ira = fall["Ira"]
    assert (ira["missing_work"], ira["fact_work_due"]) == (2, 4)
    assert ira["missing_work_share"] == 0.5
    assert ira["missing_work_last_20"] == 1
    assert FEATURES["missing_work"].sentence(ira) == "2 assignments not turned in this term"
    gus = fall["Gus"]
    assert FEATURES["missing_work"].going_well(gus) == "Every assignment on record this term was turned in"
    assert math.isnan(fall["Ana"]["missing_work"])


def test_last_year_counts_in_the_fall_and_no_longer_as_last_term_in_the_spring(
    fall: People, spring: People
) -> None:
    assert fall["Kim"]["gpa_last_year"] == 1
    assert fall["Kim"]["has_history"]
    assert fall["Kim"]["fs_last_term"] == 0
    assert spring["Kim"]["gpa_last_year"] == 1


def test_marks_are_compared_with_last_term_once_there_is_one(fall: People, spring: People) -> None:
    jo = spring["Jo"]
    assert jo["fs_last_term"] == 1
    assert jo["mark_change"] == 71 - 65
    assert FEATURES["mark_change"].going_well(jo) == "Marks average 71, up from 65 last term"
    assert (jo["credits_short"], jo["fact_credits_tried"]) == (5, 10)
    assert FEATURES["credits_short"].sentence(jo) == "Earned 5 of 10 credits tried so far"
    assert math.isnan(fall["Jo"]["fs_last_term"])


def test_marks_of_a_term_that_is_over_are_no_current_marks(spring: People) -> None:
    assert math.isnan(spring["Ana"]["fs_now"])
    assert spring["Ana"]["no_marks_now"] == 1
    assert math.isnan(spring["Ira"]["missing_work"])


def test_a_course_without_a_title_is_still_named(spring: People) -> None:
    assert FEATURES["lowest_mark"].sentence(spring["Lee"]) == "A course at 61"


def test_a_course_whose_title_says_who_learns_english_is_named_no_further(spring: People) -> None:
    assert FEATURES["lowest_mark"].sentence(spring["Mia"]) == "A course at 46"
