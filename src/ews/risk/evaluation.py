"""How good an order and its numbers are: AUC, precision, recall at capacity, Brier.

Every measure takes weights, so that one bootstrap over students serves all of them. Ties are shared
out: of equals at the edge of the list, each counts by its chance of being drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Measure = Callable[[np.ndarray, np.ndarray, np.ndarray], float]
REPEATS = 300


def even(labels: np.ndarray, weights: np.ndarray | None) -> np.ndarray:
    """The weights, or 1 for each row."""
    return np.ones(len(labels)) if weights is None else weights


def auc(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The chance that one with the outcome is placed before one without; ties count half."""
    with_it, without, _ = by_score(labels, scores, even(labels, weights))
    pairs = with_it.sum() * without.sum()
    if pairs == 0:
        return float("nan")
    below = np.concatenate([[0.0], np.cumsum(without)[:-1]])
    return float(np.sum(with_it * (below + without / 2)) / pairs)


def average_precision(labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None) -> float:
    """Precision averaged over the recall gained at each score, highest first."""
    with_it, without, _ = by_score(labels, scores, even(labels, weights))
    if with_it.sum() == 0:
        return float("nan")
    caught = np.cumsum(with_it[::-1])
    listed = caught + np.cumsum(without[::-1])
    precision = np.divide(caught, listed, out=np.zeros_like(caught), where=listed > 0)
    return float(np.sum(with_it[::-1] * precision) / caught[-1])


def by_score(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weight with and without the outcome at each distinct score, and the scores, lowest first."""
    distinct, place = np.unique(scores, return_inverse=True)
    with_it = np.bincount(place, weights * labels, len(distinct))
    return with_it, np.bincount(place, weights * (1 - labels), len(distinct)), distinct


def brier(labels: np.ndarray, probability: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The mean squared distance of the probability from what happened."""
    return float(np.average((probability - labels) ** 2, weights=even(labels, weights)))


def listed(scores: np.ndarray, groups: np.ndarray, share: float) -> np.ndarray:
    """(n,) how much of each row fits on its group's list of ``share`` of its rows, 0 to 1.

    A group is one school on one day. A list holds the share of its rows, rounded to whole students and
    at least one; of equals at its edge each counts by its chance of being drawn.
    """
    chosen = np.zeros(len(scores))
    order = np.lexsort((-scores, groups))
    edges = np.flatnonzero(groups[order][1:] != groups[order][:-1]) + 1
    for rows in np.split(order, edges) if len(order) else []:
        places = max(1, int(np.floor(share * len(rows) + 0.5)))
        edge = scores[rows[places - 1]]
        above = scores[rows] > edge
        equal = scores[rows] == edge
        chosen[rows] = above + equal * (places - above.sum()) / equal.sum()
    return chosen


def recall_of(labels: np.ndarray, chosen: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The share of those with the outcome who were on a list."""
    held = even(labels, weights) * labels
    return float(np.sum(held * chosen) / held.sum()) if held.sum() > 0 else float("nan")


def precision_of(labels: np.ndarray, chosen: np.ndarray, weights: np.ndarray | None = None) -> float:
    """The share of those on a list who had the outcome."""
    held = even(labels, weights) * chosen
    return float(np.sum(held * labels) / held.sum()) if held.sum() > 0 else float("nan")


@dataclass(frozen=True)
class Difference:
    """A difference of two measures with its 95 % interval over students."""

    point: float
    low: float
    high: float

    def as_json(self) -> dict[str, Any]:
        """Four decimals, for reports and cards."""
        return {"point": round(self.point, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


def paired_bootstrap(
    measure: Measure,
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    students: np.ndarray,
    *,
    repeats: int = REPEATS,
    seed: int = 1,
) -> Difference:
    """``measure`` of ``first`` less that of ``second``, drawn again over students, both on the same draw.

    A student's rows are drawn together, since a student's weeks are not independent. ``first`` and
    ``second`` are scores, or rows chosen (``listed``) for ``recall_of`` and ``precision_of``: the lists
    are then held as they were and only the students are drawn.
    """
    names, place = np.unique(students, return_inverse=True)
    chance = np.random.default_rng(seed)
    drawn = np.empty(repeats)
    for repeat in range(repeats):
        times = chance.multinomial(len(names), np.full(len(names), 1 / len(names)))
        weights = times[place].astype(float)
        drawn[repeat] = measure(labels, first, weights) - measure(labels, second, weights)
    whole = np.ones(len(labels))
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return Difference(measure(labels, first, whole) - measure(labels, second, whole), float(low), float(high))


def recall_gain(
    labels: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    students: np.ndarray,
    *,
    repeats: int = REPEATS,
    seed: int = 1,
    tail: float = 0.025,
) -> Difference:
    """Recall of the rows ``first`` less that of ``second`` (both as ``listed``): paired_bootstrap, fast.

    The same draws and the same numbers as ``paired_bootstrap(recall_of, ...)``, from sums by student.
    ``tail``: the share of draws beyond each end of the interval; .05 makes ``low`` a one-sided 95 % bound.
    """
    names, place = np.unique(students, return_inverse=True)
    gained = np.bincount(place, labels * (first - second), len(names))
    happened = np.bincount(place, labels, len(names))
    chance = np.random.default_rng(seed)
    times = chance.multinomial(len(names), np.full(len(names), 1 / len(names)), size=repeats)
    total = times @ happened
    drawn = np.divide(times @ gained, total, out=np.full(repeats, np.nan), where=total > 0)
    if not happened.sum():
        return Difference(float("nan"), float("nan"), float("nan"))
    low, high = np.nanquantile(drawn, [tail, 1 - tail])
    return Difference(float(gained.sum() / happened.sum()), float(low), float(high))
