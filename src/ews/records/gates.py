"""What is readable and yet doubtful in a drop's attendance: told as warnings, loaded all the same.

These are the failures that users of other systems reported: a school that records nobody absent, events
on holidays, students without one value all year, a school whose file stopped weeks ago.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.drop import Handed
from ews.records.keys import are_among, key_codes
from ews.records.problems import Problem
from ews.records.standing import Standing

MANY_ROWS = 500
"""So many rows of a school without one absence are no luck."""
BEHIND_DAYS = 14
"""A school whose newest attendance is so many days older than the district's has stopped sending."""


def doubtful(handed: Handed | None, standing: Standing) -> list[Problem]:
    """The warnings about the drop's attendance, which may be absent."""
    if handed is None or not handed.rows.num_rows:
        return []
    return [
        *out_of_calendar(handed, standing),
        *nobody_absent(handed),
        *without_any_value(handed),
        *stopped(handed),
    ]


def out_of_calendar(handed: Handed, standing: Standing) -> list[Problem]:
    """Attendance on days that a school's calendar does not call school days."""
    days = standing.rows("calendar_days", ("school_id", "date", "is_instructional"))
    school_days = days.filter(days["is_instructional"])
    on, planned = key_codes([handed.rows, school_days], ("school_id", "date"))
    calendars = pc.is_in(handed.rows["school_id"], value_set=pc.unique(days["school_id"]))
    outside = np.flatnonzero(np.asarray(calendars) & ~are_among(on, planned))
    if not len(outside):
        return []
    fix = "Is it Saturday school, or is the calendar wrong? Such days do not count as expected."
    return [_warning(handed, outside, "date", None, "Attendance on a day that is no school day.", fix)]


def nobody_absent(handed: Handed) -> list[Problem]:
    """Schools with many rows, all of them present."""
    present = pc.fill_null(pc.equal(handed.rows["status"], "present"), False)
    rows = handed.rows.select(["school_id"]).append_column("other", pc.invert(present).cast(pa.int64()))
    by_school = rows.group_by("school_id").aggregate([("other", "sum"), ("other", "count")]).to_pylist()
    fix = "Are absences sent? If only absences are recorded, say so in the manifest."
    return [
        Problem(
            handed.file.name, None, "status", school["school_id"], "Nobody was ever absent.", fix, "warning"
        )
        for school in sorted(by_school, key=lambda one: str(one["school_id"]))
        if not school["other_sum"] and school["other_count"] >= MANY_ROWS
    ]


def without_any_value(handed: Handed) -> list[Problem]:
    """Students of whom not one row has a status: unknown, not present."""
    rows = handed.rows.select(["student_id", "school_id", "status"])
    by_student = rows.group_by(["student_id", "school_id"]).aggregate(
        [("status", "count"), ("status", "max")]
    )
    empty = by_student.filter(pc.equal(by_student["status_count"], 0))
    if not empty.num_rows:
        return []
    fix = "Their days count as unknown, neither present nor absent. Is a code unmapped?"
    found = "Students without one attendance value."
    return [Problem(handed.file.name, None, "status", None, found, fix, "warning", empty.num_rows)]


def stopped(handed: Handed) -> list[Problem]:
    """Schools whose newest day is far behind the district's."""
    rows = handed.rows.select(["school_id", "date"])
    by_school = rows.group_by("school_id").aggregate([("date", "max")]).to_pylist()
    newest = max(school["date_max"] for school in by_school)
    fix = "Ask the school to send its attendance; its scores will be marked as old."
    return [
        Problem(
            handed.file.name,
            None,
            "date",
            school["school_id"],
            f"The newest day is {school['date_max']}; the district's is {newest}.",
            fix,
            "warning",
        )
        for school in sorted(by_school, key=lambda one: str(one["school_id"]))
        if (newest - school["date_max"]).days > BEHIND_DAYS
    ]


def _warning(
    handed: Handed, rows: np.ndarray, column: str, value: str | None, found: str, fix: str
) -> Problem:
    line = int(handed.lines[rows[0]])
    return Problem(handed.file.name, line, column, value, found, fix, "warning", len(rows))
