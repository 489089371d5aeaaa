"""Whom the plain rules flag: attendance, behavior, course marks. The fallback, and the rival.

Missed 10 % of school days or more; two incidents within 45 school days, or a suspension this year; an F
in any course now (Balfanz, Herzog & Mac Iver 2007, the thresholds most districts already use).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

SHARE_OF_DAYS = 0.10
RULES = {
    "A": "Missed 10 % or more of the school days so far this year",
    "B": "Two or more incidents in the last 45 school days, or a suspension this year",
    "C": "An F in a course now",
}


def abc_flags(matrix: pd.DataFrame) -> pd.DataFrame:
    """Booleans A, B and C for each row of ``matrix``; what is not on record raises no flag."""
    return pd.DataFrame(
        {
            "A": matrix["absence_rate_year"].ge(SHARE_OF_DAYS),
            "B": matrix["incidents_last_45"].ge(2) | matrix["suspensions_year"].ge(1),
            "C": matrix["fs_now"].ge(1),
        },
        index=matrix.index,
    ).astype(bool)


def flagged_so_far(matrix: pd.DataFrame) -> np.ndarray:
    """(n,) whether a rule flags the row's student then, or did on an earlier row of the same school year."""
    flagged = abc_flags(matrix).any(axis=1).to_numpy()
    owner = matrix.groupby(["student_id", "school_year"]).ngroup().to_numpy()
    day = np.asarray(pd.to_datetime(matrix["as_of"]))
    first = pd.Series(np.where(flagged, day, np.datetime64("NaT"))).groupby(owner).min()
    return np.asarray(day >= first.to_numpy()[owner])
