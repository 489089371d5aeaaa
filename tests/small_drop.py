"""A district of five named people, small enough to read, handed over as files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ews.records.intake import load_drop
from ews.records.report import LoadReport
from ews.settings import Settings

Rows = Sequence[Mapping[str, Any]]

ORGS: Rows = [
    {"org_id": "D", "org_type": "district", "name": "Valle"},
    {"org_id": "S1", "org_type": "school", "name": "Roble Middle"},
    {"org_id": "S2", "org_type": "school", "name": "Encino High"},
]
STUDENTS: Rows = [{"student_id": student} for student in ("0001", "0002", "0003", "0004", "0005")]
ANA, BEN, CHO, DEV, EVA = (row["student_id"] for row in STUDENTS)
ENROLLMENTS: Rows = [
    {
        "student_id": student,
        "school_id": school,
        "entry_date": "2024-08-15",
        "exit_date": "",
        "exit_type": "",
        "grade_level": "7",
        "school_year": "2025",
    }
    for student, school in ((ANA, "S1"), (BEN, "S1"), (CHO, "S1"), (DEV, "S2"), (EVA, "S2"))
]
ATTENDANCE: Rows = [
    {"student_id": student, "school_id": school, "date": day, "status": status}
    for student, school, day, status in (
        (ANA, "S1", "2024-10-14", "present"),
        (ANA, "S1", "2024-10-15", "absent_unexcused"),
        (BEN, "S1", "2024-10-14", "present"),
        (DEV, "S2", "2024-10-14", "tardy"),
    )
]
TABLES: dict[str, Rows] = {
    "orgs": ORGS,
    "students": STUDENTS,
    "enrollments": ENROLLMENTS,
    "attendance": ATTENDANCE,
}


def moment(written: str) -> datetime:
    """A UTC instant."""
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


FIRST = moment("2024-11-01 12:00")
SECOND = moment("2024-11-02 12:00")
THIRD = moment("2024-11-03 12:00")


def as_csv(rows: Rows) -> bytes:
    """The rows as a file of the contract."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def write_drop(
    folder: Path,
    tables: Mapping[str, Rows | bytes] | None = None,
    manifest: Mapping[str, Any] | None = None,
    **changed: Rows | bytes,
) -> Path:
    """``tables`` (the whole small district if None) with those ``changed``, as files in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in ((TABLES if tables is None else tables) | changed).items():
        (folder / f"{name}.csv").write_bytes(rows if isinstance(rows, bytes) else as_csv(rows))
    if manifest is not None:
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def load(settings: Settings, folder: Path, now: datetime = FIRST, **how: Any) -> LoadReport:
    """The drop in ``folder``, loaded at ``now``."""
    return load_drop(settings, folder, "csv", now=now, **how)


def versions(settings: Settings, table: str) -> list[dict[str, Any]]:
    """Every version of every row in the lake, in order of key and time."""
    from ews.records.contract import CONTRACT
    from ews.records.lake import open_lake

    rows = open_lake(settings).table(table).to_pyarrow().to_pylist()
    key = CONTRACT[table].key if table in CONTRACT else ("school_id",)
    return sorted(rows, key=lambda row: (*(str(row[name]) for name in key), row["known_at"]))


def standing(settings: Settings, table: str) -> list[dict[str, Any]]:
    """The rows that stand now."""
    return [row for row in versions(settings, table) if row["superseded_at"] is None]


def as_known(settings: Settings, table: str, at: datetime) -> list[dict[str, Any]]:
    """The rows as they were known just before ``at``."""
    return [
        row
        for row in versions(settings, table)
        if row["known_at"] < at and (row["superseded_at"] is None or row["superseded_at"] >= at)
    ]
