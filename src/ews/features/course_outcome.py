"""What came of a course: failed, withdrawn, or passed. The target ``course`` of ``ews.outcomes``.

It stands beside the matrix it labels, since both ask who sat in which section on a day. No feature
reads it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from ews.features.course import classmates
from ews.features.known import Moments, known_by

if TYPE_CHECKING:
    from ews.records.lake import Records
    from ews.settings import Settings

NOT_OVER = "the course is not over"
NO_RESULT = "no final result on record"
FINAL_RESULTS = ("course_not_passed", "withdrawn")
EVER = date(2999, 12, 31)


def course_outcomes(
    records: Records, as_of: Sequence[date], *, settings: Settings, frozen_by: date | None = None
) -> pd.DataFrame:
    """Whether each student in a running section on each day went on to fail the course or to withdraw.

    One row a student, section and as_of, in that order of (as_of, student_id, section_id): label (0.0,
    1.0, NaN), censored (None or why there is no label), closes_on: the section's last day for everyone,
    since who withdraws is known earlier than who passes. ``frozen_by``: only results known by the end of
    that day; everything on record otherwise. Results are looked up by school: for sources, such as OULAD,
    in which a section is a school of its own.
    """
    frozen = frozen_by or EVER
    seats = classmates(records, Moments.of(as_of, settings.timezone))
    seats = seats.select("student_id", "section_id", "school_id", "as_of", "days_left")
    results = known_by(records, "outcomes", Moments.of([frozen], settings.timezone))
    results = results.filter(results.outcome.isin(FINAL_RESULTS))
    results = results.select("student_id", "school_id", "occurred_on", "value")
    rows = seats.left_join(
        results,
        [
            seats.student_id == results.student_id,
            seats.school_id == results.school_id,
            results.occurred_on > seats.as_of,
        ],
    )
    rows = rows.group_by("as_of", "student_id", "section_id").agg(
        days_left=rows.days_left.max(), value=rows.value.max()
    )
    return course_labels(rows.to_pyarrow().to_pandas(), frozen)


def has_final_results(records: Records) -> bool:
    """Whether any course's final result is on record: asked before anything large is worked out."""
    results = records.table("outcomes")
    return bool(results.filter(results.outcome.isin(FINAL_RESULTS)).limit(1).to_pyarrow().num_rows)


def course_labels(rows: pd.DataFrame, frozen: date) -> pd.DataFrame:
    """``rows`` (as_of, days_left, value) with label, censored and closes_on; nothing after ``frozen``."""
    rows = rows.sort_values(["as_of", "student_id", "section_id"], ignore_index=True)
    closes_on = [
        day + timedelta(days=int(left)) for day, left in zip(rows["as_of"], rows["days_left"], strict=True)
    ]
    over = pd.Series([day <= frozen for day in closes_on], dtype=bool)
    told = rows["value"].notna()
    why = [
        None if ended and known else NO_RESULT if ended else NOT_OVER
        for ended, known in zip(over, told, strict=True)
    ]
    return rows[["student_id", "section_id", "as_of"]].assign(
        label=rows["value"].where(over & told).astype("float64"),
        censored=pd.Series(why, dtype=object),
        closes_on=pd.Series(closes_on, dtype=object),
    )
