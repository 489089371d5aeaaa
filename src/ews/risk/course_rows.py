"""The rows a course model learns from: students of past courses on certain days, and what followed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from ews.errors import BadData
from ews.features.course import course_matrix, course_terms
from ews.features.course_outcome import has_final_results
from ews.outcomes import outcomes
from ews.records.lake import Records
from ews.risk.definition import RiskModel
from ews.risk.rows import Labelled, Past, Rows
from ews.settings import Settings

COURSE = "course"
"""The outcome whose rows are students in sections, not students in school years."""

RULE = "latest_below_40"
RULE_BELOW = 40
KEY = ["student_id", "section_id", "as_of"]


def course_rows(
    records: Records,
    course_days: Sequence[int],
    settings: Settings,
    *,
    until: date | None = None,
    sections: Sequence[str] | None = None,
) -> Rows:
    """Everyone in a section on each of ``course_days`` (days since its first), with the outcome as label.

    ``until``: only courses that were over by then, with the results known by then. ``sections``: only
    these. Rows without a label are left out. Errors: BadData when nothing is left.
    """
    if not has_final_results(records):
        raise BadData("No course has final results.", "Load the outcomes course_not_passed and withdrawn.")
    terms = [
        term
        for term in course_terms(records)
        if (until is None or term.end <= until) and (sections is None or term.section_id in sections)
    ]
    days = sorted({term.start + timedelta(days=day) for term in terms for day in course_days})
    if not days:
        raise BadData("No course with a term is over.", "Load sections with terms, or take a later day.")
    matrix = course_matrix(records, days, settings=settings)
    own = matrix["section_id"].isin([term.section_id for term in terms])
    matrix = matrix[own & matrix["course_day"].isin(list(course_days))]
    found = outcomes(records, days, "course", settings=settings, frozen_by=until)
    labels = matrix[KEY].merge(found[[*KEY, "label"]], on=KEY, how="left", validate="1:1")["label"]
    known = labels.notna().to_numpy()
    if not known.any():
        raise BadData("None of these courses has final results.", "Load their outcomes.")
    return Rows(
        matrix[known].reset_index(drop=True), labels.to_numpy(dtype=float)[known], float(1 - known.mean())
    )


@dataclass(frozen=True, kw_only=True)
class PastCourses(Past):
    """Every course that was over by a day, on the days of a model's weeks."""

    of_courses: Rows

    def labelled(self, model: RiskModel, settings: Settings) -> Labelled:
        """The labels of ``model``: of every row that there is."""
        rows = self.of_courses
        return Labelled(np.arange(len(rows.labels)), rows.labels, rows.censored)


def past_courses(records: Records, model: RiskModel, settings: Settings, until: date) -> PastCourses:
    """What ``model`` may learn from: courses that were over by ``until``, told apart by school year."""
    rows = course_rows(records, [7 * week for week in model.snapshot_weeks], settings, until=until)
    years = tuple(sorted(set(rows.matrix["school_year"].astype(int))))
    return PastCourses(records, rows.matrix, years, until, of_courses=rows)


def of_courses(matrix: pd.DataFrame) -> bool:
    """Whether the rows of ``matrix`` are students in sections."""
    return "course_day" in matrix.columns


def latest_below_40(matrix: pd.DataFrame) -> np.ndarray:
    """(n,) the rule: 1 where the latest known mark is below 40; 0 above it, and without any mark."""
    return (matrix["mark_latest"] < RULE_BELOW).to_numpy(dtype=float)


def course_rivals(rows: Rows, base_rate: float) -> dict[str, np.ndarray]:
    """What needs no model: the base rate, and the rule on the latest mark."""
    return {"base_rate": np.full(len(rows.matrix), base_rate), RULE: latest_below_40(rows.matrix)}


def course_groups(matrix: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows (booleans) of each group: those without a mark yet, each course, each week."""
    groups = {"no_mark_yet": matrix["mark_latest"].isna().to_numpy()}
    groups |= {
        f"course {name}": (matrix["course"] == name).to_numpy() for name in sorted(set(matrix["course"]))
    }
    return groups | {
        f"week {week}": (matrix["week"] == week).to_numpy() for week in sorted(set(matrix["week"]))
    }
