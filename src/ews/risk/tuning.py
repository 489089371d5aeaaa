"""`ews train --tune`: parameters chosen within narrow bounds, on years that every test lies after.

At most CONFIGURATIONS are tried, the definition's own among them, on folds grouped by student within the
years that the earliest tested split learned from. No calibration or test year is looked at, so what is
tested afterwards is as unseen as without tuning. The measure is log loss: it asks for honest numbers,
and order at the list's edge comes with them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ews.errors import BadData
from ews.risk.definition import RiskModel
from ews.risk.fitting import KINDS, SEED, fit, student_fold
from ews.risk.logistic import rounded
from ews.risk.rows import Rows
from ews.risk.splits import plan

if TYPE_CHECKING:
    from optuna import Trial

CONFIGURATIONS = {"lightgbm": 14, "logistic": 6}  # 20 in all, METHOD's most
FOLDS = 3


@dataclass(frozen=True)
class Tried:
    """One configuration of one kind, and its log loss on students whom its models had not seen."""

    kind: str
    parameters: Mapping[str, Any]
    log_loss: float


@dataclass(frozen=True)
class Choice:
    """What was tried on ``years``, and ``parameters`` with the best of each kind."""

    parameters: Mapping[str, Any]
    years: tuple[int, ...]
    tried: tuple[Tried, ...]

    def as_json(self) -> dict[str, Any]:
        """For the card: how many, on which years, and the log loss as defined and as chosen."""
        told = {}
        for kind in KINDS:
            losses = [one.log_loss for one in self.tried if one.kind == kind]
            told[kind] = {"as_defined": round(losses[0], 5), "chosen": round(min(losses), 5)}
        return {
            "configurations": len(self.tried),
            "on_years": list(self.years),
            "folds": f"{FOLDS}, grouped by student",
            "log_loss": told,
        }


def tuned(
    model: RiskModel, rows: Rows, years: Sequence[int], tell: Callable[[Tried], None]
) -> tuple[RiskModel, Choice]:
    """``model`` with the parameters chosen on ``rows``, of all ``years`` on record; each try is told.

    Errors: BadData when the years learned from hold too few students with the outcome.
    """
    first = plan(years)[0][-1].fit
    learn = rows.of(first)
    found: list[Tried] = []

    def attempt(kind: str, parameters: Mapping[str, Any]) -> float:
        loss = left_out_loss(replace(model, parameters={**model.parameters, **parameters}), learn, kind)
        found.append(Tried(kind, dict(parameters), loss))
        tell(found[-1])
        return loss

    chosen = dict(model.parameters)
    try:
        for kind in KINDS:
            chosen |= best_of(kind, attempt, {name: model.parameters[name] for name in OF_KIND[kind]})
    except BadData as problem:
        raise BadData(f"Too little to tune on: {problem.found}", "Train without --tune.") from None
    return replace(model, parameters=chosen), Choice(chosen, first, tuple(found))


def best_of(
    kind: str, attempt: Callable[[str, Mapping[str, Any]], float], defined: Mapping[str, Any]
) -> Mapping[str, Any]:
    """The best parameters of a kind: those ``defined``, or better ones that the search came upon."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    best, least = defined, attempt(kind, defined)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=SEED, n_startup_trials=5))
    for _ in range(CONFIGURATIONS[kind] - 1):
        trial = study.ask()
        parameters = SUGGEST[kind](trial)
        loss = attempt(kind, parameters)
        study.tell(trial, loss)
        if loss < least:
            best, least = parameters, loss
    return best


def trees_within_bounds(trial: Trial) -> dict[str, Any]:
    """LightGBM's parameters within METHOD's bounds; the rate, lambda and columns stay as they are."""
    return {
        "num_leaves": trial.suggest_int("num_leaves", 8, 15),
        "max_depth": trial.suggest_int("max_depth", 3, 5),
        "min_child_samples": trial.suggest_int("min_child_samples", 80, 400, log=True),
        "trees": trial.suggest_int("trees", 100, 400, step=50),
    }


def strength_within_bounds(trial: Trial) -> dict[str, Any]:
    """How strongly the logistic regression's weights are held near 0."""
    return {"logistic_l2": float(rounded([trial.suggest_float("logistic_l2", 10.0, 3000.0, log=True)])[0])}


SUGGEST: Mapping[str, Callable[[Trial], dict[str, Any]]] = {
    "lightgbm": trees_within_bounds,
    "logistic": strength_within_bounds,
}
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "lightgbm": ("num_leaves", "max_depth", "min_child_samples", "trees"),
    "logistic": ("logistic_l2",),
}


def left_out_loss(model: RiskModel, rows: Rows, kind: str) -> float:
    """The weighted log loss of ``model`` on students left out fold by fold."""
    said = left_out_log_odds(model, rows, kind)
    loss = np.logaddexp(0.0, said) - rows.labels * said
    return float(np.average(loss, weights=rows.weights))


def left_out_log_odds(model: RiskModel, rows: Rows, kind: str) -> np.ndarray:
    """(n,) log-odds of each row by a model that saw none of its student's."""
    fold = student_fold(rows.matrix["student_id"], FOLDS)
    said = np.empty(len(fold))
    for part in range(FOLDS):
        inside = fold != part
        seen = Rows(rows.matrix[inside].reset_index(drop=True), rows.labels[inside], rows.censored)
        fitted = fit(model, seen.matrix, seen.labels, seen.weights, kind)
        said[~inside] = fitted.log_odds(rows.matrix[~inside])
    return said
