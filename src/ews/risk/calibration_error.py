"""How far a probability is from what happened, less the distance that chance alone would show.

The raw error of a perfect model at 400 students is .054; so the bins' own noise is subtracted (Kumar,
Liang & Ma 2019, the debiased estimator, here with the noise clustered by student), and a model fails
only when the lower 95 % bound of what remains is above the allowed error.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ews.risk.logistic import signed_logistic

BINS = 15
ALLOWED = 0.03
TOO_FEW = 2000  # students: under this many the verdict is "too few to tell"
REPEATS = 300


@dataclass(frozen=True)
class CalibrationError:
    """``error`` debiased, its ``low`` bound (one-sided 95 %), the ``raw`` error, and the verdict in words.

    ``slope`` is 1 when log-odds are neither too bold nor too timid. ``verdict``: pass, fail, too few to
    tell.
    """

    error: float
    low: float
    raw: float
    slope: float
    students: int
    verdict: str

    def as_json(self) -> dict[str, Any]:
        """For reports and cards."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def calibration_error(
    labels: np.ndarray,
    probability: np.ndarray,
    students: np.ndarray,
    *,
    seed: int = 1,
    times: np.ndarray | None = None,
) -> CalibrationError:
    """The debiased calibration error over BINS bins of equal count, and whether it may pass.

    ``labels``, ``probability``, ``students`` (n,). The bound comes from drawing students again: REPEATS
    times, or as ``times`` (repeats, students in the order of their names) says.
    """
    place = equal_bins(probability)
    names, owner = np.unique(students, return_inverse=True)
    sums = student_sums(labels - probability, place, owner, len(names))
    counts = student_sums(np.ones(len(labels)), place, owner, len(names))
    if times is None:
        even = np.full(len(names), 1 / len(names))
        times = np.random.default_rng(seed).multinomial(len(names), even, size=REPEATS)
    squared = float(debiased(sums, counts, np.ones((1, len(names))))[0])
    drawn = debiased(sums, counts, times)
    bound = squared + np.quantile(drawn - drawn.mean(), 0.05)
    gaps = sums.sum(axis=0) / counts.sum(axis=0)
    error, low = (float(np.sqrt(max(0.0, value))) for value in (squared, bound))
    return CalibrationError(
        error=error,
        low=low,
        raw=float(np.sum(np.abs(gaps) * counts.sum(axis=0)) / len(labels)),
        slope=calibration_slope(labels, probability),
        students=len(names),
        verdict=verdict(low, len(names)),
    )


def verdict(low: float, students: int) -> str:
    """METHOD's judgement of a lower bound."""
    if students < TOO_FEW:
        return "too few to tell"
    return "pass" if low <= ALLOWED else "fail"


def equal_bins(probability: np.ndarray) -> np.ndarray:
    """(n,) the bin of each row: BINS of equal count by sorted index."""
    place = np.empty(len(probability), dtype=int)
    place[np.argsort(probability, kind="stable")] = np.arange(len(probability)) * BINS // len(probability)
    return place


def student_sums(values: np.ndarray, place: np.ndarray, owner: np.ndarray, students: int) -> np.ndarray:
    """(students, BINS) the sum of ``values`` of each student in each bin."""
    flat = np.bincount(owner * BINS + place, values, students * BINS)
    return flat.reshape(students, BINS)


def debiased(sums: np.ndarray, counts: np.ndarray, times: np.ndarray) -> np.ndarray:
    """(repeats,) the squared calibration error less its noise, on each draw; may be below 0.

    ``sums`` and ``counts`` (students, BINS); ``times`` (repeats, students). The noise is the sum over
    students of (sum - count * gap) squared, multiplied out so that all draws are three products.
    """
    total, gained = times @ counts, times @ sums
    filled = np.where(total > 0, total, 1.0)
    gap = gained / filled
    spread = times @ sums**2 - 2 * gap * (times @ (sums * counts)) + gap**2 * (times @ counts**2)
    groups = np.maximum(times @ (counts > 0), 2.0)
    error = gap**2 - spread / filled**2 * groups / (groups - 1)
    drawn = total.sum(axis=1)
    return np.asarray(np.sum(total * error, axis=1) / np.where(drawn > 0, drawn, 1.0))


def calibration_slope(labels: np.ndarray, probability: np.ndarray) -> float:
    """The slope of what happened on the log-odds said; 1 is right, below 1 is too bold."""
    held = np.clip(probability, 1e-9, 1 - 1e-9)
    log_odds = np.log(held / (1 - held))
    free = np.array([0.0])
    return float(signed_logistic(log_odds[:, None], labels, np.ones(len(labels)), free, free)[0])
