"""The model fitted again on students drawn anew: what is kept of it, and what it says of a row.

Only how far the refits lie from each other is used, never where they stand: the score is the model's.
Everything is computed row by row in the same order, so one student alone has the same bits as in a batch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ews.risk.boosted import Boosted, threads_for
from ews.risk.logistic import Logistic
from ews.risk.refit_draws import REFITS
from ews.risk.verification import walk_trees

if TYPE_CHECKING:
    from lightgbm import Booster


@dataclass(frozen=True)
class LogisticRefits:
    """Refits of a logistic regression, with its own imputation and standardising.

    ``weight`` and ``missing_weight`` (features, REFITS), ``intercept`` (REFITS,) in raw log-odds.
    """

    weight: np.ndarray
    missing_weight: np.ndarray
    intercept: np.ndarray

    kind = "logistic"

    def raw_log_odds(self, body: Logistic | Boosted, rows: np.ndarray) -> np.ndarray:
        """(n, REFITS) the margin of each refit before calibration."""
        if not isinstance(body, Logistic):
            raise TypeError("refits of a logistic regression beside trees")
        margin = np.tile(self.intercept, (len(rows), 1))
        for place in range(len(body.features)):
            value, missing = body.standardised(rows, place)
            margin += value[:, None] * self.weight[place]
            if np.any(self.missing_weight[place]):
                margin += missing[:, None] * self.missing_weight[place]
        return margin

    def as_json(self) -> dict[str, Any]:
        """For the bundle."""
        return {
            "weight": self.weight.tolist(),
            "missing_weight": self.missing_weight.tolist(),
            "intercept": self.intercept.tolist(),
        }


@dataclass(frozen=True)
class BoostedRefits:
    """Refits of boosted trees as LightGBM's text: one class a refit."""

    features: tuple[str, ...]
    text: str

    kind = "lightgbm"

    @cached_property
    def booster(self) -> Booster:
        """The trees, ready to answer; read from the text once."""
        from lightgbm import Booster

        return Booster(model_str=self.text)

    def raw_log_odds(self, body: Logistic | Boosted, rows: np.ndarray) -> np.ndarray:
        """(n, REFITS) the margin of each refit before calibration."""
        return np.asarray(self.booster.predict(rows, raw_score=True, num_threads=threads_for(rows)))

    def as_json(self) -> dict[str, Any]:
        """For the bundle."""
        return {"trees": self.text.splitlines()}


@dataclass(frozen=True)
class Refits:
    """All refits, each calibrated as the model was: ``slope`` and ``intercept`` (REFITS,) of its sigmoid."""

    bodies: LogisticRefits | BoostedRefits
    slope: np.ndarray
    intercept: np.ndarray

    def log_odds(self, body: Logistic | Boosted, rows: np.ndarray) -> np.ndarray:
        """(n, REFITS) calibrated log-odds; ``body`` is the model's own."""
        return self.slope * self.bodies.raw_log_odds(body, rows) + self.intercept

    def as_json(self) -> dict[str, Any]:
        """For the bundle."""
        calibration = {"slope": self.slope.tolist(), "intercept": self.intercept.tolist()}
        return {"kind": self.bodies.kind, "calibration": calibration, **self.bodies.as_json()}


@dataclass(frozen=True)
class CompositeRefits:
    """Refits of a stacked model: ``weight`` (REFITS, domains), the others (REFITS,)."""

    weight: np.ndarray
    maximum_weight: np.ndarray
    present_weight: np.ndarray
    intercept: np.ndarray

    def as_json(self) -> dict[str, Any]:
        """For the bundle."""
        return {"kind": "composite"} | {name: value.tolist() for name, value in vars(self).items()}


def read_refits(
    content: Mapping[str, Any] | None, body: Logistic | Boosted, features: Sequence[str]
) -> Refits | None:
    """The refits that ``Refits.as_json`` wrote for ``body``; ValueError when they are anything else."""
    if content is None:
        return None
    if content["kind"] != body.kind:
        raise ValueError("kind")
    count = len(features)
    calibration = content["calibration"]
    slope, intercept = (held(calibration[name], (REFITS,)) for name in ("slope", "intercept"))
    if content["kind"] == BoostedRefits.kind:
        text = "\n".join(content["trees"]) + "\n"
        walk_trees(text, tuple(features), classes=REFITS)
        return Refits(BoostedRefits(tuple(features), text), slope, intercept)
    bodies = LogisticRefits(
        held(content["weight"], (count, REFITS)),
        held(content["missing_weight"], (count, REFITS)),
        held(content["intercept"], (REFITS,)),
    )
    return Refits(bodies, slope, intercept)


def read_composite_refits(content: Mapping[str, Any] | None, domains: int) -> CompositeRefits | None:
    """The refits that ``CompositeRefits.as_json`` wrote; ValueError when they are anything else."""
    if content is None:
        return None
    if content["kind"] != "composite":
        raise ValueError("kind")
    return CompositeRefits(
        held(content["weight"], (REFITS, domains)),
        *(held(content[name], (REFITS,)) for name in ("maximum_weight", "present_weight", "intercept")),
    )


def centred(log_odds: np.ndarray) -> np.ndarray:
    """(n, REFITS) less their mean, added up refit by refit: the same bits for one row as for many."""
    total = log_odds[:, 0].copy()
    for place in range(1, REFITS):
        total += log_odds[:, place]
    return log_odds - (total / REFITS)[:, None]


def held(numbers: Any, shape: tuple[int, ...]) -> np.ndarray:
    """The numbers as an array of ``shape``; ValueError when they are not, or one is not finite."""
    found = np.array(numbers, dtype=np.float64)
    if found.shape != shape or not np.all(np.isfinite(found)):
        raise ValueError("lengths or numbers")
    return found
