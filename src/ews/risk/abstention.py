"""Who was not scored, and why, by group: a model that says nothing of a group helps nobody in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from ews.risk.groups import Groups
from ews.risk.known_rows import reasons_not_to_score
from ews.risk.small_cells import FEWEST, Cell
from ews.settings import Settings


def abstentions(
    matrix: pd.DataFrame, groups: Groups, settings: Settings, asked: Groups
) -> dict[Cell, dict[str, Any]]:
    """For each group: the share of ``matrix``'s rows that were not scored, and of that each reason.

    ``matrix`` is everyone enrolled in the model's grades on each day, with an outcome or without, and
    ``groups`` are theirs. Every group of ``asked`` has an answer. Where fewer than FEWEST students were
    not scored it says only that there were some.
    """
    reasons = np.array(reasons_not_to_score(matrix, settings), dtype=object)
    silent = np.array([reason is not None for reason in reasons], dtype=bool)
    student = matrix["student_id"].to_numpy()
    nothing: dict[str, Any] = {"share": None, "few": True, "why": {}}
    found: dict[Cell, dict[str, Any]] = {
        (dimension.name, code): nothing for dimension in asked.dimensions for code, _ in dimension.groups
    }
    for dimension in groups.dimensions:
        for code, _ in dimension.groups:
            own = dimension.of(code)
            without = own & silent
            few = 0 < len(set(student[without])) < FEWEST
            why = (pd.Series(reasons[without]).value_counts() / max(1, own.sum())).round(4)
            found[dimension.name, code] = {
                "share": None if few else round(float(silent[own].mean()), 4),
                "few": few,
                "why": {}
                if few
                else {str(name): round(int(n) / int(own.sum()), 4) for name, n in why.items()},
            }
    return found
