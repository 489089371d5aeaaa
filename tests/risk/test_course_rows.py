"""The rows a course model learns from, the rule beside it, and the whole way on real students."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from oulad_people import real_oulad, write_oulad

from ews.errors import BadData, GateRefused
from ews.records.intake import load_drop
from ews.records.lake import Records, open_lake, records_of
from ews.risk.course_rows import course_groups, course_rivals, course_rows, past_courses
from ews.risk.definition import definitions
from ews.risk.promotion import promote
from ews.risk.training import train_all
from ews.settings import Settings

NOW = datetime(2014, 9, 1, tzinfo=UTC)
OVER = date(2013, 10, 15)


@pytest.fixture
def records(tmp_path: Path, settings: Settings) -> Records:
    report = load_drop(settings, write_oulad(tmp_path / "oulad"), "oulad", now=NOW)
    assert report.status == "loaded", report.problems
    return open_lake(settings)


def test_rows_are_of_the_days_asked_for_with_what_followed(records: Records, settings: Settings) -> None:
    rows = course_rows(records, [28, 35], settings, sections=["BIO-2013B"])
    told = dict(
        zip(zip(rows.matrix["student_id"], rows.matrix["course_day"], strict=True), rows.labels, strict=True)
    )
    assert told[("amina", 28)] == 0 and told[("farah", 35)] == 1
    assert ("gus", 28) not in told and told[("gus", 35)] == 0  # registered on day 30


def test_a_course_that_is_not_over_is_not_learned_from(records: Records, settings: Settings) -> None:
    rows = course_rows(records, [28], settings, until=OVER)
    assert set(rows.matrix["section_id"]) == {"BIO-2013B"}
    with pytest.raises(BadData, match="No course with a term is over"):
        course_rows(records, [28], settings, until=date(2013, 3, 1))


def test_a_district_without_final_results_of_courses_has_no_rows(settings: Settings) -> None:
    with pytest.raises(BadData, match="No course has final results"):
        course_rows(records_of({"students": [{"student_id": "amina"}]}, settings), [28], settings)


def test_courses_are_told_apart_by_school_year(records: Records, settings: Settings) -> None:
    (model,) = definitions(settings.training, ["course"])
    assert past_courses(records, model, settings, date(2014, 8, 1)).years == (2013, 2014)


def test_the_rule_is_a_latest_mark_below_40_and_says_nothing_without_a_mark(
    records: Records, settings: Settings
) -> None:
    rows = course_rows(records, [35], settings, sections=["BIO-2013B"])
    rule = dict(zip(rows.matrix["student_id"], course_rivals(rows, 0.5)["latest_below_40"], strict=True))
    assert rule == {"amina": 0, "bo": 0, "chidi": 0, "dara": 0, "farah": 0, "gus": 0}  # bo has 40
    rows.matrix.loc[rows.matrix["student_id"] == "bo", "mark_latest"] = 39.0
    assert course_rivals(rows, 0.5)["latest_below_40"].sum() == 1
    assert set(course_groups(rows.matrix)) == {"no_mark_yet", "course BIO", "week 5"}


@pytest.mark.slow
def test_real_students_go_the_whole_way_and_the_gate_tells_what_does_not_hold(settings: Settings) -> None:
    assert load_drop(settings, real_oulad(), "oulad", now=NOW).status == "loaded"
    (report,) = train_all(settings, ["course"], date(2014, 8, 1))
    (test,) = report.card["tests"]
    assert test["year"] == 2014
    assert test["measures"][report.kind]["auc"] > 0.73
    assert test["recall_gain_over"]["latest_below_40"]["low"] > 0.05
    with pytest.raises(GateRefused, match="calibration"):  # modules never seen pass more often
        promote(settings, "course", signed_by=["analyst", "reviewer"])
