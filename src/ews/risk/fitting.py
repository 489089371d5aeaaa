"""How a model is fitted: LightGBM or logistic, both behind one face, calibrated on a later year."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ews.errors import BadData
from ews.risk.boosted import Boosted, fit_boosted
from ews.risk.calibration import Sigmoid, fit_sigmoid
from ews.risk.definition import RiskModel
from ews.risk.logistic import Logistic, fit_logistic, rounded, sigmoid, signed_logistic, standardised
from ews.risk.refits import Refits, centred
from ews.risk.support_ahead import support_in
from ews.risk.support_effect import NO_EFFECT, SupportEffect, support_effect

KINDS = ("lightgbm", "logistic")
SEED = 20251114
ENOUGH = 25  # students with the outcome, and without it: fewer cannot carry a model
FOLDS = 5
UNCALIBRATED = Sigmoid()


@dataclass(frozen=True)
class Fitted:
    """A fitted model with its calibration. Rows are a matrix (DataFrame) or numbers in feature order.

    ``refits`` are the same model fitted on other draws of students; without them no range is known.
    What it says is said at usual support. ``support`` is what it learned of support given after the as-of
    date, for holding it against outcomes (``as_supported``), and ``level`` what its raw log-odds then lack;
    nothing that serves needs either.
    """

    body: Boosted | Logistic
    calibration: Sigmoid = UNCALIBRATED
    refits: Refits | None = None
    support: SupportEffect = NO_EFFECT
    level: float = 0.0

    @property
    def kind(self) -> str:
        return self.body.kind

    @property
    def features(self) -> tuple[str, ...]:
        return self.body.features

    def log_odds(self, rows: pd.DataFrame | np.ndarray) -> np.ndarray:
        """(n,) calibrated log-odds."""
        return self.calibration.log_odds(self.body.raw_log_odds(numbers(rows, self.features)))

    def as_supported(self, matrix: pd.DataFrame) -> np.ndarray:
        """(n,) calibrated log-odds with the support that was given after the as-of dates of ``matrix``.

        It knows what happened later: for calibration and its judgement only, never for an order.
        """
        raw = self.body.raw_log_odds(numbers(matrix, self.features))
        level = raw + self.level
        return self.calibration.log_odds(raw + self.support.log_odds(support_in(matrix), level))

    def probability(self, rows: pd.DataFrame | np.ndarray) -> np.ndarray:
        """(n,) calibrated probability, 0 to 1."""
        return sigmoid(self.log_odds(rows))

    def apart(self, rows: pd.DataFrame | np.ndarray) -> np.ndarray | None:
        """(n, REFITS) how far each refit's log-odds lie from the middle of them; None without refits."""
        if self.refits is None:
            return None
        return centred(self.refits.log_odds(self.body, numbers(rows, self.features)))

    def contributions(self, rows: pd.DataFrame | np.ndarray) -> np.ndarray:
        """(n, features + 1) in calibrated log-odds, the base last; each row sums to ``log_odds``."""
        return self.calibration.contributions(self.body.raw_contributions(numbers(rows, self.features)))


def numbers(rows: pd.DataFrame | np.ndarray, features: Sequence[str]) -> np.ndarray:
    """The features as float64 (n, k) in order, NaN for missing; BadData names what is not there."""
    if isinstance(rows, np.ndarray):
        return np.ascontiguousarray(rows, dtype=np.float64)
    absent = [name for name in features if name not in rows.columns]
    if absent:
        raise BadData(
            f"The matrix lacks {', '.join(absent)}.", "Build it with this version's ews.features.matrix."
        )
    return np.ascontiguousarray(rows[list(features)].to_numpy(dtype=np.float64, na_value=np.nan))


def fit(
    model: RiskModel,
    matrix: pd.DataFrame,
    labels: np.ndarray,
    weights: np.ndarray,
    kind: str,
    *,
    seed: int = SEED,
    threads: int = 1,
) -> Fitted:
    """The model fitted on rows of ``matrix``, uncalibrated; the same text for any order of rows.

    ``labels`` (n,) of 0 and 1, ``weights`` (n,) with mean 1. Errors: BadData when too few students have
    the outcome, or too few have not.
    """
    refuse_too_few(model, matrix, labels)
    order = place_order(matrix)
    directions = [feature.direction for feature in model.described().values()]
    rows = numbers(matrix, model.features)[order]
    held = (model.features, rows, labels[order].astype(float), weights[order].astype(float), directions)
    support, offset = support_of(model, matrix, labels, weights)
    if kind == "logistic":
        zeros = zeros_of(model)
        l2 = float(model.parameters["logistic_l2"])
        return Fitted(fit_logistic(*held, zeros, l2, offset=offset[order]), support=support)
    if support.is_none:
        return Fitted(fit_boosted(*held, model.parameters, seed=seed, threads=threads), support=support)
    level = level_beside(labels[order], weights[order], offset[order])
    start = level + offset[order]
    trees = fit_boosted(*held, model.parameters, seed=seed, threads=threads, offset=start)
    return Fitted(trees, Sigmoid(1.0, level), support=support, level=level)


