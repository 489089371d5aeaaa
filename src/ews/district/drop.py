"""How does a made-up district hand over its records? One CSV a table and a manifest, cut at a day.

What had not happened or was not yet written down by ``until`` is not in the drop: rows dated or
recorded later are left out, and ends that lie ahead (of an enrollment, a program) are open.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from ews.district.sizes import Size
from ews.school_year import school_year_of


@dataclass(frozen=True)
class Cut:
    """Which columns date a row, and which hold an end with what it brought (first the date itself)."""

    dates: tuple[str, ...] = ()
    end: tuple[str, ...] = ()


CUTS = {
    "enrollments": Cut(("entry_date", "recorded_at"), ("exit_date", "exit_type")),
    "attendance": Cut(("date", "recorded_at")),
    "attendance_notices": Cut(("notice_date",)),
    "section_enrollments": Cut(("begin_date",), ("end_date",)),
    "section_staff": Cut(("begin_date",), ("end_date",)),
    "staff_caseload": Cut(("begin_date",), ("end_date",)),
    "marks": Cut(("as_of_date", "recorded_at")),
    "assignments": Cut(("assigned_date",)),
    "assignment_results": Cut(("submitted_at",), ("scored_at", "points_earned")),
    "assessments": Cut(("administered_on", "released_on")),
    "incidents": Cut(("occurred_on", "recorded_at")),
    "student_incidents": Cut(("recorded_at",)),
    "discipline_actions": Cut(("start_date", "recorded_at"), ("end_date", "actual_days")),
    "el_status": Cut(("start_date",), ("end_date",)),
    "programs": Cut(("begin_date",), ("end_date", "detail")),
    "interventions": Cut(("begin_date",), ("end_date", "outcome")),
    "intervention_sessions": Cut(("date",)),
    "contacts": Cut(("occurred_at",)),
}


def known_by(tables: Mapping[str, pa.Table], until: date | None) -> dict[str, pa.Table]:
    """The tables as they stood at the end of ``until`` (None: as they stand at the very end)."""
    known = {name: cut(table, CUTS.get(name, Cut()), until) for name, table in tables.items()}
    if until is not None:
        known["assignment_results"] = without_unscored(known["assignment_results"])
    enrolled = known["enrollments"]["student_id"].unique()
    return {name: of_students(table, enrolled) for name, table in known.items()}


def of_students(table: pa.Table, enrolled: pa.ChunkedArray) -> pa.Table:
    """Only rows of these students, where a row belongs to a student."""
    if "student_id" not in table.column_names:
        return table
    return table.filter(pc.is_in(table["student_id"], value_set=enrolled))


def cut(table: pa.Table, rule: Cut, until: date | None) -> pa.Table:
    """Rows dated by ``until``; ends that lie after it are null."""
    if until is None:
        return table
    for name in rule.dates:
        table = table.filter(pc.fill_null(by(table[name], until), True))
    if rule.end:
        ended = pc.fill_null(by(table[rule.end[0]], until), False)
        for name in rule.end:
            kept = pc.if_else(ended, table[name], pa.scalar(None, table[name].type))
            table = table.set_column(table.column_names.index(name), name, kept)
    return table


def by(column: pa.ChunkedArray, until: date) -> pa.ChunkedArray:
    """Whether each date or instant lies on or before that day."""
    return pc.less_equal(column.cast(pa.timestamp("s")).cast(pa.date32(), safe=False), pa.scalar(until))


def without_unscored(results: pa.Table) -> pa.Table:
    """Work handed in but not scored yet is ``submitted``; what nobody has entered yet is no row."""
    unscored = pc.is_null(results["scored_at"])
    handed_in = pc.is_valid(results["submitted_at"])
    status = pc.if_else(pc.and_(unscored, handed_in), "submitted", results["status"])
    results = results.set_column(results.column_names.index("status"), "status", status)
    return results.filter(pc.or_(pc.invert(unscored), handed_in))


def write_drop(out: Path, size: Size, tables: Mapping[str, pa.Table], until: date) -> dict[str, int]:
    """One CSV a table and the manifest; returns rows by table."""
    out.mkdir(parents=True, exist_ok=True)
    for name, table in tables.items():
        write_csv(table, out / f"{name}.csv")
    (out / "manifest.json").write_text(
        json.dumps(manifest(out, size, tables, until), indent=2) + "\n", encoding="utf-8"
    )
    return {name: table.num_rows for name, table in tables.items()}


def write_csv(table: pa.Table, path: Path) -> None:
    """UTF-8, a header, instants as ``2025-11-14T23:00:00Z``; a value that would need quotes is an error."""
    columns = {name: as_text(table[name]) for name in table.column_names}
    options = pa.csv.WriteOptions(quoting_style="none", batch_size=65_536)
    pa.csv.write_csv(pa.table(columns), path, options)


def as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Instants as text; everything else as it is."""
    if not pa.types.is_timestamp(column.type):
        return column
    codes = column.combine_chunks().dictionary_encode()
    words = [None if t is None else f"{t:%Y-%m-%dT%H:%M:%SZ}" for t in codes.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(words, pa.string()).take(codes.indices)])


def manifest(out: Path, size: Size, tables: Mapping[str, pa.Table], until: date) -> dict[str, object]:
    """What is in the drop, counted and hashed, and how far each school's attendance is complete."""
    return {
        "contract_version": "1",
        "district_id": "D01",
        "extract_at": f"{until.isoformat()}T23:30:00Z",
        "school_year": school_year_of(until),
        "files": {
            f"{name}.csv": {"mode": "full", "rows": table.num_rows, "sha256": sha256_of(out / f"{name}.csv")}
            for name, table in tables.items()
        },
        "attendance_mode": "negative",
        "attendance_complete_through": {school.org_id: until.isoformat() for school in size.schools},
    }


def sha256_of(path: Path) -> str:
    """The file's SHA-256, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def joined(parts: list[pa.Table]) -> pa.Table:
    """Tables of several years as one; a column that is empty in some years takes the others' type."""
    return pa.concat_tables(parts, promote_options="permissive")
