"""The feature matrix: one row for each enrolled student and as-of date, one column for each feature.

The same rows come out, to the bit, whether a student is asked for alone or with all others, in whatever
order the records lie and on however many threads: sums are sums of whole numbers, and what is divided
is divided once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from ews.features.assessments import assessment_features
from ews.features.attendance import attendance_features
from ews.features.behavior import behavior_features
from ews.features.catalogue import FEATURES
from ews.features.definition import FACT
from ews.features.enrollment import enrollment_features
from ews.features.freshness import freshness
from ews.features.grades import grade_features
from ews.features.kept import kept
from ews.features.snapshots import Snapshots
from ews.features.support import support_features

if TYPE_CHECKING:
    import ibis
    import pandas as pd

    from ews.records.lake import Records
    from ews.settings import Settings

BLOCKS = (
    attendance_features,
    grade_features,
    behavior_features,
    assessment_features,
    enrollment_features,
    support_features,
)

INDEX = (
    "student_id",
    "school_id",
    "grade_level",
    "as_of",
    "school_year",
    "week",
    "expected_days_year",
    "has_history",
    "horizon_days",
    "attendance_through",
    "marks_through",
    "incidents_through",
)
"""Columns that say whose row it is and how much stands behind it; grade_level and week are features too."""

WHOLE = ("grade_level", "school_year", "week", "horizon_days")


def feature_matrix(
    records: Records, as_of: Sequence[date], *, settings: Settings, students: Sequence[str] | None = None
) -> pd.DataFrame:
    """What was known of every enrolled student as of each date, as numbers.

    One row a student and date, sorted by (as_of, student_id): first ``INDEX`` (dates as
    ``datetime.date``, whole numbers as int64), then the features of ``FEATURES`` as float64 with NaN for
    what is not on record, then the ``fact_`` columns for sentences. ``students`` None means everyone
    enrolled; one who was not enrolled on a date has no row.
    """
    return as_frame(matrix_table(Snapshots.of(records, as_of, settings, students)))


def matrix_table(ground: Snapshots) -> ibis.Table:
    """The matrix as one expression, unsorted."""
    rows = ground.cohort.join(ground.students, "student")
    place = ground.windows.select("moment", "calendar", "week", "horizon_days")
    rows = rows.left_join(place, ["moment", "calendar"]).drop("moment_right", "calendar_right")
    rows = rows.left_join(freshness(ground), ["moment", "school_id"]).drop("moment_right", "school_id_right")
    for block in BLOCKS:
        rows = rows.left_join(kept(block(ground)), ["moment", "student"]).drop(
            "moment_right", "student_right"
        )
    history = (rows.fact_expected_days_last_year > 0) | rows.gpa_last_year.notnull()
    return rows.mutate(
        school_year=rows.this_year,
        week=rows.week.fill_null(0),
        horizon_days=rows.horizon_days.fill_null(0),
        expected_days_year=rows.expected_days_year.fill_null(0.0),
        has_history=history.fill_null(False),
        no_attendance_last_year=rows.fact_expected_days_last_year.isnull().cast("int32"),
        no_marks_now=rows.no_marks_now.fill_null(1),
    )


def as_frame(rows: ibis.Table) -> pd.DataFrame:
    """The matrix in memory: its columns in order and in their types, its rows sorted."""
    facts = [name for name in rows.columns if name.startswith(FACT)]
    features = [name for name in FEATURES if name not in INDEX]
    words = [name for name in facts if rows[name].type().is_string()]
    numbers = ["expected_days_year", *features, *(name for name in facts if name not in words)]
    types = dict.fromkeys(numbers, "float64") | dict.fromkeys(WHOLE, "int64")
    wanted = [*INDEX, *features, *facts]
    return in_memory(
        rows.select(**{name: rows[name].cast(types.get(name, rows[name].type())) for name in wanted})
    )


def in_memory(rows: ibis.Table) -> pd.DataFrame:
    """``rows`` sorted by (as_of, student_id); days as ``datetime.date``, None where there is none."""
    frame = rows.to_pyarrow().to_pandas(date_as_object=True)
    return frame.sort_values(["as_of", "student_id"], kind="stable", ignore_index=True)
