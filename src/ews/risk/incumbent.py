"""A candidate beside the model that serves, on the same test years, of which neither had learned anything.

A model that was put into service before a year closed is asked as it serves. One that has since learned
from that year is asked as it was when it was tested on it; its run keeps that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ews.errors import EwsError
from ews.risk.bundle import Bundle, load_bundle, version_in_service
from ews.risk.composite import Composite
from ews.risk.evaluation import brier, listed, recall_gain, recall_of
from ews.risk.fitting import numbers
from ews.risk.judging import CAPACITY, ENOUGH_TO_COMPARE, Judgement, groups_to_compare, with_outcome
from ews.risk.logistic import sigmoid
from ews.risk.rows import Rows
from ews.risk.shifting import shifted
from ews.risk.stacking import TestedModel, read_tested
from ews.risk.tracking import Tracking

ONE_SIDED = 0.05


@dataclass(frozen=True)
class Incumbent:
    """What serves under a name. ``below``: the exact models that a composite stands on, by name."""

    bundle: Bundle
    tested: Mapping[int, TestedModel]
    below: Mapping[str, Incumbent]

    @property
    def version(self) -> str:
        return self.bundle.version

    def asked(self, rows: Rows, year: int) -> np.ndarray | None:
        """(n,) its probabilities for ``rows`` of ``year``; None when only its later self is on record."""
        log_odds = self.log_odds(rows, year)
        return None if log_odds is None else sigmoid(log_odds)

    def before(self, year: int) -> TestedModel | None:
        """The model that had learned nothing of ``year``: as it serves, as it was before its repair, or as
        it was tested; None when that is not kept."""
        card = self.bundle.card
        if learned_until(card) < year:
            return self.bundle.model
        if trained_until(card) < year:
            repaired = card["repaired"]
            return shifted(self.bundle.model, -repaired["of"][repaired["original"]])
        return self.tested.get(year)

    def log_odds(self, rows: Rows, year: int) -> np.ndarray | None:
        """(n,) log-odds of the model as it was before ``year`` closed, NaN for grades it does not teach."""
        model = self.before(year)
        if isinstance(model, Composite):
            parts = [self.below[name].log_odds(rows, year) for name in model.domains]
            known = [part for part in parts if part is not None]
            return model.log_odds(np.column_stack(known)) if len(known) == len(parts) else None
        if model is None:
            return None
        found = np.full(len(rows.labels), np.nan)
        own = rows.matrix["grade_level"].isin(self.bundle.grades).to_numpy()
        if own.any():
            found[own] = model.log_odds(numbers(rows.matrix, model.features)[own])
        return found


def learned_until(card: Mapping[str, Any]) -> int:
    """The last school year that a served model has learned anything from, its repair included."""
    return max(trained_until(card), card.get("repaired", {}).get("school_year", 0))


def trained_until(card: Mapping[str, Any]) -> int:
    """The last school year that it was fitted or calibrated on."""
    learned = card["learned_from"]
    years = [*learned["fit"], learned["calibrated_on"]]
    return max(year for year in years if isinstance(year, int))


def incumbent_of(name: str, models: Path, tracking: Tracking) -> Incumbent | None:
    """The model in service under ``name``; None when there is none, or it cannot be read, so cannot serve."""
    version = version_in_service(models / name)
    return None if version is None else read_incumbent(name, version, models, tracking)


def read_incumbent(name: str, version: str, models: Path, tracking: Tracking) -> Incumbent | None:
    """One version of a model in ``models``, with what its run keeps of its tests."""
    try:
        bundle = load_bundle(models / name / version)
        below = {
            domain: read_incumbent(domain, stacked, models, tracking)
            for domain, stacked in bundle.card.get("stacked_on", {}).items()
        }
    except EwsError:
        return None
    standing = {domain: one for domain, one in below.items() if one is not None}
    if len(standing) < len(below):
        return None
    original = bundle.card.get("repaired", {}).get("original", version)
    run = tracking.of_version(name, original)
    return Incumbent(bundle, {} if run is None else read_tested(run.folder, tuple(bundle.features)), standing)


def beside(
    judgement: Judgement, chosen: str, incumbent: Incumbent, groups: Mapping[str, np.ndarray] | None = None
) -> dict[str, Any]:
    """What a card says of the candidate ``chosen`` against ``incumbent`` on one test year.

    ``recall``: recall at CAPACITY, the candidate's less the incumbent's, with its lower one-sided 95 %
    bound. ``brier`` of both. ``groups``: the false negative rate of both where ENOUGH_TO_COMPARE
    students had the outcome: grade bands, new students, and ``groups`` (rows, booleans) of the audit.
    """
    said = incumbent.asked(judgement.rows, judgement.year)
    if said is None:
        return {"version": incumbent.version, "why_not": f"what it said before {judgement.year} is not kept"}
    taught = ~np.isnan(said)
    if not taught.any():
        return {"version": incumbent.version, "why_not": "it teaches none of these grades"}
    rows, theirs = judgement.rows.where(taught), said[taught]
    mine = judgement.candidates[chosen][taught]
    lists = [listed(scores, rows.lists, CAPACITY) for scores in (mine, theirs)]
    gain = recall_gain(rows.labels, lists[0], lists[1], rows.students, tail=ONE_SIDED)
    return {
        "version": incumbent.version,
        "recall": {"point": round(gain.point, 4), "low": round(gain.low, 4)},
        "brier": [round(brier(rows.labels, scores), 5) for scores in (mine, theirs)],
        "groups": missed_by_group(
            rows,
            lists[0],
            lists[1],
            groups_to_compare(rows.matrix)
            | {name: inside[taught] for name, inside in (groups or {}).items()},
        ),
    }


def missed_by_group(
    rows: Rows, mine: np.ndarray, theirs: np.ndarray, groups: Mapping[str, np.ndarray]
) -> dict[str, dict[str, float]]:
    """The false negative rates of two lists, for each group with enough students to whom it happened."""
    found = {}
    for name, inside in groups.items():
        happened = with_outcome(rows, inside)
        if happened >= ENOUGH_TO_COMPARE:
            labels = rows.labels[inside]
            missed = [1.0 - recall_of(labels, chosen[inside]) for chosen in (mine, theirs)]
            found[name] = {"happened": happened, "missed": round(missed[0], 4), "before": round(missed[1], 4)}
    return found
