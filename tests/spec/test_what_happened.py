"""Outcomes: a small table of people and what happened after the 20th school day, one sentence each."""

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
    attended,
    away,
    choosing,
    enrolled,
    mark,
    section,
    small_school,
    term,
    weekend_after,
    with_versions,
)

from ews.errors import UsageError
from ews.outcomes import FEW_DAYS, LEFT, NO_MARK, NO_RECORDS, NOT_CLOSED, OTHER_GRADE, outcomes
from ews.records.lake import Records, records_of

AS_OF = weekend_after(20)
AHEAD = DAYS[20:65]
"""The 45 school days of the horizon; the label is frozen on DAYS[74]."""
FROZEN = DAYS[74]
RECORDED = DAYS[:90]
D_COUNTS = choosing(grades__a_g_minimum_is_c=True)
Labels = pd.DataFrame


def told_of(labels: Labels, student: str) -> tuple[float, str | None]:
    row = labels[labels["student_id"] == student].iloc[0]
    return row["label"], row["censored"]


def versions(student: str, missed: dict[date, str], **more: Any) -> list[Row]:
    """Attendance known in the evening of its day."""
    return [
        row
        | {"known_at": datetime(row["date"].year, row["date"].month, row["date"].day, 23, tzinfo=UTC)}
        | more
        for row in attended(student, RECORDED, missed)
    ]


LATE = datetime(2025, 12, 5, 20, tzinfo=UTC)  # the day after the freeze
MISSED_LATER = away(AHEAD[:5])
ATTENDANCE = [
    *versions("Ana", away(AHEAD[:5])),
    *versions("Ben", away(AHEAD[:4])),
    *versions("Cora", away(DAYS[:20]) | away(DAYS[65:90])),
    *[row for row in versions("Dev", {}) if row["date"] <= DAYS[30]],
    *[row | {"known_at": LATE} if row["date"] in AHEAD[:5] else row for row in versions("Eli", MISSED_LATER)],
    *[row for name in ("Fay", "Gus", "Hana", "Ira", "Jo", "Kim") for row in versions(name, {})],
]
INCIDENTS = {"first": AHEAD[3], "second": AHEAD[30], "third": DAYS[70], "before": DAYS[3]}


def part(incident: str, student: str, severity: int = 3) -> Row:
    return {
        "incident_id": incident,
        "student_id": student,
        "behavior_code": "x",
        "role": "offender",
        "severity": severity,
    }


TABLES = small_school(
    terms=[
        FALL,
        SPRING,
        term("quarter 1", DAYS[0], DAYS[44], "quarter"),
        term("week 6", DAYS[0], DAYS[29], "progress"),
    ],
    enrollments=[
        *(enrolled(name) for name in ("Ana", "Ben", "Cora", "Eli", "Fay", "Gus", "Ira")),
        enrolled("Dev", exit=DAYS[30]),
        enrolled("Hana", 3),
        enrolled("Jo", 9),
        enrolled("Kim", 10),
    ],
    sections=[
        section("Algebra 1", a_g="c"),
        section("PE", is_core=False),
        section("Grade 3"),
    ],
    marks=[
        mark("Ana", "Algebra 1", DAYS[44], "grading_period", "quarter 1", letter="F", percent=50),
        mark("Ben", "Algebra 1", DAYS[44], "grading_period", "quarter 1", letter="D", percent=65),
        mark("Cora", "PE", DAYS[44], "grading_period", "quarter 1", letter="D", percent=65),
        mark("Eli", "PE", DAYS[44], "grading_period", "quarter 1", letter="B", percent=85),
        mark("Eli", "PE", DAYS[29], "progress", "week 6", letter="F", percent=40),
        mark("Fay", "PE", DAYS[44], "grading_period", "quarter 1", letter="P", excluded_from_gpa=True),
        mark("Hana", "Grade 3", DAYS[44], "grading_period", "quarter 1", letter="1"),
        mark("Ira", "PE", DAYS[44], "grading_period", "quarter 1", letter="A", percent=95),
        mark("Ira", "PE", DAYS[60], "grading_period", "quarter 1", letter="F", percent=55),
        mark("Jo", "PE", DAYS[89], "semester", letter="F", percent=50),
    ],
    incidents=[
        {"incident_id": name, "school_id": "Lincoln", "occurred_on": day} for name, day in INCIDENTS.items()
    ],
    student_incidents=[
        part("first", "Ana"),
        part("second", "Ana"),
        part("first", "Ben"),
        part("third", "Ben"),
        part("first", "Cora", 2),
        part("second", "Cora", 2),
        part("before", "Fay"),
        part("first", "Fay"),
    ],
    discipline_actions=[
        {"action_id": "1", "student_id": "Gus", "action": "oss", "start_date": AHEAD[10]},
        {"action_id": "2", "student_id": "Ira", "action": "detention", "start_date": AHEAD[10]},
    ],
)


