"""A full logistic regression that keeps its promises: signs held, missing told apart, text only.

It is the rival that every LightGBM model must beat, and what ships when it is as good. A feature that
never lowers risk keeps a coefficient of at least 0, as in the trees. Missing values take the stated
value and switch on an indicator of their own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ews.errors import BadData, OurFault

DIGITS = 6  # kept of every number, so that the order of sums in another thread changes nothing
STEPS = 100
RARE = 0.005  # share of rows at each end whose values count as the value there
RARELY_MISSING = 0.001  # below this share an indicator would be fitted on a handful of rows


def signed_logistic(
    columns: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    signs: np.ndarray,
    l2: np.ndarray,
    start: np.ndarray | None = None,
    *,
    offset: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Coefficients of a penalised logistic regression whose signs are held.

    ``columns`` (n, k) without an intercept; ``signs`` (k,) of +1 (at least 0), -1 (at most 0), 0 (free);
    ``l2`` (k,) penalties; ``start`` (k + 1,) where to begin; ``offset`` (n,) log-odds that are known
    beforehand. Returns (k + 1,), the intercept last. Newton's method on the coefficients that are not held
    at 0 (Bertsekas 1982, projected Newton), to a gradient of 1e-9 a row.
    """
    turned = np.where(signs == 0, 1.0, signs).astype(float)
    design = np.column_stack([columns * turned, np.ones(len(columns))])
    penalty = np.append(l2, 0.0)
    held_sign = np.append(signs != 0, False)
    beta = np.zeros(design.shape[1])
    share = np.clip(np.sum(weights * labels) / np.sum(weights), 1e-6, 1 - 1e-6)
    beta[-1] = np.log(share / (1 - share))
    if start is not None:
        beta = start * np.append(turned, 1.0)
    loss = penalised_loss(design, labels, weights, penalty, beta, offset)
    for _ in range(STEPS):
        chance = sigmoid(design @ beta + offset)
        slope = design.T @ (weights * (chance - labels)) + penalty * beta
        free = ~(held_sign & (beta <= 0.0) & (slope > 0.0))
        if np.max(np.abs(slope[free]), initial=0.0) < 1e-9 * len(labels):
            break
        beta, loss, moved = newton_step(
            design, labels, weights, penalty, held_sign, beta, loss, chance, slope, free, offset
        )
        if not moved:
            break
    beta[:-1] *= turned
    return beta


def newton_step(
    design: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    penalty: np.ndarray,
    held_sign: np.ndarray,
    beta: np.ndarray,
    loss: float,
    chance: np.ndarray,
    slope: np.ndarray,
    free: np.ndarray,
    offset: np.ndarray | float,
) -> tuple[np.ndarray, float, bool]:
    """One step on the ``free`` coefficients, halved until the loss falls; (beta, loss, whether it moved)."""
    part = design[:, free]
    curve = part.T @ (part * (weights * chance * (1 - chance))[:, None]) + np.diag(penalty[free] + 1e-9)
    direction = np.zeros_like(beta)
    direction[free] = np.linalg.solve(curve, slope[free])
    size = 1.0
    while size > 1e-10:
        trial = beta - size * direction
        trial[held_sign] = np.maximum(trial[held_sign], 0.0)
        reached = penalised_loss(design, labels, weights, penalty, trial, offset)
        if reached < loss:
            return trial, reached, True
        size /= 2
    return beta, loss, False


def penalised_loss(
    design: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    penalty: np.ndarray,
    beta: np.ndarray,
    offset: np.ndarray | float,
) -> float:
    """Weighted log loss plus half the penalty, summed over rows."""
    margin = design @ beta + offset
    return float(
        np.sum(weights * (np.logaddexp(0.0, margin) - labels * margin)) + 0.5 * np.sum(penalty * beta**2)
    )


def sigmoid(log_odds: np.ndarray) -> np.ndarray:
    """Log-odds as a probability; no overflow at either end."""
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)


