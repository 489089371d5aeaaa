"""Whom the plain rules flag: attendance, behavior, course marks. The fallback, and the rival.

Missed 10 % of school days or more; two incidents within 45 school days, or a suspension this year; an F
in any course now (Balfanz, Herzog & Mac Iver 2007, the thresholds most districts already use).
"""

from __future__ import annotations

import pandas as pd

RULES = {
    "A": "Missed 10 % or more of the school days so far this year",
    "B": "Two or more incidents in the last 45 school days, or a suspension this year",
    "C": "An F in a course now",
}


def abc_flags(matrix: pd.DataFrame) -> pd.DataFrame:
    """Booleans A, B and C for each row of ``matrix``; what is not on record raises no flag."""
    return pd.DataFrame(
        {
            "A": matrix["absence_rate_year"].ge(0.10),
            "B": matrix["incidents_last_45"].ge(2) | matrix["suspensions_year"].ge(1),
            "C": matrix["fs_now"].ge(1),
        },
        index=matrix.index,
    ).astype(bool)
