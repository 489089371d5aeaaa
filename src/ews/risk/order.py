"""How good an order of students is, on every draw at once: AUC, AUC within a list, average precision.

The points are exact, ties included. For the draws scores are put into bins of equal count (ties stay
together): what a draw shows is its distance from the point in bins, so binning moves no interval.
"""

from __future__ import annotations

import numpy as np

from ews.risk.draws import Draws, Estimate
from ews.risk.evaluation import auc, average_precision

BINS = 400
BINS_OF_A_LIST = 20


def auc_of(labels: np.ndarray, scores: np.ndarray, draws: Draws) -> Estimate:
    """The chance that one with the outcome is placed before one without; ties count half."""
    with_it, without = binned(labels, equal_places(scores, BINS), draws)
    drawn = concordance(with_it, without)
    return around(auc(labels, scores), drawn)


def average_precision_of(labels: np.ndarray, scores: np.ndarray, draws: Draws) -> Estimate:
    """Precision averaged over the recall gained at each score (the area under precision and recall)."""
    with_it, without = binned(labels, equal_places(scores, BINS), draws)
    caught = np.cumsum(with_it[:, ::-1], axis=1)
    listed = caught + np.cumsum(without[:, ::-1], axis=1)
    precision = np.divide(caught, listed, out=np.zeros_like(caught), where=listed > 0)
    drawn = divided(np.sum(with_it[:, ::-1] * precision, axis=1), caught[:, -1])
    return around(average_precision(labels, scores), drawn)


def auc_within(labels: np.ndarray, scores: np.ndarray, lists: np.ndarray, draws: Draws) -> Estimate:
    """AUC over pairs on the same list alone: one school on one day.

    ``lists`` (n,) as whole numbers. It says how well staff of one school are served, where a pooled AUC
    also rewards knowing which school has more need.
    """
    names, own = np.unique(lists, return_inverse=True)
    place = own * BINS_OF_A_LIST + equal_places_within(scores, own, BINS_OF_A_LIST)
    with_it, without = binned(labels, place, draws, len(names) * BINS_OF_A_LIST)
    shape = (len(with_it), len(names), BINS_OF_A_LIST)
    drawn = concordance(with_it.reshape(shape), without.reshape(shape))
    return around(exact_within(labels, scores, own), drawn)


def around(point: float, drawn: np.ndarray) -> Estimate:
    """The draws, moved so that their last one (nobody drawn twice) is the exact ``point``."""
    return Estimate(point, drawn[:-1] + (point - drawn[-1]))


def binned(
    labels: np.ndarray, place: np.ndarray, draws: Draws, places: int = BINS
) -> tuple[np.ndarray, np.ndarray]:
    """(repeats + 1, places) rows with and without the outcome on each draw, last everybody once."""
    everyone = Draws(draws.owner, np.vstack([draws.times, np.ones(draws.students)]))
    return everyone.counts(place, places, labels == 1), everyone.counts(place, places, labels == 0)


def concordance(with_it: np.ndarray, without: np.ndarray) -> np.ndarray:
    """(repeats,) AUC from counts in rising bins, the last axis; middle axes are lists of their own."""
    below = np.cumsum(without, axis=-1) - without
    pairs = with_it.sum(axis=-1) * without.sum(axis=-1)
    won = np.sum(with_it * (below + without / 2), axis=-1)
    if won.ndim == 2:
        won, pairs = won.sum(axis=1), pairs.sum(axis=1)
    return divided(won, pairs)


def divided(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """``above`` over ``below``, NaN where there is nothing to divide by."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)


def equal_places(scores: np.ndarray, bins: int) -> np.ndarray:
    """(n,) the bin of each score, rising, of about equal count; equal scores share a bin."""
    return equal_places_within(scores, np.zeros(len(scores), dtype=int), bins)


def equal_places_within(scores: np.ndarray, own: np.ndarray, bins: int) -> np.ndarray:
    """(n,) the bin of each score among those of its own list ``own`` (n,), rising; equals share a bin."""
    order = np.lexsort((scores, own))
    held, mine = scores[order], own[order]
    new_list = np.append(True, mine[1:] != mine[:-1])
    new_score = new_list | np.append(True, held[1:] != held[:-1])
    begins = np.maximum.accumulate(np.where(new_list, np.arange(len(order)), 0))
    first = np.maximum.accumulate(np.where(new_score, np.arange(len(order)), 0))
    size = np.bincount(mine, minlength=int(mine.max(initial=0)) + 1)[mine]
    place = np.empty(len(scores), dtype=int)
    place[order] = (first - begins) * bins // size
    return place


def exact_within(labels: np.ndarray, scores: np.ndarray, own: np.ndarray) -> float:
    """AUC over the pairs of each list, without bins."""
    score = np.unique(scores, return_inverse=True)[1]
    keys, place = np.unique(own * (score.max(initial=0) + 1) + score, return_inverse=True)
    with_it = np.bincount(place, labels, len(keys))
    without = np.bincount(place, 1 - labels, len(keys))
    mine = keys // (score.max(initial=0) + 1)
    totals = np.bincount(mine, without)
    before = np.concatenate([[0.0], np.cumsum(totals)[:-1]])
    below = np.cumsum(without) - without - before[mine]
    pairs = float(np.sum(np.bincount(mine, with_it) * totals))
    return float(np.sum(with_it * (below + without / 2)) / pairs) if pairs else float("nan")