@pytest.fixture(scope="module")
def records(engine: Any) -> Records:
    return with_versions(records_of(TABLES, SETTINGS, engine), "attendance", ATTENDANCE)


@pytest.fixture(scope="module")
def attendance(records: Records) -> Labels:
    return outcomes(records, [AS_OF], "attendance", settings=SETTINGS)


@pytest.fixture(scope="module")
def grades(records: Records) -> Labels:
    return outcomes(records, [AS_OF], "grades", settings=D_COUNTS)


@pytest.fixture(scope="module")
def behavior(records: Records) -> Labels:
    return outcomes(records, [AS_OF], "behavior", settings=SETTINGS)


def test_five_of_the_next_forty_five_days_missed_are_ten_percent_and_four_are_not(attendance: Labels) -> None:
    assert told_of(attendance, "Ana") == (1.0, None)
    assert told_of(attendance, "Ben") == (0.0, None)


def test_days_before_the_date_and_after_the_horizon_do_not_count(attendance: Labels) -> None:
    assert told_of(attendance, "Cora") == (0.0, None)


def test_who_left_has_no_label(attendance: Labels, behavior: Labels) -> None:
    label, why = told_of(attendance, "Dev")
    assert math.isnan(label) and why == LEFT
    label, why = told_of(behavior, "Dev")
    assert math.isnan(label) and why == LEFT


def test_what_becomes_known_after_the_freeze_does_not_change_the_label(attendance: Labels) -> None:
    assert told_of(attendance, "Eli") == (0.0, None)
    assert set(attendance["closes_on"]) == {FROZEN}


def test_an_f_counts_and_a_d_in_an_a_g_course_where_the_district_says_so(grades: Labels) -> None:
    assert told_of(grades, "Ana") == (1.0, None)
    assert told_of(grades, "Ben") == (1.0, None)
    assert told_of(grades, "Cora") == (0.0, None)


def test_progress_marks_are_no_outcome_and_the_last_mark_of_the_term_is(grades: Labels) -> None:
    assert told_of(grades, "Eli") == (0.0, None)
    assert told_of(grades, "Ira") == (0.0, None)


def test_no_mark_at_the_end_of_the_term_is_no_label(grades: Labels) -> None:
    for name in ("Fay", "Gus", "Jo"):
        label, why = told_of(grades, name)
        assert math.isnan(label) and why == NO_MARK


def test_grades_are_for_grades_six_to_twelve_and_behavior_from_four_on(
    grades: Labels, behavior: Labels
) -> None:
    assert told_of(grades, "Hana")[1] == OTHER_GRADE
    assert told_of(behavior, "Hana")[1] == OTHER_GRADE


def test_two_major_incidents_or_a_suspension_in_the_horizon_count(behavior: Labels) -> None:
    assert told_of(behavior, "Ana") == (1.0, None)
    assert told_of(behavior, "Gus") == (1.0, None)
    for name in ("Ben", "Cora", "Fay", "Ira"):
        assert told_of(behavior, name) == (0.0, None)


def test_overall_is_attendance_or_grades_wherever_any_is_known(records: Records) -> None:
    overall = outcomes(records, [AS_OF], "overall", settings=D_COUNTS)
    assert told_of(overall, "Ben") == (1.0, None)  # by grades
    assert told_of(overall, "Gus") == (0.0, None)  # by attendance alone
    assert told_of(overall, "Hana") == (0.0, None)
    assert told_of(overall, "Dev")[1] == LEFT


