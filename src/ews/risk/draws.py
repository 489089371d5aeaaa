"""The same students drawn again and again: one set of draws under every number of an evaluation.

A student's rows are drawn together, since a student's weeks are not independent. All measures of a test
year are taken on the same draws, so a difference of two of them has an interval of its own (paired).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

REPEATS = 200
SEED = 1


@dataclass(frozen=True)
class Estimate:
    """A measure: its ``point`` and its value on each draw (repeats,)."""

    point: float
    drawn: np.ndarray

    def minus(self, other: Estimate) -> Estimate:
        """The difference of two measures taken on the same draws."""
        return Estimate(self.point - other.point, self.drawn - other.drawn)

    def interval(self) -> tuple[float, float]:
        """The 95 % interval: the middle of what the draws show; NaN where no draw has a value."""
        held = self.drawn[~np.isnan(self.drawn)]
        if not len(held):
            return float("nan"), float("nan")
        low, high = np.quantile(held, [0.025, 0.975])
        return float(low), float(high)

    def as_json(self) -> dict[str, float]:
        """point, low, high to four decimals; empty where there is no value."""
        low, high = self.interval()
        if np.isnan([self.point, low, high]).any():
            return {}
        return {"point": round(self.point, 4), "low": round(low, 4), "high": round(high, 4)}


@dataclass(frozen=True)
class Draws:
    """``owner`` (n,) whose row each is, 0 to students - 1; ``times`` (repeats, students) how often drawn."""

    owner: np.ndarray
    times: np.ndarray

    @classmethod
    def of(cls, students: np.ndarray, *, repeats: int = REPEATS, seed: int = SEED) -> Draws:
        """Draws with replacement of the students whose rows these are."""
        names, owner = np.unique(students, return_inverse=True)
        chance = np.random.default_rng(seed)
        times = chance.multinomial(len(names), np.full(len(names), 1 / len(names)), size=repeats)
        return cls(owner, times.astype(np.float64))

    def among(self, inside: np.ndarray) -> Draws:
        """The same draws for the rows ``inside`` (booleans) alone."""
        kept, owner = np.unique(self.owner[inside], return_inverse=True)
        return Draws(owner, self.times[:, kept])

    @property
    def students(self) -> int:
        """How many there are."""
        return self.times.shape[1]

    def sums(self, *values: np.ndarray) -> np.ndarray:
        """(repeats, k) the sum of each of ``values`` (n,) on each draw."""
        by_student = [np.bincount(self.owner, value, self.students) for value in values]
        return self.times @ np.column_stack(by_student)

    def counts(self, place: np.ndarray, places: int, chosen: np.ndarray) -> np.ndarray:
        """(repeats, places) how many of the rows ``chosen`` (booleans) stand at each place on each draw."""
        ones = np.ones(int(chosen.sum()))
        found = sparse.csr_matrix((ones, (place[chosen], self.owner[chosen])), shape=(places, self.students))
        return np.asarray(found @ self.times.T).T

    def ratio(self, above: np.ndarray, below: np.ndarray) -> Estimate:
        """The sum of ``above`` over the sum of ``below``, both (n,)."""
        sums = self.sums(above, below)
        drawn = np.divide(sums[:, 0], sums[:, 1], out=np.full(len(sums), np.nan), where=sums[:, 1] > 0)
        whole = float(below.sum())
        return Estimate(float(above.sum()) / whole if whole > 0 else float("nan"), drawn)


def as_json(measures: Mapping[str, Estimate]) -> dict[str, Any]:
    """The measures that have a value, by name."""
    return {name: told for name, estimate in measures.items() if (told := estimate.as_json())}
