"""The matrix of a course, on a tiny OULAD folder of named people: what is known on a day, and only that."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from oulad_people import real_oulad, write_oulad

from ews.features.allowed import FORBIDDEN, allowed_columns
from ews.features.course import course_matrix
from ews.features.course_catalogue import COURSE_FEATURES
from ews.records.lake import Records, records_of
from ews.records.sources.oulad import read_oulad
from ews.settings import Settings, read_settings

START = date(2013, 2, 1)
Tables = dict[str, list[dict[str, Any]]]
On = Callable[[int], pd.DataFrame]
DAYS = (24, 29, 30, 31, 32, 44, 45, 50)


def day(number: int) -> date:
    """That day of the presentation that started in February 2013."""
    return START + timedelta(days=number)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings as they come; these tests write nothing."""
    return read_settings({"EWS_CONFIG": str(tmp_path_factory.mktemp("settings") / "ews.toml")})


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory, settings: Settings) -> Tables:
    drop = read_oulad(write_oulad(tmp_path_factory.mktemp("oulad")), settings)
    return {name: handed.rows.to_pylist() for name, handed in drop.tables.items()}


@pytest.fixture(scope="module")
def records(tables: Tables, settings: Settings) -> Records:
    return records_of(tables, settings)


@pytest.fixture(scope="module")
def on(records: Records, settings: Settings) -> On:
    """``on(30)`` is the matrix on day 30 of the February presentation, by student; all days in one go."""
    whole = course_matrix(records, [day(number) for number in DAYS], settings=settings)

    def matrix(number: int) -> pd.DataFrame:
        assert number in DAYS
        return whole[whole["as_of"] == day(number)].set_index("student_id")

    return matrix


def test_the_cohort_is_who_is_registered_and_has_not_withdrawn(on: On) -> None:
    assert list(on(29).index) == ["amina", "bo", "chidi", "dara", "farah"]
    assert list(on(30).index) == ["amina", "bo", "chidi", "dara", "farah", "gus"]
    assert "chidi" in on(44).index
    assert "chidi" not in on(45).index


def test_a_row_says_where_in_the_course_it_stands(on: On) -> None:
    amina = on(30).loc["amina"]
    assert (amina.section_id, amina.course, amina.course_day, amina.week) == ("BIO-2013B", "BIO", 30, 4)
    assert (amina.school_year, amina.horizon_days, amina.marks_through) == (2013, 210, day(29))


def test_a_score_counts_once_it_is_seen_and_the_work_from_its_day(on: On) -> None:
    assert pd.isna(on(31).loc["bo", "mark_latest"])
    assert on(31).loc["bo", "work_missing"] == 0
    assert on(32).loc["bo", "mark_latest"] == 40
    assert on(24).loc["bo", "work_missing"] == 1


def test_a_mark_stands_among_the_marks_known_by_then(on: On) -> None:
    rows = on(30)
    assert rows.loc["amina", "mark_standing"] == pytest.approx(2.5 / 3, abs=1e-6)
    assert rows.loc["dara", "mark_standing"] == pytest.approx(1.5 / 3, abs=1e-6)
    assert rows.loc["chidi", "mark_standing"] == pytest.approx(0.5 / 3, abs=1e-6)
    assert rows.loc["amina", "mark_above_class"] == 10
    assert on(32).loc["amina", "mark_standing"] == pytest.approx(3.5 / 4, abs=1e-6)


def test_marks_so_far_are_averaged_by_weight_and_the_latest_is_told_apart(
    on: On,
) -> None:
    amina, dara = on(50).loc["amina"], on(50).loc["dara"]
    assert (amina.mark_average, amina.mark_latest, amina.mark_lowest) == (87.5, 90, 80)
    assert (amina.mark_latest_change, dara.mark_latest_change) == (10, -20)
    assert (dara.results_carried_over, amina.results_carried_over) == (1, 0)


def test_work_is_late_against_its_due_date_and_against_classmates(on: On) -> None:
    rows = on(30)
    assert list(rows.loc[["amina", "bo", "chidi"], "days_late_average"]) == [-2, 6, 0]
    assert rows.loc["bo", "lateness_standing"] == pytest.approx(2.5 / 3, abs=1e-6)
    assert pd.isna(rows.loc["dara", "days_late_average"])  # carried over: neither early nor late
    assert rows.loc["bo", "fact_late_average"] == "6 days after the due date"


def test_missing_work_is_counted_beside_the_class(on: On) -> None:
    rows = on(30)
    assert rows.loc["farah", "work_missing"] == 1
    assert rows.loc["farah", "work_missing_beyond_class"] == pytest.approx(1 - 2 / 6)
    assert rows.loc["amina", "work_missing_beyond_class"] == pytest.approx(-2 / 6)
    assert rows.loc["amina", "course_standing"] == pytest.approx(5.5 / 6, abs=1e-6)
    assert rows.loc["farah", "course_standing"] == pytest.approx(1 / 6, abs=1e-6)


def test_work_without_a_due_date_is_turned_in_but_never_due(on: On) -> None:
    amina = on(30).loc["amina"]
    assert (amina.work_turned_in, amina.work_due) == (2, 1)


def test_silence_is_counted_from_the_last_work_of_the_students_own(on: On) -> None:
    rows = on(30)
    assert rows.loc["amina", "days_since_turned_in"] == 1
    assert pd.isna(rows.loc["dara", "days_since_turned_in"])  # nothing but a result carried over
    assert rows.loc["farah", "fact_silence"] == "Nothing turned in so far"


