"""The schedule as of a day, and as the run keeps it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from support.alder_creek import HIGH, MARIBEL, TOWN, keep, opened, roster_of

from ews.records.lake import records_of
from ews.settings import Settings
from ews.store.schedule_tables import class_sections, savable_courses, section_seats, section_teachers
from ews.support.savable import SavableCourse
from ews.support.schedule import Schedule, read_schedule

FRIDAY = date(2025, 11, 14)
AUGUST = date(2025, 8, 18)


def rows() -> dict[str, list[dict[str, Any]]]:
    """A semester under way with algebra, one that is to come with art, and last year's English."""
    return {
        "orgs": [
            {"org_id": "d", "org_type": "district", "name": "Two Rivers"},
            {"org_id": "101", "org_type": "school", "name": "Alder Creek High", "parent_org_id": "d"},
        ],
        "students": [{"student_id": name} for name in ("Ana", "Bo")],
        "terms": [
            {"term_id": term, "school_id": "101", "school_year": 2026, "term_type": "semester",
             "start_date": start, "end_date": end}
            for term, start, end in (
                ("S1", AUGUST, date(2025, 12, 19)), ("S2", date(2026, 1, 5), date(2026, 5, 29)),
            )
        ],
        "sections": [
            {"section_id": "alg", "school_id": "101", "term_id": "S1", "course_title": "Algebra 1"},
            {"section_id": "eld", "school_id": "101", "term_id": "S1", "course_title": "ELD 2"},
            {"section_id": "art", "school_id": "101", "term_id": "S2", "course_title": "Art"},
            {"section_id": "old", "school_id": "101", "course_title": "English 8"},
            {"section_id": "club", "school_id": "101", "course_title": "Advisory"},
        ],
        "section_enrollments": [
            {"student_id": student, "section_id": key, "begin_date": begin, "end_date": end}
            for student, key, begin, end in (
                ("Ana", "alg", AUGUST, None), ("Ana", "art", AUGUST, None), ("Ana", "eld", AUGUST, None),
                ("Bo", "alg", AUGUST, date(2025, 10, 1)), ("Bo", "old", date(2024, 8, 19), None),
                ("Bo", "club", AUGUST, FRIDAY),
            )
        ],
        "section_staff": [
            {"section_id": "alg", "staff_id": "T1", "period": "3", "room": "B12"},
            {"section_id": "alg", "staff_id": "T2", "end_date": date(2025, 9, 30)},
            {"section_id": "art", "staff_id": "T3", "period": "4"},
        ],
    }  # fmt: skip


def test_who_sits_where_today_and_who_teaches_there(settings: Settings) -> None:
    schedule = read_schedule(records_of(rows(), settings), FRIDAY)
    seats = {(seat["student_id"], seat["section_id"]) for seat in schedule.seats}
    assert seats == {("Ana", "alg"), ("Ana", "eld"), ("Bo", "club")}
    assert [
        (one["section_id"], one["staff_id"], one["period"], one["room"]) for one in schedule.teachers
    ] == [("alg", "T1", "3", "B12")]


def test_a_title_that_would_tell_something_protected_is_not_kept(settings: Settings) -> None:
    schedule = read_schedule(records_of(rows(), settings), FRIDAY)
    assert {one["section_id"]: one["title"] for one in schedule.sections} == {
        "alg": "Algebra 1",
        "eld": "A course",
        "club": "Advisory",
    }


@pytest.mark.parametrize("missing", ["sections", "section_enrollments", "section_staff"])
def test_what_was_not_handed_over_is_empty(settings: Settings, missing: str) -> None:
    told = rows()
    del told[missing]
    assert not read_schedule(records_of(told, settings), FRIDAY).teachers


def test_each_newest_run_puts_its_schedule_in_the_place_of_the_last(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = Schedule(
        sections=(
            {"section_id": "alg", "school_id": HIGH, "title": "Algebra 1", "subject": "math", "is_core": True,
             "starts_on": AUGUST, "ends_on": date(2025, 12, 19)},
        ),
        teachers=({"section_id": "alg", "staff_id": "t-diaz", "period": "3", "room": None},),
        seats=({"student_id": MARIBEL.student_id, "section_id": "alg"},),
    )  # fmt: skip
    savable = SavableCourse(
        MARIBEL.student_id, "alg", "passes", 57.0, "progress", date(2025, 11, 7), 64.0, None,
        date(2025, 12, 19), 20, ({"category": "quiz", "due": "2025-11-05", "points": 5.0},),
    )  # fmt: skip
    monkeypatch.setattr(
        "support.alder_creek.roster_of",
        lambda people: replace(roster_of(people), schedule=schedule, savable=(savable,)),
    )
    for _ in range(2):
        keep(settings, TOWN)
    with opened(settings) as store, store.read() as tx:
        assert [row.title for row in tx.execute(select(class_sections))] == ["Algebra 1"]
        assert [row.period for row in tx.execute(select(section_teachers))] == ["3"]
        assert [row.student_id for row in tx.execute(select(section_seats))] == [MARIBEL.student_id]
        assert [row.work[0]["points"] for row in tx.execute(select(savable_courses))] == [5.0]
