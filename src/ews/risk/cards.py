"""A model's card: what it is, what it learned from, how it did, what it must not be used for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from ews.risk.definition import RiskModel
from ews.risk.fitting import SEED
from ews.risk.rows import Rows
from ews.risk.splits import Split

REQUIRED = (
    "name",
    "version",
    "title",
    "predicts",
    "why",
    "outcome",
    "grades",
    "kind",
    "kind_because",
    "until",
    "learned_from",
    "base_rate",
    "tests",
    "limits",
    "fairness",
    "audit",
    "reviewed",
    "body_sha256",
)
LIMITS = (
    "It orders students for a conversation; it decides nothing about a student.",
    "It speaks of students with similar records, not of what a student will do.",
    "It knows only what the records system holds; what a teacher or a family knows is not in it.",
)


def card_of(
    model: RiskModel,
    rows: Rows,
    served: Split,
    tests: Sequence[Mapping[str, Any]],
    *,
    kind: str,
    because: str,
    until: date,
    versions: Mapping[str, int],
    more: Mapping[str, Any],
) -> dict[str, Any]:
    """The card as JSON. ``tests`` are what ``Judgement.about`` says, latest year first.

    ``more`` holds version, body_sha256, audit, fairness, and what is particular to a composite.
    """
    return {
        "name": model.name,
        "title": model.title,
        "predicts": model.predicts,
        "why": model.why,
        "outcome": model.outcome,
        "population": model.population,
        "grades": list(model.grades),
        "kind": kind,
        "kind_because": because,
        "until": until.isoformat(),
        "provisional": len(tests) < 2,
        "learned_from": {
            "fit": list(served.fit),
            "calibrated_on": served.calibrate or "folds grouped by student",
            **rows.of([*served.fit, served.latest]).count(),
        },
        "censored_share": round(rows.censored, 4),
        "base_rate": round(float(rows.of([served.latest]).labels.mean()), 4),
        "tests": list(tests),
        "features": list(model.features),
        "parameters": dict(model.parameters),
        "snapshot_weeks": list(model.snapshot_weeks),
        "seed": SEED,
        "records": dict(versions),
        "limits": [*LIMITS, *model.limits],
        "reviewed": model.reviewed,
        **more,
    }


def missing_from(card: Mapping[str, Any]) -> list[str]:
    """What a complete card would also say."""
    return [name for name in REQUIRED if card.get(name) in (None, "", [], {})]
