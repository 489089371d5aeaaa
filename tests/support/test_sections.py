"""The sections of a student's page that come from the records: supports, contacts, English, steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.alder_creek import FRIDAY, MARIBEL, MONDAY_MORNING, NOAH, OKAFOR, keep, opened, roomy

from ews.people.access import Principal
from ews.risk.typical import Typical
from ews.settings import Settings
from ews.support.families import Families
from ews.support.run_store import Told
from ews.support.student_view import StudentView, student_view
from ews.support.supports_tried import supports_on_record
from ews.support.typical_facts import typical_facts
from ews.support.typical_weeks import typical_weeks

TEAM = Principal("team@alder.example", "Sam Team", "counselor", staff_id="t-okafor")
MARIBEL_ID = MARIBEL.student_id
SESSIONS = [("2025-10-07", True), ("2025-10-09", False), ("2025-10-14", True), ("2025-11-18", True)]


def support(key: str, begins: date, **more: Any) -> dict[str, Any]:
    return {
        "student_id": MARIBEL_ID,
        "intervention_id": key,
        "tier": 2,
        "kind": "math_help_at_lunch",
        "target": "academic",
        "begin_date": begins,
        "end_date": None,
        "planned_minutes_week": 60,
        "outcome": None,
    } | more


SUPPORTS = supports_on_record(
    [
        support("a", date(2025, 10, 6)),
        support("b", date(2024, 9, 2), kind="mentor", tier=3, end_date=date(2025, 5, 30), outcome="met"),
        support("c", date(2025, 9, 1), kind="detention_contract", target="behavior"),
        support("d", date(2025, 11, 15), kind="later"),
    ],
    [
        {"intervention_id": "a", "date": date.fromisoformat(day), "minutes": 30, "attended": attended}
        for day, attended in SESSIONS
    ],
)
ENGLISH = {
    "student_id": MARIBEL_ID,
    "status": "EL",
    "status_since": date(2019, 8, 19),
    "learner_since": date(2019, 8, 19),
    "ela_level": 2,
    "results": [
        {"taken_on": "2025-03-10", "family": "elpac_sum", "level": 3, "score": 1540.0, "domains": {}},
        {"taken_on": "2024-03-10", "family": "elpac_sum", "level": 3, "score": 1500.0, "domains": {}},
    ],
}
STEPS = [
    {
        "code": "work",
        "said": "Turn in the 3 assignments of this term that are not in",
        "moves": [{"domain": "grades", "before": "high", "after": "elevated"}],
    }
]
CONTACT = {
    "student_id": MARIBEL_ID,
    "direction": "out",
    "channel": "phone",
    "reason": "behavior",
    "who": "Samuel Lee",
    "system": "SIS",
}
CONTACTS = (
    CONTACT | {"contact_id": "1", "contact_on": date(2025, 10, 21)},
    CONTACT | {"contact_id": "2", "contact_on": date(2025, 11, 12), "direction": "in"},
    CONTACT | {"contact_id": "3", "contact_on": date(2025, 11, 15)},
)


@pytest.fixture
def maribel(settings: Settings) -> Settings:
    """Maribel, and Noah of whom nothing is on record, scored once."""
    told = Told(
        english=[ENGLISH],
        steps={MARIBEL_ID: STEPS},
        typical_weeks=[{"grade_level": 9, "signal": "days_missed", "low": 0.0, "high": 0.5}],
        typical_facts=[
            {"grade_level": grade, "feature": feature, "low": 0.0, "high": high}
            for grade, feature, high in (
                (9, "absence_rate_year", 0.05),
                (9, "fs_now", 4.0),
                (10, "incidents_last_45", 1.0),
            )
        ],
    )
    keep(roomy(settings), [MARIBEL, NOAH], told=told, sis_contacts=CONTACTS, sis_supports=SUPPORTS)
    return settings


def look(settings: Settings, who: Principal = OKAFOR, student: str = MARIBEL_ID) -> StudentView:
    with opened(settings) as store, store.begin() as tx:
        view = student_view(tx, who, student, now=MONDAY_MORNING)
    assert view is not None
    return view


def without(monkeypatch: pytest.MonkeyPatch, *fields: str) -> None:
    """Counselors see no more of these fields, as a role that lacks them."""
    from ews.people import roles

    less = replace(
        roles.ROLE_TABLE["counselor"], sees=frozenset(one for one in roles.Field if one.value not in fields)
    )
    monkeypatch.setitem(roles.ROLE_TABLE, "counselor", less)


def test_a_support_tells_its_dose_and_nothing_of_its_result_after_two_sessions(maribel: Settings) -> None:
    told = [(one.kind, one.tier, one.dose, one.result) for one in look(maribel).supports]
    assert told == [
        ("math_help_at_lunch", "Targeted", "2 of 3 sessions", "Too few sessions to say"),
        ("detention_contract", "Targeted", None, "Going on; no session is on record"),
        ("mentor", "Intensive", None, "Goal met; no session is on record"),
    ]


def test_what_was_for_behavior_is_not_told_to_who_sees_no_discipline(
    maribel: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "discipline")
    view = look(maribel)
    assert [one.kind for one in view.supports] == ["math_help_at_lunch", "mentor"]
    assert [card.domain for card in view.cards] == ["attendance", "grades"]
    assert {one.reason for one in view.sis_contacts} == {None}


def test_who_sees_no_plans_and_no_contacts_is_told_none(
    maribel: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "plans", "contacts")
    view = look(maribel)
    assert view.supports == () and view.sis_contacts == ()


def test_contacts_stand_newest_first_and_none_is_later_than_the_day(maribel: Settings) -> None:
    told = [(one.on, one.direction, one.who) for one in look(maribel).sis_contacts]
    assert told == [
        (date(2025, 11, 12), "in", "Samuel Lee"),
        (date(2025, 10, 21), "out", "Samuel Lee"),
    ]


def test_english_says_the_years_the_levels_and_what_reclassification_asks(maribel: Settings) -> None:
    english = look(maribel).english
    assert english is not None
    assert english.since == "Learning English in school since 2019, 6 years so far."
    assert [(one.taken_on.year, one.level) for one in english.results] == [(2025, 3), (2024, 3)]
    assert [(one.title, one.stands) for one in english.criteria] == [
        ("English proficiency", "not yet met"),
        ("Teacher evaluation", "not on record here"),
        ("Parent consultation", "not on record here"),
        ("Basic skills", "for the district to say"),
    ]
    assert english.criteria[0].told == "level 3 of the ELPAC in 2025; 4 is asked"
    assert not english.newcomer and english.monitoring is None


@pytest.mark.parametrize("fields", [("learners",), ("learners", "newcomer")])
def test_english_is_not_for_who_may_not_see_who_learns_it(
    maribel: Settings, monkeypatch: pytest.MonkeyPatch, fields: tuple[str, ...]
) -> None:
    without(monkeypatch, *fields)
    assert look(maribel).english is None


def test_who_is_new_to_english_is_a_field_of_its_own(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = ENGLISH | {"status_since": date(2025, 2, 3), "learner_since": date(2025, 2, 3), "results": []}
    keep(roomy(settings), [MARIBEL], told=Told(english=[new]))
    english = look(settings).english
    assert english is not None and english.newcomer
    assert english.since == "Learning English in school since 2025, in the first year."
    assert english.criteria[0].told == "no annual English test on record"
    without(monkeypatch, "newcomer")
    english = look(settings).english
    assert english is not None and not english.newcomer


def test_who_was_reclassified_is_watched_for_four_years(settings: Settings) -> None:
    then = ENGLISH | {"status": "RFEP", "status_since": date(2024, 5, 20)}
    keep(roomy(settings), [MARIBEL], told=Told(english=[then]))
    english = look(settings).english
    assert english is not None
    assert english.since == "Reclassified in 2024. Monitoring year 2 of 4."
    assert english.criteria == () and english.monitoring == 2


def test_a_step_is_told_in_bands(maribel: Settings) -> None:
    step = look(maribel).steps[0]
    assert step.said == "Turn in the 3 assignments of this term that are not in"
    assert (step.within, step.then) == ("by the end of the term", ("Grades: from high to elevated",))


def test_of_a_student_of_whom_nothing_is_on_record_nothing_is_told(maribel: Settings) -> None:
    view = look(maribel, student=NOAH.student_id)
    assert (view.supports, view.sis_contacts, view.steps, view.english) == ((), (), (), None)
    assert view.typical_weeks == {"days_missed": (0.0, 0.5)}


def test_the_next_run_replaces_supports_contacts_and_english(maribel: Settings) -> None:
    keep(roomy(maribel), [MARIBEL], as_of=FRIDAY)
    view = look(maribel)
    assert (view.supports, view.sis_contacts, view.steps, view.english) == ((), (), (), None)


def test_typical_weeks_are_the_middle_half_of_a_grade_of_thirty() -> None:
    matrix = pd.DataFrame(
        {"student_id": [f"s{n:02}" for n in range(40)], "grade_level": [9] * 30 + [10] * 10}
    )
    weeks = pd.DataFrame(
        {
            "student_id": [f"s{n:02}" for n in range(40) for _ in range(4)],
            "week_start": [date(2025, 10, 20 + week) for _ in range(40) for week in range(4)],
            "days_missed": [float(n % 4) for n in range(40) for _ in range(4)],
            "days_expected": 5.0,
            "marks_mean": float("nan"),
        }
    )
    assert typical_weeks(weeks, matrix) == [
        {"grade_level": 9, "signal": "days_missed", "low": 0.25, "high": 2.0}
    ]


def test_a_fact_on_a_card_stands_beside_what_is_typical_of_the_grade_within_it_or_beyond(
    maribel: Settings,
) -> None:
    cards = {card.domain: card for card in look(maribel).cards}
    assert cards["attendance"].facts[0].text == (
        "Missed 1.2 of 60 school days this year (typical in grade 9: 0 to 3)."
    )
    assert cards["grades"].facts[0].typical == "typical in grade 9: 0 to 4"
    assert cards["behavior"].facts[0].typical is None  # what is known is of another grade


def test_what_is_typical_is_what_the_models_in_service_learned_of_the_grade_at_this_time_of_year() -> None:
    learned = Typical(
        ("absence_rate_year", "week"),
        {
            "everyone": np.array([[0.0, 0.1, 0.2], [1.0, 2.0, 3.0]]),
            "9/1": np.array([[0.01, 0.02, 0.03], [1.0, 2.0, 3.0]]),
        },
    )
    model: Any = SimpleNamespace(typical=learned, grades=(9, 10))
    matrix = pd.DataFrame({"grade_level": [9, 9, 10, 5], "week": 13})
    assert typical_facts({"attendance": model}, matrix) == [
        {"grade_level": 9, "feature": "absence_rate_year", "low": 0.01, "high": 0.03},
        {"grade_level": 10, "feature": "absence_rate_year", "low": 0.0, "high": 0.2},
    ]
    assert typical_facts({}, matrix) == []


def guardian(key: str, **more: Any) -> dict[str, Any]:
    return {
        "student_id": MARIBEL_ID,
        "guardian_id": key,
        "language": "spa",
        "interpreter": True,
        "education_rights": True,
        "no_contact": False,
        "channel": "text",
        "receives_mail": True,
    } | more


FAMILY = Families(
    guardians=(
        guardian("1", no_contact=True),
        guardian("2", education_rights=False, language="eng", interpreter=False),
        guardian("3"),
    )
)


def test_the_family_is_told_in_words_those_with_rights_first(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(roomy(settings), [MARIBEL], families=FAMILY)
    told = [(one.language, one.interpreter, one.how or one.why_not) for one in look(settings).family]
    assert told == [
        ("Spanish", True, "by text message"),
        ("English", False, "They do not hold education rights for this student."),
        ("Spanish", True, "A no-contact order stands: do not write, do not call."),
    ]
    without(monkeypatch, "family")
    assert look(settings).family == ()
