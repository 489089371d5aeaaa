"""Gradient-boosted trees held as text: LightGBM with monotone constraints, the same bits every time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from lightgbm import Booster

FIXED: Mapping[str, Any] = {
    "objective": "binary",
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
    "boost_from_average": True,
}
OWN = ("trees", "logistic_l2")  # of the definition's parameters, those that are not LightGBM's
ALONE = 64  # up to so many rows a second thread costs more than it saves


@dataclass(frozen=True)
class Boosted:
    """A fitted LightGBM model, as its text."""

    features: tuple[str, ...]
    model_text: str

    kind = "lightgbm"

    @cached_property
    def booster(self) -> Booster:
        """The trees, ready to answer; read from the text once."""
        from lightgbm import Booster

        return Booster(model_str=self.model_text)

    def text(self) -> str:
        """LightGBM's own text."""
        return self.model_text

    def body(self) -> str:
        """The text before its parameters: the trees alone, equal for any number of threads."""
        return self.model_text.split("\nparameters:")[0]

    def raw_log_odds(self, rows: np.ndarray) -> np.ndarray:
        """(n,) the margin before calibration."""
        return np.asarray(self.booster.predict(rows, raw_score=True, num_threads=threads_for(rows)))

    def raw_contributions(self, rows: np.ndarray) -> np.ndarray:
        """(n, features + 1) path-dependent TreeSHAP in log-odds, the base last (Lundberg et al. 2020)."""
        return np.asarray(self.booster.predict(rows, pred_contrib=True, num_threads=threads_for(rows)))


def threads_for(rows: np.ndarray) -> int:
    """One thread for a few rows, all for many; the bits are the same."""
    return 1 if len(rows) <= ALONE else 0


def fit_boosted(
    features: Sequence[str],
    rows: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    directions: Sequence[int],
    parameters: Mapping[str, Any],
    *,
    seed: int,
    threads: int = 1,
    offset: np.ndarray | None = None,
) -> Boosted:
    """The boosted trees of ``labels`` on ``rows`` (n, k); missing stays missing.

    ``directions``: +1 more never lowers risk, -1 more never raises it, 0 free. ``offset`` (n,) log-odds that
    are known beforehand and no part of the trees, which then hold no average of their own. The rows' order
    decides bits, so the caller sorts them. One thread by default: on a busy machine two wait for each
    other at every split, and a fit of four seconds takes a minute.
    """
    import lightgbm

    own = {name: value for name, value in parameters.items() if name not in OWN}
    settled = {
        **FIXED,
        **own,
        "seed": seed,
        "num_threads": threads,
        "monotone_constraints": [int(direction) for direction in directions],
    }
    held = lightgbm.Dataset(
        rows, labels, weight=weights, init_score=offset, feature_name=list(features), params=settled
    )
    booster = lightgbm.train(settled, held, num_boost_round=int(parameters["trees"]))
    return Boosted(tuple(features), booster.model_to_string(num_iteration=-1))
