"""Fitting a model again on students drawn anew, REFITS times at little cost.

A logistic regression's refits start from its fit and share its curvature (a chord method, all refits at
once). Trees are grown anew, fewer at a higher rate and with coarser bins: how far apart they lie is all
that is used. Each refit is calibrated as the model was, on the same draw of students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from ews.risk.boosted import FIXED, OWN, Boosted
from ews.risk.composite import Composite, fit_composite
from ews.risk.definition import RiskModel
from ews.risk.fitting import SEED, Fitted, numbers, place_order
from ews.risk.logistic import Logistic, rounded, sigmoid, signed_logistic, tells_apart
from ews.risk.refit_draws import REFITS, times_drawn
from ews.risk.refits import BoostedRefits, CompositeRefits, LogisticRefits, Refits
from ews.risk.rows import Rows
from ews.risk.splits import Split

STEPS = 25
CLOSE = 1e-3  # log-odds by which rows still move, on average: far less than refits differ by
FEWER = 5  # times fewer trees, at as many times the rate: so much the sums stay alike
BINS = 63


def with_refits(model: RiskModel, fitted: Fitted, rows: Rows, split: Split) -> Fitted:
    """``fitted``, which was fitted by ``split``, with its refits."""
    learn = sorted_rows(rows.of(split.fit))
    drawn = times_drawn(learn.matrix["student_id"])
    with threadpool_limits(1, "blas"):
        bodies = refitted(model, fitted.body, learn, drawn)
        if split.calibrate is None:
            times, later = (drawn == 0).astype(float), learn  # on the students whom a refit has not seen
        else:
            later = sorted_rows(rows.of([split.calibrate]))
            times = times_drawn(later.matrix["student_id"])
        raw = bodies.raw_log_odds(fitted.body, numbers(later.matrix, fitted.features))
        start = np.array([fitted.calibration.slope, fitted.calibration.intercept])
        sigmoids = np.array(
            [
                signed_logistic(
                    raw[:, [place]],
                    later.labels,
                    later.weights * times[:, place],
                    np.array([1.0]),
                    np.array([0.0]),
                    start,
                )
                for place in range(REFITS)
            ]
        )
    return replace(fitted, refits=Refits(bodies, rounded(sigmoids[:, 0]), rounded(sigmoids[:, 1])))


def sorted_rows(rows: Rows) -> Rows:
    """The rows by day and student, so that sums are added in the same order every time."""
    order = place_order(rows.matrix)
    return Rows(rows.matrix.iloc[order].reset_index(drop=True), rows.labels[order], rows.censored)


def refitted(
    model: RiskModel, body: Logistic | Boosted, learn: Rows, drawn: np.ndarray
) -> LogisticRefits | BoostedRefits:
    """``body`` fitted again on ``learn``, each row taken as often as it was ``drawn`` (n, REFITS)."""
    weights = learn.weights[:, None] * drawn
    weights /= weights.mean(axis=0)
    directions = [feature.direction for feature in model.described().values()]
    held = numbers(learn.matrix, model.features)
    if isinstance(body, Logistic):
        return refit_logistic(
            body, held, learn.labels, weights, directions, float(model.parameters["logistic_l2"])
        )
    return refit_boosted(body.features, held, learn.labels, weights, directions, model.parameters)


# ---- the logistic regression ---------------------------------------------------------------------


def refit_logistic(
    body: Logistic,
    rows: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    directions: Sequence[int],
    l2: float,
) -> LogisticRefits:
    """The refits of ``body`` under ``weights`` (n, REFITS), each with mean 1."""
    told_apart = tells_apart(np.array(body.missing_centre))
    parts = [body.standardised(rows, place) for place in range(len(body.features))]
    design = np.column_stack(
        [
            *(value for value, _ in parts),
            *(missing for (_, missing), told in zip(parts, told_apart, strict=True) if told),
            np.ones(len(rows)),
        ]
    )
    signs = np.append(np.asarray(directions, dtype=float), np.zeros(design.shape[1] - len(directions)))
    penalty = np.append(np.full(design.shape[1] - 1, l2), 0.0)
    start = np.array([*body.weight, *np.array(body.missing_weight)[told_apart], body.intercept])
    found = chord_fits(design, labels, weights, signs, penalty, start)
    count = len(body.features)
    missing_weight = np.zeros((count, REFITS))
    missing_weight[told_apart] = found[count:-1]
    return LogisticRefits(rounded_table(found[:count]), rounded_table(missing_weight), rounded(found[-1]))


def chord_fits(
    design: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    signs: np.ndarray,
    penalty: np.ndarray,
    start: np.ndarray,
) -> np.ndarray:
    """(k, refits) coefficients under each column of ``weights``, from ``start`` with its curvature.

    ``design`` (n, k) with its intercept last. Where the chord does not settle, Newton's method takes over.
    """
    chance = sigmoid(design @ start)
    bend = weights.mean(axis=1) * chance * (1 - chance)
    curve = design.T @ (design * bend[:, None]) + np.diag(penalty + 1e-9)
    root = np.linalg.cholesky(curve).T
    found = np.tile(start[:, None], (1, weights.shape[1]))
    moved = np.full(weights.shape[1], np.inf)
    margin = design @ found
    for _ in range(STEPS):
        slope = design.T @ (weights * (sigmoid(margin) - labels[:, None])) + penalty[:, None] * found
        reached = found - np.linalg.solve(curve, slope)
        found = np.column_stack([chord_step(root, signs, one) for one in reached.T])
        before, margin = margin, design @ found
        moved = np.sqrt(np.mean((margin - before) ** 2, axis=0))
        if np.all(moved < CLOSE):
            return found
    for one in np.flatnonzero(~(moved < CLOSE)):
        found[:, one] = signed_logistic(
            design[:, :-1], labels, weights[:, one], signs[:-1], penalty[:-1], start
        )
    return found


def chord_step(root: np.ndarray, signs: np.ndarray, reached: np.ndarray) -> np.ndarray:
    """The coefficients of the right signs that are nearest to ``reached`` (k,), by the curvature's ``root``.

    Bounded least squares (Stark & Parker 1995), started from the coefficients that are on the right side.
    """
    from scipy.optimize import lsq_linear

    if np.all(signs * reached >= 0):
        return reached
    low = np.where(signs > 0, 0.0, -np.inf)
    high = np.where(signs < 0, 0.0, np.inf)
    found = lsq_linear(root, root @ reached, bounds=(low, high), method="bvls", tol=1e-12)
    return np.where((signs != 0) & (np.abs(found.x) < 1e-12), 0.0, found.x)


# ---- trees ---------------------------------------------------------------------------------------


def refit_boosted(
    features: Sequence[str],
    rows: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    directions: Sequence[int],
    parameters: Mapping[str, Any],
) -> BoostedRefits:
    """All refits in one booster: each is a class of its own, with its own weights (n, REFITS)."""
    import lightgbm

    share = float(np.clip(labels.mean(), 1e-6, 1 - 1e-6))
    fixed = {name: value for name, value in FIXED.items() if name not in ("objective", "boost_from_average")}
    own = {name: value for name, value in parameters.items() if name not in OWN}
    settled = {
        **fixed,
        **own,
        "objective": own_gradient(labels, weights),
        "num_class": REFITS,
        "learning_rate": FEWER * float(parameters["learning_rate"]),
        "max_bin": BINS,
        "seed": SEED,
        "num_threads": 1,
        "monotone_constraints": [int(direction) for direction in directions],
    }
    begin = np.full((len(labels), REFITS), np.log(share / (1 - share)))
    data = {name: value for name, value in settled.items() if name != "objective"}
    held = lightgbm.Dataset(rows, labels, init_score=begin, feature_name=list(features), params=data)
    booster = lightgbm.train(settled, held, num_boost_round=max(1, int(parameters["trees"]) // FEWER))
    text = booster.model_to_string(num_iteration=-1)
    return BoostedRefits(tuple(features), text.split("\nfeature_importances:")[0] + "\n")


def own_gradient(labels: np.ndarray, weights: np.ndarray) -> Any:
    """The weighted log loss of every refit: its gradient and curvature, both (n, REFITS)."""
    wanted, heavy = labels.astype(np.float32)[:, None], weights.astype(np.float32)

    def told(margin: np.ndarray, data: Any) -> tuple[np.ndarray, np.ndarray]:
        chance = 1.0 / (1.0 + np.exp(-margin.astype(np.float32)))
        return heavy * (chance - wanted), heavy * chance * (1.0 - chance)

    return told


# ---- the composite -------------------------------------------------------------------------------


def with_composite_refits(
    composite: Composite, rows: Rows, said: np.ndarray, apart: np.ndarray | None
) -> Composite:
    """``composite`` with its refits, each on what its domains' refits say of the students it draws.

    ``said`` (n, domains) is what ``composite`` was fitted on; ``apart`` (n, domains, REFITS) how far each
    refit of a domain lies from it, None where a domain has no refits.
    """
    if apart is None:
        return composite
    drawn = times_drawn(rows.matrix["student_id"])
    with threadpool_limits(1, "blas"):
        found = [
            fit_composite(
                composite.domains,
                said + apart[:, :, place],
                rows.labels,
                rows.weights * drawn[:, place],
                composite.stacked_on,
            )
            for place in range(REFITS)
        ]
    refits = CompositeRefits(
        np.array([one.weight for one in found]),
        np.array([one.maximum_weight for one in found]),
        np.array([one.present_weight for one in found]),
        np.array([one.intercept for one in found]),
    )
    return replace(composite, refits=refits)


def rounded_table(values: np.ndarray) -> np.ndarray:
    """Each number to a few significant digits."""
    return rounded(values.ravel()).reshape(values.shape)
