"""How one model comes to be a candidate: tested on years it never saw, then fitted one year on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ews.features.definition import Feature
from ews.risk.audited import audited, compared_groups, on_card
from ews.risk.bundle import body_hash, model_version
from ews.risk.cards import card_of
from ews.risk.composite import Composite
from ews.risk.definition import RiskModel
from ews.risk.fitting import KINDS, Fitted, numbers
from ews.risk.incumbent import Incumbent, beside
from ews.risk.judging import Judgement, kind_to_ship, rivals_of
from ews.risk.logistic import sigmoid
from ews.risk.refitting import with_refits
from ews.risk.rows import Past, Rows
from ews.risk.splits import Split, fitted_by, plan, test_rows
from ews.risk.stacking import (
    candidates,
    heard,
    judge_stack,
    refuse_failed_audit,
    stack,
    stacked_domains,
    tested_stack,
)
from ews.risk.support_ahead import SOON, with_what_was_told
from ews.risk.tracking import Tracking
from ews.risk.typical import EVERYONE, Typical, typical_of
from ews.settings import Settings


@dataclass(frozen=True)
class Candidate:
    """A trained model with everything that its run records."""

    model: Fitted | Composite
    features: Mapping[str, Feature]
    typical: Typical
    card: dict[str, Any]
    judgement: Judgement
    shown: np.ndarray
    tested: Mapping[int, Fitted | Composite] = field(default_factory=dict)


def trained_domain(
    model: RiskModel, known: Past, rows: Rows, settings: Settings, incumbent: Incumbent | None = None
) -> Candidate:
    """LightGBM beside logistic, and what serves, on each test year; the kind that earned it, one year on."""
    model = with_what_was_told(model, rows.matrix)
    splits, served = plan(known.years)
    tries = [{kind: fitted_by(model, rows, split, kind) for kind in KINDS} for split in splits]
    judgements = [judge(rows, split, fits) for split, fits in zip(splits, tries, strict=True)]
    kind, because = kind_to_ship(judgements)
    fitted = with_refits(model, fitted_by(model, rows, served, kind), rows, served)
    tests = [told(judgement, kind, incumbent, known, settings) for judgement in judgements]
    audit = audited(model.name, known, judgements[0], kind, rows, splits[0], settings)
    card = card_of(
        model,
        rows,
        served,
        tests,
        kind=kind,
        because=because,
        until=known.until,
        versions=known.records.versions,
        more={
            "version": model_version(model.name, known.until, fitted),
            "body_sha256": body_hash(fitted),
            **on_card(audit),
            **({"support_given": fitted.support.as_json()} if SOON in rows.matrix else {}),
        },
    )
    return Candidate(
        fitted,
        model.described(),
        typical_of(rows.of(served.fit).matrix, model.features),
        card,
        judgements[0],
        numbers(judgements[0].rows.matrix, model.features),
        {judgement.year: fits[kind] for judgement, fits in zip(judgements, tries, strict=True)},
    )


def told(
    judgement: Judgement, chosen: str, incumbent: Incumbent | None, known: Past, settings: Settings
) -> dict[str, Any]:
    """What a card says of one test year, the model in service beside the candidate where there is one."""
    about = judgement.about(chosen)
    if incumbent is None:
        return about
    groups = compared_groups(known, judgement, settings)
    return about | {"incumbent": beside(judgement, chosen, incumbent, groups)}


def judge(rows: Rows, split: Split, fits: Mapping[str, Fitted]) -> Judgement:
    """Both kinds and the rules on the test year of ``split``."""
    test = test_rows(rows, split)
    said = {kind: fitted.probability(test.matrix) for kind, fitted in fits.items()}
    rivals = rivals_of(test, float(rows.of(split.fit).labels.mean()))
    as_supported = {kind: sigmoid(fitted.as_supported(test.matrix)) for kind, fitted in fits.items()}
    return Judgement(split.test or 0, test, said, rivals, as_supported)


def trained_composite(
    model: RiskModel,
    known: Past,
    rows: Rows,
    tracking: Tracking,
    settings: Settings,
    incumbent: Incumbent | None = None,
) -> Candidate:
    """Overall, stacked on the newest registered candidates of its domains."""
    splits, served = plan(known.years)
    domains = candidates(tracking, stacked_domains(model, settings))
    refuse_failed_audit(model, domains)
    tries = [tested_stack(domains, rows, split) for split in splits]
    judgements = [
        judge_stack(model, domains, rows, split, tried) for split, tried in zip(splits, tries, strict=True)
    ]
    composite, _ = stack(domains, rows, served, splits)
    audit = audited(model.name, known, judgements[0], "composite", rows, splits[0], settings)
    card = card_of(
        model,
        rows,
        served,
        [told(judgement, "composite", incumbent, known, settings) for judgement in judgements],
        kind=composite.kind,
        because="Overall is stacked on its domains, so that its reasons are theirs.",
        until=known.until,
        versions=known.records.versions,
        more={
            "version": model_version(model.name, known.until, composite),
            "body_sha256": body_hash(composite),
            "stacked_on": dict(composite.stacked_on),
            **on_card(audit),
        },
    )
    nothing = Typical((), {EVERYONE: np.zeros((0, 3))})
    shown = heard(domains, judgements[0].rows, splits[0].test)
    tested = {
        judged.year: tried for judged, tried in zip(judgements, tries, strict=True) if tried is not None
    }
    return Candidate(composite, {}, nothing, card, judgements[0], shown, tested)
