"""What is typical of a grade at a time of year: the comparison in every sentence, and what is notable.

Quartiles of each feature among the students the model learned from, by grade and third of the school
year, since counts of a year grow with the year. They travel with the model, so a sentence does not
depend on who else is scored with a student. A grade with few students takes everyone's quartiles.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ews.risk.fitting import numbers
from ews.risk.logistic import rounded

SEASONS = (0, 8, 15)  # the first school week of each third of the year
QUARTILES = (0.25, 0.50, 0.75)
FEWEST = 30  # students behind a cell; a smaller one would tell of single students
EVERYONE = "everyone"


@dataclass(frozen=True)
class Typical:
    """Quartiles by cell: ``cells["9/1"]`` is (features, 3) for grade 9 in the middle third of the year."""

    features: tuple[str, ...]
    cells: Mapping[str, np.ndarray]

    def as_json(self) -> dict[str, dict[str, list[float | None]]]:
        """Cell to feature to three numbers; null where the feature was never known."""
        return {
            cell: {
                name: [None if np.isnan(value) else float(value) for value in values]
                for name, values in zip(self.features, table, strict=True)
            }
            for cell, table in self.cells.items()
        }


def cell_names(matrix: pd.DataFrame) -> list[str]:
    """The grade and third of the year of each row, as ``grade/third``."""
    season = np.searchsorted(SEASONS, matrix["week"].to_numpy(dtype=float), side="right") - 1
    grades = matrix["grade_level"].to_numpy(dtype=int)
    return [f"{grade}/{third}" for grade, third in zip(grades, season, strict=True)]


def typical_of(matrix: pd.DataFrame, features: Sequence[str]) -> Typical:
    """The quartiles of ``features`` among the rows of ``matrix``, for cells of FEWEST students or more."""
    rows = numbers(matrix, features)
    cells = {EVERYONE: quartiles(rows)}
    names = np.array(cell_names(matrix))
    students = matrix["student_id"].to_numpy(dtype=str)
    for name in sorted(set(names)):
        inside = names == name
        if len(set(students[inside])) >= FEWEST:
            cells[name] = quartiles(rows[inside])
    return Typical(tuple(features), cells)


def quartiles(rows: np.ndarray) -> np.ndarray:
    """(features, 3) of the known values in each column, NaN where none is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a column that nobody has is NaN, and meant so
        found = np.nanquantile(rows, QUARTILES, axis=0).T
    return np.where(np.isnan(found), np.nan, rounded(found.ravel()).reshape(found.shape))


def read_typical(features: Sequence[str], content: Mapping[str, Mapping[str, list[float | None]]]) -> Typical:
    """What ``Typical.as_json`` wrote."""
    return Typical(
        tuple(features),
        {cell: np.array([table[name] for name in features], dtype=float) for cell, table in content.items()},
    )
