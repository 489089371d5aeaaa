"""The first remedy of METHOD: the intercept shifted on matured labels, as a new version of the model.

The order of students stays as it was; every probability moves by the same log-odds. What it reaches is
judged on students whose labels the shift was not learned from (folds by student), and the gate decides.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from ews.errors import BadData
from ews.risk.bundle import Bundle, bundle_files
from ews.risk.calibration_error import calibration_error
from ews.risk.composite import Composite
from ews.risk.evaluation import brier
from ews.risk.fitting import FOLDS, Fitted, student_fold
from ews.risk.logistic import sigmoid
from ews.risk.matured import NEAREST
from ews.risk.monitoring import ENOUGH_LABELS, ENOUGH_STUDENTS
from ews.risk.shifting import shifted
from ews.risk.tracking import BUNDLE, training_store
from ews.school_year import school_year_of
from ews.settings import Settings

FARTHEST = 5.0  # log-odds: no year moves everybody by more


@dataclass(frozen=True)
class RepairReport:
    """What a repair made: a candidate for the gate. ``repaired`` is what its card says of it."""

    name: str
    version: str
    run_id: str
    repaired: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Every field by name."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For a person at the terminal."""
        before, after = self.repaired["before"], self.repaired["after"]
        return [
            f"{self.name}: shifted by {self.repaired['shift']:+.3f} log-odds on {self.repaired['labels']:,}"
            f" matured labels of {self.repaired['students']:,} students.",
            f"  before: said {before['said']:.3f}, happened {before['happened']:.3f},"
            f" calibration error {before['error']:.3f}, Brier {before['brier']:.4f}",
            f"  after:  said {after['said']:.3f} (on students it was not learned from),"
            f" calibration error {after['error']:.3f}, Brier {after['brier']:.4f}",
            f"Through the gate: ews promote {self.name} --run {self.run_id} --signed-by ... --signed-by ...",
        ]


def repair(settings: Settings, bundle: Bundle, matured: pd.DataFrame, as_of: date) -> RepairReport:
    """A candidate: ``bundle`` with its intercept shifted on ``matured`` (student_id, probability, label).

    It is registered in MLflow and serves only after `ews promote`. BadData with fewer than ENOUGH_LABELS.
    """
    students = matured["student_id"].nunique()
    if len(matured) < ENOUGH_LABELS or students < ENOUGH_STUDENTS:
        raise BadData(
            f"{bundle.name}: {len(matured):,} labels of {students:,} students have matured by {as_of};"
            f" {ENOUGH_LABELS} of {ENOUGH_STUDENTS} students are needed to shift it.",
            "Wait until more outcomes have closed, or train it again.",
        )
    log_odds, labels = log_odds_of(matured), matured["label"].to_numpy(dtype=float)
    shift = shift_of(log_odds, labels)
    model = shifted(bundle.model, shift)
    told = account(bundle, matured, log_odds, labels, shift, as_of)
    digest = served_hash(model)
    card = repaired_card(bundle, model, told, digest, as_of)
    with training_store(settings) as tracking, tracking.run(bundle.name) as run:
        run.told(
            {
                "version": card["version"],
                "repaired_from": bundle.version,
                "until": as_of,
                "kind": bundle.kind,
            },
            measures(told),
        )
        run.files(BUNDLE, bundle_files(model, bundle.features, bundle.typical, card, drivers=bundle.drivers))
        run.register(bundle.name, card["version"])
    return RepairReport(bundle.name, card["version"], run.id, told)


def log_odds_of(matured: pd.DataFrame) -> np.ndarray:
    """(n,) the log-odds that were said."""
    held = np.clip(matured["probability"].to_numpy(dtype=float), NEAREST, 1 - NEAREST)
    return np.log(held / (1 - held))


