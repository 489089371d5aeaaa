"""What each model in service says of each row: log-odds, and the contributions they are the sum of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ews.risk.composite import Composite
from ews.risk.fitting import Fitted
from ews.risk.known_rows import DomainRows


@dataclass(frozen=True)
class Answer:
    """What one model says of its rows: (n,) and (n, features) in log-odds, NaN and 0 where not scored."""

    log_odds: np.ndarray
    base: np.ndarray
    parts: np.ndarray


def answers_of(domains: Mapping[str, DomainRows]) -> dict[str, Answer]:
    """Each model's answer by name; composites come last in ``domains``."""
    answers: dict[str, Answer] = {}
    for name, domain in domains.items():
        model = domain.bundle.model
        if isinstance(model, Composite):
            answers[name] = composite_answer(model, domain, domains, answers)
        else:
            answers[name] = model_answer(model, domain)
    return answers


def model_answer(model: Fitted, domain: DomainRows) -> Answer:
    """One domain's log-odds and contributions."""
    count, eligible = len(domain.rows), domain.eligible
    log_odds = np.full(count, np.nan)
    parts = np.zeros((count, domain.rows.shape[1] + 1))
    if eligible.any():
        rows = domain.rows if eligible.all() else domain.rows[eligible]
        log_odds[eligible] = model.log_odds(rows)
        parts[eligible] = model.contributions(rows)
    return Answer(log_odds, parts[:, -1], parts[:, :-1])


def composite_answer(
    model: Composite, domain: DomainRows, domains: Mapping[str, DomainRows], answers: Mapping[str, Answer]
) -> Answer:
    """Overall's log-odds, its contributions those of the domains times what each domain counts."""
    log_odds = np.column_stack([answers[name].log_odds for name in model.domains])
    times = model.multipliers(log_odds)
    column = {name: place for place, name in enumerate(domain.features)}
    parts = np.zeros((len(log_odds), len(column)))
    base = model.base(log_odds)
    for place, name in enumerate(model.domains):
        counts = times[:, place]
        base = base + counts * answers[name].base
        columns = [column[feature] for feature in domains[name].features]
        parts[:, columns] += counts[:, None] * answers[name].parts
    return Answer(model.log_odds(log_odds), base, parts)
