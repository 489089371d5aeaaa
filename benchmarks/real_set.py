"""A real data set as our modelling code takes it: one row a student, what followed, a rule to beat."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ews.features.definition import Feature
from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.rows import Rows

HOUSE, WITH_FEES, PUBLISHED = "house rules", "house rules and fee flags", "every column, as published"


@dataclass(frozen=True)
class RealSet:
    """``columns``: HOUSE, or more than that for comparison only. ``reference`` AUC: of the best known model
    and of a logistic regression on every column, None where none is known. ``trees`` and ``strengths`` are
    the configurations that inner validation chooses from. ``rule_to_beat``: whether it is one people use."""

    name: str
    columns: str
    features: pd.DataFrame
    labels: np.ndarray
    directions: Mapping[str, int]
    rule: np.ndarray
    rule_words: str
    rule_to_beat: bool
    runs: int
    trees: tuple[Mapping[str, Any], ...]
    strengths: tuple[float, ...]
    reference: float | None = None
    reference_logistic: float | None = None

    @property
    def rows(self) -> Rows:
        """The rows as training takes them; ids and days carry nothing."""
        matrix = self.features.assign(
            student_id=[f"R{place:05d}" for place in range(len(self.labels))],
            as_of="2000-01-01",
            school_year=2000,
        )
        return Rows(matrix, self.labels, 0.0)

    def models(self, kind: str) -> list[RiskModel]:
        """The definitions of a kind that inner validation chooses from."""
        if kind == "lightgbm":
            return [self.model(PARAMETERS | more) for more in self.trees]
        return [self.model(PARAMETERS | {"logistic_l2": strength}) for strength in self.strengths]

    def model(self, parameters: Mapping[str, Any]) -> RiskModel:
        """A definition over these features."""
        return RiskModel(
            name="real",
            title=self.name,
            predicts=self.name,
            why="To try the modelling code on real students.",
            outcome="real",
            grades=(),
            reviewed="2026-11",
            features=tuple(self.features.columns),
            parameters=parameters,
            described_by={name: described(name, self.directions) for name in self.features.columns},
        )


def described(name: str, directions: Mapping[str, int]) -> Feature:
    """A column of a published file, with the direction that is known of it."""
    return Feature(
        name=name,
        phrase="{" + name + "}",
        why="A column of the published file.",
        unit="as published",
        direction=directions.get(name, 0),
        imputation="median",
        driver="setting",
        source="published",
    )


def one_hot(table: pd.DataFrame, name: str, short: str, least: int = 1) -> dict[str, pd.Series]:
    """A column of codes as one column of 0 and 1 a code that ``least`` rows have."""
    counts = table[name].value_counts()
    codes = sorted(code for code, count in counts.items() if count >= least)
    return {f"{short}_{code}": (table[name] == code).astype(float) for code in codes}
