"""OULAD as contract tables: a tiny folder of named people, and the real one where it is there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from oulad_people import FILES, real_oulad, write_oulad

from ews.errors import UsageError
from ews.records.drop import Drop
from ews.records.problems import errors
from ews.records.sources import SOURCES
from ews.records.sources.oulad import first_day, read_oulad
from ews.settings import Settings

START = date(2013, 2, 1)
WORK = FILES["studentAssessment.csv"]
LATER = datetime(2016, 1, 1, tzinfo=UTC)


def day(number: int) -> date:
    """That day of the presentation that started in February 2013."""
    return START + timedelta(days=number)


def rows(drop: Drop, table: str, **wanted: Any) -> list[dict[str, Any]]:
    """The rows of ``table`` in which each of ``wanted`` holds."""
    found = drop.tables[table].rows.to_pylist()
    return [row for row in found if all(row[name] == value for name, value in wanted.items())]


def local_day(moment: datetime, settings: Settings) -> date:
    return moment.astimezone(settings.timezone).date()


@pytest.fixture
def drop(tmp_path: Path, settings: Settings) -> Drop:
    return read_oulad(write_oulad(tmp_path / "oulad"), settings)


def test_the_source_is_known_by_its_name() -> None:
    assert SOURCES["oulad"] is read_oulad


def test_a_presentation_is_a_school_a_term_and_a_section_of_its_own(drop: Drop) -> None:
    assert {row["org_id"] for row in rows(drop, "orgs", org_type="school")} == {
        "BIO-2013B",
        "BIO-2013J",
        "ART-2013J",
    }
    (term,) = rows(drop, "terms", term_id="BIO-2013B")
    assert (term["start_date"], term["end_date"], term["school_year"]) == (START, day(240), 2013)
    (section,) = rows(drop, "sections", section_id="BIO-2013J")
    assert (section["course_code"], section["term_id"]) == ("BIO", "BIO-2013J")


def test_the_letter_of_a_presentation_is_a_month() -> None:
    assert first_day("2014B") == date(2014, 2, 1)
    assert first_day("2014J") == date(2014, 10, 1)


def test_a_registration_is_an_enrollment_that_ends_the_day_before_withdrawing(drop: Drop) -> None:
    (chidi,) = rows(drop, "enrollments", student_id="chidi")
    assert (chidi["entry_date"], chidi["exit_date"], chidi["exit_type"]) == (day(-100), day(44), "other")
    (amina,) = rows(drop, "section_enrollments", student_id="amina")
    assert (amina["begin_date"], amina["end_date"]) == (day(-50), day(240))


def test_who_withdrew_without_a_date_counts_as_registered_to_the_end(drop: Drop) -> None:
    (farah,) = rows(drop, "section_enrollments", student_id="farah")
    assert farah["end_date"] == day(240)
    (outcome,) = rows(drop, "outcomes", student_id="farah")
    assert (outcome["outcome"], outcome["occurred_on"], outcome["value"]) == ("withdrawn", day(240), 1.0)


def test_who_has_no_date_of_registration_is_left_out_with_a_warning(drop: Drop) -> None:
    assert not rows(drop, "section_enrollments", student_id="eli")
    (problem,) = drop.problems
    assert (problem.file, problem.line, problem.column, problem.severity) == (
        "studentRegistration.csv",
        6,
        "date_registration",
        "warning",
    )


def test_a_student_in_two_presentations_at_once_is_one_student_with_two_enrollments(drop: Drop) -> None:
    assert len(rows(drop, "students", student_id="bo")) == 1
    enrolled = rows(drop, "enrollments", student_id="bo", entry_date=date(2013, 9, 1))
    assert {row["school_id"] for row in enrolled} == {"BIO-2013J", "ART-2013J"}


def test_work_is_known_on_its_day_and_its_score_days_later(drop: Drop, settings: Settings) -> None:
    (result,) = rows(drop, "assignment_results", student_id="bo", assignment_id="101")
    assert local_day(result["recorded_at"], settings) == day(25)
    assert local_day(result["submitted_at"], settings) == day(25)
    assert local_day(result["scored_at"], settings) == day(25 + settings["known.assignments_lag_days"])
    assert (result["points_earned"], result["is_late"], result["is_banked"]) == (40.0, True, False)


def test_a_result_carried_over_is_seen_from_registration_on(drop: Drop, settings: Settings) -> None:
    (result,) = rows(drop, "assignment_results", student_id="dara", assignment_id="101")
    assert result["is_banked"] and result["is_late"] is None
    assert local_day(result["scored_at"], settings) == day(10)


def test_work_without_a_score_has_no_day_of_scoring(drop: Drop) -> None:
    (result,) = rows(drop, "assignment_results", student_id="amina", assignment_id="103")
    assert (result["points_earned"], result["scored_at"]) == (None, None)


def test_an_assessment_without_a_date_has_no_due_date(drop: Drop) -> None:
    assert {row["assignment_id"] for row in rows(drop, "assignments", due_date=None)} == {"103", "104"}


def test_fail_and_withdrawn_are_the_outcome_and_distinction_is_not(drop: Drop) -> None:
    value = {row["student_id"]: row["value"] for row in rows(drop, "outcomes", school_id="BIO-2013B")}
    assert value == {"amina": 0, "bo": 1, "chidi": 1, "dara": 0, "farah": 1, "gus": 0}


def test_nothing_protected_is_handed_over_but_sex_for_the_audit(drop: Drop) -> None:
    (amina,) = rows(drop, "students", student_id="amina")
    assert amina["sex"] == "f"
    told = [value for row in drop.tables["students"].rows.to_pylist() for value in row.values() if value]
    assert not {"Scotland", "Wales", "A Level", "10-20", "35-55", "Y"} & set(told)


def test_visits_before_the_start_come_from_either_file_or_not_at_all(
    tmp_path: Path, settings: Settings
) -> None:
    small = read_oulad(write_oulad(tmp_path / "small"), settings)
    whole = write_oulad(tmp_path / "whole", vle_pre_course=None)
    (whole / "studentVle.csv").write_text(
        "code_module,code_presentation,id_student,id_site,date,sum_click\n"
        "BIO,2013B,amina,1,-3,100\nBIO,2013B,amina,2,-1,20\nBIO,2013B,bo,1,-9,4\nBIO,2013B,bo,1,5,70\n"
    )
    large = read_oulad(whole, settings)
    without = read_oulad(write_oulad(tmp_path / "without", vle_pre_course=None), settings)
    times = {row["student_id"]: row["times"] for row in rows(small, "activities")}
    assert times == {"amina": 120, "bo": 4}
    assert {row["student_id"]: row["times"] for row in rows(large, "activities")} == times
    assert "activities" not in without.tables and not errors(without.problems)


@pytest.mark.parametrize(
    ("changed", "line", "column"),
    [
        ({"courses": None}, None, None),
        ({"courses": "code_module,code_presentation\nBIO,2013B"}, 1, "module_presentation_length"),
        ({"studentAssessment": WORK.replace("17,0,80", "soon,0,80")}, 2, "date_submitted"),
        ({"studentAssessment": WORK.replace("17,0,80", "17,0,high")}, 2, "score"),
        ({"studentAssessment": WORK.replace("17,0,80", "17,0")}, 2, None),
        ({"studentInfo": FILES["studentInfo.csv"].replace("N,Fail", "N,Failed")}, 3, "final_result"),
        ({"courses": FILES["courses.csv"].replace("ART,2013J,268", "")}, 10, "code_presentation"),
        ({"courses": FILES["courses.csv"].replace("2013B", "2013Z")}, 2, "code_presentation"),
    ],
)  # fmt: skip
def test_an_error_loads_nothing_and_says_where(
    tmp_path: Path, settings: Settings, changed: dict[str, str | None], line: int | None, column: str | None
) -> None:
    drop = read_oulad(write_oulad(tmp_path / "oulad", **changed), settings)
    first = errors(drop.problems)[0]
    assert drop.tables == {}
    assert (first.line, first.column) == (line, column)
    assert first.fix


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(UsageError, match="no folder"):
        read_oulad(tmp_path / "nowhere", settings)


def test_the_real_presentations_of_2013_load(settings: Settings) -> None:
    drop = read_oulad(real_oulad(), settings)
    assert not errors(drop.problems)
    assert len(drop.problems) == 18  # registrations without a date
    size = {name: table.rows.num_rows for name, table in drop.tables.items()}
    assert size["students"] == 13_327
    assert size["section_enrollments"] == 13_529 - 18
    assert size["assignment_results"] == 82_842
    assert max(row["recorded_at"] for row in rows(drop, "assignment_results")) < datetime(
        2016, 1, 1, tzinfo=UTC
    )
