"""Whether what a model says of a group happens as often as it says: the debiased test, with its draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ews.risk.reweighted import Reweighted

ALLOWED = 0.05
POSITIVES_A_BIN = 25  # fewer bins in a small group: its noise is spread less thin
FEWEST_BINS, MOST_BINS = 3, 15


@dataclass(frozen=True)
class GroupCalibration:
    """The ``squared`` debiased error of a group (may be below 0) and its value on each draw of students."""

    squared: float
    drawn: np.ndarray

    @property
    def error(self) -> float:
        """The error, 0 where the gaps are no wider than chance alone makes them."""
        return float(np.sqrt(max(0.0, self.squared)))

    def low(self, times: float) -> float:
        """The bound ``times`` standard errors below."""
        return float(np.sqrt(max(0.0, self.squared - times * self.drawn.std())))


def group_calibration(
    labels: np.ndarray, probability: np.ndarray, positives: int, students: Reweighted
) -> GroupCalibration:
    """The debiased calibration error of one group's rows over bins of equal count.

    As ``calibration_error`` over all rows (Kumar, Liang & Ma 2019, noise clustered by student), with a
    bin for every POSITIVES_A_BIN of its ``positives``.
    """
    bins = int(np.clip(positives // POSITIVES_A_BIN, FEWEST_BINS, MOST_BINS))
    place = np.empty(len(labels), dtype=int)
    place[np.argsort(probability, kind="stable")] = np.arange(len(labels)) * bins // len(labels)
    flat, shape = students.owner * bins + place, (students.students, bins)
    sums = np.bincount(flat, labels - probability, shape[0] * bins).reshape(shape)
    counts = np.bincount(flat, minlength=shape[0] * bins).reshape(shape)
    total = counts.sum(axis=0)
    gap = sums.sum(axis=0) / total
    owners = np.maximum((counts > 0).sum(axis=0), 2)
    noise = ((sums - counts * gap) ** 2).sum(axis=0) / total**2 * owners / (owners - 1)
    sums_drawn, counts_drawn = students.drawn(sums), students.drawn(counts)
    drawn = np.sum(sums_drawn**2 / counts_drawn, axis=1) / counts_drawn.sum(axis=1)
    return GroupCalibration(float(np.sum(total * (gap**2 - noise)) / total.sum()), drawn)
