"""Made-up worlds for the audit: calibrated scores, what followed, and a bias where one is planted."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ews.risk.fairness import audit_model
from ews.risk.groups import Dimension, Groups, crossed
from ews.risk.logistic import sigmoid
from ews.risk.recorded_beyond import compared as recorded_more
from ews.risk.recorded_beyond import students_of
from ews.risk.recording_bias import Recorded, compared
from ews.risk.rows import Rows
from ews.risk.small_cells import FEWEST

RACES = ("white", "asian", "hispanic", "black")


def world(
    seed: int, *, students: int = 3000, unwritten: float = 0.0, of: str = "black"
) -> tuple[Rows, np.ndarray, Groups]:
    """Rows with outcomes, a model's probabilities, and groups whose true base rates differ.

    The model knows the true risk, but for the group ``of``, of whose need ``unwritten`` log-odds are in no
    record.
    """
    chance = np.random.default_rng(seed)
    race = chance.integers(0, len(RACES), students)
    gender = chance.integers(0, 2, students)
    risk = 1.3 * chance.normal(size=students) + np.array([-2.8, -2.2, -1.7, -0.9])[race]
    labels = (chance.random(students) < sigmoid(risk)).astype(float)
    known = risk - unwritten * (race == RACES.index(of))
    matrix = pd.DataFrame(
        {
            "student_id": [f"S{place:05d}" for place in range(students)],
            "school_id": chance.integers(0, 6, students),
            "as_of": "2024-10-11",
        }
    )
    dimensions = [
        Dimension("race", "Race", tuple((code, code.title()) for code in RACES), race),
        Dimension("gender", "Gender", (("f", "Girls"), ("m", "Boys")), gender),
    ]
    groups = Groups((*dimensions, crossed(*dimensions)))
    return Rows(matrix, labels, 0.0), sigmoid(known), groups


def audited_made_up() -> dict[str, Any]:
    """The JSON of an audit of made-up rows: alarms, a hidden group, write-ups, schools that record more."""
    rows, probability, of_everyone = world(1, students=2000, unwritten=1.5)
    few = (np.arange(len(rows.labels)) < FEWEST - 1).astype(int)
    foster = Dimension("program", "Program", (("none", "Neither"), ("foster", "Foster youth")), few)
    groups = Groups((*of_everyone.dimensions, foster))
    need = {
        "year": 2025, "capacity": 0.1, "recall": {"individual": 0.41, "school_by_grade": 0.22},
        "gain_over": {"school_by_grade": {"point": 0.19, "low": 0.14, "high": 0.24}},
        "winner": "individual", "default_page": "list", "told": "Yes: the scores reach more.",
    }  # fmt: skip
    audit = audit_model(
        "attendance", 2025, rows, probability, groups, more={"individual_scores": need}, repeats=100
    )
    chance, race = np.random.default_rng(1), of_everyone.dimensions[0]
    minor = chance.poisson(np.where(race.of("black"), 1.0, 0.4)).astype(float)
    serious = chance.poisson(0.2, len(minor)).astype(float)
    seen = Recorded(minor, serious, np.zeros(len(minor), dtype=int))
    written_up = compared("written_up", seen, of_everyone, repeats=100)
    at_school = rows.matrix.assign(school_id=rows.matrix["school_id"].map("School {}".format))
    happened = np.where(at_school["school_id"] == "School 1", 1.0, rows.labels)
    schools = recorded_more(students_of(at_school, happened, probability), {})
    about = {"title": "Attendance", "predicts": "Misses 10 % or more of the days", "version": "attendance-1"}
    return {
        "as_of": "2025-11-14",
        "district": "",
        "models": {"attendance": about | audit.as_json()},
        "recording": {
            "year": 2025,
            "comparisons": [one.as_json() | {"told": one.told} for one in written_up],
            "missing": ["excused"],
        },
        "beyond_expected": {
            "year": 2025,
            "predicts": "An incident",
            "schools": [one.as_json() for one in schools],
        },
    }
