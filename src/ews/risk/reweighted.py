"""Every student weighted anew at random, many times: intervals that know whose rows belong together.

Rubin's Bayesian bootstrap (1981): weights are exponential with mean 1, one for each student and draw, so a
student's weeks always come and go together. All measures of an audit stand on the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REPEATS = 800


@dataclass(frozen=True)
class Reweighted:
    """``owner`` (n,) whose row each is, from 0; ``weights`` (students, repeats)."""

    owner: np.ndarray
    weights: np.ndarray

    @classmethod
    def of(cls, students: np.ndarray, *, repeats: int = REPEATS, seed: int = 1) -> Reweighted:
        """Draws for the students whose rows these are."""
        names, owner = np.unique(students, return_inverse=True)
        chance = np.random.default_rng(seed)
        return cls(owner, chance.standard_exponential((len(names), repeats), dtype=np.float32))

    def among(self, rows: np.ndarray) -> Reweighted:
        """The same draws for the rows at the positions ``rows`` alone."""
        kept, owner = np.unique(self.owner[rows], return_inverse=True)
        return Reweighted(owner, self.weights[kept])

    @property
    def students(self) -> int:
        """How many there are."""
        return len(self.weights)

    def by_student(self, *values: np.ndarray) -> np.ndarray:
        """(students, k) each student's sum of each of ``values`` (n,)."""
        return np.column_stack([np.bincount(self.owner, value, self.students) for value in values])

    def drawn(self, sums: np.ndarray) -> np.ndarray:
        """(repeats, k) the weighted totals of ``sums`` (students, k) on each draw."""
        return np.asarray(self.weights.T @ sums.astype(np.float32), dtype=float)
