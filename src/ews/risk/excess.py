"""How much more help a group misses, and how many more wrong labels it bears, than its own risk explains.

With true risk known and one cut, a group with a lower base rate is missed more often: that is arithmetic
and no unfairness. So the group's scores are first calibrated on what happened to the group, and everyone
else's on what happened to them; lists made again by that, with as many places, show the rates that true
risk implies. What is observed beyond them is the excess. A list on which only the group competes is made
no differently, and has none.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ews.risk.logistic import sigmoid
from ews.risk.reweighted import Reweighted

SLOPE_RIDGE = 30.0  # a group's slope is held near everyone's unless its outcomes say otherwise
SOFT = 0.1  # log-odds over which a list's cut is smoothed, so that a hair's breadth moves nobody
STEPS = 25
FEWEST_OTHERS = 20  # rows with the outcome: of fewer others no calibration is learned


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
    ``center`` is where the second column is 0.
    """

    log_odds: np.ndarray
    columns: np.ndarray
    covariance: np.ndarray
    center: float


@dataclass(frozen=True)
class Listing:
    """Everyone's rows: ``labels``, calibrated ``log_odds``, how much of each was ``listed``; all (n,).

    ``lists`` (n,) is the list each competes on, from 0, with places for a ``share`` of it; ``cut`` its cut.
    """

    labels: np.ndarray
    log_odds: np.ndarray
    listed: np.ndarray
    lists: np.ndarray
    cut: np.ndarray
    share: float


def calibrated_on(labels: np.ndarray, log_odds: np.ndarray, ridge: float) -> Own:
    """``log_odds`` moved and stretched until they say as often as it happened, by logistic regression.

    The slope's distance from 1 is held by ``ridge``.
    """
    center = float(log_odds.mean())
    columns = np.column_stack([np.ones(len(log_odds)), log_odds - center])
    penalty = np.diag([1e-6, ridge + 1e-6])
    theta = np.zeros(2)
    for _ in range(STEPS):
        said = sigmoid(log_odds + columns @ theta)
        curvature = columns.T @ (columns * (said * (1 - said))[:, None]) + penalty
        step = np.linalg.solve(curvature, columns.T @ (labels - said) - penalty @ theta)
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return Own(log_odds + columns @ theta, columns, np.linalg.inv(curvature), center)


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


def excess_of(everyone: Listing, inside: np.ndarray, students: Reweighted) -> tuple[Excess, Excess]:
    """The excess of missed help (false negative rate) and of wrong labels (false positive rate).

    Of the rows ``inside`` (booleans). They and all others are each calibrated on what happened to them, and
    every list is made again by that, with as many places. The draws carry the noise of what happened, of
    who is in the group and, to first order, of both calibrations.
    """
    labels, log_odds, listed = (
        value[inside] for value in (everyone.labels, everyone.log_odds, everyone.listed)
    )
    own = calibrated_on(labels, log_odds, SLOPE_RIDGE)
    theirs = others(everyone, ~inside)
    risk = np.empty(len(inside))
    risk[inside], risk[~inside] = own.log_odds, theirs.log_odds
    cut = cuts(risk, everyone.lists, everyone.share)
    now, would = soft(own.log_odds - cut[inside]), soft(log_odds - everyone.cut[inside])
    near = soft(risk - cut)
    near = near * (1 - near) + 1e-12
    crowd = np.bincount(everyone.lists, near * inside) / np.bincount(everyone.lists, near)
    bend = now * (1 - now) / SOFT * (1 - crowd[everyone.lists[inside]])  # the cut moves with its crowd
    chance = sigmoid(own.log_odds)
    moves = Moves(
        chance * (1 - chance),
        bend,
        own.columns,
        moved(own, everyone.labels, inside, students),
        np.column_stack([np.ones(len(log_odds)), log_odds - theirs.center]),
        moved(theirs, everyone.labels, ~inside, students),
    )
    members = students.among(np.flatnonzero(inside))
    fits = np.clip(listed + now - would, 0.0, 1.0)
    missed = beyond(chance, 1 - listed, 1 - fits, moves.turned(held=1, fits=-1), members)
    wrong = beyond(1 - chance, listed, fits, moves.turned(held=-1, fits=1), members)
    return missed, wrong


def others(everyone: Listing, outside: np.ndarray) -> Own:
    """Everyone else's own calibrated scores; as they are where too few of them had the outcome."""
    labels, log_odds = everyone.labels[outside], everyone.log_odds[outside]
    if min(labels.sum(), (1 - labels).sum()) >= FEWEST_OTHERS:
        return calibrated_on(labels, log_odds, SLOPE_RIDGE)
    columns = np.column_stack([np.ones(len(log_odds)), log_odds])
    return Own(log_odds, columns, np.zeros((2, 2)), 0.0)


def moved(own: Own, labels: np.ndarray, rows: np.ndarray, students: Reweighted) -> np.ndarray:
    """(repeats, 2) how far the coefficients of a calibration move on each draw, to first order."""
    surprise = np.zeros((len(labels), 2))
    surprise[rows] = own.columns * (labels[rows] - sigmoid(own.log_odds))[:, None]
    return students.drawn(students.by_student(*surprise.T)) @ own.covariance


@dataclass(frozen=True)
class Moves:
    """How a group's chances (``slope``) and places (``bend``) move with the calibrations, all (n,) or (n, 2).

    ``columns`` and ``theta`` are the group's own calibration and its draws, the others' push the other way.
    """

    slope: np.ndarray
    bend: np.ndarray
    columns: np.ndarray
    theta: np.ndarray
    their_columns: np.ndarray
    their_theta: np.ndarray

    def turned(self, *, held: int, fits: int) -> Moves:
        """The same for the chance of no outcome, or for who does not fit."""
        return replace(self, slope=held * self.slope, bend=fits * self.bend)


def beyond(
    held: np.ndarray, placed: np.ndarray, fits: np.ndarray, moves: Moves, members: Reweighted
) -> Excess:
    """The share of ``held`` (n,) that was ``placed``, beside the share that ``fits`` a list by true risk.

    ``held`` is the chance of the outcome, or of none, by the group's own scores.
    """
    sums = members.by_student(held * placed, held * fits, held)
    seen, said, all_held = sums.sum(axis=0)
    observed, implied = float(seen / all_held), float(said / all_held)
    of_chance = moves.slope * (placed - fits - observed + implied)
    of_places = held * moves.bend
    gradient = moves.columns.T @ (of_chance - of_places) / all_held
    theirs = moves.their_columns.T @ of_places / all_held
    drawn = members.drawn(sums)
    by_draw = (drawn[:, 0] - drawn[:, 1]) / drawn[:, 2] + moves.theta @ gradient + moves.their_theta @ theirs
    return Excess(observed, implied, by_draw)


def soft(distance: np.ndarray) -> np.ndarray:
    """(n,) how far above a cut: 0 well below, 1 well above."""
    return sigmoid(distance / SOFT)
