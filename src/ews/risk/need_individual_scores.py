"""Do we need individual scores? The model beside what needs none, at an equal number of names.

Perdomo, Britton, Hardt & Abebe (2023) found that early-warning scores in Wisconsin did little that a
school's own rate would not have done. So each term is asked anew: would the same places, given to whole
schools or grades, to last year's absentees or by the rule, have reached as many of those who needed them?
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ews.risk.abc_rule import abc_flags
from ews.risk.course_rows import of_courses
from ews.risk.evaluation import Difference, listed, recall_gain, recall_of
from ews.risk.judging import CAPACITY
from ews.risk.rows import Rows

TITLES = {
    "individual": "The individual scores",
    "school_by_grade": "Schools by grade, by their rate in earlier years",
    "school": "Schools, by their rate in earlier years",
    "last_year": "Last year's absence",
    "abc_rule": "The ABC rule",
}
VIEWS = ("school_by_grade", "school")
HELD = 50.0  # rows of everyone's rate that a school's, or a grade's, own rate is held by
LIST, SCHOOL = "list", "school"


@dataclass(frozen=True)
class Need:
    """What share of the outcomes each way reaches with the same number of names, over a district's day.

    ``gains`` are the individual scores' recall less each other way's, with intervals over students.
    """

    year: int
    recall: Mapping[str, float]
    gains: Mapping[str, Difference]

    @property
    def winner(self) -> str:
        """The way that reaches most."""
        return max(self.recall, key=lambda name: self.recall[name])

    @property
    def default_page(self) -> str:
        """``list`` where the scores reach surely more than every view of schools; else ``school``."""
        return LIST if all(self.gains[name].low > 0 for name in VIEWS) else SCHOOL

    @property
    def beaten_by_none(self) -> bool:
        """Whether the individual scores reach surely more than every other way."""
        return all(gain.low > 0 for gain in self.gains.values())

    @property
    def told(self) -> str:
        """The answer in a sentence or two."""
        even = [TITLES[name].lower() for name, gain in self.gains.items() if gain.low <= 0]
        if self.default_page == SCHOOL:
            return (
                "This year does not show it: at the same number of names the individual scores do not surely"
                f" reach more than {' or '.join(even)}. The school view comes first; the list is secondary."
            )
        if even:
            return f"Yes against schools and grades, but not surely against {' or '.join(even)}."
        return "Yes: at the same number of names the individual scores reach more than each other way."

    def as_json(self) -> dict[str, Any]:
        """For reports, and for whoever chooses the default page."""
        return {
            "year": self.year,
            "capacity": CAPACITY,
            "recall": {name: round(value, 4) for name, value in self.recall.items()},
            "gain_over": {name: gain.as_json() for name, gain in self.gains.items()},
            "winner": self.winner,
            "default_page": self.default_page,
            "told": self.told,
        }


def need_individual_scores(year: int, rows: Rows, probability: np.ndarray, earlier: Rows) -> Need | None:
    """The comparison on the test year's ``rows``; None for courses, or without ``earlier`` years.

    A day's places are CAPACITY of all its rows, given across the district: to whole schools and grades by
    their rate in ``earlier`` years, the last of them chosen by lot.
    """
    if of_courses(rows.matrix) or not len(earlier.labels):
        return None
    matrix = rows.matrix
    ways = {
        "individual": probability,
        "school_by_grade": rates_before(earlier, matrix, ["school_id", "grade_level"]),
        "school": rates_before(earlier, matrix, ["school_id"]),
        "last_year": matrix["absence_rate_last_year"].fillna(0.0).to_numpy(dtype=float),
        "abc_rule": abc_flags(matrix).sum(axis=1).to_numpy(dtype=float),
    }
    days = matrix.groupby("as_of").ngroup().to_numpy()
    chosen = {name: listed(scores, days, CAPACITY) for name, scores in ways.items()}
    gains = {
        name: recall_gain(rows.labels, chosen["individual"], other, rows.students)
        for name, other in chosen.items()
        if name != "individual"
    }
    return Need(year, {name: recall_of(rows.labels, on) for name, on in chosen.items()}, gains)


def rates_before(earlier: Rows, matrix: pd.DataFrame, by: list[str]) -> np.ndarray:
    """(n,) the outcome's rate in earlier years at each row's school, or school and grade.

    Held by everyone's rate, so that a handful of rows makes no rate of its own; that alone where new.
    """
    everyone = float(earlier.labels.mean())
    known = earlier.matrix[by].assign(label=earlier.labels).groupby(by)["label"].agg(["sum", "count"])
    rate = (known["sum"] + HELD * everyone) / (known["count"] + HELD)
    own = matrix[by].merge(rate.rename("rate").reset_index(), on=by, how="left")["rate"]
    return own.fillna(everyone).to_numpy(dtype=float)
