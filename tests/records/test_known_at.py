"""When a row counts as known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from small_drop import ANA, ATTENDANCE, FIRST, SECOND, STUDENTS, load, moment, standing, versions, write_drop

from ews.errors import BadData
from ews.records.lake import records_of
from ews.records.moments import local_days, start_of_day
from ews.settings import Settings

LOS_ANGELES, KATHMANDU = ZoneInfo("America/Los_Angeles"), ZoneInfo("Asia/Kathmandu")


def in_zone(settings: Settings, zone: str) -> Settings:
    return replace(settings, choices={**settings.choices, "district.timezone": zone})


def known(settings: Settings, table: str, row: dict, **parents: list[dict]) -> datetime:
    records = records_of({table: [row], **parents}, settings)
    return records.table(table).to_pyarrow().to_pylist()[0]["known_at"]


ABSENCE = {"student_id": ANA, "school_id": "S1", "date": "2024-10-15", "status": "absent_unexcused"}
MARK = {
    "student_id": ANA,
    "section_id": "c",
    "term_id": "t",
    "mark_type": "final",
    "as_of_date": "2024-10-15",
    "letter": "B",
}
TEST = {"student_id": ANA, "assessment_code": "x", "subject": "math", "administered_on": "2024-10-15"}


@pytest.mark.parametrize(
    ("table", "row", "expected"),
    [
        ("attendance", ABSENCE, "2024-10-16 07:00"),
        ("attendance", ABSENCE | {"recorded_at": "2024-10-15T18:00:00Z"}, "2024-10-15 18:00"),
        ("attendance", ABSENCE | {"recorded_at": "2024-12-01"}, "2024-12-01 08:00"),
        ("marks", MARK, "2024-10-18 07:00"),
        ("assessments", TEST, "2024-11-14 08:00"),
        ("assessments", TEST | {"released_on": "2024-10-20"}, "2024-10-20 07:00"),
        (
            "assessments",
            TEST | {"released_on": "2024-10-20", "recorded_at": "2024-10-16T00:00:00Z"},
            "2024-10-20 07:00",
        ),
        ("students", {"student_id": ANA, "recorded_at": "2024-10-16T00:00:00Z"}, "1970-01-01 00:00"),
    ],
)
def test_recorded_at_wins_else_the_day_plus_the_usual_lag(
    settings: Settings, table: str, row: dict, expected: str
) -> None:
    assert known(settings, table, row) == moment(expected)


def test_a_score_without_a_date_is_known_some_days_after_the_work_was_due(settings: Settings) -> None:
    work = {"assignment_id": "w", "section_id": "c", "due_date": "2024-10-01"}
    result = {"student_id": ANA, "assignment_id": "w", "points_earned": 4}
    assert known(settings, "assignment_results", result, assignments=[work]) == moment("2024-10-08 07:00")
    turned_in = result | {"submitted_at": date(2024, 10, 3)}
    assert known(settings, "assignment_results", turned_in, assignments=[work]) == moment("2024-10-10 07:00")
    scored = turned_in | {"scored_at": "2024-10-05T16:30:00Z"}
    assert known(settings, "assignment_results", scored, assignments=[work]) == moment("2024-10-05 16:30")


def test_who_took_part_in_an_incident_is_dated_by_the_incident(settings: Settings) -> None:
    incident = {"incident_id": "i", "school_id": "S1", "occurred_on": "2024-10-15"}
    part = {"incident_id": "i", "student_id": ANA, "behavior_code": "F"}
    assert known(settings, "student_incidents", part, incidents=[incident]) == moment("2024-10-18 07:00")


def test_days_are_days_in_the_districts_timezone_not_the_servers(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    assert known(in_zone(settings, "Asia/Kathmandu"), "attendance", ABSENCE) == moment("2024-10-15 18:15")
    assert known(in_zone(settings, "America/New_York"), "attendance", ABSENCE) == moment("2024-10-16 04:00")


def test_instants_fall_on_local_days_around_the_change_of_clocks() -> None:
    written = ["2024-11-03T06:59:00", "2024-11-03T07:00:00", "2024-11-04T07:59:59", "2024-11-04T08:00:00"]
    instants = pa.chunked_array(
        [pa.array([moment(one) for one in written] + [None], pa.timestamp("us", "UTC"))]
    )
    days = [date(2024, 11, 2), date(2024, 11, 3), date(2024, 11, 3), date(2024, 11, 4), None]
    assert local_days(instants, LOS_ANGELES).to_pylist() == days
    assert start_of_day(date(2024, 10, 15), KATHMANDU) == moment("2024-10-14 18:15")


def test_in_memory_and_in_a_first_load_a_row_is_known_at_the_same_moment(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "drop"))
    in_memory = records_of({"attendance": ATTENDANCE}, settings).table("attendance").to_pyarrow().to_pylist()
    loaded = versions(settings, "attendance")
    assert sorted(map(str, in_memory)) == sorted(map(str, loaded))


def test_what_a_first_load_brings_is_known_by_that_load_at_the_latest(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "drop"), now=moment("2024-10-15 20:00"))
    assert max(row["known_at"] for row in standing(settings, "attendance")) == moment("2024-10-15 20:00")


def test_a_new_row_after_the_first_load_is_known_from_its_load(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    late = {**ABSENCE, "date": "2024-10-16"}
    load(settings, write_drop(tmp_path / "two", attendance=[*ATTENDANCE, late]), now=SECOND)
    row = next(row for row in standing(settings, "attendance") if row["date"] == date(2024, 10, 16))
    assert (row["known_at"], row["known_at_assumed"]) == (SECOND, False)


def test_known_at_can_be_said_and_history_is_known_since_its_own_days(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    more = [*ATTENDANCE, {**ABSENCE, "date": "2024-10-16"}]
    load(settings, write_drop(tmp_path / "two", attendance=more), now=SECOND, known_at=moment("2024-10-20"))
    more = [*more, {**ABSENCE, "date": "2024-10-17"}]
    load(settings, write_drop(tmp_path / "three", attendance=more), now=SECOND, history=True)
    by_day = {row["date"].day: row["known_at"] for row in standing(settings, "attendance")}
    assert by_day[16] == moment("2024-10-20")
    assert by_day[17] == moment("2024-10-18 07:00")


def test_a_school_year_that_comes_later_is_a_first_load_of_its_own(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    enrolled = {
        "student_id": ANA,
        "school_id": "S1",
        "entry_date": "2023-08-15",
        "exit_date": "2024-06-05",
        "exit_type": "year_end",
        "grade_level": "6",
        "school_year": "2024",
    }
    before = [{**ABSENCE, "date": "2023-10-16"}]
    load(
        settings, write_drop(tmp_path / "two", {"enrollments": [enrolled], "attendance": before}), now=SECOND
    )
    row = next(row for row in standing(settings, "attendance") if row["date"].year == 2023)
    assert (row["known_at"], row["known_at_assumed"]) == (moment("2023-10-17 07:00"), True)
    assert len(standing(settings, "attendance")) == len(ATTENDANCE) + 1


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"pupils": []}, "no table pupils"),
        ({"students": [{"student_id": 1}]}, "students, row 1, column student_id"),
        ({"students": [*STUDENTS, {"student_id": ""}]}, "students, row 6, column student_id"),
        ({"attendance": [{"student_id": ANA}]}, "attendance lacks the column school_id"),
        ({"attendance": [ABSENCE | {"date": "10/15/24"}]}, "attendance, row 1, column date"),
        ({"students": [{"student_id": ANA, "ssn": "x"}]}, "students has no column ssn"),
        ({"attendance": [ABSENCE | {"absent_fraction": 7}]}, "attendance, row 1, column absent_fraction"),
        ({"programs": [{"student_id": ANA, "program": "x", "begin_date": "2024-10-15"}]}, "column program"),
    ],
)
def test_rows_in_memory_that_cannot_be_read_are_named(settings: Settings, tables: dict, words: str) -> None:
    with pytest.raises(BadData, match=words):
        records_of(tables, settings)


@pytest.mark.parametrize("status", [None, "", "Q7"])
def test_a_code_in_memory_that_is_unmapped_or_missing_is_null(settings: Settings, status: str | None) -> None:
    rows = records_of({"attendance": [ABSENCE | {"status": status}]}, settings).table("attendance")
    assert rows.to_pyarrow()["status"].to_pylist() == [None]


def test_a_first_load_marks_what_it_assumed(settings: Settings, tmp_path: Path) -> None:
    rows = [ATTENDANCE[0], ATTENDANCE[1] | {"recorded_at": "2024-10-15T20:00:00Z"}]
    load(settings, write_drop(tmp_path / "drop", attendance=rows), now=FIRST)
    assert [row["known_at_assumed"] for row in standing(settings, "attendance")] == [True, False]
