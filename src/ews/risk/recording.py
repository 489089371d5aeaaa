"""What a run keeps of a candidate: parameters, measures, the bundle, the tested models, pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ews.risk.bundle import bundle_files, calibration_told
from ews.risk.composite import Composite
from ews.risk.fitting import Fitted
from ews.risk.golden import feature_rows, log_odds_rows
from ews.risk.reports import explained, pictures
from ews.risk.stacking import TESTED
from ews.risk.tracking import BUNDLE, Run
from ews.risk.trained import Candidate


def record(run: Run, found: Candidate) -> None:
    """Everything about a candidate into its run: parameters, measures, the bundle, the pictures."""
    card, test = found.card, found.card["tests"][0]
    run.told(parameters_of(card), measures_of(test))
    run.files(BUNDLE, bundle_files(found.model, found.features, found.typical, card))
    for year, fitted in found.tested.items():
        run.files(f"{TESTED}/{year}", model_files(fitted))
    run.files("pictures", drawn(found))


def model_files(model: Fitted | Composite) -> dict[str, bytes]:
    """A model and its calibration, without what a bundle adds."""
    text = model.text() if isinstance(model, Composite) else model.body.text()
    return {"model.txt": text.encode(), "calibration.json": json.dumps(calibration_told(model)).encode()}


def parameters_of(card: Mapping[str, Any]) -> dict[str, Any]:
    """What went into a candidate."""
    names = ("version", "kind", "until", "seed", "outcome", "snapshot_weeks")
    whole = {name: json.dumps(card[name], sort_keys=True) for name in ("learned_from", "records")}
    return {**{name: card[name] for name in names}, **card["parameters"], **whole}


def measures_of(test: Mapping[str, Any]) -> dict[str, float]:
    """What came out of its latest test year, for the candidate and everything it is compared with."""
    found = {
        f"{name}.{measure}": value
        for name, measures in test["measures"].items()
        for measure, value in measures.items()
    }
    calibration = {
        f"calibration.{name}": test["calibration"][name] for name in ("error", "low", "raw", "slope")
    }
    return found | calibration


def drawn(found: Candidate) -> dict[str, bytes]:
    """The candidate's pictures, on the latest test year and on made-up rows."""
    composite = isinstance(found.model, Composite)
    made_up = (
        log_odds_rows(found.model) if isinstance(found.model, Composite) else feature_rows(found.typical)
    )
    told = explained(found.model, found.shown, made_up)
    probability = found.judgement.candidates["composite" if composite else found.card["kind"]]
    return pictures(told, found.judgement.rows.labels, probability)
