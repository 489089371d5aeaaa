"""A student's record week by week, for trends and charts: as known on one as-of date.

The charts and the sentences rest on the same days, marks and incidents as the features do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import ibis

from ews.features.attendance import attendance_days
from ews.features.behavior import incidents_of
from ews.features.calendar import WHOLE_DAY, week_of
from ews.features.courses import HUNDREDTHS, latest, read_marks, sections_of
from ews.features.known import at_each_moment, both_known
from ews.features.snapshots import Snapshots

if TYPE_CHECKING:
    import pandas as pd

    from ews.records.lake import Records
    from ews.settings import Settings

WEEKS = 36
KEY = ("student", "week_start")


def weekly_record(
    records: Records,
    as_of: date,
    students: Sequence[str] | None = None,
    weeks: int = WEEKS,
    *,
    settings: Settings,
) -> pd.DataFrame:
    """The last ``weeks`` school weeks of everyone enrolled on ``as_of``, as known by then.

    Columns: student_id, week_start (Monday), days_missed, days_expected (days; 0 in a week without
    attendance on record), marks_mean (points of 100, the latest mark of each course under way at the end
    of the week; NaN without marks), incidents (that week). Sorted by (student_id, week_start). Weeks of
    this school year and the one before; a summer is a gap.
    """
    ground = Snapshots.of(records, [as_of], settings, students)
    shown = school_weeks(ground, weeks)
    rows = ground.cohort.join(shown, "calendar").select("student", "week_start")
    for part in (days_by_week(ground), marks_by_week(ground, shown), incidents_by_week(ground)):
        rows = rows.left_join(part, KEY, rname="{name}_of_part").select(
            *rows.columns, *(name for name in part.columns if name not in KEY)
        )
    rows = rows.join(ground.students, "student").select(
        "student_id",
        "week_start",
        days_missed=(rows.absent.fill_null(0) / WHOLE_DAY).cast("float64"),
        days_expected=(rows.expected.fill_null(0) / WHOLE_DAY).cast("float64"),
        marks_mean=(rows.percents / (rows.courses * HUNDREDTHS)).cast("float64"),
        incidents=rows.incidents.fill_null(0).cast("int64"),
    )
    frame = rows.to_pyarrow().to_pandas(date_as_object=True)
    return frame.sort_values(["student_id", "week_start"], kind="stable", ignore_index=True)


def school_weeks(ground: Snapshots, weeks: int) -> ibis.Table:
    """calendar, week_start: each calendar's last ``weeks`` weeks with a school day up to the as-of date."""
    days = ground.school_days.join(ground.moments.table.select("moment", "as_of"), "moment")
    days = days.filter(days.date <= days.as_of)
    found = days.select("calendar", week_start=week_of(days.date).cast("date")).distinct()
    place = ibis.row_number().over(group_by="calendar", order_by=ibis.desc("week_start"))
    found = found.mutate(place=place)
    return found.filter(found.place < weeks).drop("place")


def days_by_week(ground: Snapshots) -> ibis.Table:
    """student, week_start, expected, absent (ten-thousandths of a day)."""
    days = attendance_days(ground)
    days = days.mutate(week_start=week_of(days.date).cast("date"))
    return days.group_by("student", "week_start").agg(expected=days.expected.sum(), absent=days.absent.sum())


def marks_by_week(ground: Snapshots, shown: ibis.Table) -> ibis.Table:
    """student, week_start, percents (sum of hundredths), courses: the courses under way that week."""
    marks = both_known(read_marks(ground), sections_of(ground), ["section_id"])
    marks = at_each_moment(marks.filter(marks.percent.notnull()))
    weeks = shown.select("week_start").distinct()
    ends = weeks.week_start + ibis.interval(days=6)
    rows = marks.join(
        weeks,
        (marks.as_of_date <= ends.cast("date"))
        & (marks.closes.isnull() | (marks.closes >= weeks.week_start))
        & (marks.opens.isnull() | (marks.opens <= ends.cast("date"))),
    )
    rows = latest(rows, of=("student", "section", "week_start"))
    return rows.group_by("student", "week_start").agg(percents=rows.percent.sum(), courses=rows.count())


def incidents_by_week(ground: Snapshots) -> ibis.Table:
    """student, week_start, incidents: how many different ones."""
    rows = at_each_moment(incidents_of(ground))
    rows = rows.mutate(week_start=week_of(rows.occurred_on).cast("date"))
    return rows.group_by("student", "week_start").agg(incidents=rows.incident_id.nunique())
