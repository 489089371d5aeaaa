"""The facts behind what goes well: the best course that may be named, classes passed, days at school."""

from __future__ import annotations

from typing import Any

import pandas as pd
from small_school import (
    DAYS,
    SETTINGS,
    attended,
    away,
    enrolled,
    mark,
    rows_of,
    section,
    small_school,
    weekend_after,
)

from ews.features.matrix import feature_matrix
from ews.records.lake import records_of

AS_OF = weekend_after(30)
MARKED = DAYS[20]
COURSES = ("Algebra 1", "Art 1", "ELD 2", "Choir", "Mathematics")


def lincoln() -> dict[str, list[dict[str, Any]]]:
    """Maribel with an F, a D, two As and a pass; Linh with one standard; Maribel missed 3 days of 30."""
    return small_school(
        enrollments=[enrolled("Maribel"), enrolled("Linh", grade=3)],
        attendance=attended("Maribel", DAYS[:30], away([DAYS[11], DAYS[12], DAYS[22]]))
        + attended("Linh", DAYS[:30]),
        sections=[section(name) for name in COURSES],
        marks=[
            mark("Maribel", "Algebra 1", MARKED, percent=57.0, letter="F"),
            mark("Maribel", "Art 1", MARKED, percent=88.5, letter="B+"),
            mark("Maribel", "ELD 2", MARKED, percent=97.0, letter="A"),
            mark("Maribel", "Choir", MARKED, letter="P"),
            mark("Linh", "Mathematics", MARKED, letter="3"),
        ],
        section_enrollments=[],
    )


def test_the_best_course_is_named_unless_its_title_tells_who_someone_is(engine: Any) -> None:
    maribel = rows_of(lincoln(), AS_OF, engine=engine)["Maribel"]
    assert (maribel["fact_best_course"], maribel["fact_best_mark"]) == ("Art 1", 88.5)
    assert (maribel["fact_passed_now"], maribel["fact_graded_now"]) == (2.0, 3.0), "a P is neither"


def test_elementary_marks_have_a_best_of_their_own() -> None:
    linh = rows_of(lincoln(), AS_OF)["Linh"]
    assert (linh["fact_best_standard_course"], linh["fact_best_standard"]) == ("Mathematics", 3.0)
    assert pd.isna(linh["fact_best_course"]) and pd.isna(linh["fact_best_mark"])


def test_days_at_school_are_counted_for_the_week_the_month_and_the_ten_days_before() -> None:
    maribel = rows_of(lincoln(), AS_OF)["Maribel"]
    told = {
        name: maribel[f"fact_{name}"]
        for name in (
            "absent_days_last_5",
            "expected_days_last_5",
            "present_days_last_20",
            "absent_days_10_before",
            "present_days_year",
        )
    }
    assert told == {
        "absent_days_last_5": 0.0,
        "expected_days_last_5": 5.0,
        "present_days_last_20": 17.0,
        "absent_days_10_before": 2.0,
        "present_days_year": 27.0,
    }


def test_incidents_of_the_year_are_none_only_where_incidents_are_handed_over() -> None:
    linh = rows_of(lincoln(), AS_OF)["Linh"]
    assert pd.isna(linh["fact_incidents_year"])
    records = lincoln() | {"incidents": [], "student_incidents": []}
    recorded = records | {
        "incidents": [{"incident_id": "i1", "school_id": "Lincoln", "occurred_on": DAYS[3]}],
        "student_incidents": [
            {
                "incident_id": "i1",
                "student_id": "Maribel",
                "role": "offender",
                "severity": 1,
                "behavior_code": "minor",
            }
        ],
    }
    rows = rows_of(recorded, AS_OF)
    assert (rows["Linh"]["fact_incidents_year"], rows["Maribel"]["fact_incidents_year"]) == (0.0, 1.0)


def test_the_facts_of_a_student_alone_and_among_others_are_the_same() -> None:
    records = records_of(lincoln(), SETTINGS)
    together = feature_matrix(records, [AS_OF], settings=SETTINGS)
    alone = feature_matrix(records, [AS_OF], settings=SETTINGS, students=["Maribel"])
    together = together[together["student_id"] == "Maribel"].reset_index(drop=True)
    facts = [name for name in alone.columns if name.startswith("fact_")]
    assert alone[facts].to_dict("records")[0].items() >= {"fact_best_course": "Art 1"}.items()
    assert repr(alone[facts].to_dict("records")) == repr(together[facts].to_dict("records"))
