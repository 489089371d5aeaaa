"""Drops that wait for a person, and doubtful ones that are told about."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from small_drop import (
    ANA,
    ATTENDANCE,
    BEN,
    ENROLLMENTS,
    SECOND,
    STUDENTS,
    THIRD,
    load,
    moment,
    standing,
    versions,
    write_drop,
)

from ews.records.published import read_published
from ews.settings import Settings

MANY = [{"student_id": f"{number:04d}"} for number in range(1, 41)]
ENROLLED = [ENROLLMENTS[0] | student for student in MANY]


def school_of_forty(folder: Path, **changed: object) -> Path:
    return write_drop(folder, students=MANY, **({"enrollments": ENROLLED} | changed))  # type: ignore[arg-type]


def ending(many: int, exit_type: str) -> list[dict]:
    gone = {"exit_date": "2024-10-31", "exit_type": exit_type}
    return [row | gone if at < many else row for at, row in enumerate(ENROLLED)]


@pytest.mark.parametrize(
    ("many", "exit_type", "status"),
    [
        (4, "transfer_out", "loaded"),
        (5, "transfer_out", "held"),
        (40, "unknown", "held"),
        (40, "year_end", "loaded"),
    ],
)
def test_a_drop_that_ends_more_than_a_tenth_of_a_schools_enrollments_is_held(
    settings: Settings, tmp_path: Path, many: int, exit_type: str, status: str
) -> None:
    load(settings, school_of_forty(tmp_path / "one"))
    folder = school_of_forty(tmp_path / "two", enrollments=ending(many, exit_type))
    before = read_published(settings.lake)
    report = load(settings, folder, now=SECOND)
    assert report.status == status
    if status == "held":
        assert report.difference == [
            f"School S1: {many} of 40 enrollments would end ({round(100 * many / 40)} %)."
        ]
        assert read_published(settings.lake) == before
        assert load(settings, folder, now=SECOND, accept_held=True).status == "loaded"
        assert sum(row["exit_date"] is not None for row in standing(settings, "enrollments")) == many


def test_enrollments_that_vanish_from_a_full_file_count_as_ended(settings: Settings, tmp_path: Path) -> None:
    load(settings, school_of_forty(tmp_path / "one"))
    report = load(settings, school_of_forty(tmp_path / "two", enrollments=ENROLLED[5:]), now=SECOND)
    assert "5 of 40 enrollments would end (12 %)" in report.difference[0]


@pytest.mark.parametrize(("left", "status"), [(33, "loaded"), (32, "held"), (0, "held")])
def test_a_file_with_a_fifth_fewer_rows_than_the_last_is_held(
    settings: Settings, tmp_path: Path, left: int, status: str
) -> None:
    seen = [ATTENDANCE[0] | student for student in MANY]
    header = b"student_id,school_id,date,status\n"
    load(settings, school_of_forty(tmp_path / "one", attendance=seen))
    fewer = school_of_forty(tmp_path / "two", attendance=seen[:left] or header)
    report = load(settings, fewer, now=SECOND)
    assert report.status == status
    assert bool(report.difference) == (status == "held")


def test_a_new_school_year_begins_with_few_rows_and_is_not_held(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    later = {"entry_date": "2025-08-14", "school_year": "2026", "grade_level": "8"}
    enrolled = [row | later for row in ENROLLMENTS]
    seen = [ATTENDANCE[0] | {"date": "2025-08-14"}]
    folder = write_drop(tmp_path / "two", {"enrollments": enrolled, "attendance": seen})
    report = load(settings, folder, now=moment("2025-08-15 12:00"))
    assert report.status == "loaded"
    assert len(standing(settings, "attendance")) == len(ATTENDANCE) + 1


def test_attendance_coverage_is_kept_by_school_in_versions(settings: Settings, tmp_path: Path) -> None:
    def said(through: str) -> dict:
        return {
            "attendance_mode": "negative",
            "attendance_complete_through": {"S1": through, "S2": "2024-10-18"},
        }

    load(settings, write_drop(tmp_path / "one", manifest=said("2024-10-25")))
    load(settings, write_drop(tmp_path / "two", manifest=said("2024-11-01")), now=SECOND)
    load(settings, write_drop(tmp_path / "three"), now=THIRD)
    rows = [
        (row["school_id"], row["mode"], row["complete_through"], row["known_at"], row["superseded_at"])
        for row in versions(settings, "attendance_coverage")
        if row["school_id"] in ("S1", "S2")
    ]
    beginning = moment("1970-01-01")
    assert rows == [
        ("S1", "negative", date(2024, 10, 25), beginning, SECOND),
        ("S1", "negative", date(2024, 11, 1), SECOND, None),
        ("S2", "negative", date(2024, 10, 18), beginning, None),
    ]


def test_without_a_manifest_nothing_is_said_about_coverage(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "drop"))
    assert versions(settings, "attendance_coverage") == []


def test_doubtful_attendance_is_told_and_loaded(settings: Settings, tmp_path: Path) -> None:
    start = date(2024, 8, 15)
    days = [start + timedelta(days=number) for number in range(70)]
    school_days = [day for day in days if day.weekday() < 5]
    calendar = [
        {"school_id": "S1", "calendar_id": "c", "date": str(day), "is_instructional": "true"}
        for day in school_days
    ]
    students = [{"student_id": f"{number:04d}"} for number in range(1, 15)]
    enrolled = [ENROLLMENTS[0] | student for student in students] + [ENROLLMENTS[3]]
    seen = [
        ATTENDANCE[0] | student | {"date": str(day), "status": "present"}
        for student in students
        for day in school_days
    ]
    seen += [ATTENDANCE[0] | {"student_id": BEN, "date": "2024-08-17", "status": "present"}]
    seen += [ATTENDANCE[3] | {"date": "2024-08-20", "status": ""}]
    enrolled = [row for row in enrolled if row["student_id"] != "0004" or row["school_id"] == "S2"]
    seen = [row for row in seen if row["student_id"] != "0004" or row["school_id"] == "S2"]
    folder = write_drop(
        tmp_path / "drop", students=students, enrollments=enrolled, attendance=seen, calendar_days=calendar
    )
    report = load(settings, folder)
    assert report.status == "loaded"
    told = " ".join(problem.problem for problem in report.problems)
    assert "no school day" in told
    assert "Nobody was ever absent" in told
    assert "Students without one attendance value" in told
    assert "The newest day is 2024-08-20" in told
    assert len(STUDENTS) == 5 and ANA


def test_the_report_is_as_the_interfaces_promise(settings: Settings, tmp_path: Path) -> None:
    report = load(
        settings, write_drop(tmp_path / "drop", attendance=[*ATTENDANCE, ATTENDANCE[0] | {"student_id": "9"}])
    )
    answer = report.as_json()
    assert answer["status"] == "loaded"
    assert (
        answer["tables"]["attendance"] | {"read": 5, "loaded": 4, "quarantined": 1}
        == answer["tables"]["attendance"]
    )
    assert {"file", "line", "column", "value", "problem", "fix", "severity"} <= set(answer["problems"][0])
    assert "9" not in report.problems[0].in_words().replace("line 6", "")
