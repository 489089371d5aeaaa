"""Which schools record more incidents and suspensions than the behavior model expects of their students?

A suspension is an adult's decision. The model knows each student's record and no school; so where a school
writes up and suspends more than students with the same records meet elsewhere, that is for people to look
into, and no reason to list more of its students. On the latest year that the model was tested on and never
saw; every student weighs the same, and the intervals hold for all schools at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from ews.records.lake import Records
from ews.risk.small_cells import Named, Sum, hidden_among
from ews.risk.tested_year import TestedYear

OUTCOME = "behavior"
NOTABLE = 0.01  # of students, beyond what was expected
MORE, FEWER, ALIKE, UNTOLD = "more", "fewer", "as expected", "not shown"
WORDS = {
    MORE: "More than expected: look into it",
    FEWER: "Fewer than expected",
    ALIKE: "As expected",
    UNTOLD: "Not shown: too few, or next to such a school",
}


@dataclass(frozen=True)
class SchoolRecorded:
    """One school: what share of students met with it, what was expected, and the difference with its
    interval. All None where the school is hidden."""

    school_id: str
    name: str
    found: str
    students: int | None = None
    happened: float | None = None
    expected: float | None = None
    beyond: float | None = None
    low: float | None = None
    high: float | None = None

    def as_json(self) -> dict[str, Any]:
        """For reports; shares to three decimals."""
        told = {name: getattr(self, name) for name in ("happened", "expected", "beyond", "low", "high")}
        return {
            "school_id": self.school_id,
            "name": self.name,
            "found": self.found,
            "told": WORDS[self.found],
            "students": self.students,
        } | {name: None if value is None else round(value, 3) for name, value in told.items()}


def recorded_beyond(years: Sequence[TestedYear], records: Records) -> dict[str, Any]:
    """What the report says: the year, and every school; nothing where no behavior model was audited."""
    own = next((year for year in years if year.tested.definition.outcome == OUTCOME), None)
    if own is None:
        return {"year": None, "predicts": None, "schools": []}
    students = students_of(own.rows.matrix, own.rows.labels, own.probability)
    found = compared(students, names_of(records))
    return {
        "year": own.tested.year,
        "predicts": own.tested.card["predicts"],
        "schools": [one.as_json() for one in found],
    }


def students_of(matrix: pd.DataFrame, labels: np.ndarray, probability: np.ndarray) -> pd.DataFrame:
    """One row a student of a school: ``happened`` and ``expected`` on average over the weeks, ``ever``."""
    rows = matrix[["school_id", "student_id"]].assign(happened=labels, expected=probability, ever=labels)
    rules = {"happened": "mean", "expected": "mean", "ever": "max"}
    return rows.groupby(["school_id", "student_id"], as_index=False).agg(rules)


def compared(students: pd.DataFrame, names: Mapping[str, str]) -> list[SchoolRecorded]:
    """Every school, those hidden that are too small or would tell of one that is."""
    hidden = hidden_schools(students)
    schools = sorted(students["school_id"].unique(), key=lambda school: names.get(school, school))
    told = [school for school in schools if school not in hidden]
    times = NormalDist().inv_cdf(1 - 0.05 / (2 * max(1, len(told))))
    own = students.groupby("school_id")
    return [
        school_recorded(school, names.get(school, school), own.get_group(school), times)
        if school in told
        else SchoolRecorded(school, names.get(school, school), UNTOLD)
        for school in schools
    ]


def school_recorded(school: str, name: str, students: pd.DataFrame, times: float) -> SchoolRecorded:
    """One school, its interval ``times`` as wide as its standard error."""
    difference = (students["happened"] - students["expected"]).to_numpy()
    beyond = float(difference.mean())
    wide = times * float(difference.std(ddof=1)) / len(difference) ** 0.5
    low, high = beyond - wide, beyond + wide
    found = MORE if low > 0 and beyond >= NOTABLE else FEWER if high < 0 and beyond <= -NOTABLE else ALIKE
    return SchoolRecorded(
        school,
        name,
        found,
        len(students),
        float(students["happened"].mean()),
        float(students["expected"].mean()),
        beyond,
        low,
        high,
    )


def hidden_schools(students: pd.DataFrame) -> set[str]:
    """Schools of which nothing is said: too few students ever met with it, or too few did not."""
    counts: dict[Named, int] = {}
    schools = sorted(students["school_id"].unique())
    for school, own in students.groupby("school_id"):
        ever = int(own["ever"].sum())
        here = {"ever": ever, "never": len(own) - ever, "all": len(own)}
        counts |= {(str(school), kind): count for kind, count in here.items()}
    kinds = ("ever", "never", "all")
    counts |= {("", kind): sum(counts[school, kind] for school in schools) for kind in kinds}
    sums = [Sum(("", kind), tuple((school, kind) for school in schools)) for kind in kinds]
    sums += [Sum((school, "all"), ((school, "ever"), (school, "never"))) for school in ("", *schools)]
    return {school for school, *_ in hidden_among(counts, sums) if school}


def names_of(records: Records) -> dict[str, str]:
    """School to its name, as the records have it."""
    if not records.has("orgs"):
        return {}
    table = records.table("orgs")
    rows = table.filter(table.org_type == "school", table.superseded_at.isnull()).to_pyarrow().to_pylist()
    return {row["org_id"]: row["name"] or row["org_id"] for row in rows}
