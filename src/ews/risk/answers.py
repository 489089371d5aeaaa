"""What each model in service says of each row: log-odds, and the contributions they are the sum of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ews.errors import NoModel
from ews.features.definition import Driver, Feature
from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.fitting import Fitted, numbers


@dataclass(frozen=True)
class Answer:
    """What one model says of the rows that it can score; (n, ...) over the whole matrix, NaN elsewhere."""

    eligible: np.ndarray
    log_odds: np.ndarray
    base: np.ndarray
    parts: np.ndarray
    features: Mapping[str, Feature]
    drivers: Mapping[str, Driver]
    quartiles: np.ndarray
    coverage: np.ndarray


def answers_of(
    bundles: Mapping[str, Bundle], matrix: pd.DataFrame, scorable: np.ndarray
) -> dict[str, Answer]:
    """Each bundle's answer by name; ``scorable`` (n,) rows may be scored at all.

    Errors: NoModel when a model that a composite is stacked on is not in service.
    """
    answers: dict[str, Answer] = {}
    for name, bundle in sorted(bundles.items(), key=lambda item: isinstance(item[1].model, Composite)):
        if isinstance(bundle.model, Composite):
            answers[name] = composite_answer(bundle, bundle.model, answers, matrix)
        else:
            answers[name] = model_answer(bundle, bundle.model, matrix, scorable)
    return answers


def model_answer(bundle: Bundle, model: Fitted, matrix: pd.DataFrame, scorable: np.ndarray) -> Answer:
    """One domain's log-odds and contributions."""
    rows = numbers(matrix, model.features)
    eligible = scorable & matrix["grade_level"].isin(bundle.grades).to_numpy()
    log_odds = np.full(len(rows), np.nan)
    parts = np.zeros((len(rows), len(model.features) + 1))
    if eligible.any():
        log_odds[eligible] = model.log_odds(rows[eligible])
        parts[eligible] = model.contributions(rows[eligible])
    return Answer(
        eligible,
        log_odds,
        parts[:, -1],
        parts[:, :-1],
        bundle.features,
        bundle.drivers,
        bundle.typical.of(matrix),
        np.mean(~np.isnan(rows), axis=1),
    )


def composite_answer(
    bundle: Bundle, model: Composite, answers: Mapping[str, Answer], matrix: pd.DataFrame
) -> Answer:
    """Overall's log-odds, its contributions those of the domains times what each domain counts."""
    absent = [domain for domain in model.domains if domain not in answers]
    if absent:
        raise NoModel(
            f"{bundle.name} is stacked on {', '.join(absent)}, which is not in service.",
            f"Promote {', '.join(absent)}, or roll {bundle.name} back.",
        )
    domains = [answers[domain] for domain in model.domains]
    log_odds = np.column_stack([answer.log_odds for answer in domains])
    times = model.multipliers(log_odds)
    features = {name: feature for answer in domains for name, feature in answer.features.items()}
    place = {name: i for i, name in enumerate(features)}
    parts = np.zeros((len(matrix), len(features)))
    quartiles = np.full((len(matrix), len(features), 3), np.nan)
    base = model.base(log_odds)
    for i, answer in enumerate(domains):
        base = base + times[:, i] * answer.base
        for j, name in enumerate(answer.features):
            parts[:, place[name]] += times[:, i] * answer.parts[:, j]
            quartiles[:, place[name]] = answer.quartiles[:, j]
    eligible = np.any([answer.eligible for answer in domains], axis=0)
    return Answer(
        eligible,
        model.log_odds(log_odds),
        base,
        parts,
        features,
        {code: driver for answer in domains for code, driver in answer.drivers.items()},
        quartiles,
        np.mean(~np.isnan(numbers(matrix, list(features))), axis=1),
    )
