"""Scores handed to other systems: the promised columns, safe cells, and an entry in the ledger."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select
from support.alder_creek import BAPTISTE, FRIDAY, MARIBEL, MONDAY_MORNING, TOWN, XIMENA, keep, opened, roomy

from ews.errors import UsageError
from ews.settings import Settings
from ews.store.tables import ledger
from ews.support.escaping import escaped
from ews.support.runs import run_of
from ews.support.scores_table import COLUMNS, scores_table, write_scores

PROMISED = [
    *("student_id", "school_id", "grade_level", "as_of", "domain", "probability", "band"),
    *("suggested_level", "status", "data_coverage"),
    *("driver_1", "driver_1_text", "driver_2", "driver_2_text", "driver_3", "driver_3_text"),
    *("driver_4", "driver_4_text", "driver_5", "driver_5_text", "model_version", "run_id"),
    *("range_low", "range_high", "disputed", "disputed_since"),
]


def write(settings: Settings, out: Path, form: str, domain: str | None = None) -> int:
    return write_scores(settings, FRIDAY, domain=domain, form=form, out=out, now=MONDAY_MORNING)


def test_the_columns_are_the_promised_ones() -> None:
    assert list(COLUMNS) == PROMISED


def test_csv_json_and_parquet_hold_the_same_scores(settings: Settings, tmp_path: Path) -> None:
    report = keep(roomy(settings))
    for form in ("csv", "json", "parquet"):
        assert write(settings, tmp_path / f"out.{form}", form) == report.scores
    with (tmp_path / "out.csv").open(newline="") as file:
        from_csv = list(csv.DictReader(file))
    from_json = json.loads((tmp_path / "out.json").read_text())
    from_parquet = pd.read_parquet(tmp_path / "out.parquet")
    assert list(from_csv[0]) == list(from_json[0]) == list(from_parquet.columns) == PROMISED
    overall = {row["student_id"]: row for row in from_json if row["domain"] == "overall"}
    assert overall["maribel-santos"]["suggested_level"] == "see_first"
    assert overall["maribel-santos"]["probability"] == 0.83
    assert overall["maribel-santos"]["as_of"] == "2025-11-14"
    assert overall["ximena-castillo"]["suggested_level"] is None
    assert [row["probability"] for row in from_csv if row["student_id"] == "ximena-castillo"] == ["", ""]
    assert all(row["suggested_level"] is None for row in from_json if row["domain"] != "overall")
    assert from_parquet["probability"].dtype == "float64"
    assert {(row["disputed"], row["disputed_since"]) for row in from_json} == {(False, None)}
    assert {(row["disputed"], row["disputed_since"]) for row in from_csv} == {("False", "")}


def test_the_file_is_its_owners_alone_and_the_export_in_the_ledger(
    settings: Settings, tmp_path: Path
) -> None:
    keep(roomy(settings))
    write(settings, tmp_path / "out.csv", "csv", "attendance")
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    with opened(settings) as store, store.read() as tx:
        entry = tx.execute(select(ledger)).one()
    assert entry.action == "export" and len(json.loads(entry.students)) == len(TOWN)


def test_whoever_asks_gets_their_own_students_only(settings: Settings) -> None:
    keep(roomy(settings))
    with opened(settings) as store, store.begin() as tx:
        table = scores_table(tx, BAPTISTE, run_of(tx, FRIDAY), now=MONDAY_MORNING)
    assert "ana-reyes" not in set(table["student_id"]) and "maribel-santos" in set(table["student_id"])


def test_a_day_without_a_run_and_an_unknown_domain_say_what_there_is(
    settings: Settings, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match="ews score --as-of 2025-11-14"):
        write(settings, tmp_path / "out.csv", "csv")
    keep(roomy(settings), [MARIBEL, XIMENA])
    with pytest.raises(UsageError, match="attendance"):
        write(settings, tmp_path / "out.csv", "csv", "luck")


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\r\nx", "'\r\nx"),
        (" =1+1", "' =1+1"),
        ("\0=1", "'=1"),
        ("＝1+1", "'＝1+1"),
        ("＋1", "'＋1"),
        ("O'Brien", "O'Brien"),
        ("Null", "Null"),
        ("a=b", "a=b"),
        (-0.5, -0.5),
        (None, None),
    ],
)
def test_no_cell_is_taken_for_a_formula(cell: object, safe: object) -> None:
    assert escaped(cell) == safe


def test_an_id_that_looks_like_a_formula_is_escaped_in_csv(settings: Settings, tmp_path: Path) -> None:
    keep(roomy(settings), [replace(MARIBEL, name="=Smith")])
    write(settings, tmp_path / "out.csv", "csv")
    assert "\n'=smith," in (tmp_path / "out.csv").read_text()
