"""A made-up district is a proper drop: the same seed gives the same bytes, and its truth lies apart."""

from __future__ import annotations

import ast
import hashlib
import json
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

import ews
from ews.district.make import make_district
from ews.district.sizes import sized
from ews.errors import UsageError
from ews.records.contract import CONTRACT


def fingerprint(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_makes_the_same_bytes_and_another_seed_others(tmp_path, tiny_drop):
    again = make_district(tmp_path / "again", "tiny", seed=3, truth=tmp_path / "truth")
    assert again.until == date(2025, 11, 14)
    assert fingerprint(tmp_path / "again") == fingerprint(tiny_drop)
    assert fingerprint(tmp_path / "truth") == fingerprint(tiny_drop.parent / "truth")
    make_district(tmp_path / "other", "tiny", seed=4)
    assert fingerprint(tmp_path / "other")["attendance.csv"] != fingerprint(tiny_drop)["attendance.csv"]


def test_every_file_has_the_contracts_columns(tiny_drop):
    for path in tiny_drop.glob("*.csv"):
        header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
        known = {*CONTRACT[path.stem].names, "recorded_at", "source_code"}
        assert not {name.strip('"') for name in header} - known, path.name


def test_keys_are_unique_and_every_reference_is_there(tiny, tiny_drop):
    for name in [path.stem for path in tiny_drop.glob("*.csv")]:
        rows, table = tiny(name), CONTRACT[name]
        assert not rows.duplicated(list(table.key)).any(), name
        for column, parent in table.parents.items():
            if column in rows:
                known = tiny(parent)[CONTRACT[parent].key[0]]
                assert rows[column].dropna().isin(known).all(), f"{name}.{column}"


def test_the_manifest_counts_and_hashes_every_file(tiny_drop):
    manifest = json.loads((tiny_drop / "manifest.json").read_text())
    assert manifest["attendance_mode"] == "negative"
    assert set(manifest["files"]) == {path.name for path in tiny_drop.glob("*.csv")}
    for name, said in manifest["files"].items():
        assert said["sha256"] == fingerprint(tiny_drop)[name]
        assert said["rows"] == len((tiny_drop / name).read_text(encoding="utf-8").splitlines()) - 1


def test_nothing_after_the_day_of_the_drop_is_in_it(tiny):
    until = "2025-11-14"
    assert tiny("attendance").date.max() <= until
    assert tiny("attendance").recorded_at.str[:10].max() <= until
    assert tiny("marks").recorded_at.str[:10].max() <= until
    assert tiny("assignment_results").scored_at.dropna().str[:10].max() <= until
    running = tiny("enrollments").query("school_year == 2026")
    assert running.exit_date.dropna().max() <= until
    assert (running.exit_date.isna() == running.exit_type.isna()).all()
    assert running.exit_date.isna().mean() > 0.9


def test_nobody_scores_more_than_the_points_there_are(tiny):
    results = tiny("assignment_results").merge(tiny("assignments"), on="assignment_id")
    assert (results.points_earned.dropna() <= results.points_possible[results.points_earned.notna()]).all()


def test_nobody_sits_in_two_classes_of_one_period(tiny):
    seats = tiny("section_enrollments").merge(tiny("section_staff")[["section_id", "period"]])
    seats = seats[seats.end_date.isna()]
    assert not seats.duplicated(["student_id", "section_id"]).any()
    older = seats[seats.section_id < "3"]
    assert not older.duplicated(["student_id", "period"]).any()


def test_the_truth_is_written_apart_and_no_module_but_its_own_knows_it(tiny_drop):
    names = {path.name for path in (tiny_drop.parent / "truth").iterdir()}
    assert names == {
        "students.parquet",
        "weeks.parquet",
        "outcomes.parquet",
        "support.parquet",
        "teachers.parquet",
        "truth.json",
    }
    assert not names & {path.name for path in tiny_drop.iterdir()}
    root = Path(str(ews.__file__)).parent
    for path in root.rglob("*.py"):
        if path.parent.name != "district":
            imported = {
                node.module
                for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ImportFrom)
            }
            assert "ews.district.truth" not in imported, path


def test_support_helps_harms_or_does_nothing_as_its_known_effect_says(tmp_path):
    make_district(tmp_path / "drop", "demo", students=2000, seed=5, truth=tmp_path / "truth", years=3)
    students = pd.read_parquet(tmp_path / "truth" / "students.parquet")
    outcomes = pd.read_parquet(tmp_path / "truth" / "outcomes.parquet")
    rows = outcomes.query("week == 16").merge(students, on=["student_id", "school_year"])
    rows["effect"] = rows.missed_with_support - rows.missed_without
    effect = rows.groupby("program").effect.mean()
    assert effect["check_in_check_out"] < -0.3
    assert effect["math_help_at_lunch"] == 0
    assert effect["detention_contract"] > 0.05
    assert (rows[rows.program.isna()].effect == 0).all()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("village", None, None), "Unknown size 'village'"),
        (("tiny", 30, None), "at least 100"),
        (("tiny", None, 1), "2 to 12"),
    ],
)
def test_a_district_that_cannot_be_says_why(arguments, said):
    with pytest.raises(UsageError, match=said):
        sized(*arguments)


def test_the_number_of_students_can_be_chosen():
    assert sized("demo", None, None).students == 5000
    assert sized("district", None, None).students == 12000
    assert len(sized("district", None, None).schools) == 24
    assert sized("demo", 1234, 3).students == 1234
    assert list(sized("demo", None, 3).school_years) == [2024, 2025, 2026]
