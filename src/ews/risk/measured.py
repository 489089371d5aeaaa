"""Everything METHOD asks of an order and its numbers on one test year, each with its interval.

Order: AUC, AUC within a list, average precision; recall and precision at each capacity. Numbers: Brier,
debiased calibration error, slope. Decisions: net benefit at the lines of the bands.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ews.risk.abc_rule import SHARE_OF_DAYS
from ews.risk.calibration_error import CalibrationError, calibration_error
from ews.risk.draws import Draws, Estimate, as_json
from ews.risk.evaluation import listed
from ews.risk.logistic import sigmoid
from ews.risk.order import auc_of, auc_within, average_precision_of

CAPACITIES = (0.05, 0.10, 0.15, 0.20)
ACTS_FROM = {"abc_rule": 1.0, "year_to_date": SHARE_OF_DAYS, "last_year": SHARE_OF_DAYS}
"""From which score on a rule would have somebody act; models and the base rate act from the line on."""


@dataclass(frozen=True)
class Score:
    """What one candidate or rival says of the rows. ``chance``: whether it is a probability."""

    name: str
    values: np.ndarray
    chance: bool

    def of(self, inside: np.ndarray) -> Score:
        """The same for the rows ``inside`` (booleans) alone."""
        return Score(self.name, self.values[inside], self.chance)

    def acts(self, line: float) -> np.ndarray:
        """(n,) whether somebody would act on it at the line."""
        return (self.values >= (line if self.chance else ACTS_FROM.get(self.name, line))).astype(float)


@dataclass(frozen=True)
class Ground:
    """The rows that are judged: ``labels`` (n,), ``lists`` (n,) whole numbers, and the draws of students."""

    labels: np.ndarray
    lists: np.ndarray
    draws: Draws

    def among(self, inside: np.ndarray) -> Ground:
        """The rows ``inside`` (booleans) alone; their lists are then lists of these students only."""
        return Ground(self.labels[inside], self.lists[inside], self.draws.among(inside))

    @property
    def students(self) -> int:
        """How many students the rows are of."""
        return self.draws.students

    @property
    def students_with_it(self) -> int:
        """How many students had the outcome on at least one row."""
        return len(np.unique(self.draws.owner[self.labels == 1]))


def measured(ground: Ground, score: Score, lines: Sequence[float]) -> dict[str, Estimate]:
    """Every measure of ``score`` by name; NaN where the rows do not have what it takes."""
    return {
        "auc": auc_of(ground.labels, score.values, ground.draws),
        "auc_within": auc_within(ground.labels, score.values, ground.lists, ground.draws),
        "average_precision": average_precision_of(ground.labels, score.values, ground.draws),
        **on_lists(ground, score),
        **{f"net_benefit_at_{100 * line:.0f}": net_benefit(ground, score.acts(line), line) for line in lines},
        **(of_probability(ground, score.values) if score.chance else {}),
    }


def on_lists(ground: Ground, score: Score) -> dict[str, Estimate]:
    """Recall and precision when each school lists each capacity; the lists are held, students are drawn."""
    found = {}
    for share in CAPACITIES:
        chosen = listed(score.values, ground.lists, share)
        caught = ground.labels * chosen
        found[f"recall_at_{100 * share:.0f}"] = ground.draws.ratio(caught, ground.labels)
        found[f"precision_at_{100 * share:.0f}"] = ground.draws.ratio(caught, chosen)
    return found


def net_benefit(ground: Ground, acts: np.ndarray, line: float) -> Estimate:
    """Of all rows, the share rightly acted on, less the wrongly acted on at the line's exchange rate.

    Vickers & Elkin 2006: acting from a chance of ``line`` on says that one missed weighs as much as
    (1 - line) / line acted on in vain. Not acting at all is 0.
    """
    worth = acts * (ground.labels - (1 - ground.labels) * line / (1 - line))
    return ground.draws.ratio(worth, np.ones(len(worth)))


def of_probability(ground: Ground, probability: np.ndarray) -> dict[str, Estimate]:
    """Brier score and calibration slope."""
    squared = (probability - ground.labels) ** 2
    return {
        "brier": ground.draws.ratio(squared, np.ones(len(squared))),
        "slope": slope_of(ground, probability),
    }


def slope_of(ground: Ground, probability: np.ndarray) -> Estimate:
    """The slope of what happened on the log-odds said; 1 is right, below 1 is too bold.

    Newton's method for the point; on each draw one further step from it, which is what a refit gives to
    first order. NaN where all say the same.
    """
    held = np.clip(probability, 1e-9, 1 - 1e-9)
    said = np.log(held / (1 - held))
    if np.ptp(said) < 1e-9 or len(set(ground.labels)) < 2:
        return Estimate(float("nan"), np.full(len(ground.draws.times), np.nan))
    once = Draws(ground.draws.owner, np.ones((1, ground.students)))
    beta = np.array([1.0, 0.0])
    for _ in range(25):
        step = newton(once, ground.labels, said, beta)[0]
        beta = beta + np.clip(step, -1.0, 1.0)
        if np.max(np.abs(step)) < 1e-8:
            break
    return Estimate(float(beta[0]), beta[0] + newton(ground.draws, ground.labels, said, beta)[:, 0])


def newton(draws: Draws, labels: np.ndarray, said: np.ndarray, beta: np.ndarray) -> np.ndarray:
    """(repeats, 2) Newton's step for slope and intercept on each draw."""
    chance = sigmoid(beta[0] * said + beta[1])
    left, weight = labels - chance, chance * (1 - chance)
    sums = draws.sums(left * said, left, weight * said * said, weight * said, weight)
    first, second, curve, cross, flat = sums.T
    held = np.maximum(curve * flat - cross**2, 1e-12)
    return np.column_stack([(flat * first - cross * second) / held, (curve * second - cross * first) / held])


def calibration_of(ground: Ground, probability: np.ndarray) -> CalibrationError:
    """METHOD's debiased test on these rows, from the same draws."""
    return calibration_error(ground.labels, probability, ground.draws.owner, times=ground.draws.times)


def told(
    ground: Ground, scores: Mapping[str, Score], measures: Mapping[str, Mapping[str, Estimate]]
) -> dict[str, Any]:
    """The JSON of one group of rows: counts, every measure of every score, calibration of the chances."""
    return {
        "students": ground.students,
        "rows": len(ground.labels),
        "base_rate": round(float(ground.labels.mean()), 4),
        "measures": {name: as_json(found) for name, found in measures.items()},
        "calibration": {
            name: calibration_of(ground, score.values).as_json()
            for name, score in scores.items()
            if score.chance and name != "base_rate"
        },
    }
