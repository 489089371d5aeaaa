"""Everything that a drop holds about a few students, as the rows that a system puts into /score_records."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Rows = list[dict[str, Any]]


def rows_about(drop: Path, students: Iterable[str]) -> dict[str, Rows]:
    """Contract rows about ``students``, and the plans that they refer to: their schools, sections, terms."""
    wanted = set(students)
    handed = {path.stem: read(path) for path in sorted(drop.glob("*.csv"))}
    for name, rows in handed.items():
        if rows and "student_id" in rows[0]:
            handed[name] = [row for row in rows if row["student_id"] in wanted]
    schools = {row["school_id"] for row in handed["enrollments"]}
    sections = {row["section_id"] for name in ("marks", "section_enrollments") for row in handed[name]}
    incidents = {row["incident_id"] for row in handed["student_incidents"]}
    assignments = {row["assignment_id"] for row in handed["assignment_results"]}
    for name, column, kept in (
        ("calendar_days", "school_id", schools),
        ("terms", "school_id", schools),
        ("sections", "section_id", sections),
        ("section_staff", "section_id", sections),
        ("incidents", "incident_id", incidents),
        ("assignments", "assignment_id", assignments),
    ):
        handed[name] = [row for row in handed[name] if row.get(column) in kept or not row.get(column)]
    manifest = json.loads((drop / "manifest.json").read_text(encoding="utf-8"))
    handed["attendance_coverage"] = [
        {"school_id": school, "mode": manifest["attendance_mode"], "complete_through": day}
        for school, day in manifest["attendance_complete_through"].items()
    ]
    return {name: rows for name, rows in handed.items() if rows}


def read(path: Path) -> Rows:
    """The rows of one file; an empty field is left out, as it is null."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: value for name, value in row.items() if value != ""} for row in csv.DictReader(file)]
