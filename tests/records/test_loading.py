"""What loading does to the lake: twice changes nothing, a correction is a version, the past stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_drop import (
    ANA,
    ATTENDANCE,
    BEN,
    ENROLLMENTS,
    FIRST,
    ORGS,
    SECOND,
    STUDENTS,
    THIRD,
    as_known,
    load,
    standing,
    versions,
    write_drop,
)

from ews.commands.records import check as check_command
from ews.errors import UsageError
from ews.records.delta import files_of
from ews.records.intake import check_drop, load_drop
from ews.records.lake import open_lake
from ews.records.lock import one_load_at_a_time
from ews.records.published import read_published
from ews.settings import Settings

CORRECTED = [ATTENDANCE[0], ATTENDANCE[1] | {"status": "absent_excused"}, *ATTENDANCE[2:]]


def ana_on_the_15th(rows: list[dict]) -> list[str]:
    return [row["status"] for row in rows if row["student_id"] == ANA and row["date"] == date(2024, 10, 15)]


def test_loading_twice_changes_nothing(settings: Settings, tmp_path: Path) -> None:
    folder = write_drop(tmp_path / "drop")
    assert load(settings, folder).published
    before = (read_published(settings.lake), (settings.lake / "current.json").stat().st_mtime_ns)
    files = sorted(str(path) for path in settings.lake.rglob("*"))
    again = load(settings, folder, now=SECOND)
    assert (again.status, again.published) == ("loaded", False)
    assert (read_published(settings.lake), (settings.lake / "current.json").stat().st_mtime_ns) == before
    assert sorted(str(path) for path in settings.lake.rglob("*")) == files


def test_the_same_rows_in_another_order_or_recorded_again_change_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    again = [row | {"recorded_at": "2024-11-02T00:00:00Z"} for row in reversed(ATTENDANCE)]
    report = load(settings, write_drop(tmp_path / "two", attendance=again), now=SECOND)
    assert (report.tables["attendance"].new, report.tables["attendance"].changed) == (0, 0)
    assert read_published(settings.lake).tables["attendance"] == 0


def test_a_correction_closes_a_version_and_adds_one(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    report = load(settings, write_drop(tmp_path / "two", attendance=CORRECTED), now=SECOND)
    assert report.tables["attendance"].changed == 1
    old, new = (row for row in versions(settings, "attendance") if row["date"] == date(2024, 10, 15))
    assert (old["status"], old["superseded_at"]) == ("absent_unexcused", SECOND)
    assert (new["status"], new["known_at"], new["superseded_at"]) == ("absent_excused", SECOND, None)
    assert new["known_at_assumed"] is False


def test_a_past_day_is_rebuilt_exactly_after_any_number_of_later_loads(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    seen = as_known(settings, "attendance", SECOND)
    load(settings, write_drop(tmp_path / "two", attendance=CORRECTED), now=SECOND)
    load(settings, write_drop(tmp_path / "three", attendance=CORRECTED[1:]), now=THIRD, accept_held=True)
    then = as_known(settings, "attendance", SECOND)
    assert [row | {"superseded_at": None} for row in then] == seen
    assert ana_on_the_15th(as_known(settings, "attendance", THIRD)) == ["absent_excused"]


def test_a_correction_with_an_old_recorded_at_does_not_leak_backwards(
    settings: Settings, tmp_path: Path
) -> None:
    early = {"recorded_at": "2024-10-15T20:00:00Z"}
    load(settings, write_drop(tmp_path / "one", attendance=[row | early for row in ATTENDANCE]))
    load(settings, write_drop(tmp_path / "two", attendance=[row | early for row in CORRECTED]), now=SECOND)
    assert ana_on_the_15th(as_known(settings, "attendance", SECOND)) == ["absent_unexcused"]


def test_a_load_known_before_the_one_it_corrects_still_comes_after_it(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    load(settings, write_drop(tmp_path / "two", attendance=CORRECTED), now=THIRD)
    load(settings, write_drop(tmp_path / "three", attendance=[*ATTENDANCE]), now=SECOND, accept_held=True)
    chain = [row for row in versions(settings, "attendance") if row["date"] == date(2024, 10, 15)]
    assert [row["status"] for row in chain] == ["absent_unexcused", "absent_excused", "absent_unexcused"]
    assert [row["superseded_at"] for row in chain][:2] == [row["known_at"] for row in chain][1:]


def test_a_full_file_ends_the_rows_it_no_longer_holds(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    report = load(
        settings, write_drop(tmp_path / "two", attendance=ATTENDANCE[:3]), now=SECOND, accept_held=True
    )
    assert report.tables["attendance"].closed == 1
    gone = next(row for row in versions(settings, "attendance") if row["school_id"] == "S2")
    assert gone["superseded_at"] == SECOND


def test_a_full_file_speaks_only_about_its_window(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    window = {"mode": "full", "window_from": "2024-10-15", "window_to": "2024-10-31"}
    folder = write_drop(
        tmp_path / "two", {"attendance": CORRECTED[1:2]}, manifest={"files": {"attendance": window}}
    )
    load(settings, folder, now=SECOND, accept_held=True)
    assert len(standing(settings, "attendance")) == len(ATTENDANCE)
    assert ana_on_the_15th(standing(settings, "attendance")) == ["absent_excused"]


def test_a_delta_file_ends_nothing(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    manifest = {"files": {"attendance": {"mode": "delta"}}}
    report = load(
        settings, write_drop(tmp_path / "two", {"attendance": CORRECTED[1:2]}, manifest), now=SECOND
    )
    assert report.status == "loaded"
    assert (report.tables["attendance"].changed, report.tables["attendance"].closed) == (1, 0)


@pytest.mark.parametrize("column", ["status", "row_status"])
def test_a_row_marked_deleted_ends(settings: Settings, tmp_path: Path, column: str) -> None:
    load(settings, write_drop(tmp_path / "one"))
    marked = [row if row["student_id"] != BEN else row | {column: "deleted"} for row in ATTENDANCE]
    report = load(settings, write_drop(tmp_path / "two", attendance=marked), now=SECOND)
    assert (report.status, report.tables["attendance"].closed) == ("loaded", 1)
    assert BEN not in {row["student_id"] for row in standing(settings, "attendance")}


def test_a_deleted_row_that_returns_is_known_from_its_return(settings: Settings, tmp_path: Path) -> None:
    deleted = [row if row["student_id"] != BEN else row | {"row_status": "deleted"} for row in ATTENDANCE]
    back = [row | {"recorded_at": "2024-10-14T20:00:00Z"} for row in ATTENDANCE]
    load(settings, write_drop(tmp_path / "one"))
    load(settings, write_drop(tmp_path / "two", attendance=deleted), now=SECOND)
    load(settings, write_drop(tmp_path / "three", attendance=back), now=THIRD)
    chain = [row for row in versions(settings, "attendance") if row["student_id"] == BEN]
    assert [(row["known_at"], row["superseded_at"]) for row in chain][1:] == [(THIRD, None)]


def test_a_student_left_out_of_the_file_stays_known_until_deleted(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    load(settings, write_drop(tmp_path / "two", students=STUDENTS[1:]), now=SECOND, accept_held=True)
    assert ANA in {row["student_id"] for row in standing(settings, "students")}
    gone = [{"student_id": ANA, "status": "deleted"}, *STUDENTS[1:]]
    load(settings, write_drop(tmp_path / "three", students=gone), now=THIRD)
    assert ANA not in {row["student_id"] for row in standing(settings, "students")}


def test_tables_that_are_not_in_the_drop_are_left_alone(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "one"))
    before = read_published(settings.lake).tables
    load(
        settings, write_drop(tmp_path / "two", {"students": [*STUDENTS, {"student_id": "0006"}]}), now=SECOND
    )
    after = read_published(settings.lake).tables
    assert {name for name in before if before[name] != after[name]} == {"students"}


def test_an_open_lake_stays_what_it_was_while_a_newer_drop_is_loaded(
    settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "one"))
    records = open_lake(settings)
    load(settings, write_drop(tmp_path / "two", attendance=CORRECTED), now=SECOND)
    rows = records.table("attendance").to_pyarrow().to_pylist()
    assert ana_on_the_15th(rows) == ["absent_unexcused"]
    assert records.versions["attendance"] < open_lake(settings).versions["attendance"]


def test_a_table_that_was_never_handed_over_is_empty_and_typed(settings: Settings, tmp_path: Path) -> None:
    for records in (
        open_lake(settings),
        (load(settings, write_drop(tmp_path / "d")), open_lake(settings))[1],
    ):
        assert not records.has("marks")
        assert records.table("marks").to_pyarrow().num_rows == 0
        assert str(records.table("marks").percent.type()) == "float64"


def test_an_empty_file_of_a_table_says_that_there_are_none(settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "drop", incidents=b"incident_id,school_id,occurred_on\n"))
    assert open_lake(settings).has("incidents")
    assert standing(settings, "incidents") == []


def test_check_tells_what_load_would_do_and_writes_nothing(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_drop(tmp_path / "drop")
    checked = check_drop(settings, folder, "csv", now=FIRST)
    monkeypatch.setenv("EWS_HOME", str(settings.home))
    check_command(folder)
    assert "a load would be: loaded" in capsys.readouterr().out
    assert not settings.lake.exists()
    assert checked.as_json() | {"published": True} == load(settings, folder).as_json()


def test_orgs_and_students_are_all_that_loading_needs(settings: Settings, tmp_path: Path) -> None:
    assert (
        load(settings, write_drop(tmp_path / "two", {"orgs": ORGS, "students": STUDENTS})).status == "loaded"
    )
    report = load(settings, write_drop(tmp_path / "more", {"enrollments": ENROLLMENTS}), now=SECOND)
    assert report.status == "loaded"


def test_without_students_nothing_is_loaded(settings: Settings, tmp_path: Path) -> None:
    report = load(settings, write_drop(tmp_path / "drop", {"orgs": ORGS, "enrollments": ENROLLMENTS}))
    assert report.status == "rejected"
    assert report.problems[0].file == "students.csv"


def test_parquet_loads_as_csv_does_and_needs_identifiers_as_text(settings: Settings, tmp_path: Path) -> None:
    folder = write_drop(tmp_path / "one")
    (folder / "attendance.csv").unlink()
    rows = pa.Table.from_pylist([row | {"date": date.fromisoformat(row["date"])} for row in ATTENDANCE])
    pq.write_table(rows, folder / "attendance.parquet")
    assert load(settings, folder).status == "loaded"
    assert len(standing(settings, "attendance")) == len(ATTENDANCE)
    numbers = rows.set_column(0, "student_id", pa.array([1, 1, 2, 4]))
    pq.write_table(numbers, folder / "attendance.parquet")
    report = load(settings, folder, now=SECOND)
    assert report.status == "rejected"
    assert report.problems[0].problem == "an identifier stored as a number"


def test_a_file_of_no_table_is_left_with_a_warning(settings: Settings, tmp_path: Path) -> None:
    folder = write_drop(tmp_path / "drop")
    (folder / "readme.txt").write_text("hello")
    (folder / "lunch.csv").write_text("a,b\n1,2\n")
    report = load(settings, folder)
    assert report.status == "loaded"
    assert {problem.file for problem in report.problems} == {"readme.txt", "lunch.csv"}


def test_two_loads_do_not_interleave(settings: Settings, tmp_path: Path) -> None:
    folder = write_drop(tmp_path / "drop")
    with one_load_at_a_time(settings.lake), pytest.raises(UsageError, match="Another load is running"):
        load(settings, folder)
    assert load(settings, folder).status == "loaded"


def test_what_is_not_there_and_an_unknown_source_are_usage_errors(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing at"):
        load(settings, tmp_path / "nowhere")
    with pytest.raises(UsageError, match="no source paper"):
        load_drop(settings, tmp_path, "paper", now=FIRST)


def test_a_home_with_a_space_and_an_accent_in_its_name(settings: Settings, tmp_path: Path) -> None:
    elsewhere = replace(settings, home=tmp_path / "my data é")
    load(elsewhere, write_drop(tmp_path / "drop"))
    assert len(standing(elsewhere, "attendance")) == len(ATTENDANCE)
    with pytest.raises(UsageError, match="percent sign"):
        load(replace(settings, home=tmp_path / "100%"), write_drop(tmp_path / "drop"))


def test_a_table_of_many_files_is_compacted_and_says_the_same(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ews.records.delta.MANY_FILES", 2)
    load(settings, write_drop(tmp_path / "0"))
    early = open_lake(settings)
    rows = list(STUDENTS)
    for number in range(1, 4):
        rows = [*rows, {"student_id": f"new{number}"}]
        load(settings, write_drop(tmp_path / str(number), {"students": rows}), now=SECOND)
    version = read_published(settings.lake).tables["students"]
    assert len(files_of(settings.lake / "students", version)) <= 2
    assert len(standing(settings, "students")) == len(STUDENTS) + 3
    assert early.table("students").to_pyarrow().num_rows == len(STUDENTS)