def shift_of(log_odds: np.ndarray, labels: np.ndarray) -> float:
    """The log-odds that make the average probability what happened. BadData when nothing or all did."""
    happened = float(labels.mean())
    if not 0.0 < happened < 1.0:
        raise BadData("It happened to nobody, or to everybody.", "Look at the records before the model.")

    def gap(shift: float) -> float:
        return float(sigmoid(log_odds + shift).mean()) - happened

    if gap(-FARTHEST) > 0 or gap(FARTHEST) < 0:
        raise BadData("What happened is too far from what was said for a shift.", "Train the model again.")
    return round(float(brentq(gap, -FARTHEST, FARTHEST, xtol=1e-6)), 6)


def account(
    bundle: Bundle,
    matured: pd.DataFrame,
    log_odds: np.ndarray,
    labels: np.ndarray,
    shift: float,
    as_of: date,
) -> dict[str, Any]:
    """What the card says of a repair: from which labels, how far, before and after."""
    earlier = bundle.card.get("repaired", {})
    lineage = {bundle.version: 0.0} | dict(earlier.get("of", {}))
    fold = student_fold(matured["student_id"])
    crossed = np.empty(len(labels))
    for part in range(FOLDS):
        inside, outside = fold != part, fold == part
        crossed[outside] = log_odds[outside] + shift_of(log_odds[inside], labels[inside])
    days = sorted(set(matured["as_of"]))
    return {
        "from": bundle.version,
        "original": earlier.get("original", bundle.version),
        "of": {version: round(value + shift, 6) for version, value in lineage.items()},
        "as_of": as_of.isoformat(),
        "school_year": school_year_of(as_of),
        "labels": len(labels),
        "students": int(matured["student_id"].nunique()),
        "runs": {"first": days[0].isoformat(), "last": days[-1].isoformat(), "number": len(days)},
        "shift": shift,
        "before": holding(sigmoid(log_odds), labels, matured["student_id"]),
        "after": holding(sigmoid(crossed), labels, matured["student_id"]),
    }


def holding(probability: np.ndarray, labels: np.ndarray, students: pd.Series) -> dict[str, Any]:
    """What was said and what happened, the debiased calibration error, and the squared error."""
    error = calibration_error(labels, probability, students.to_numpy(dtype=str))
    return {
        "said": round(float(probability.mean()), 4),
        "happened": round(float(labels.mean()), 4),
        "error": round(error.error, 4),
        "low": round(error.low, 4),
        "brier": round(brier(labels, probability), 5),
    }


def served_hash(model: Fitted | Composite) -> str:
    """SHA-256 over everything that gives probabilities: the body, and the sigmoid beside it."""
    if isinstance(model, Composite):
        return hashlib.sha256(model.body().encode()).hexdigest()
    sigmoid_beside = json.dumps(asdict(model.calibration), sort_keys=True)
    return hashlib.sha256((model.body.body() + sigmoid_beside).encode()).hexdigest()


def repaired_card(
    bundle: Bundle, model: Fitted | Composite, told: Mapping[str, Any], digest: str, as_of: date
) -> dict[str, Any]:
    """The card of the repaired version: what it was, and what was done to it. Nobody has signed it yet."""
    kept = {
        name: bundle.card[name] for name in bundle.card if name not in ("signed_by", "promoted_on", "gate")
    }
    stacked = {"stacked_on": dict(model.stacked_on)} if isinstance(model, Composite) else {}
    return {
        **kept,
        **stacked,
        "version": f"{bundle.name}-{as_of.isoformat()}-{digest[:10]}",
        "until": as_of.isoformat(),
        "body_sha256": digest,
        "repaired": dict(told),
    }


def measures(told: Mapping[str, Any]) -> dict[str, float]:
    """The numbers of a repair, by name, for MLflow."""
    found = {
        f"repair.{when}.{name}": float(told[when][name])
        for when in ("before", "after")
        for name in ("said", "happened", "error", "low", "brier")
    }
    return found | {"repair.shift": told["shift"], "repair.labels": told["labels"]}
