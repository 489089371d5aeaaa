"""How a model does at schools it never learned from: fitted without a fold of schools, scored on those.

Schools are grouped into folds of about equal rows. In each fold no row of its schools, of any year, is
learned or calibrated from; their rows of the test year are then scored. The same rows, scored by the model
that knew the schools, stand beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ews.errors import BadData
from ews.risk.draws import as_json
from ews.risk.learner import Learner
from ews.risk.measured import Ground, Score, calibration_of, measured
from ews.risk.rolling import COMPARED, JudgedYear
from ews.risk.rows import Rows

FOLDS = 4


def schools_left_out(
    learner: Learner, name: str, year: JudgedYear, chosen: str, lines: Sequence[float]
) -> dict[str, Any]:
    """Measures on the test year when no school's own past was learned from, and what that costs.

    Errors: BadData when there are fewer than two schools, or a fold leaves too little to learn from.
    """
    matrix = year.judgement.rows.matrix
    folds = folds_of_schools(matrix["school_id"].to_numpy(dtype=str))
    said = np.full(len(matrix), np.nan)
    for schools in folds:
        inside = matrix["school_id"].isin(schools).to_numpy()
        answer = learner.answer(name, year.split, keep=without(schools))
        said[inside] = answer(matrix[inside].reset_index(drop=True))
    score = Score("schools_left_out", said, True)
    left_out = measured(year.ground, score, lines)
    known = measured(year.ground, year.scores[chosen], lines)
    return {
        "year": year.split.test,
        "schools": len(set(matrix["school_id"])),
        "folds": len(folds),
        "measures": {"schools_left_out": as_json(left_out), chosen: as_json(known)},
        "cost": as_json({measure: left_out[measure].minus(known[measure]) for measure in COMPARED}),
        "gain_over": gains(year.ground, left_out, year, lines),
        "calibration": calibration_of(year.ground, said).as_json(),
    }


def gains(ground: Ground, left_out: Any, year: JudgedYear, lines: Sequence[float]) -> dict[str, Any]:
    """What the model without the schools still has more than the rules, which never learned anything."""
    rules = {name: score for name, score in year.scores.items() if not score.chance}
    found = {name: measured(ground, score, lines) for name, score in rules.items()}
    return {
        name: as_json({measure: left_out[measure].minus(theirs[measure]) for measure in COMPARED})
        for name, theirs in found.items()
    }


def without(schools: Sequence[str]) -> Callable[[Rows], Rows]:
    """Rows of every school but these."""

    def kept(rows: Rows) -> Rows:
        return rows.where(~rows.matrix["school_id"].isin(list(schools)).to_numpy())

    return kept


def folds_of_schools(school: np.ndarray) -> list[list[str]]:
    """At most FOLDS groups of schools of about equal rows; ``school`` (n,) is whose row each is.

    The largest school goes to the smallest fold so far. Errors: BadData when there is one school alone.
    """
    names, sizes = np.unique(school, return_counts=True)
    if len(names) < 2:
        raise BadData(
            "There is one school: how a model does at a school it never saw cannot be told.",
            "Load another school's years, or read the test years alone.",
        )
    folds: list[list[str]] = [[] for _ in range(min(FOLDS, len(names)))]
    filled = np.zeros(len(folds))
    for place in np.lexsort((names, -sizes)):
        fold = int(np.argmin(filled))
        folds[fold].append(str(names[place]))
        filled[fold] += sizes[place]
    return folds
