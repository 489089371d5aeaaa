"""The people around a run, as they were known by the end of a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ews.records.lake import records_of
from ews.settings import Settings
from ews.support.facts import Contact, Plan
from ews.support.roster import Name, Roster, read_roster

FRIDAY = date(2025, 11, 14)
TABLES: dict[str, list[dict[str, Any]]] = {
    "orgs": [
        {"org_id": "d", "org_type": "district", "name": "Two Rivers"},
        {"org_id": "101", "org_type": "school", "name": "Alder Creek High", "parent_org_id": "d"},
    ],
    "students": [{"student_id": "1"}, {"student_id": "2"}],
    "student_names": [
        {"student_id": "1", "given_name": "Guadalupe", "family_name": "Ríos", "preferred_name": "Lupe"},
    ],
    "staff": [{"staff_id": "S1", "name": "Denise Okafor", "role": "counselor", "school_id": "101"}],
    "staff_caseload": [
        {"staff_id": "S1", "student_id": "1", "role": "counselor"},
        {"staff_id": "S2", "student_id": "1", "role": "mentor"},
        {"staff_id": "S3", "student_id": "2", "role": "counselor", "end_date": date(2025, 11, 13)},
        {"staff_id": "S4", "student_id": "2", "role": "counselor", "begin_date": date(2025, 11, 15)},
        {"staff_id": "S5", "student_id": "2", "role": "counselor", "end_date": FRIDAY},
    ],
    "contacts": [
        {"contact_id": "a", "student_id": "1", "occurred_at": "2025-10-21T17:00:00Z", "by_staff_id": "S1"},
        {"contact_id": "b", "student_id": "1", "occurred_at": "2025-11-15T07:30:00Z", "channel": "phone"},
        {"contact_id": "c", "student_id": "1", "occurred_at": "2025-11-15T08:30:00Z", "channel": "text"},
    ],
    "interventions": [
        {
            "intervention_id": "i",
            "student_id": "1",
            "tier": 2,
            "kind": "Check-in",
            "begin_date": date(2025, 9, 1),
        },
        {
            "intervention_id": "j",
            "student_id": "1",
            "tier": 3,
            "kind": "Mentor",
            "begin_date": date(2025, 11, 15),
        },
        {
            "intervention_id": "k",
            "student_id": "2",
            "tier": 3,
            "kind": "Mentor",
            "begin_date": date(2025, 9, 1),
            "end_date": date(2025, 10, 1),
        },
    ],
    "terms": [
        {
            "term_id": f"t{seq}",
            "school_id": "101",
            "school_year": 2026,
            "term_type": kind,
            "seq": seq,
            "start_date": start,
            "end_date": date(2026, 6, 12),
        }
        for kind, seq, start in (
            ("year", 0, date(2025, 8, 18)),
            ("semester", 1, date(2025, 8, 18)),
            ("quarter", 2, date(2025, 10, 27)),
            ("quarter", 3, date(2026, 1, 20)),
        )
    ],
}


@pytest.fixture
def roster(settings: Settings) -> Roster:
    return read_roster(records_of(TABLES, settings), FRIDAY)


def test_a_student_goes_by_the_preferred_name_and_by_the_id_without_one(roster: Roster) -> None:
    assert roster.name_of("1") == Name("Lupe Ríos", "ríos\tlupe")
    assert roster.name_of("2").shown == "Student 2"


def test_schools_are_schools_and_not_the_district(roster: Roster) -> None:
    assert roster.schools == {"101": "Alder Creek High"}


def test_a_caseload_counts_from_its_first_to_its_last_day(roster: Roster) -> None:
    assert set(roster.caseloads) == {
        ("S1", "1", "counselor"),
        ("S2", "1", "mentor"),
        ("S5", "2", "counselor"),
    }
    assert roster.counselors() == {"1": "S1", "2": "S5"}


def test_the_last_contact_is_the_last_before_the_local_day_ends(roster: Roster) -> None:
    assert roster.contacts == {"1": Contact("the school", FRIDAY, "phone")}


def test_a_plan_is_open_until_it_has_ended(roster: Roster) -> None:
    assert roster.plans == {"1": Plan("Check-in", "Targeted", date(2025, 9, 1))}


def test_a_chart_marks_the_finest_terms_that_have_begun(roster: Roster) -> None:
    assert roster.terms == {"101": [{"label": "Q2", "starts_on": "2025-10-27"}]}


def test_without_any_of_these_tables_the_roster_is_empty(settings: Settings) -> None:
    assert read_roster(records_of({"students": TABLES["students"]}, settings), FRIDAY) == Roster()
