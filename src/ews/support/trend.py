"""The last four school weeks of every student: days missed in each, and one word for where it goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

WEEKS = 4
GROWING, STEADY, EASING = "Growing", "Steady", "Easing"  # of the days missed
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

    Nothing grows that is back to none: of a last week without a day missed it is not said.

    >>> [trend_word(days) for days in ([0, 0, 1, 3], [0, 0, 1, 0], [0, 1, 1, 0], [2, 2, 1, 0])]
    ['Growing', 'Steady', 'Steady', 'Easing']
    """
    if len(missed) < WEEKS:
        return ""
    change = sum(missed[2:]) - sum(missed[:2])
    if change >= NEWS and missed[-1] > 0:
        return GROWING
    return EASING if change <= -NEWS else STEADY
