"""What is typical of a grade's last weeks: the grey band behind the lines of a student's charts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ews.risk.typical import FEWEST
from ews.support.trend import WEEKS

if TYPE_CHECKING:
    import pandas as pd

DAYS_MISSED, MARKS = "days_missed", "marks_mean"
QUARTERS = (0.25, 0.75)


def typical_weeks(weeks: pd.DataFrame, matrix: pd.DataFrame) -> list[dict[str, Any]]:
    """grade_level, signal, low, high: the middle half of each grade of ``FEWEST`` students or more.

    days_missed: a week, on average over the last four school weeks, as the line of the chart is;
    marks_mean: the newest average of current marks. ``weeks`` is sorted by student and week.
    """
    grades = matrix.set_index("student_id")["grade_level"].astype(int)
    held = weeks[weeks["days_expected"] > 0].groupby("student_id", sort=False).tail(WEEKS)
    newest = {
        DAYS_MISSED: held.groupby("student_id", sort=False)[DAYS_MISSED].mean(),
        MARKS: weeks.dropna(subset=[MARKS]).groupby("student_id", sort=False)[MARKS].last(),
    }
    found: list[dict[str, Any]] = []
    for signal, values in newest.items():
        by_grade = values.groupby(grades.reindex(values.index))
        counted = by_grade.size()
        low, high = (by_grade.quantile(share).to_dict() for share in QUARTERS)
        found += [
            {
                "grade_level": int(grade),
                "signal": signal,
                "low": float(low[grade]),
                "high": float(high[grade]),
            }
            for grade in sorted(counted[counted >= FEWEST].index)
        ]
    return found
