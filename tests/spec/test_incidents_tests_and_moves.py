"""Behavior, tests and changes of school: a small table of people, one sentence each."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest
from small_school import (
    DAYS,
    LAST_YEAR,
    Row,
    calendar,
    enrolled,
    enrolled_last_year,
    rows_of,
    small_school,
    weekend_after,
)

from ews.features.catalogue import FEATURES

AS_OF = weekend_after(60)
People = dict[str, pd.Series]


def incident(name: str, on: date) -> Row:
    return {"incident_id": name, "school_id": "Lincoln", "occurred_on": on}


def part(name: str, student: str, role: str = "offender", severity: int = 1, code: str = "x") -> Row:
    return {
        "incident_id": name,
        "student_id": student,
        "behavior_code": code,
        "role": role,
        "severity": severity,
    }


def action(student: str, what: str, on: date) -> Row:
    return {"action_id": f"{student} {what} {on}", "student_id": student, "action": what, "start_date": on}


def result(student: str, subject: str, on: date, family: str, **more: Any) -> Row:
    return {
        "student_id": student,
        "assessment_code": f"{family} {subject}",
        "subject": subject,
        "administered_on": on,
        "family": family,
        "released_on": on,
    } | more


NAMES = ("Ana", "Ben", "Cora", "Eli", "Fay", "Gus", "Jo")
TABLES = small_school(
    orgs=[
        {"org_id": "Lincoln", "org_type": "school", "school_level": "ms"},
        {"org_id": "Roosevelt", "org_type": "school", "school_level": "ms"},
        {"org_id": "Adams", "org_type": "school", "school_level": "es"},
    ],
    calendar_days=[
        row
        for school in ("Lincoln", "Roosevelt", "Adams")
        for row in calendar(LAST_YEAR, school) + calendar(DAYS, school)
    ],
    enrollments=[
        *(enrolled(name) for name in NAMES),
        enrolled("Dev"),
        enrolled_last_year("Dev"),
        enrolled("Hana", exit=DAYS[29], school_id="Roosevelt"),
        enrolled("Hana", entry=DAYS[30]),
        enrolled("Ira", exit=DAYS[29]),
        enrolled("Ira", entry=DAYS[32]),
        enrolled("Kim", entry=DAYS[25]),
        enrolled("Lee", 6),
        enrolled_last_year("Lee", 5, school_id="Adams"),
        enrolled("Mia", 0, school_id="Adams"),
        enrolled_last_year("Noor", 7),
        enrolled("Noor", 8),
    ],
    incidents=[
        incident("on the bus", DAYS[55]),
        incident("in class", DAYS[50]),
        incident("at lunch", DAYS[20]),
        incident("in the gym", DAYS[10]),
        incident("last year", LAST_YEAR[100]),
    ],
    student_incidents=[
        part("on the bus", "Ana"),
        part("in class", "Ana", severity=3),
        part("at lunch", "Ana"),
        part("in the gym", "Ana"),
        part("on the bus", "Ben", role="other", severity=3),
        part("in class", "Cora", severity=3),
        part("in class", "Cora", severity=1, code="y"),
        part("last year", "Dev", severity=2),
    ],
    discipline_actions=[
        action("Eli", "iss", DAYS[12]),
        action("Eli", "oss", DAYS[40]),
        action("Eli", "detention", DAYS[41]),
        action("Dev", "oss", LAST_YEAR[101]),
    ],
    assessments=[
        result("Ana", "ela", LAST_YEAR[150], "sb", level=1),
        result("Ana", "ela", DAYS[20], "sb", level=3),
        result("Ana", "math", DAYS[20], "sb", level=2, valid=False),
        result("Ben", "Reading", DAYS[20], "star", percentile=31.6, level=4),
        result("Cora", "ela", DAYS[20], "elpac_sum", level=2),
        result("Dev", "math", DAYS[20], "sb", level=2) | {"released_on": DAYS[80]},
        result("Gus", "math", DAYS[20], "iready", percentile=8),
        result("Gus", "math", DAYS[40], "map", percentile=12),
        result("Jo", "math", date(2022, 5, 2), "sb", level=4),
    ],
)


@pytest.fixture(scope="module")
def people(engine: Any) -> People:
    return rows_of(TABLES, AS_OF, engine=engine)


def test_incidents_are_counted_over_twenty_and_forty_five_school_days(people: People) -> None:
    ana = people["Ana"]
    assert (ana["incidents_last_20"], ana["incidents_last_45"], ana["major_incidents_year"]) == (2, 3, 1)
    assert FEATURES["incidents_last_20"].sentence(ana) == "2 incidents recorded in the last 20 school days"


def test_who_stood_by_is_not_counted(people: People) -> None:
    assert (people["Ben"]["incidents_last_45"], people["Ben"]["major_incidents_year"]) == (0, 0)


def test_an_incident_with_two_codes_counts_once_and_at_its_gravest(people: People) -> None:
    assert (people["Cora"]["incidents_last_45"], people["Cora"]["major_incidents_year"]) == (1, 1)


def test_last_years_incidents_stand_apart_and_are_unknown_of_who_was_not_here(people: People) -> None:
    assert (people["Dev"]["incidents_last_year"], people["Dev"]["suspensions_last_year"]) == (1, 1)
    assert people["Dev"]["incidents_last_45"] == 0
    assert math.isnan(people["Ana"]["incidents_last_year"])
    assert people["Noor"]["incidents_last_year"] == 0


def test_suspensions_in_and_out_of_school_count_and_detention_does_not(people: People) -> None:
    assert people["Eli"]["suspensions_year"] == 2
    assert FEATURES["suspensions_year"].sentence(people["Eli"]) == "Suspended 2 times this year"
    assert people["Fay"]["suspensions_year"] == 0


def test_without_incidents_handed_over_nothing_is_said_of_them() -> None:
    told = small_school(enrollments=[enrolled("Ana")])
    ana = rows_of(told, AS_OF)["Ana"]
    assert math.isnan(ana["incidents_last_20"])
    assert math.isnan(ana["suspensions_year"])


def test_the_latest_valid_result_counts(people: People) -> None:
    ana = people["Ana"]
    assert ana["ela_level"] == 3
    assert math.isnan(ana["math_level"])
    assert ana["no_tests"] == 0
    assert people["Gus"]["math_percentile"] == 12


def test_a_local_test_gives_a_percentile_and_no_statewide_level(people: People) -> None:
    ben = people["Ben"]
    assert ben["ela_percentile"] == 32
    assert math.isnan(ben["ela_level"])


def test_a_test_of_english_learners_is_not_seen(people: People) -> None:
    assert people["Cora"]["no_tests"] == 1


def test_a_result_that_was_not_released_is_not_known(people: People) -> None:
    assert people["Dev"]["no_tests"] == 1
    assert math.isnan(people["Dev"]["math_level"])


def test_a_result_of_three_years_ago_is_forgotten(people: People) -> None:
    assert people["Jo"]["no_tests"] == 1


def test_a_change_of_school_during_the_year_counts(people: People) -> None:
    assert people["Hana"]["moves"] == 1
    assert people["Hana"]["days_since_entry"] == (AS_OF - DAYS[30]).days


def test_coming_back_to_the_same_school_is_no_change(people: People) -> None:
    assert people["Ira"]["moves"] == 0


def test_arriving_after_the_year_began_is_a_change(people: People) -> None:
    assert people["Kim"]["moves"] == 1


def test_going_on_to_middle_school_is_no_change_but_a_transition(people: People) -> None:
    assert people["Lee"]["moves"] == 0
    assert people["Lee"]["transition_grade"] == 1
    assert people["Mia"]["transition_grade"] == 1
    assert people["Noor"]["transition_grade"] == 0