def zeros_of(model: RiskModel) -> list[bool]:
    """Of each feature whether a missing value counts as 0."""
    return [feature.imputation == "zero" for feature in model.described().values()]


def support_of(
    model: RiskModel, matrix: pd.DataFrame, labels: np.ndarray, weights: np.ndarray
) -> tuple[SupportEffect, np.ndarray]:
    """What support given after the as-of dates did to the outcome, and that of each row (n,) in log-odds."""
    order = place_order(matrix)
    given = support_in(matrix.iloc[order])
    added = np.zeros(len(matrix))
    if given is None:
        return NO_EFFECT, added
    columns = standardised(
        numbers(matrix, model.features)[order], weights[order].astype(float), zeros_of(model)
    ).columns
    students = matrix["student_id"].to_numpy(dtype=str)[order]
    l2 = float(model.parameters["logistic_l2"])
    told = (labels[order].astype(float), weights[order].astype(float), given, students, l2)
    support, added[order] = support_effect(columns, *told)
    return support, added


def level_beside(labels: np.ndarray, weights: np.ndarray, offset: np.ndarray) -> float:
    """The one number of log-odds that, with ``offset``, says the labels' frequency."""
    none = np.zeros((len(labels), 0))
    fitted = signed_logistic(none, labels.astype(float), weights, np.zeros(0), np.zeros(0), offset=offset)
    return float(rounded(fitted)[0])


def calibrated(
    fitted: Fitted, matrix: pd.DataFrame, labels: np.ndarray, weights: np.ndarray | None = None
) -> Fitted:
    """``fitted`` with a sigmoid on its log-odds, learned on a later year's rows as they were supported."""
    order = place_order(matrix)
    said = fitted.as_supported(matrix)[order]
    even = np.ones(len(labels)) if weights is None else weights
    later = fit_sigmoid(said, labels[order].astype(float), even[order])
    return replace(fitted, calibration=later.after(fitted.calibration))


def fit_with_folds(
    model: RiskModel, matrix: pd.DataFrame, labels: np.ndarray, weights: np.ndarray, kind: str
) -> Fitted:
    """The model fitted on all rows, its sigmoid on log-odds from folds grouped by student.

    For a district with no spare year to calibrate on: each student's raw log-odds come from a model that
    never saw that student.
    """
    fold = student_fold(matrix["student_id"])
    raw = np.empty(len(matrix))
    for part in range(FOLDS):
        inside, outside = fold != part, fold == part
        if outside.any():
            learned = fit(model, matrix[inside], labels[inside], weights[inside], kind)
            raw[outside] = learned.as_supported(matrix[outside])
    order = place_order(matrix)
    sigmoid_of_folds = fit_sigmoid(raw[order], labels[order].astype(float), weights[order])
    whole = fit(model, matrix, labels, weights, kind)
    return replace(whole, calibration=sigmoid_of_folds.after(whole.calibration))


def student_fold(students: pd.Series, folds: int = FOLDS) -> np.ndarray:
    """A fold for each student, 0 to ``folds`` - 1, from the order of ids: the same for any order of rows."""
    place: Mapping[str, int] = {name: i for i, name in enumerate(sorted(set(students)))}
    return np.array([place[name] % folds for name in students])


def place_order(matrix: pd.DataFrame) -> np.ndarray:
    """The order of rows by day and student, whatever order they came in."""
    return np.lexsort((matrix["student_id"].to_numpy(dtype=str), matrix["as_of"].to_numpy(dtype=str)))


def even_weights(matrix: pd.DataFrame) -> np.ndarray:
    """(n,) weights with mean 1 under which every student-year weighs the same, however many snapshots."""
    times = (
        matrix.groupby(["student_id", "school_year"])["student_id"].transform("size").to_numpy(dtype=float)
    )
    weights = 1.0 / times
    return weights / weights.mean()


def refuse_too_few(model: RiskModel, matrix: pd.DataFrame, labels: np.ndarray) -> None:
    """BadData unless ENOUGH students had the outcome and ENOUGH had not."""
    students = matrix["student_id"].to_numpy(dtype=str)
    with_it, without = (len(set(students[labels == value])) for value in (1, 0))
    if min(with_it, without) < ENOUGH:
        raise BadData(
            f"{model.title}: {with_it} students had the outcome and {without} had not; "
            f"at least {ENOUGH} of each are needed to fit or calibrate it.",
            "Load more years, or leave this model out.",
        )