def test_a_label_that_closes_after_the_freeze_of_training_is_open() -> None:
    records = with_versions(records_of(TABLES, SETTINGS), "attendance", ATTENDANCE)
    for target in ("attendance", "behavior", "overall"):
        early = outcomes(records, [AS_OF], target, settings=SETTINGS, frozen_by=DAYS[73])
        assert told_of(early, "Ana")[1] == NOT_CLOSED, target
    on_the_day = outcomes(records, [AS_OF], "attendance", settings=SETTINGS, frozen_by=FROZEN)
    assert told_of(on_the_day, "Ana") == (1.0, None)


def test_a_horizon_that_is_not_on_record_yet_gives_no_label() -> None:
    short = [row for row in ATTENDANCE if row["date"] <= DAYS[50]]
    records = with_versions(records_of(TABLES, SETTINGS), "attendance", short)
    labels = outcomes(records, [AS_OF], "attendance", settings=SETTINGS)
    assert set(labels["censored"]) == {NOT_CLOSED}


def test_at_the_years_end_there_is_no_label() -> None:
    records = with_versions(records_of(TABLES, SETTINGS), "attendance", ATTENDANCE)
    for target in ("attendance", "grades", "behavior"):
        labels = outcomes(records, [DAYS[170]], target, settings=SETTINGS)
        assert set(labels["censored"]) <= {FEW_DAYS, OTHER_GRADE}, target


def test_a_d_counts_as_passed_unless_the_district_says_otherwise() -> None:
    labels = outcomes(records_of(TABLES, SETTINGS), [AS_OF], "grades", settings=SETTINGS)
    assert told_of(labels, "Ana") == (1.0, None)
    assert told_of(labels, "Ben") == (0.0, None)


def test_without_incidents_handed_over_behavior_has_no_label() -> None:
    bare = {name: rows for name, rows in TABLES.items() if "incident" not in name and "action" not in name}
    records = with_versions(records_of(bare, SETTINGS), "attendance", ATTENDANCE)
    labels = outcomes(records, [AS_OF], "behavior", settings=SETTINGS)
    assert told_of(labels, "Ana")[1] == NO_RECORDS


def test_an_unknown_outcome_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="attendance, grades, behavior"):
        outcomes(records_of({}, SETTINGS), [AS_OF], "luck", settings=SETTINGS)


TWO_SCHOOLS = ("Lincoln", "Monroe")


def two_schools() -> Records:
    """Ana and Cam miss every day that 3 divides, Ben none; nobody's enrollment names a calendar."""
    people = [enrolled("Ana"), enrolled("Ben", school_id="Monroe"), enrolled("Cam", school_id="Monroe")]
    rows = [
        row | {"school_id": person["school_id"]}
        for person in people
        for row in attended(
            person["student_id"],
            DAYS,
            away(day for day in DAYS if day.day % 3 == 0) if person["student_id"] != "Ben" else None,
        )
    ]
    return records_of(small_school(enrollments=people, attendance=rows), SETTINGS)


def school_day(school: str, calendar_id: str, day: date, **more: Any) -> Row:
    return {"school_id": school, "calendar_id": calendar_id, "date": day, "is_instructional": True} | more


@pytest.mark.parametrize(
    "known_at",
    [datetime(1970, 1, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC)],
    ids=["from the beginning", "between the day and its label"],
)
def test_another_years_calendar_changes_no_label(known_at: datetime) -> None:
    this_year = [school_day(school, "main", day) for school in TWO_SCHOOLS for day in DAYS]
    next_year = [
        school_day(school, "2027", date(2026, 8, 17), known_at=known_at) for school in ("Adams", *TWO_SCHOOLS)
    ]
    alone, beside = (
        outcomes(
            with_versions(two_schools(), "calendar_days", rows), [AS_OF], "attendance", settings=SETTINGS
        )
        for rows in (this_year, this_year + next_year)
    )
    assert alone["label"].tolist() == [1.0, 0.0, 1.0]
    pd.testing.assert_frame_equal(alone, beside)
