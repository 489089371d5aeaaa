"""Rows that wait: for a parent, an enrollment, their day, or a correction."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from small_drop import (
    ANA,
    ATTENDANCE,
    BEN,
    ENROLLMENTS,
    FIRST,
    SECOND,
    STUDENTS,
    THIRD,
    Rows,
    load,
    moment,
    standing,
    write_drop,
)

from ews.errors import UsageError
from ews.records.published import read_published
from ews.records.waiting import read_waiting
from ews.settings import Settings

NEW = "0009"
NEW_STUDENT = {"student_id": NEW}
NEW_ENROLLMENT = ENROLLMENTS[0] | {"student_id": NEW}
NEW_ATTENDANCE = ATTENDANCE[0] | {"student_id": NEW}


def changes(folder: Path, **tables: Rows) -> Path:
    """A drop of files that hold changes only."""
    return write_drop(folder, tables, {"files": {name: {"mode": "delta"} for name in tables}})


def waiting(settings: Settings, table: str) -> list[tuple[str, str]]:
    rows = read_waiting(settings.lake, read_published(settings.lake), table).to_pylist()
    return [(row["student_id"], row["waits_for"]) for row in rows]


def test_an_orphan_waits_and_is_loaded_by_itself_once_its_student_arrives(
    settings: Settings, tmp_path: Path
) -> None:
    report = load(settings, write_drop(tmp_path / "one", attendance=[*ATTENDANCE, NEW_ATTENDANCE]))
    assert report.tables["attendance"].quarantined == 1
    assert waiting(settings, "attendance") == [(NEW, "a parent")]
    folder = changes(tmp_path / "two", students=[NEW_STUDENT], enrollments=[NEW_ENROLLMENT])
    report = load(settings, folder, now=SECOND)
    assert report.tables["attendance"].released == 1
    assert waiting(settings, "attendance") == []
    row = next(row for row in standing(settings, "attendance") if row["student_id"] == NEW)
    assert row["known_at"] == moment("2024-10-15 07:00"), "it came with a first load"


def test_an_orphan_of_a_later_load_is_known_from_the_load_that_takes_it(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    load(settings, write_drop(tmp_path / "two", attendance=[*ATTENDANCE, NEW_ATTENDANCE]), now=SECOND)
    folder = changes(tmp_path / "three", students=[NEW_STUDENT], enrollments=[NEW_ENROLLMENT])
    load(settings, folder, now=THIRD)
    row = next(row for row in standing(settings, "attendance") if row["student_id"] == NEW)
    assert row["known_at"] == THIRD


def test_an_event_outside_the_enrollment_waits_for_one(settings: Settings, tmp_path: Path) -> None:
    elsewhere = ATTENDANCE[0] | {"school_id": "S2"}
    load(settings, write_drop(tmp_path / "one", attendance=[*ATTENDANCE, elsewhere]))
    assert waiting(settings, "attendance") == [(ANA, "an enrollment")]
    both = ENROLLMENTS[0] | {"school_id": "S2", "entry_date": "2024-10-01"}
    load(settings, changes(tmp_path / "two", enrollments=[both]), now=SECOND)
    assert waiting(settings, "attendance") == []
    assert len(standing(settings, "attendance")) == len(ATTENDANCE) + 1


@pytest.mark.parametrize(
    ("spans", "day", "inside"),
    [
        ([("2024-08-15", "2024-10-14")], "2024-10-14", True),
        ([("2024-08-15", "2024-10-13")], "2024-10-14", False),
        ([("2024-08-15", ""), ("2024-09-01", "2024-09-10")], "2024-10-14", True),
        ([("2024-08-15", "2024-09-30"), ("2024-10-14", "")], "2024-10-14", True),
        ([("2024-08-15", "2024-09-30"), ("2024-10-15", "")], "2024-10-14", False),
    ],
    ids=["last day counts", "the day after", "a short span within", "second span", "between spans"],
)
def test_the_last_day_counts_and_spans_may_overlap(
    settings: Settings, tmp_path: Path, spans: list[tuple[str, str]], day: str, inside: bool
) -> None:
    enrolled = [ENROLLMENTS[1] | {"entry_date": entry, "exit_date": leave} for entry, leave in spans]
    seen = [ATTENDANCE[2] | {"student_id": BEN, "date": day}]
    report = load(settings, write_drop(tmp_path / "drop", enrollments=enrolled, attendance=seen))
    assert report.tables["attendance"].loaded == inside


def test_a_day_to_come_waits_for_its_day(settings: Settings, tmp_path: Path) -> None:
    tomorrow = [*ATTENDANCE, ATTENDANCE[0] | {"date": "2024-11-02"}]
    folder = write_drop(tmp_path / "drop", attendance=tomorrow)
    load(settings, folder, now=FIRST)
    assert waiting(settings, "attendance") == [(ANA, "its day")]
    load(settings, folder, now=moment("2024-11-02 20:00"))
    assert waiting(settings, "attendance") == []


def test_a_row_that_cannot_be_waits_for_its_correction_and_leaves_the_earlier_version_alone(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    broken = [ATTENDANCE[0] | {"absent_fraction": "7"}, *ATTENDANCE[1:]]
    report = load(settings, write_drop(tmp_path / "two", attendance=broken), now=SECOND)
    assert report.tables["attendance"].closed == 0
    assert len(standing(settings, "attendance")) == len(ATTENDANCE)
    mended = [ATTENDANCE[0] | {"absent_fraction": "0.5"}, *ATTENDANCE[1:]]
    load(settings, write_drop(tmp_path / "three", attendance=mended), now=THIRD)
    assert waiting(settings, "attendance") == []
    row = standing(settings, "attendance")[0]
    assert (row["absent_fraction"], row["known_at"]) == (0.5, THIRD)


def test_a_mark_with_neither_letter_nor_percent_waits(settings: Settings, tmp_path: Path) -> None:
    tables = {
        "terms": [
            {
                "term_id": "t",
                "school_id": "S1",
                "school_year": 2025,
                "term_type": "semester",
                "start_date": "2024-08-15",
                "end_date": "2024-12-20",
            }
        ],
        "sections": [{"section_id": "c", "school_id": "S1", "term_id": "t"}],
    }
    mark = {"section_id": "c", "term_id": "t", "mark_type": "progress", "as_of_date": "2024-10-01"}
    marks = [
        mark | {"student_id": ANA, "letter": "B", "percent": ""},
        mark | {"student_id": BEN, "letter": "", "percent": ""},
    ]
    report = load(settings, write_drop(tmp_path / "drop", marks=marks, **tables))
    assert (report.tables["marks"].loaded, report.tables["marks"].quarantined) == (1, 1)


def test_an_enrollment_that_ends_before_it_begins_waits_unless_nobody_came(
    settings: Settings, tmp_path: Path
) -> None:
    reversed_ = ENROLLMENTS[0] | {"exit_date": "2024-08-14", "exit_type": "transfer_out"}
    no_show = ENROLLMENTS[1] | {"exit_date": "2024-08-14", "exit_type": "no_show"}
    report = load(settings, write_drop(tmp_path / "drop", enrollments=[reversed_, no_show, *ENROLLMENTS[2:]]))
    assert report.tables["enrollments"].quarantined == 1


def test_rows_wait_once_however_often_they_are_sent(settings: Settings, tmp_path: Path) -> None:
    folder = write_drop(tmp_path / "one", attendance=[*ATTENDANCE, NEW_ATTENDANCE])
    load(settings, folder)
    assert load(settings, folder, now=SECOND).published is False
    load(settings, changes(tmp_path / "two", attendance=[NEW_ATTENDANCE]), now=SECOND)
    assert waiting(settings, "attendance") == [(NEW, "a parent")]


def test_a_full_file_that_no_longer_holds_a_waiting_row_ends_its_wait(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one", attendance=[*ATTENDANCE, NEW_ATTENDANCE]))
    load(settings, write_drop(tmp_path / "two"), now=SECOND, accept_held=True)
    assert waiting(settings, "attendance") == []


def test_an_unmapped_code_is_null_and_counted_and_its_raw_code_is_kept(
    settings: Settings, tmp_path: Path
) -> None:
    rows = [row | {"status": "Q7"} for row in ATTENDANCE[:3]] + [ATTENDANCE[3]]
    report = load(settings, write_drop(tmp_path / "drop", attendance=rows))
    assert [(problem.value, problem.rows) for problem in report.problems if problem.value] == [("Q7", 3)]
    kept = [(row["status"], row["source_code"]) for row in standing(settings, "attendance")]
    assert kept == [(None, "Q7")] * 3 + [("tardy", None)]


def test_a_district_maps_its_own_codes_and_names(settings: Settings, tmp_path: Path) -> None:
    words = tmp_path / "vocabulary.toml"
    words.write_text(
        '[codes.attendance.status]\nQ7 = "absent_excused"\n[columns.attendance]\n"Tag" = "date"\n'
        "[codes.enrollments.grade_level]\nK = 0\n"
    )
    ours = replace(settings, choices={**settings.choices, "load.vocabulary": str(words)})
    rows = [
        {"Tag": row["date"], "status": "q7"} | {name: row[name] for name in ("student_id", "school_id")}
        for row in ATTENDANCE
    ]
    enrolled = [ENROLLMENTS[0] | {"grade_level": "K"}, *ENROLLMENTS[1:]]
    report = load(ours, write_drop(tmp_path / "drop", attendance=rows, enrollments=enrolled))
    assert report.status == "loaded"
    assert {(row["status"], row["source_code"]) for row in standing(ours, "attendance")} == {
        ("absent_excused", "q7")
    }
    assert standing(ours, "enrollments")[0]["grade_level"] == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[codes.attendance.status]\nA = 'away'", "maps 'A' of attendance.status to 'away'"),
        ("[codes.attendence.status]\nA = 'present'", "names the table attendence"),
        ("[codes.attendance.state]\nA = 'present'", "names attendance.state"),
        ("[columns.attendance]\nA = 'day'", "names attendance.day"),
        ("[words]\nA = 'x'", "Unknown section words"),
        ("[codes", "not readable"),
    ],
)
def test_a_mapping_that_cannot_be_is_a_usage_error(
    settings: Settings, tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "vocabulary.toml"
    path.write_text(content)
    ours = replace(settings, choices={**settings.choices, "load.vocabulary": str(path)})
    with pytest.raises(UsageError, match=words):
        load(ours, write_drop(tmp_path / "drop"))


def test_an_unmapped_code_in_a_key_waits_for_its_mapping(settings: Settings, tmp_path: Path) -> None:
    programs = [
        {"student_id": ANA, "program": program, "begin_date": "2024-08-15"} for program in ("sped", "GIFTED")
    ]
    folder = write_drop(tmp_path / "drop", programs=programs)
    report = load(settings, folder)
    assert (report.tables["programs"].loaded, report.tables["programs"].quarantined) == (1, 1)
    assert load(settings, folder, now=SECOND).published is False
    assert len(STUDENTS) == 5
