"""Attendance: a small table of people after the first 40 school days, one sentence each."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest
from small_school import (
    DAYS,
    FALL,
    LAST_YEAR,
    SPRING,
    Row,
    attended,
    away,
    calendar,
    choosing,
    enrolled,
    enrolled_last_year,
    rows_of,
    section,
    small_school,
    weekend_after,
)

SO_FAR = DAYS[:40]
AS_OF = weekend_after(40)
NEGATIVE = "Adams"
NO_CALENDAR = "Oak"
People = dict[str, pd.Series]


def at(school: str, rows: list[Row]) -> list[Row]:
    return [row | {"school_id": school} for row in rows]


def exceptions(student: str, missed: dict[date, str]) -> list[Row]:
    return at(NEGATIVE, attended(student, sorted(missed), missed))


ENROLLMENTS = [
    *(enrolled(name) for name in ("Ana", "Ben", "Cora", "Dev", "Eli", "Fay", "Gus", "Ira", "Kim", "Lee")),
    enrolled_last_year("Kim"),
    enrolled("Hana", exit=DAYS[19], school_id="Roosevelt"),
    enrolled("Hana", entry=DAYS[20]),
    *(enrolled(name, school_id=NEGATIVE) for name in ("Mia", "Noor")),
    enrolled("Omar", entry=DAYS[30], school_id=NEGATIVE),
    enrolled("Pia", school_id=NO_CALENDAR),
]
ATTENDANCE = [
    *attended("Ana", SO_FAR, away(DAYS[36:40])),
    *attended("Ben", SO_FAR),
    *attended("Cora", SO_FAR, away(DAYS[25:28], "tardy") | away(DAYS[30:31], "suspended_in")),
    *attended("Dev", SO_FAR, away(DAYS[5:7], "suspended_out") | away(DAYS[7:8], "independent_study")),
    *attended("Eli", SO_FAR, away(DAYS[20:30], "home_hospital")),
    *attended("Fay", SO_FAR[:35], away(DAYS[10:15], "unknown")),
    *attended("Gus", SO_FAR, away([DAYS[4], DAYS[9], DAYS[10], DAYS[17], DAYS[30]])),
    *at("Roosevelt", attended("Hana", DAYS[:20], away(DAYS[:10]))),
    *attended("Hana", DAYS[20:40]),
    *attended("Ira", SO_FAR[:38]),
    *attended("Ira", SO_FAR[38:], away(SO_FAR[38:]), absent_fraction=0.5),
    *attended("Kim", LAST_YEAR, away([*LAST_YEAR[:8], *LAST_YEAR[-10:]])),
    *attended("Kim", SO_FAR),
    *attended("Lee", SO_FAR, away([DAYS[35]])),
    *exceptions("Mia", away([DAYS[0], DAYS[39]])),
    *exceptions("Noor", away(DAYS[10:14], "exempt") | away(DAYS[20:21], "absent_unverified")),
    *at(NO_CALENDAR, attended("Pia", SO_FAR, away(DAYS[:2]))),
]
PERIODS = [
    {"student_id": "Lee", "section_id": "PE", "date": day, "period": "6", "status": "absent_unexcused"}
    for day in (DAYS[2], DAYS[30], DAYS[33], DAYS[35])
]
TABLES = small_school(
    orgs=[
        {"org_id": school, "org_type": "school", "school_level": "ms"}
        for school in ("Lincoln", "Roosevelt", NEGATIVE, NO_CALENDAR)
    ],
    enrollments=ENROLLMENTS,
    attendance=ATTENDANCE,
    calendar_days=[
        row
        for school in ("Lincoln", "Roosevelt", NEGATIVE)
        for row in calendar(LAST_YEAR, school) + calendar(DAYS, school)
    ],
    terms=[FALL, SPRING, FALL | {"term_id": "oak", "school_id": NO_CALENDAR, "instructional_days": 81}],
    sections=[section("PE")],
    attendance_period=PERIODS,
    attendance_coverage=[
        {
            "school_id": NEGATIVE,
            "mode": "negative",
            "complete_through": DAYS[39],
            "known_at": pd.Timestamp(AS_OF, tz="UTC"),
        }
    ],
)


@pytest.fixture(scope="module")
def people(engine: Any) -> People:
    return rows_of(TABLES, AS_OF, engine=engine)


def test_four_of_the_last_ten_days_missed_are_a_rate_a_streak_and_a_sentence_away(people: People) -> None:
    ana = people["Ana"]
    assert ana["absence_rate_last_10"] == 0.4
    assert ana["absence_rate_last_20"] == 0.2
    assert ana["absence_rate_year"] == 0.1
    assert ana["absence_trend"] == 0.2
    assert (ana["absence_streak_now"], ana["absence_streak_longest"], ana["absence_spells"]) == (4, 4, 1)
    assert (ana["fact_absent_days_last_10"], ana["fact_expected_days_last_10"]) == (4, 10)


def test_who_missed_nothing_has_zeros_and_not_nothing(people: People) -> None:
    ben = people["Ben"]
    assert (ben["absence_rate_year"], ben["absence_streak_now"], ben["absence_spells"]) == (0, 0, 0)
    assert math.isnan(ben["monday_friday_share"])


def test_lateness_and_in_school_suspension_are_days_at_school(people: People) -> None:
    cora = people["Cora"]
    assert cora["absence_rate_year"] == 0
    assert cora["tardies_last_20"] == 3
    assert cora["tardy_rate_year"] == 3 / 40


def test_out_of_school_suspension_and_independent_study_are_days_missed(people: People) -> None:
    assert people["Dev"]["fact_absent_days_year"] == 3


def test_home_hospital_days_are_not_expected_days(people: People) -> None:
    assert people["Eli"]["expected_days_year"] == 30


def test_days_without_a_row_and_unknown_days_are_neither_present_nor_absent(people: People) -> None:
    fay = people["Fay"]
    assert fay["expected_days_year"] == 30
    assert fay["absence_rate_year"] == 0


def test_absences_around_weekends_are_counted_once_there_are_three(people: People) -> None:
    gus = people["Gus"]
    assert gus["monday_friday_share"] == 4 / 5
    assert gus["absence_spells"] == 4  # a Friday and the Monday after it are one time away


def test_days_at_the_school_before_count_after_a_transfer(people: People) -> None:
    hana = people["Hana"]
    assert hana["school_id"] == "Lincoln"
    assert (hana["expected_days_year"], hana["fact_absent_days_year"]) == (40, 10)
    assert hana["absence_rate_last_20"] == 0


def test_half_days_add_up(people: People) -> None:
    assert people["Ira"]["fact_absent_days_year"] == 1


def test_last_year_and_last_spring_are_known_this_fall(people: People) -> None:
    kim = people["Kim"]
    assert kim["absence_rate_last_year"] == 18 / 180
    spring = sum(day.month >= 2 and day.year == 2025 for day in LAST_YEAR)
    assert kim["absence_rate_last_spring"] == 10 / spring
    assert kim["has_history"]
    assert kim["no_attendance_last_year"] == 0
    assert people["Ana"]["no_attendance_last_year"] == 1


def test_classes_missed_count_on_days_at_school_and_in_the_last_twenty_days(people: People) -> None:
    assert people["Lee"]["periods_missed_last_20"] == 2


def test_in_negative_attendance_a_day_without_a_row_is_a_day_present(people: People) -> None:
    mia, noor, omar = people["Mia"], people["Noor"], people["Omar"]
    assert (mia["expected_days_year"], mia["fact_absent_days_year"]) == (40, 2)
    assert (mia["absence_streak_now"], mia["absence_rate_last_10"]) == (1, 0.1)
    assert (noor["expected_days_year"], noor["fact_absent_days_year"]) == (36, 1)
    assert (omar["expected_days_year"], omar["absence_rate_year"]) == (10, 0)
    assert mia["attendance_through"] == DAYS[39]


def test_without_a_calendar_days_with_a_row_count_whole(people: People) -> None:
    pia = people["Pia"]
    assert (pia["expected_days_year"], pia["fact_absent_days_year"]) == (40, 2)
    assert pia["week"] == 8


def test_what_lies_ahead_is_told_in_school_days(people: People) -> None:
    assert people["Ana"]["horizon_days"] == 45
    assert people["Ana"]["week"] == 8


def test_the_federal_profile_counts_parts_of_days_and_takes_independent_study_as_attendance() -> None:
    tables = small_school(
        enrollments=[enrolled("Dev"), enrolled("Quinn")],
        attendance=[
            *attended("Dev", SO_FAR, away(DAYS[5:7], "suspended_out") | away(DAYS[7:8], "independent_study")),
            *attended("Quinn", SO_FAR[:30]),
            *attended("Quinn", SO_FAR[30:], away(SO_FAR[30:], "partial"), absent_fraction=0.6),
        ],
    )
    people = rows_of(tables, AS_OF, choosing(district__absence_profile="us"))
    assert people["Dev"]["fact_absent_days_year"] == 2
    assert people["Quinn"]["fact_absent_days_year"] == 6
    assert rows_of(tables, AS_OF)["Quinn"]["fact_absent_days_year"] == 0


def test_a_day_that_weighs_half_counts_half() -> None:
    tables = small_school(
        enrollments=[enrolled("Rosa")],
        attendance=attended("Rosa", SO_FAR, away([DAYS[0], DAYS[39]])),
        calendar_days=calendar(DAYS[:39]) + calendar(DAYS[39:40], day_weight=0.5),
    )
    rosa = rows_of(tables, AS_OF)["Rosa"]
    assert (rosa["expected_days_year"], rosa["fact_absent_days_year"]) == (39.5, 1.5)


def test_rows_on_days_without_school_do_not_count() -> None:
    tables = small_school(
        enrollments=[enrolled("Sam")],
        attendance=attended("Sam", SO_FAR, away(DAYS[10:12])),
        calendar_days=calendar(DAYS[:10])
        + calendar(DAYS[10:11], is_instructional=False)
        + calendar(DAYS[12:]),
    )
    sam = rows_of(tables, AS_OF)["Sam"]
    assert (sam["expected_days_year"], sam["fact_absent_days_year"]) == (38, 0)


def test_negative_attendance_without_a_calendar_estimates_the_days_from_the_terms() -> None:
    tables = small_school(
        enrollments=[enrolled("Tia")],
        attendance=attended("Tia", DAYS[39:40], away(DAYS[39:40])),
        calendar_days=[],
        terms=[FALL | {"instructional_days": 81}],
        attendance_coverage=[
            {
                "school_id": "Lincoln",
                "mode": "negative",
                "complete_through": DAYS[39],
                "known_at": pd.Timestamp(AS_OF, tz="UTC"),
            }
        ],
    )
    tia = rows_of(tables, AS_OF)["Tia"]
    assert tia["expected_days_year"] == pytest.approx(40 * 81 / 90)
    assert tia["fact_absent_days_year"] == pytest.approx(81 / 90)
