"""Up to which day each school's data were known, as of each moment."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import ibis

from ews.features.kept import kept
from ews.features.known import at_each_moment, both_known, ever, known_between
from ews.features.snapshots import Snapshots

if TYPE_CHECKING:
    from ews.records.lake import Records
    from ews.settings import Settings


def last_known(ground: Snapshots, runs: ibis.Table, day: str, name: str) -> ibis.Table:
    """moment, school_id and, as ``name``, the last ``day`` of which a row was known at the school."""
    folded = runs.group_by("school_id", "first", "last").agg(latest=runs[day].max())
    rows = at_each_moment(folded)
    return rows.group_by("moment", "school_id").agg(**{name: rows.latest.max()})


def taken_through(ground: Snapshots) -> ibis.Table:
    """moment, as_of, school_id, negative, through: the last day with attendance known at each school.

    The school's own word (attendance_coverage) as of the moment, if it said any by then; else the last
    day of which any row was known. Whether attendance is negative is the school's latest word by then,
    else its first ever: that describes how the file is kept and not what happened.
    """
    schools = ground.calendars.select("school_id").distinct()
    rows = schools.cross_join(ground.moments.table.select("moment", "as_of"))
    for part in (said_of_attendance(ground), last_attendance(ground)):
        rows = rows.left_join(part, ["moment", "school_id"]).drop("moment_right", "school_id_right")
    first = ever(ground.records, "attendance_coverage")
    first = first.group_by("school_id").agg(first_mode=first["mode"].argmin(first.known_at))
    rows = rows.left_join(first, "school_id").drop("school_id_right")
    mode = rows["mode"].coalesce(rows.first_mode, "positive")
    through = rows.complete_through.coalesce(rows.last_seen)
    return kept(
        rows.select(
            "moment",
            "as_of",
            "school_id",
            negative=mode == "negative",
            through=ibis.ifelse(through > rows.as_of, rows.as_of, through),
        )
    )


def through_by_school(records: Records, as_of: date, settings: Settings) -> dict[str, date | None]:
    """School -> the last day of which its attendance was known on ``as_of``; None where there is none."""
    rows = taken_through(Snapshots.of(records, [as_of], settings)).select("school_id", "through")
    return {row["school_id"]: row["through"] for row in rows.to_pyarrow().to_pylist()}


def said_of_attendance(ground: Snapshots) -> ibis.Table:
    """moment, school_id, mode, complete_through: what each school said last by each moment."""
    rows = at_each_moment(known_between(ground.records, "attendance_coverage", ground.moments))
    return rows.group_by("moment", "school_id").agg(
        mode=rows["mode"].argmax(rows.complete_through), complete_through=rows.complete_through.max()
    )


def last_attendance(ground: Snapshots) -> ibis.Table:
    """moment, school_id, last_seen: by the rows of all its students, not only of those asked for."""
    runs = known_between(ground.records, "attendance", ground.moments, years=1)
    return last_known(ground, runs, "date", "last_seen")


def freshness(ground: Snapshots) -> ibis.Table:
    """moment, school_id, attendance_through, marks_through, incidents_through (dates or null)."""
    rows = taken_through(ground).select("moment", "school_id", attendance_through="through")
    marks = known_between(ground.records, "marks", ground.moments, years=1).select(
        "section_id", "as_of_date", "first", "last"
    )
    sections = known_between(ground.records, "sections", ground.moments).select(
        "section_id", "school_id", "first", "last"
    )
    incidents = known_between(ground.records, "incidents", ground.moments, years=1)
    for part in (
        last_known(ground, both_known(marks, sections, ["section_id"]), "as_of_date", "marks_through"),
        last_known(ground, incidents, "occurred_on", "incidents_through"),
    ):
        rows = rows.left_join(part, ["moment", "school_id"]).drop("moment_right", "school_id_right")
    return rows
