"""Still savable, by hand: named students of one Algebra course, each a line of arithmetic."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from ews.records.lake import records_of
from ews.settings import Settings
from ews.support.savable import (
    EDGE,
    NO_FIGURE,
    NO_POINTS,
    NOT_ENOUGH,
    OTHERWISE_COUNTED,
    PASSES,
    TOO_LITTLE,
    SavableCourse,
    read_savable,
)

FRIDAY = date(2025, 11, 14)
REPORT = date(2025, 11, 7)
TERM_ENDS = date(2025, 12, 19)
# Out of 100 points by now: 20 of homework, 50 of a test, 30 of a project.
WORK = {
    "page 1": ("homework", date(2025, 10, 6), 10.0),
    "test": ("test", date(2025, 10, 20), 50.0),
    "project": ("project", date(2025, 10, 27), 30.0),
    "page 2": ("homework", date(2025, 10, 30), 5.0),
    "page 3": ("homework", date(2025, 11, 5), 5.0),
    "essay": ("essay", date(2025, 11, 4), None),
    "old page": ("homework", date(2025, 9, 25), 10.0),
}
OUT = None
USUAL = {"page 2": OUT, "page 3": OUT}
# name: the mark, and the points of each piece of work (OUT: missing)
PEOPLE: dict[str, tuple[float, dict[str, float | None]]] = {
    "Jonah": (57.0, {"page 1": 7, "test": 30, "project": 20, **USUAL}),  # 57 of 100; 7 of 10 more: 64
    "Ada": (61.0, {"page 1": 8, "test": 33, "project": 20, **USUAL}),  # 61; 8 of 10 more: 69
    "Bo": (40.0, {"page 1": 5, "test": 20, "project": 15, **USUAL}),  # 40; 5 of 10 more: 45
    "Cy": (57.0, {"page 1": 6, "test": 25, "project": 20, **USUAL}),  # 51 of 100, but 51 of 90 is 57
    "Dee": (50.0, {"page 1": 7, **USUAL}),  # one graded piece says too little
    "Eli": (57.0, {"page 1": 7, "test": 30, "project": 20, "essay": OUT}),
    "Fay": (75.0, {"page 1": 10, "test": 40, "project": 25, **USUAL}),
    "Ivy": (57.0, {"page 1": 7, "test": 30, "project": 20, "old page": OUT}),  # too long ago to take
    "Kim": (57.0, {"page 1": 7, "test": 30, "project": 20, "page 2": 1, "page 3": 2}),  # all in
    "Lee": (55.0, {"test": 30, "project": 20, "page 2": OUT}),  # 50 of 85 is 58.8; no homework yet: 62.5 %
}


def tables(
    people: dict[str, tuple[float, dict[str, float | None]]] = PEOPLE,
) -> dict[str, list[dict[str, Any]]]:
    """One section; the semester runs to 19 December, its second progress report was on 7 November."""
    term = {"school_id": "101", "school_year": 2026, "start_date": date(2025, 8, 18)}
    return {
        "orgs": [
            {"org_id": "d", "org_type": "district", "name": "Two Rivers"},
            {"org_id": "101", "org_type": "school", "name": "Alder Creek High", "parent_org_id": "d"},
        ],
        "students": [{"student_id": name} for name in people],
        "terms": [
            term | {"term_id": "S1", "term_type": "semester", "end_date": TERM_ENDS},
            term | {"term_id": "P2", "term_type": "progress", "end_date": REPORT, "parent_term_id": "S1"},
        ],
        "calendar_days": [
            {"school_id": "101", "calendar_id": "main", "date": day, "is_instructional": True}
            for day in (REPORT + timedelta(days=n) for n in range(60))
            if day.weekday() < 5
        ],
        "sections": [
            {"section_id": "alg", "school_id": "101", "term_id": "S1", "course_title": "Algebra 1"},
        ],
        "section_enrollments": [
            {"student_id": name, "section_id": "alg", "begin_date": date(2025, 8, 18)} for name in people
        ],
        "marks": [
            {
                "student_id": name,
                "section_id": "alg",
                "term_id": "P2",
                "mark_type": "progress",
                "as_of_date": REPORT,
                "percent": percent,
            }
            for name, (percent, _) in people.items()
        ],
        "assignments": [
            {
                "assignment_id": key,
                "section_id": "alg",
                "category": kind,
                "due_date": due,
                "points_possible": points,
            }
            for key, (kind, due, points) in WORK.items()
        ],
        "assignment_results": [
            {
                "student_id": name,
                "assignment_id": key,
                "status": "missing" if earned is OUT else "graded",
                "points_earned": earned,
                "scored_at": "2025-11-07T20:00:00Z",
            }
            for name, (_, work) in people.items()
            for key, earned in work.items()
        ],
    }


def found(
    settings: Settings, rows: dict[str, list[dict[str, Any]]] | None = None
) -> dict[str, SavableCourse]:
    """Student to what is said of their Algebra."""
    records = records_of(rows or tables(), settings)
    return {course.student_id: course for course in read_savable(records, FRIDAY, settings)}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SavableCourse]:
    from places import settings_in

    return found(settings_in(tmp_path_factory.mktemp("savable")))


def test_algebra_1_at_57_two_assignments_not_in_both_turned_in_about_64(
    said: dict[str, SavableCourse],
) -> None:
    jonah = said["Jonah"]
    assert (jonah.kind, jonah.percent, jonah.would_be) == (PASSES, 57.0, pytest.approx(64.0))
    assert [piece["due"] for piece in jonah.work] == ["2025-10-30", "2025-11-05"]
    assert (jonah.mark_on, jonah.mark_type, jonah.term_ends) == (REPORT, "progress", TERM_ENDS)
    assert jonah.school_days_left == 25  # five weeks to 19 December


BY_HAND = {
    "Ada": (EDGE, 69.0, None),
    "Bo": (NOT_ENOUGH, 45.0, None),
    "Cy": (NO_FIGURE, None, OTHERWISE_COUNTED),
    "Dee": (NO_FIGURE, None, TOO_LITTLE),
    "Eli": (NO_FIGURE, None, NO_POINTS),
}


@pytest.mark.parametrize("name", BY_HAND)
def test_by_hand(said: dict[str, SavableCourse], name: str) -> None:
    kind, figure, reason = BY_HAND[name]
    course = said[name]
    assert (course.kind, course.why_no_figure) == (kind, reason)
    assert course.would_be == (None if figure is None else pytest.approx(figure))


def test_nobody_else_is_named(said: dict[str, SavableCourse]) -> None:
    assert set(said) == {"Jonah", "Lee", *BY_HAND}


def test_a_kind_of_work_that_was_never_in_counts_at_the_level_of_all_other_work(settings: Settings) -> None:
    people = {"Lee": (59.0, {"test": 30.0, "project": 20.0, "page 2": OUT})}
    lee = found(settings, tables(people))["Lee"]
    # 50 of 85 points is 58.8; at 50 of 80 the page brings 3.125: 53.125 of 85 is 62.5; 59 + 3.7 = 62.7
    assert (lee.kind, round(lee.would_be or 0, 1)) == (PASSES, 62.7)


def test_a_weight_counts_as_so_many_times_the_points(settings: Settings) -> None:
    rows = tables({"Jonah": (46.0, {"page 1": 7, "test": 30, "page 2": OUT})})
    for row in rows["assignments"]:
        row["weight"] = 3.0 if row["assignment_id"] == "page 2" else 1.0
    jonah = found(settings, rows)["Jonah"]
    # 37 of 10 + 50 + 3 x 5 = 75 is 49.3; with .7 of 15 in, 47.5 of 75 is 63.3: 46 + 14 = 60 in full
    assert jonah.kind == NO_FIGURE  # 49.3 is more than 3 points from 46
    rows["marks"][0]["percent"] = 48.0
    assert round(found(settings, rows)["Jonah"].would_be or 0) == 62


def test_the_districts_own_line(settings: Settings) -> None:
    strict = replace(settings, choices={**settings.choices, "savable.passing": 70.0})
    assert found(strict)["Ada"].kind == NOT_ENOUGH and "Jonah" in found(strict)


NOT_COUNTED = {
    "a mark that counts for no average": {"excluded_from_gpa": True},
    "a mark of standards, not of percents": {"letter": "3"},
    "a mark without a percent": {"percent": None, "letter": "F"},
    "a mark of a day to come": {"as_of_date": date(2025, 11, 20)},
    "a mark of last year": {"as_of_date": date(2025, 5, 20)},
}


@pytest.mark.parametrize("title", NOT_COUNTED)
def test_no_figure_from(settings: Settings, title: str) -> None:
    rows = tables({"Jonah": PEOPLE["Jonah"]})
    rows["marks"][0].update(NOT_COUNTED[title])
    assert found(settings, rows) == {}


def test_a_term_that_is_over_saves_nothing(settings: Settings) -> None:
    rows = tables({"Jonah": PEOPLE["Jonah"]})
    for term in rows["terms"]:
        term["end_date"] = REPORT
    assert found(settings, rows) == {}


def test_without_assignments_there_is_nothing_to_say(settings: Settings) -> None:
    rows = tables()
    del rows["assignments"], rows["assignment_results"]
    assert found(settings, rows) == {}
