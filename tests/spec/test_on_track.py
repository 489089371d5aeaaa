"""The end of grade 9: a small table of ninth graders and their semester marks, one sentence each."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest
from small_school import (
    DAYS,
    FALL,
    SETTINGS,
    SPRING,
    Row,
    choosing,
    enrolled,
    mark,
    rows_of,
    section,
    small_school,
    term,
    weekend_after,
    with_versions,
)

from ews.features.grade9_outcome import FEW_CREDITS
from ews.outcomes import FEW_DAYS, LEFT, NO_MARK, NOT_CLOSED, OTHER_GRADE, outcomes
from ews.records.lake import Records, records_of

AS_OF = weekend_after(40)
YEAR_LONG = term("year", DAYS[0], DAYS[179], "year")
CLOSED = date(2026, 12, 31)
CORE = ("Algebra 1", "English 9", "Biology", "World History")
OTHER = ("PE", "Art 1")
LATE = datetime(2026, 6, 1, 20, tzinfo=UTC)  # weeks after the label was frozen


def year_of(student: str, failed: dict[str, str] | None = None, **more: Any) -> list[Row]:
    """Six year-long courses with a mark each semester; ``failed``: course to the semesters that were an F."""
    rows = []
    for course in (*CORE, *OTHER):
        for name, day in (("fall", DAYS[89]), ("spring", DAYS[179])):
            f = name in (failed or {}).get(course, "")
            rows.append(
                mark(
                    student, course, day, "semester", name, letter="F" if f else "B", percent=50 if f else 84
                )
                | {"credits_earned": 0 if f else 5}
                | more
            )
    return rows


BOTH = "fall and spring"
MARKS = [
    *year_of("Amina"),
    *year_of("Ben", {"Algebra 1": "fall"}),
    *year_of("Cora", {"Algebra 1": "fall", "Biology": "spring"}),
    *year_of("Dev", {"PE": BOTH, "Art 1": "spring"}),
    *year_of("Eli", {"PE": "fall"}),
    *[row for row in year_of("Fay") if row["term_id"] == "spring" and row["section_id"] in CORE],
    *year_of("Gus"),
    *[row | {"credits_earned": None} for row in year_of("Hana", {"PE": BOTH, "Art 1": "fall"})],
    *year_of("Jo", {"Algebra 1": BOTH}),
    *year_of("Kim", {"Algebra 1": BOTH}),
]
TABLES = small_school(
    terms=[FALL, SPRING, YEAR_LONG],
    enrollments=[
        *(enrolled(name, 9) for name in ("Amina", "Ben", "Cora", "Dev", "Eli", "Fay", "Hana", "Ira", "Kim")),
        enrolled("Gus", 9, exit=DAYS[120]),
        enrolled("Jo", 10),
    ],
    sections=[
        *(section(name, "year", credits_possible=5) for name in CORE),
        *(section(name, "year", credits_possible=5, is_core=False) for name in OTHER),
    ],
    marks=MARKS,
)


@pytest.fixture(scope="module")
def records(engine: Any) -> Records:
    return records_of(TABLES, SETTINGS, engine)


@pytest.fixture(scope="module")
def labels(records: Records) -> pd.DataFrame:
    return outcomes(records, [AS_OF], "grade9_on_track", settings=SETTINGS, frozen_by=CLOSED)


def told_of(labels: pd.DataFrame, student: str) -> tuple[float, str | None]:
    row = labels[labels["student_id"] == student].iloc[0]
    return row["label"], row["censored"]


def test_who_passed_everything_is_on_track(labels: pd.DataFrame) -> None:
    assert told_of(labels, "Amina") == (0.0, None)


def test_one_core_f_is_on_track_and_two_are_not(labels: pd.DataFrame) -> None:
    assert told_of(labels, "Ben") == (0.0, None)
    assert told_of(labels, "Cora") == (1.0, None)


def test_an_f_outside_the_core_counts_by_its_credits_alone(labels: pd.DataFrame) -> None:
    assert told_of(labels, "Dev") == (1.0, None)  # 45 of the 50 credits
    assert told_of(labels, "Eli") == (0.0, None)  # 55


def test_a_pass_without_credits_handed_over_earns_what_the_course_is_worth(labels: pd.DataFrame) -> None:
    assert told_of(labels, "Hana") == (1.0, None)


def test_a_part_of_the_year_elsewhere_is_no_want_of_credits(labels: pd.DataFrame) -> None:
    assert told_of(labels, "Fay")[1] == FEW_CREDITS


def test_who_left_who_has_no_marks_and_who_is_in_another_grade_has_no_label(labels: pd.DataFrame) -> None:
    assert told_of(labels, "Gus")[1] == LEFT
    assert told_of(labels, "Ira")[1] == NO_MARK
    assert told_of(labels, "Jo")[1] == OTHER_GRADE


def test_the_district_says_how_many_credits_and_how_many_fs(records: Records) -> None:
    lenient = choosing(on_track__credits=40.0, on_track__core_fs=2)
    labels = outcomes(records, [AS_OF], "grade9_on_track", settings=lenient, frozen_by=CLOSED)
    assert [told_of(labels, name)[0] for name in ("Cora", "Dev", "Kim")] == [0.0, 0.0, 0.0]


def test_until_two_weeks_after_the_last_day_the_label_is_open(records: Records) -> None:
    labels = outcomes(records, [AS_OF], "grade9_on_track", settings=SETTINGS, frozen_by=DAYS[179])
    assert told_of(labels, "Cora")[1] == NOT_CLOSED
    assert math.isnan(told_of(labels, "Cora")[0])


def test_too_few_days_before_the_end_of_the_year_there_is_no_label(records: Records) -> None:
    late = weekend_after(170)
    labels = outcomes(records, [late], "grade9_on_track", settings=SETTINGS, frozen_by=CLOSED)
    assert told_of(labels, "Cora")[1] == FEW_DAYS


def test_a_mark_changed_after_the_freeze_does_not_change_the_label(engine: Any) -> None:
    corrected = []
    for row in MARKS:
        known = datetime(
            row["as_of_date"].year, row["as_of_date"].month, row["as_of_date"].day, 23, tzinfo=UTC
        )
        if row["student_id"] == "Cora" and row["letter"] == "F":
            corrected.append(row | {"known_at": known, "superseded_at": LATE})
            corrected.append(row | {"letter": "C", "percent": 75, "credits_earned": 5, "known_at": LATE})
        else:
            corrected.append(row | {"known_at": known})
    records = with_versions(records_of(TABLES, SETTINGS, engine), "marks", corrected)
    labels = outcomes(records, [AS_OF], "grade9_on_track", settings=SETTINGS, frozen_by=CLOSED)
    assert told_of(labels, "Cora") == (1.0, None)


def test_a_course_over_two_terms_gives_its_credits_once_a_term(records: Records) -> None:
    kim = rows_of(records, date(2026, 5, 31))["Kim"]
    assert (kim["fact_credits_earned"], kim["fact_credits_tried"], kim["credits_short"]) == (50, 60, 10)
    halfway = rows_of(records, weekend_after(120))["Kim"]
    assert (halfway["fact_credits_earned"], halfway["fact_credits_tried"]) == (25, 30)
