"""Everyone has something that goes well: facts that are true, worth saying, and no reproach turned around."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from support.alder_creek import FRIDAY, MARIBEL, MISSED, MONDAY_MORNING, OKAFOR, keep, opened, roomy, score_of

from ews.features.catalogue import FEATURES
from ews.features.strengths import FACTS
from ews.settings import Settings
from ews.support.going_well import agreeing, facts_going_well
from ews.support.list_filters import Filters
from ews.support.risk_list import risk_list
from ews.support.trend import trend_word

NOTHING: dict[str, Any] = dict.fromkeys(FACTS) | {
    "as_of": FRIDAY,
    "attendance_through": FRIDAY,
    "marks_through": date(2025, 11, 12),
    "incidents_through": None,
}
ART = {"fact_best_mark": 87.6, "fact_best_course": "Art 1"}
HALF_AND_HALF = {"fact_passed_now": 3.0, "fact_graded_now": 6.0}
OFTEN_AWAY = {
    "fact_present_days_last_20": 16.0,
    "fact_expected_days_last_20": 20.0,
    "tardies_last_20": 2.0,
}


EASED = "Missed 5 of the last 20 school days, after 14 of the 43 before. SIS, 14 Nov."


def test_nobody_is_praised_for_missing_fewer_days_beside_a_trend_that_grows() -> None:
    days = {f"fact_{name}": 20.0 for name in ("expected_days_last_20", "expected_days_before")}
    row = days | {"absence_trend": -0.5, "fact_absent_days_last_20": 5.0, "fact_absent_days_before": 15.0}
    said = FEATURES["absence_trend"].going_well(row)
    assert said == "Missed 5 of the last 20 school days, after 15 of the 20 before"
    art = "Art 1 at 88, the best mark now. SIS, 12 Nov."
    assert agreeing([said, EASED, art], "Growing") == [art]
    assert agreeing([said, EASED, art], "Easing") == [said, EASED, art]
    ten = {"fact_absent_days_last_10": 2.0, "fact_expected_days_last_10": 10.0}
    row = NOTHING | ART | ten | {"fact_absent_days_10_before": 6.0}
    assert facts_going_well(row, [], "Growing") == [art]


def test_days_missed_do_not_grow_once_the_last_week_is_back_to_none() -> None:
    grows = {(0, 0, 1, 1): True, (0, 0, 0, 1): True, (0, 0, 1, 0): False, (0, 1, 4, 0): False}
    assert {days: trend_word(days) == "Growing" for days in grows} == grows
    assert trend_word((0, 0, 1, 0)) == trend_word((0, 1, 1, 0)) == "Steady"
    assert (trend_word((2, 2, 1, 0)), trend_word((0, 1, 3))) == ("Easing", "")


def test_days_missed_on_the_list_never_grow_beside_a_praise_for_missing_fewer(settings: Settings) -> None:
    ten = {"fact_absent_days_last_10": 2.0, "fact_expected_days_last_10": 10.0}
    facts = {**ten, "fact_absent_days_10_before": 6.0, **ART, "fact_best_mark": 76.0}
    worse = replace(MARIBEL, missed=(0, 1, 1, 2), strength=False, facts=facts)
    better = replace(worse, name="Noor Haddad", missed=(2, 2, 1, 0))
    keep(roomy(settings), [worse, better])
    with opened(settings) as store, store.begin() as tx:
        rows = risk_list(tx, OKAFOR, Filters(tab="all"), now=MONDAY_MORNING).rows
    assert {row.display_name: row.going_well and row.going_well.fact for row in rows} == {
        MARIBEL.name: "Art 1 at 76, the best mark now",
        "Noor Haddad": "Missed 2 of the last 10 school days, after 6 of the 10 before",
    }


def well(**facts: Any) -> list[str]:
    """What goes well for a student with these facts and no reason given."""
    return facts_going_well(NOTHING | facts, [])


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (ART, "Art 1 at 88, the best mark now. SIS, 12 Nov."),
        (ART | {"fact_best_mark": 69.9}, None),
        (
            {"fact_best_standard": 3.0, "fact_best_standard_course": "Grade 3 Mathematics"},
            "Grade 3 Mathematics at 3 of 4, the best mark now. SIS, 12 Nov.",
        ),
        (
            {
                "fact_absent_days_last_10": 2.0,
                "fact_expected_days_last_10": 10.0,
                "fact_absent_days_10_before": 6.0,
            },
            "Missed 2 of the last 10 school days, after 6 of the 10 before. SIS, 14 Nov.",
        ),
        (
            {"fact_passed_now": 4.0, "fact_graded_now": 6.0},
            "Passing 4 of 6 classes with a mark now. SIS, 12 Nov.",
        ),
        ({"fact_passed_now": 2.0, "fact_graded_now": 6.0}, None),
        ({"fact_passed_now": 1.0, "fact_graded_now": 1.0}, None),
        (
            {"fact_work_turned_in": 11.0, "fact_work_due": 14.0},
            "Turned in 11 of 14 assignments due this term. SIS, 12 Nov.",
        ),
        ({"fact_work_turned_in": 8.0, "fact_work_due": 14.0}, None),
        (
            {"fact_absent_days_last_5": 0.0, "fact_expected_days_last_5": 5.0},
            "At school on all of the last 5 school days. SIS, 14 Nov.",
        ),
        ({"fact_absent_days_last_5": 0.5, "fact_expected_days_last_5": 5.0}, None),
        (OFTEN_AWAY, "At school on 16 of the last 20 school days. SIS, 14 Nov."),
        (OFTEN_AWAY | {"fact_present_days_last_20": 15.0}, None),
        (
            OFTEN_AWAY | {"fact_present_days_last_20": 12.0, "tardies_last_20": 0.0},
            "No lateness recorded in the last 20 school days. SIS, 14 Nov.",
        ),
        (
            {"fact_present_days_year": 41.0, "fact_expected_days_year": 58.0},
            "At school on 41 days this year. SIS, 14 Nov.",
        ),
        ({"fact_present_days_year": 20.0, "fact_expected_days_year": 58.0}, None),
        ({"fact_incidents_year": 0.0}, "No incident recorded this year."),
        ({"fact_incidents_year": 1.0}, None),
        ({}, None),
    ],
)
def test_a_strength_is_a_true_dated_fact_and_is_said_only_where_it_is_praise(
    facts: dict[str, Any], said: str | None
) -> None:
    assert well(**facts) == ([said] if said else [])


def test_a_run_of_an_earlier_version_lacks_a_fact_and_the_rest_is_said() -> None:
    row = {name: value for name, value in (NOTHING | ART).items() if name != "fact_present_days_year"}
    assert facts_going_well(row, []) == ["Art 1 at 88, the best mark now. SIS, 12 Nov."]


def test_the_most_personal_comes_first_and_there_are_three_at_most() -> None:
    assert well(**ART, **HALF_AND_HALF, **OFTEN_AWAY, fact_incidents_year=0.0) == [
        "Art 1 at 88, the best mark now. SIS, 12 Nov.",
        "Passing 3 of 6 classes with a mark now. SIS, 12 Nov.",
        "At school on 16 of the last 20 school days. SIS, 14 Nov.",
    ]


def test_beside_a_reason_about_absence_days_at_school_are_the_last_thing_said() -> None:
    said = facts_going_well(
        NOTHING | OFTEN_AWAY | {"fact_incidents_year": 0.0}, [score_of(MARIBEL, "attendance", 0.8, FRIDAY)]
    )
    assert MISSED["code"] == "absence_recent"
    assert said == [
        "No incident recorded this year.",
        "At school on 16 of the last 20 school days. SIS, 14 Nov.",
    ]


def test_a_strength_that_the_models_name_speaks_alone_and_the_facts_where_they_name_none(
    settings: Settings,
) -> None:
    named = replace(MARIBEL, facts=ART)
    unnamed = replace(MARIBEL, name="Devon Price", facts=ART, strength=False)
    keep(roomy(settings), [named, unnamed])
    with opened(settings) as store, store.begin() as tx:
        rows = risk_list(tx, OKAFOR, Filters("all"), now=MONDAY_MORNING).rows
    told = {row.display_name: row.going_well and row.going_well.text for row in rows}
    assert told == {
        "Devon Price": "Art 1 at 88, the best mark now. SIS, 12 Nov.",
        "Maribel Santos": "Passing every core course now. SIS, 12 Nov.",
    }
