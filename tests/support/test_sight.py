"""Whom teachers teach and who is in which circumstance, as of a day: small tables of people."""

from __future__ import annotations

from datetime import date
from typing import Any

from ews.records.lake import records_of
from ews.settings import Settings
from ews.support.sight import circumstances_of, teaching_of

FRIDAY = date(2025, 11, 14)
AUGUST, OCTOBER = date(2025, 8, 18), date(2025, 10, 10)


def seat(student: str, section: str, begins: date = AUGUST, ends: date | None = None) -> dict[str, Any]:
    return {"student_id": student, "section_id": section, "begin_date": begins, "end_date": ends}


def term(term_id: str, begins: date, ends: date) -> dict[str, Any]:
    return {
        "term_id": term_id, "school_id": "101", "school_year": 2026, "term_type": "quarter",
        "start_date": begins, "end_date": ends,
    }  # fmt: skip


CLASSES: dict[str, list[dict[str, Any]]] = {
    "orgs": [{"org_id": "101", "org_type": "school", "name": "Alder Creek High"}],
    "students": [{"student_id": name} for name in ("maribel", "linh", "noah", "ana")],
    "terms": [
        term("q1", AUGUST, OCTOBER),
        term("q2", date(2025, 10, 13), date(2025, 12, 19)),
        term("old", date(2025, 1, 6), date(2025, 6, 12)),
    ],
    "sections": [
        {"section_id": "algebra", "school_id": "101", "term_id": "q2"},
        {"section_id": "art", "school_id": "101"},
        {"section_id": "last year", "school_id": "101", "term_id": "old"},
    ],
    "section_staff": [
        {"section_id": "algebra", "staff_id": "roy"},
        {"section_id": "art", "staff_id": "park", "end_date": date(2025, 11, 13)},
        {"section_id": "art", "staff_id": "ortiz", "begin_date": FRIDAY},
        {"section_id": "last year", "staff_id": "roy"},
    ],
    "section_enrollments": [
        seat("maribel", "algebra"),
        seat("linh", "algebra", ends=date(2025, 11, 13)),
        seat("noah", "art"),
        seat("ana", "last year", date(2025, 1, 6)),
        seat("noah", "last year", date(2025, 1, 6), date(2025, 6, 12)),
    ],
}


def test_a_teacher_has_the_students_of_sections_that_go_on(settings: Settings) -> None:
    taught = teaching_of(records_of(CLASSES, settings), FRIDAY)
    assert taught == {("roy", "maribel"), ("ortiz", "noah")}


def test_over_a_break_the_class_of_the_term_before_is_still_the_teachers(settings: Settings) -> None:
    records = records_of(CLASSES, settings)
    assert ("roy", "maribel") in teaching_of(records, date(2026, 1, 2))
    assert ("roy", "maribel") not in teaching_of(records, date(2026, 2, 2))


def test_without_rosters_nobody_teaches_anybody(settings: Settings) -> None:
    assert teaching_of(records_of({"students": CLASSES["students"]}, settings), FRIDAY) == frozenset()


def status(student: str, elas: str, begins: date) -> dict[str, Any]:
    return {"student_id": student, "elas": elas, "start_date": begins}


def test_programs_in_force_and_learners_are_reasons_others_are_not(settings: Settings) -> None:
    program = {"begin_date": AUGUST}
    records = records_of(
        {
            "students": CLASSES["students"],
            "programs": [
                {"student_id": "maribel", "program": "foster"} | program,
                {"student_id": "linh", "program": "homeless", "end_date": date(2025, 11, 1)} | program,
                {"student_id": "noah", "program": "frpm_free"} | program,
            ],
            "el_status": [
                status("maribel", "EL", date(2017, 8, 1)),
                status("linh", "EL", date(2016, 8, 1)),
                status("linh", "RFEP", date(2021, 11, 15)),
                status("noah", "RFEP", date(2021, 11, 14)),
                status("ana", "EO", date(2016, 8, 1)),
            ],
        },
        settings,
    )
    assert circumstances_of(records, FRIDAY) == {
        ("maribel", "foster"),
        ("maribel", "learner"),
        ("linh", "former_learner"),
    }
