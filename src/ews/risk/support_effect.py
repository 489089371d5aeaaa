"""What support given after the as-of date did to the outcome, and what the score says without it.

Two numbers a model: the log-odds that a whole horizon in support adds for a student who would have the
outcome half of the time, and how that changes with risk (who is away for illness is helped less by a mentor
than who stays away). They are learned from students without support so far, by support that began soon
after the as-of date, since that answers what was known on it; then all support of the horizon counts at
that rate. Learning from what began later too would be wrong: it goes to those who got worse meanwhile,
which is part of the outcome.

Support is never taken to raise risk: whoever is given it was chosen for need, and need that no record
tells would be read as harm. Where it seems to, nothing is repaired.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ews.risk.logistic import rounded, signed_logistic
from ews.risk.support_ahead import SupportAhead

FEWEST_STUDENTS = 25  # without support so far and with support that began soon: fewer cannot carry an effect
CONTROLS = 20_000  # rows without such support that it is learned beside; all where there are fewer
PRIOR, PRIOR_BY_RISK = 1.0, 0.3  # standard deviations of both numbers before any data
ROUNDS = 3  # what later support has hidden depends on the effect, which changes the effect a little
LEAST = -3.0  # log-odds; no support does more
HELPS = 0.02  # log-odds, on average over those helped; less is no sign of help


@dataclass(frozen=True)
class SupportEffect:
    """What a whole horizon in support adds, in log-odds before calibration, never above 0.

    ``effect`` at log-odds of 0, ``by_risk`` for each unit of log-odds more; ``usual``: the share of a
    horizon that students usually spend in support, at which every score is told; ``students``: how many
    it was learned from.
    """

    effect: float = 0.0
    by_risk: float = 0.0
    usual: float = 0.0
    students: int = 0

    @property
    def is_none(self) -> bool:
        """Whether there is nothing to repair."""
        return self.effect == 0.0 and self.by_risk == 0.0

    def log_odds(self, given: SupportAhead | None, said: np.ndarray) -> np.ndarray:
        """(n,) what the support given adds to ``said``, the log-odds (n,) at usual support."""
        if given is None or self.is_none:
            return np.zeros(len(said))
        return (given.ahead - self.usual) * self.at(said)

    def at(self, said: np.ndarray) -> np.ndarray:
        """(n,) what a whole horizon in support adds to these log-odds."""
        return np.clip(self.effect + self.by_risk * said, LEAST, 0.0)

    def as_json(self) -> dict[str, Any]:
        """For cards and for what a run keeps."""
        return {name: getattr(self, name) for name in ("effect", "by_risk", "usual", "students")}


NO_EFFECT = SupportEffect()


def support_effect(
    columns: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    given: SupportAhead,
    students: np.ndarray,
    l2: float,
) -> tuple[SupportEffect, np.ndarray]:
    """The effect, beside what else tells of the outcome; and (n,) the log-odds that it adds to each row.

    ``columns`` (n, k): standardised, none missing. Rows are taken in their order, so that the same rows give
    the same numbers. ``students`` (n,) whose row it is. No effect where too few were given support, or where
    it did not help those who were.
    """
    helped = (given.soon > 0) & given.none_before
    usual = float(np.median(given.ahead))
    count = len(set(students[helped]))
    nothing = SupportEffect(usual=usual, students=count)
    if count < FEWEST_STUDENTS or len(set(labels[helped])) < 2:
        return nothing, np.zeros(len(labels))
    chosen = beside(helped, ~helped & given.none_before)
    penalty = np.append(
        np.full(columns.shape[1], l2 * len(chosen) / len(labels)), [PRIOR**-2, PRIOR_BY_RISK**-2]
    )
    effect, said = nothing, np.zeros(len(labels))
    for _ in range(ROUNDS):
        told = np.column_stack([columns[chosen], given.soon[chosen], (given.soon * said)[chosen]])
        hidden = ((given.ahead - given.soon) * effect.at(said))[chosen]
        with threadpool_limits(1, "blas"):  # on a busy machine two threads wait for each other
            beta = signed_logistic(
                told, labels[chosen], weights[chosen], np.zeros(len(penalty)), penalty, offset=hidden
            )
        by_risk = float(beta[-2]) if said.any() else 0.0
        at_even, by_risk = rounded([beta[-3], by_risk]).tolist()
        effect = SupportEffect(at_even, by_risk, usual, count)
        said = columns @ beta[: columns.shape[1]] + beta[-1]
        average = effect.effect + effect.by_risk * np.average(said[helped], weights=weights[helped])
        if average > -HELPS:  # unclipped, or noise on both sides of 0 would be read as help
            return nothing, np.zeros(len(labels))
    return effect, effect.log_odds(given, said)


def beside(helped: np.ndarray, alone: np.ndarray) -> np.ndarray:
    """Places of all the rows ``helped`` and of about CONTROLS of those ``alone``, evenly spread over them."""
    others = np.flatnonzero(alone)
    step = max(1, -(-len(others) // CONTROLS))
    return np.sort(np.concatenate([np.flatnonzero(helped), others[::step]]))
