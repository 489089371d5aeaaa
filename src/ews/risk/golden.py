"""Rows with known answers, kept with a model: it is served only if it still gives them.

The rows are made up: each column is drawn on its own, between the typical quartiles and beyond them, so
no row is a student's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ews.risk.composite import Composite
from ews.risk.fitting import Fitted
from ews.risk.logistic import rounded, sigmoid
from ews.risk.refit_draws import REFITS
from ews.risk.typical import EVERYONE, Typical
from ews.risk.verification import damaged

ROWS = 60
CLOSE = 1e-9  # log-odds; another processor may differ in the last bits, a changed leaf does not
MISSING = 0.15


def make_golden(model: Fitted | Composite, typical: Typical) -> dict[str, Any]:
    """Made-up rows with the model's log-odds, probability and contributions; null for missing."""
    rows = log_odds_rows(model) if isinstance(model, Composite) else feature_rows(typical)
    answers = answers_of(model, rows)
    return {
        "rows": [[None if np.isnan(value) else float(value) for value in row] for row in rows],
        **{name: values.tolist() for name, values in answers.items()},
    }


def check_golden(model: Fitted | Composite, golden: Mapping[str, Any]) -> None:
    """OurFault unless the model gives the golden rows their kept answers."""
    rows = np.array(golden["rows"], dtype=float)
    if len(rows) < ROWS:
        raise damaged("it has too few golden rows")
    answers = answers_of(model, rows)
    if ("apart" in golden) != ("apart" in answers):
        raise damaged("its ranges are not the ones it was made with")
    for name, values in answers.items():
        kept = np.array(golden[name], dtype=float)
        if kept.shape != values.shape or not np.all(np.abs(kept - values) <= CLOSE):
            raise damaged("it answers its golden rows otherwise than when it was made")


def answers_of(model: Fitted | Composite, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Log-odds, probability, contributions (of a composite: multipliers) and how far refits lie apart."""
    log_odds = model.log_odds(rows)
    parts = model.multipliers(rows) if isinstance(model, Composite) else model.contributions(rows)
    said = {"log_odds": log_odds, "probability": sigmoid(log_odds), "contributions": parts}
    alike = np.zeros((*rows.shape, REFITS))
    apart = model.apart(rows, alike) if isinstance(model, Composite) else model.apart(rows)
    return said if apart is None else said | {"apart": apart}


def feature_rows(typical: Typical) -> np.ndarray:
    """(ROWS, features) each column drawn on its own around everyone's quartiles, some missing."""
    chance = np.random.default_rng(1)
    low, middle, high = np.nan_to_num(typical.cells[EVERYONE]).T
    reach = np.maximum(high - low, np.where(np.arange(ROWS)[:, None] % 2, 1.0, 0.02))
    drawn = middle + reach * chance.normal(size=(ROWS, len(low)))
    drawn = rounded(drawn.ravel()).reshape(drawn.shape)
    drawn[chance.random(drawn.shape) < MISSING] = np.nan
    return drawn


def log_odds_rows(model: Composite) -> np.ndarray:
    """(ROWS, domains) made-up log-odds, some domains absent, never all."""
    chance = np.random.default_rng(1)
    drawn = rounded(chance.normal(-1.5, 1.5, ROWS * len(model.domains))).reshape(ROWS, -1)
    absent = chance.random(drawn.shape) < MISSING
    absent[absent.all(axis=1), 0] = False
    return np.where(absent, np.nan, drawn)