def test_the_start_is_known_visits_attempts_credits_and_registration(
    on: On,
) -> None:
    rows = on(30)
    assert rows.loc["amina", "site_visits_standing"] == pytest.approx(5.5 / 6, abs=1e-6)
    assert rows.loc["gus", "site_visits_standing"] == pytest.approx(2 / 6, abs=1e-6)  # never looked
    assert list(rows.loc[["bo", "dara"], "attempts_before"]) == [1, 2]
    assert list(rows.loc[["bo", "gus"], "credits_studied"]) == [120, 30]
    assert list(rows.loc[["amina", "dara"], "days_registered_before_start"]) == [50, -10]
    assert rows.loc["dara", "fact_registered"] == "10 days after the first day"


def test_without_a_file_of_visits_nothing_is_said_of_them(tmp_path: Path, settings: Settings) -> None:
    drop = read_oulad(write_oulad(tmp_path / "oulad", vle_pre_course=None), settings)
    records = records_of({name: handed.rows for name, handed in drop.tables.items()}, settings)
    assert course_matrix(records, [day(30)], settings=settings)["site_visits_standing"].isna().all()


def test_a_student_in_two_courses_has_a_row_in_each(records: Records, settings: Settings) -> None:
    rows = course_matrix(records, [date(2013, 10, 31)], settings=settings)
    assert list(zip(rows["student_id"], rows["section_id"], strict=True)) == [
        ("bo", "ART-2013J"),
        ("bo", "BIO-2013J"),
    ]


def test_nobody_is_in_a_course_outside_its_term(records: Records, settings: Settings) -> None:
    assert course_matrix(records, [day(-1), day(241)], settings=settings).empty


def test_every_sentence_can_be_said_of_a_student_with_a_record(on: On) -> None:
    row = on(50).loc["amina"].to_dict()
    said = {name: feature.sentence(row) for name, feature in COURSE_FEATURES.items()}
    assert said["mark_latest_change"] == "Latest mark 90 of 100, 80 on average before it"
    assert said["days_late_average"] == "Work turned in 2 days before the due date, on average"
    assert [name for name, sentence in said.items() if sentence is None] == []


def test_no_protected_column_can_reach_a_feature() -> None:
    read = ("sections", "terms", "section_enrollments", "assignments", "assignment_results", "activities")
    assert not FORBIDDEN & {column for table in read for column in allowed_columns(table)}


def test_the_order_of_rows_and_who_else_is_asked_about_change_no_bit(
    tables: Tables, settings: Settings, records: Records
) -> None:
    days = [day(30), day(50)]
    whole = course_matrix(records, days, settings=settings)
    mixed = {name: random.Random(4).sample(rows, len(rows)) for name, rows in tables.items()}
    pd.testing.assert_frame_equal(
        course_matrix(records_of(mixed, settings), days[::-1], settings=settings), whole, check_exact=True
    )
    alone = course_matrix(records, [day(50)], settings=settings, students=["dara"])
    there = whole[(whole["student_id"] == "dara") & (whole["as_of"] == day(50))].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, there, check_exact=True)


@pytest.mark.parametrize("number", [20, 30])
def test_what_comes_after_the_day_changes_no_bit(tables: Tables, settings: Settings, number: int) -> None:
    as_of = day(number)
    clean = course_matrix(records_of(tables, settings), [as_of], settings=settings)
    poisoned = poison(tables, as_of, settings, random.Random(number))
    after = course_matrix(records_of(poisoned, settings), [as_of], settings=settings)
    pd.testing.assert_frame_equal(after, clean, check_exact=True)


def poison(tables: Tables, as_of: date, settings: Settings, chance: random.Random) -> Tables:
    """``tables`` with every row and every column dated after ``as_of`` altered, still dated after it."""

    def later() -> date:
        return as_of + timedelta(days=chance.randint(1, 200))

    def comes_after(moment: datetime | None) -> bool:
        return moment is not None and moment.astimezone(settings.timezone).date() > as_of

    changed = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    for row in changed["section_enrollments"] + changed["enrollments"]:
        end = "end_date" if "end_date" in row else "exit_date"
        if row[end] > as_of:
            row[end] = later()
        begin = "begin_date" if "begin_date" in row else "entry_date"
        if row[begin] > as_of:
            row[begin] = row[end] = later()
            row |= {"attempts_before": 9} if "attempts_before" in row else {}
    for row in changed["assignment_results"]:
        if comes_after(row["scored_at"]):
            row |= {"points_earned": chance.uniform(0, 100), "scored_at": later()}
        if comes_after(row["submitted_at"]):
            row["submitted_at"] = row["recorded_at"] = row["scored_at"] = later()
            row |= {"is_banked": True, "status": chance.choice(["missing", "graded"]), "is_late": True}
    for row in changed["outcomes"]:
        row |= {"value": 1 - row["value"], "outcome": "dropout"} if row["occurred_on"] > as_of else {}
    extra = {"student_id": "gus", "assignment_id": "101", "status": "graded", "points_earned": 100.0}
    changed["assignment_results"].append(extra | {"submitted_at": later(), "recorded_at": later()})
    return changed


def test_the_real_presentations_have_the_cohorts_of_their_registrations(settings: Settings) -> None:
    drop = read_oulad(real_oulad(), settings)
    records = records_of({name: handed.rows for name, handed in drop.tables.items()}, settings)
    rows = course_matrix(records, [day(28), day(56), day(84)], settings=settings)
    assert rows.groupby("course_day").size().to_dict() == {28: 4118, 56: 3958, 84: 3818}
    assert set(COURSE_FEATURES) < set(rows.columns)
    for name in (name for name in COURSE_FEATURES if name.endswith("_standing")):
        assert rows[name].dropna().between(0, 1, inclusive="neither").all()
