"""Made-up worlds for the audit: calibrated scores, what followed, and a bias where one is planted."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ews.risk.groups import Dimension, Groups, crossed
from ews.risk.logistic import sigmoid
from ews.risk.rows import Rows

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