def weighted_mean(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Column means of ``values`` (n, k) under ``weights`` (n,); 0 where nothing has weight."""
    total = weights.sum()
    return np.sum(values * weights[:, None], axis=0) / (total if total > 0 else 1.0)


@dataclass(frozen=True)
class Logistic:
    """A fitted logistic regression in text: every number rounded to DIGITS significant digits.

    Per feature: ``fill`` (taken for missing), ``low`` and ``high`` (what lies beyond counts as these, so that
    no rare row is extrapolated to certainty), ``centre`` and ``scale`` (standardising), ``weight`` (log-odds
    per standard deviation), ``missing_centre`` and ``missing_weight`` (of its indicator; 0 when unused).
    """

    features: tuple[str, ...]
    fill: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weight: tuple[float, ...]
    missing_centre: tuple[float, ...]
    missing_weight: tuple[float, ...]
    intercept: float

    kind = "logistic"

    def text(self) -> str:
        """The model as JSON, one number a place, the same bytes for the same fit."""
        return json.dumps({"kind": self.kind, **asdict(self)}, indent=1)

    def body(self) -> str:
        """What the model's hash is taken over."""
        return self.text()

    def raw_contributions(self, rows: np.ndarray) -> np.ndarray:
        """(n, features + 1) log-odds against the average student, the base last; rows sum to the margin.

        Computed feature by feature, so that one row alone has the same bits as in a batch.
        """
        parts = np.empty((len(rows), len(self.features) + 1))
        for place in range(len(self.features)):
            value, missing = self.standardised(rows, place)
            parts[:, place] = self.weight[place] * value
            parts[:, place] += self.missing_weight[place] * missing
        parts[:, -1] = self.intercept
        return parts

    def standardised(self, rows: np.ndarray, place: int) -> tuple[np.ndarray, np.ndarray]:
        """(n,) one feature imputed and standardised, and (n,) its indicator of missing, less its mean."""
        missing = np.isnan(rows[:, place])
        value = np.clip(rows[:, place], self.low[place], self.high[place])
        value = np.where(missing, self.fill[place], value)
        return (value - self.centre[place]) / self.scale[place], missing - self.missing_centre[place]

    def raw_log_odds(self, rows: np.ndarray) -> np.ndarray:
        """(n,) the margin before calibration."""
        parts = self.raw_contributions(rows)
        margin = parts[:, -1].copy()
        for place in range(len(self.features)):
            margin += parts[:, place]
        return margin


def read_logistic(text: str) -> Logistic:
    """The model that ``Logistic.text`` wrote; OurFault when it is anything else."""
    try:
        content: dict[str, Any] = json.loads(text)
        content.pop("kind")
        names = {item.name for item in fields(Logistic)}
        if set(content) != names:
            raise ValueError(f"fields {sorted(set(content) ^ names)}")
        lists = {name: tuple(value) for name, value in content.items() if name != "intercept"}
        model = Logistic(**lists, intercept=float(content["intercept"]))
        lengths = {len(values) for values in lists.values()}
        numbers = [number for name, values in lists.items() if name != "features" for number in values]
        if len(lengths) != 1 or not np.all(np.isfinite([*numbers, model.intercept])) or 0 in model.scale:
            raise ValueError("lengths or numbers")
    except (KeyError, TypeError, ValueError) as problem:
        raise OurFault(f"The text of a logistic model is damaged: {problem}.", "Promote it again.") from None
    return model


@dataclass(frozen=True)
class Standardised:
    """Rows made ready for a logistic regression, and by which numbers.

    ``columns`` (n, features + indicators): standardised values, then the indicators of missing values of
    the features ``told_apart``.
    """

    columns: np.ndarray
    fill: np.ndarray
    low: np.ndarray
    high: np.ndarray
    centre: np.ndarray
    scale: np.ndarray
    missing_centre: np.ndarray
    told_apart: np.ndarray


def standardised(rows: np.ndarray, weights: np.ndarray, zeros: Sequence[bool]) -> Standardised:
    """``rows`` (n, k) with missing values filled by stated rules, rare values held, and standardised.

    ``zeros`` says of each feature whether a missing value counts as 0; else it takes the median of the
    rows. Errors: BadData when a number is infinite.
    """
    if np.any(np.isinf(rows)):
        raise BadData("A feature holds an infinite number.", "Look at the division behind it.")
    known = ~np.isnan(rows)
    fill = rounded([0.0 if zero else middle(rows[:, place]) for place, zero in enumerate(zeros)])
    low, high = (rounded(ends) for ends in zip(*(reach(rows[:, i]) for i in range(len(zeros))), strict=True))
    filled = np.clip(rows, low, high)
    np.copyto(filled, fill, where=~known)
    centre = rounded(weighted_mean(filled, weights))
    scale = scale_of(filled, centre, weights)
    missing_centre = rounded(weighted_mean(~known * 1.0, weights))
    told_apart = tells_apart(missing_centre)
    width = rows.shape[1]
    columns = np.empty((len(rows), width + int(told_apart.sum())))
    np.subtract(filled, centre, out=columns[:, :width])
    columns[:, :width] /= scale
    columns[:, width:] = (~known)[:, told_apart] - missing_centre[told_apart]
    return Standardised(columns, fill, low, high, centre, scale, missing_centre, told_apart)


def scale_of(filled: np.ndarray, centre: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(k,) the standard deviation of each column; 1 where there is none. One copy of the rows at a time."""
    apart = filled - centre
    np.square(apart, out=apart)
    deviation = np.sqrt(weighted_mean(apart, weights))
    return rounded(np.where(deviation > 1e-9, deviation, 1.0))


def fit_logistic(
    features: Sequence[str],
    rows: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    directions: Sequence[int],
    zeros: Sequence[bool],
    l2: float,
    *,
    offset: np.ndarray | float = 0.0,
) -> Logistic:
    """The logistic regression of ``labels`` on ``rows`` (n, k), standardised and imputed by stated rules.

    ``zeros`` says of each feature whether a missing value counts as 0; else it takes the median of the
    rows. ``offset`` (n,) log-odds that are known beforehand and no part of the model. Errors: BadData when
    a number is infinite.
    """
    made = standardised(rows, weights, zeros)
    width, count = made.columns.shape[1], len(features)
    signs = np.append(np.asarray(directions, dtype=float), np.zeros(width - count))
    with threadpool_limits(1, "blas"):  # on a busy machine two threads wait for each other
        beta = signed_logistic(made.columns, labels, weights, signs, np.full(width, l2), offset=offset)
    missing_weight = np.zeros(count)
    missing_weight[made.told_apart] = beta[count:-1]
    return Logistic(
        features=tuple(features),
        fill=told(made.fill),
        low=told(made.low),
        high=told(made.high),
        centre=told(made.centre),
        scale=told(made.scale),
        weight=told(rounded(beta[:count])),
        missing_centre=told(made.missing_centre),
        missing_weight=told(rounded(missing_weight)),
        intercept=told(rounded(beta[-1:]))[0],
    )


def tells_apart(missing_share: np.ndarray) -> np.ndarray:
    """(k,) which features have an indicator of missing, by the share of rows in which they are."""
    return (missing_share > RARELY_MISSING) & (missing_share < 1 - RARELY_MISSING)


def told(values: np.ndarray) -> tuple[float, ...]:
    """The numbers as Python's own."""
    return tuple(values.tolist())


def middle(values: np.ndarray) -> float:
    """The median of the known values; 0 when none is known."""
    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0


def reach(values: np.ndarray) -> tuple[float, float]:
    """The known values without the RARE share at each end; with them where nothing else would be left."""
    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 0.0
    low, high = np.quantile(known, [RARE, 1 - RARE])
    return (float(low), float(high)) if low < high else (float(known.min()), float(known.max()))


def rounded(values: Sequence[float] | np.ndarray) -> np.ndarray:
    """Each number to DIGITS significant digits, and 0 for what is smaller than 1e-9."""
    return np.array([0.0 if abs(value) < 1e-9 else float(f"{value:.{DIGITS}g}") for value in values])
