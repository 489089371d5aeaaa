"""Whether 30 in 100 means 30 in 100: a sigmoid on the raw log-odds, fitted on a later year.

Platt's sigmoid on log-odds keeps contributions additive: each is multiplied by the slope.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ews.errors import BadData
from ews.risk.logistic import rounded, signed_logistic


@dataclass(frozen=True)
class Sigmoid:
    """Calibrated log-odds = ``slope`` * raw log-odds + ``intercept``."""

    slope: float = 1.0
    intercept: float = 0.0

    def log_odds(self, raw: np.ndarray) -> np.ndarray:
        """(n,) calibrated log-odds."""
        return self.slope * raw + self.intercept

    def after(self, first: Sigmoid) -> Sigmoid:
        """``first`` and then this, as one."""
        return Sigmoid(self.slope * first.slope, self.slope * first.intercept + self.intercept)

    def contributions(self, raw: np.ndarray) -> np.ndarray:
        """(n, k + 1) contributions in calibrated log-odds, the base last."""
        scaled = self.slope * raw
        scaled[:, -1] += self.intercept
        return scaled


def fit_sigmoid(raw: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> Sigmoid:
    """The sigmoid that makes ``raw`` log-odds say the labels' frequency.

    Errors: BadData when more raw risk does not go with more of the outcome: the model learned nothing.
    """
    beta = signed_logistic(raw[:, None], labels, weights, np.array([1.0]), np.array([0.0]))
    slope, intercept = rounded(beta)
    if slope <= 0.0:
        raise BadData(
            "The model's order is no better than chance on the calibration year.",
            "Look at the features' missingness, or wait for another year of records.",
        )
    return Sigmoid(float(slope), float(intercept))
