"""How much more help a group misses, and how many more wrong labels it bears, than its own risk explains.

With true risk known and one cut, a group with a lower base rate is missed more often: that is arithmetic
and no unfairness. So the group's own scores are calibrated first, on what happened to the group; they say
which rates a list by true risk would show at that same cut. What is observed beyond that is the excess.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ews.risk.logistic import sigmoid
from ews.risk.reweighted import Reweighted

SLOPE_RIDGE = 30.0  # a group's slope is held near everyone's unless its outcomes say otherwise
SOFT = 0.1  # log-odds over which a list's cut is smoothed, so that a hair's breadth moves nobody
STEPS = 25


@dataclass(frozen=True)
class Excess:
    """A rate as ``observed`` on the list there was, and as ``implied`` on a list by the group's own risk.

    Both are taken over the group's own calibrated scores, which say what happened to it with less noise
    than its outcomes one by one: the raw rate differs from ``observed`` by chance alone. ``drawn``
    (repeats,) is the difference on each draw of students.
    """

    observed: float
    implied: float
    drawn: np.ndarray

    @property
    def size(self) -> float:
        """Observed less implied."""
        return self.observed - self.implied

    @property
    def spread(self) -> float:
        """The standard error."""
        return float(self.drawn.std())


@dataclass(frozen=True)
class Own:
    """A group's own calibrated scores: ``log_odds`` (n,) and ``columns`` (n, 2) that they are linear in.

    ``covariance`` (2, 2) is the inverse of the curvature: how far the two coefficients move with a score.
    """

    log_odds: np.ndarray
    columns: np.ndarray
    covariance: np.ndarray


def calibrated_on(labels: np.ndarray, log_odds: np.ndarray, ridge: float) -> Own:
    """``log_odds`` moved and stretched until they say as often as it happened, by logistic regression.

    The slope's distance from 1 is held by ``ridge``.
    """
    columns = np.column_stack([np.ones(len(log_odds)), log_odds - log_odds.mean()])
    penalty = np.diag([1e-6, ridge + 1e-6])
    theta = np.zeros(2)
    for _ in range(STEPS):
        said = sigmoid(log_odds + columns @ theta)
        curvature = columns.T @ (columns * (said * (1 - said))[:, None]) + penalty
        step = np.linalg.solve(curvature, columns.T @ (labels - said) - penalty @ theta)
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return Own(log_odds + columns @ theta, columns, np.linalg.inv(curvature))


def cuts(log_odds: np.ndarray, lists: np.ndarray, share: float) -> np.ndarray:
    """(n,) the cut of each row's list: halfway between the last that fits and the first that does not."""
    order = np.lexsort((-log_odds, lists))
    _, first, count = np.unique(lists[order], return_index=True, return_counts=True)
    places = np.maximum(1, np.floor(share * count + 0.5).astype(int))  # as ``evaluation.listed`` has it
    last_in = first + places - 1
    first_out = np.minimum(last_in + 1, first + count - 1)
    middle = (log_odds[order][last_in] + log_odds[order][first_out]) / 2
    found = np.empty(len(log_odds))
    found[order] = np.repeat(middle, count)
    return found


def excess_of(
    labels: np.ndarray, log_odds: np.ndarray, listed: np.ndarray, cut: np.ndarray, students: Reweighted
) -> tuple[Excess, Excess]:
    """The excess of missed help (false negative rate) and of wrong labels (false positive rate).

    Of one group's rows: ``labels``, everyone's calibrated ``log_odds``, how much of each row was
    ``listed`` and the ``cut`` of its list, all (n,). The draws carry the noise of what happened, of who is
    in the group and, to first order, of its own calibration.
    """
    own = calibrated_on(labels, log_odds, SLOPE_RIDGE)
    chance, slope = sigmoid(own.log_odds), np.zeros(len(labels))
    slope = chance * (1 - chance)
    now, would = soft(own.log_odds - cut), soft(log_odds - cut)
    fits = np.clip(listed + now - would, 0.0, 1.0)
    bend = now * (1 - now) / SOFT
    moved = students.drawn(students.by_student(*(own.columns * (labels - chance)[:, None]).T))
    total = students.weights.mean(axis=0).astype(float)
    theta = (moved / total[:, None]) @ own.covariance
    missed = beyond(chance, slope, 1 - listed, 1 - fits, -bend, own.columns, theta, students)
    wrong = beyond(1 - chance, -slope, listed, fits, bend, own.columns, theta, students)
    return missed, wrong


def beyond(
    held: np.ndarray,
    slope: np.ndarray,
    placed: np.ndarray,
    fits: np.ndarray,
    bend: np.ndarray,
    columns: np.ndarray,
    theta: np.ndarray,
    students: Reweighted,
) -> Excess:
    """The share of ``held`` (n,) that was ``placed``, beside the share that ``fits`` at the same cut.

    ``held`` is the chance of the outcome, or of none, by the group's own scores; ``slope`` and ``bend``
    are how ``held`` and ``fits`` move with those; ``theta`` (repeats, 2) is how far they move on each draw.
    """
    sums = students.by_student(held * placed, held * fits, held)
    seen, said, everyone = sums.sum(axis=0)
    observed, implied = float(seen / everyone), float(said / everyone)
    gradient = columns.T @ (slope * (placed - fits - observed + implied) - held * bend) / everyone
    drawn = students.drawn(sums)
    by_draw = (drawn[:, 0] - drawn[:, 1]) / drawn[:, 2] + theta @ gradient
    return Excess(observed, implied, by_draw)


def soft(distance: np.ndarray) -> np.ndarray:
    """(n,) how far above a cut: 0 well below, 1 well above."""
    return sigmoid(distance / SOFT)
