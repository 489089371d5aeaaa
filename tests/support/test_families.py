"""What a run takes from the records about families, and what the pages find of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from support.alder_creek import HIGH, MARIBEL, MIDDLE, TOWN, keep

from ews.records.lake import records_of
from ews.settings import Settings
from ews.store import open_store
from ews.store.family_tables import attendance_notices
from ews.support.families import (
    Families,
    census_day,
    guardians_of,
    in_force,
    is_of_age,
    languages_due,
    notices_on,
    read_families,
    store_families,
)

FRIDAY = date(2025, 11, 14)
ENROLLED = {"school_id": "101", "entry_date": date(2024, 8, 12), "grade_level": 9, "school_year": 2025}
TABLES: dict[str, list[dict[str, Any]]] = {
    "orgs": [{"org_id": "101", "org_type": "school", "name": "Alder Creek High"}],
    "students": [
        {"student_id": "1", "birth_date": date(2007, 11, 14), "home_language": "spa"},
        {"student_id": "2", "birth_date": date(2007, 11, 15), "home_language": "spa"},
        {"student_id": "3", "birth_date": None, "home_language": "eng"},
        {"student_id": "4", "birth_date": None, "home_language": None},
    ],
    "enrollments": [
        *({"student_id": student} | ENROLLED for student in "123"),
        {"student_id": "4"} | ENROLLED | {"entry_date": date(2025, 8, 12)},
    ],
    "guardians": [
        {"student_id": "1", "guardian_id": "a", "language": "spa", "education_rights": True},
        {"student_id": "1", "guardian_id": "b", "language": "spa", "no_contact": True},
    ],
    "attendance_notices": [
        {"student_id": "1", "notice_date": date(2025, 10, 1), "kind": "truancy_1"},
        {"student_id": "1", "notice_date": date(2025, 5, 1), "kind": "truancy_3"},
        {"student_id": "2", "notice_date": date(2025, 11, 15), "kind": "truancy_1"},
    ],
}  # fmt: skip


def test_the_records_of_a_day(settings: Settings) -> None:
    found = read_families(records_of(TABLES, settings), FRIDAY)
    assert [row["guardian_id"] for row in found.guardians] in (["a", "b"], ["b", "a"])
    assert [(row["student_id"], row["kind"]) for row in found.notices] == [("1", "truancy_1")]
    assert found.of_age == ("1",)
    spoken = {row["language"]: (row["students"], row["enrolled"]) for row in found.languages}
    assert spoken == {"spa": (2, 3), "eng": (1, 3)}
    assert {row["counted_on"] for row in found.languages} == {date(2024, 10, 2)}


def test_a_first_year_counts_those_enrolled_today(settings: Settings) -> None:
    late = {
        **TABLES,
        "enrollments": [row | {"entry_date": date(2025, 8, 12)} for row in TABLES["enrollments"]],
    }
    found = read_families(records_of(late, settings), FRIDAY)
    assert {row["counted_on"] for row in found.languages} == {FRIDAY}


def test_a_district_without_any_of_it_is_scored_like_any_other(settings: Settings) -> None:
    assert read_families(records_of({"orgs": TABLES["orgs"]}, settings), FRIDAY) == Families()


@pytest.mark.parametrize(
    ("given_on", "stands"),
    [
        (date(2025, 7, 1), True),
        (FRIDAY, True),
        (date(2025, 6, 30), False),
        (date(2025, 11, 15), False),
    ],
)
def test_a_notice_stands_to_the_end_of_its_school_year(given_on: date, stands: bool) -> None:
    assert in_force(given_on, FRIDAY) is stands


@pytest.mark.parametrize(("year", "day"), [(2025, date(2024, 10, 2)), (2026, date(2025, 10, 1))])
def test_the_census_is_on_the_first_wednesday_of_october(year: int, day: date) -> None:
    assert census_day(year) == day


def test_a_run_replaces_the_families_of_the_one_before(settings: Settings) -> None:
    student = MARIBEL.student_id
    mother: dict[str, Any] = {
        "student_id": student, "guardian_id": "a", "language": "spa", "interpreter": None,
        "education_rights": True, "no_contact": None, "channel": "text", "receives_mail": None,
    }  # fmt: skip
    spoken = [
        (HIGH, "spa", 30, 200),
        (HIGH, "vie", 29, 200),
        (HIGH, "eng", 120, 200),
        (MIDDLE, "spa", 10, 40),
    ]
    families = Families(
        guardians=(mother,),
        notices=({"student_id": student, "notice_date": FRIDAY, "kind": "truancy_1"},),
        of_age=(student,),
        languages=tuple(
            dict(zip(("school_id", "language", "students", "enrolled"), one, strict=True))
            | {"counted_on": FRIDAY}
            for one in spoken
        ),
    )
    with open_store(settings) as store:
        with store.begin() as tx:
            store_families(tx, families, {student})
        with store.read() as tx:
            assert [one.guardian_id for one in guardians_of(tx, student)] == ["a"]
            assert guardians_of(tx, student)[0].no_contact is None
            assert [one.kind for one in notices_on(tx, student, FRIDAY)] == ["truancy_1"]
            assert notices_on(tx, student, date(2026, 7, 1)) == ()
            assert is_of_age(tx, student) and not is_of_age(tx, "nobody")
            assert [(one.school_id, one.language) for one in languages_due(tx)] == [(HIGH, "spa")]
            assert languages_due(tx, (MIDDLE,)) == ()
    keep(settings, TOWN)
    with open_store(settings) as store, store.read() as tx:
        assert guardians_of(tx, student) == () and languages_due(tx) == ()


def test_a_notice_stands_until_records_of_the_next_school_year_have_come(settings: Settings) -> None:
    keep(settings, TOWN)
    notice = {"student_id": MARIBEL.student_id, "notice_date": FRIDAY, "kind": "truancy_1"}
    autumn = date(2026, 9, 10)
    with open_store(settings) as store:
        with store.begin() as tx:
            tx.execute(attendance_notices.insert().values(**notice))
            assert len(notices_on(tx, MARIBEL.student_id, autumn)) == 1
        keep(settings, TOWN, as_of=date(2026, 9, 4), now=datetime(2026, 9, 10, tzinfo=UTC))
        with store.begin() as tx:
            tx.execute(attendance_notices.insert().values(**notice))
            assert notices_on(tx, MARIBEL.student_id, autumn) == ()


def test_a_run_brings_its_families(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from support import alder_creek

    mother = {"student_id": MARIBEL.student_id, "guardian_id": "a"} | dict.fromkeys(
        ("language", "interpreter", "education_rights", "no_contact", "channel", "receives_mail")
    )
    with_families = replace(alder_creek.roster_of(TOWN), families=Families(guardians=(mother,)))
    monkeypatch.setattr(alder_creek, "roster_of", lambda people: with_families)
    keep(settings, TOWN)
    with open_store(settings) as store, store.read() as tx:
        assert len(guardians_of(tx, MARIBEL.student_id)) == 1
