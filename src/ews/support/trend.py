"""The last four school weeks of every student: days missed in each, and one word for where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

WEEKS = 4
NEWS = 1.0  # days by which the later two weeks differ from the earlier two before it is called a change


def trends(weeks: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Student to ``trend`` (days missed in each of the last four weeks, oldest first), ``trend_word`` and
    ``missed`` (the days of all four).

    ``weeks`` has student_id, week_start, days_missed, days_expected. A student's weeks without a day of
    school are left out; who has no week at all has no entry.
    """
    expected = weeks[weeks["days_expected"] > 0].sort_values(["student_id", "week_start"])
    last = expected.groupby("student_id", sort=False).tail(WEEKS)
    missed = last.groupby("student_id", sort=False)["days_missed"].agg(list)
    return {
        str(student): {
            "trend": [float(day) for day in days],
            "trend_word": trend_word(days),
            "missed": float(sum(days)),
        }
        for student, days in missed.items()
    }


def trend_word(missed: Sequence[float]) -> str:
    """Growing, Steady or Easing: the later two weeks against the two before; empty before four weeks.

    >>> trend_word([0, 0, 1, 3]), trend_word([2, 2, 1, 0]), trend_word([0, 1, 1, 0])
    ('Growing', 'Easing', 'Steady')
    """
    if len(missed) < WEEKS:
        return ""
    change = sum(missed[2:]) - sum(missed[:2])
    return "Growing" if change >= NEWS else "Easing" if change <= -NEWS else "Steady"
