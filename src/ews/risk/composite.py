"""How the domains come together: overall, from their calibrated log-odds, and never by halves.

A logistic regression with weights of at least 0 on each domain's log-odds, their maximum, and how many
domains are present, fitted on log-odds that the domain models gave for a year they had not seen.
Multiplying probabilities as if domains were independent said .884 where truth was .814.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ews.errors import OurFault
from ews.risk.logistic import rounded, signed_logistic
from ews.risk.refit_draws import REFITS
from ews.risk.refits import CompositeRefits, centred

L2 = 1.0


@dataclass(frozen=True)
class Composite:
    """The stacked model. ``stacked_on`` maps each domain to the exact version it was stacked on.

    Log-odds are given as (n, domains) in the order of ``domains``, NaN where a domain is not scored.
    """

    domains: tuple[str, ...]
    weight: tuple[float, ...]
    maximum_weight: float
    present_weight: float
    intercept: float
    stacked_on: Mapping[str, str]
    refits: CompositeRefits | None = None

    kind = "composite"

    def text(self) -> str:
        """The model as JSON."""
        return json.dumps(
            {
                "kind": self.kind,
                "domains": self.domains,
                "weight": self.weight,
                "maximum_weight": self.maximum_weight,
                "present_weight": self.present_weight,
                "intercept": self.intercept,
                "stacked_on": dict(self.stacked_on),
            },
            indent=1,
        )

    def body(self) -> str:
        """What the model's hash is taken over."""
        return self.text()

    def multipliers(self, log_odds: np.ndarray) -> np.ndarray:
        """(n, domains) what each domain's log-odds are multiplied with; 0 where it is not scored.

        The maximum belongs to the domain that attains it, the first of equals: so every contribution
        of a domain carries over, and the parts add up exactly.
        """
        present = ~np.isnan(log_odds)
        own = present * np.asarray(self.weight)
        severest = np.argmax(np.where(present, log_odds, -np.inf), axis=1)
        own[np.arange(len(log_odds)), severest] += self.maximum_weight * present.any(axis=1)
        return own

    def base(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) what does not come from any domain's log-odds."""
        return self.intercept + self.present_weight * np.sum(~np.isnan(log_odds), axis=1)

    def log_odds(self, log_odds: np.ndarray) -> np.ndarray:
        """(n,) overall's log-odds; NaN where no domain is scored."""
        parts = self.multipliers(log_odds) * np.nan_to_num(log_odds)
        total = self.base(log_odds)
        for place in range(len(self.domains)):
            total = total + parts[:, place]
        return np.where(np.isnan(log_odds).all(axis=1), np.nan, total)

    def apart(self, log_odds: np.ndarray, domains_apart: np.ndarray) -> np.ndarray | None:
        """(n, REFITS) how far overall's refits lie from the middle of them; None without refits.

        ``domains_apart`` (n, domains, REFITS): how far each domain's refits lie from its ``log_odds``.
        """
        if self.refits is None:
            return None
        found = np.empty((len(log_odds), REFITS))
        for place in range(REFITS):
            found[:, place] = self.refit(place).log_odds(log_odds + domains_apart[:, :, place])
        return centred(found)

    def refit(self, place: int) -> Composite:
        """One of the refits, as a composite."""
        if self.refits is None:
            raise OurFault(f"The composite of {', '.join(self.domains)} has no refits.")
        return replace(
            self,
            weight=tuple(self.refits.weight[place].tolist()),
            maximum_weight=float(self.refits.maximum_weight[place]),
            present_weight=float(self.refits.present_weight[place]),
            intercept=float(self.refits.intercept[place]),
            refits=None,
        )


def fit_composite(
    domains: Sequence[str],
    log_odds: np.ndarray,
    labels: np.ndarray,
    weights: np.ndarray,
    stacked_on: Mapping[str, str],
) -> Composite:
    """The stacked model of ``labels`` (n,) on out-of-sample ``log_odds`` (n, domains), NaN where absent."""
    present = ~np.isnan(log_odds)
    columns = np.column_stack(
        [np.nan_to_num(log_odds), np.where(present, log_odds, -np.inf).max(axis=1), present.sum(axis=1)]
    )
    width = columns.shape[1]
    beta = rounded(signed_logistic(columns, labels, weights, np.ones(width), np.full(width, L2)))
    count = len(domains)
    return Composite(
        tuple(domains),
        tuple(float(value) for value in beta[:count]),
        float(beta[count]),
        float(beta[count + 1]),
        float(beta[count + 2]),
        dict(stacked_on),
    )


def read_composite(text: str) -> Composite:
    """The model that ``Composite.text`` wrote; OurFault when it is anything else."""
    try:
        content = json.loads(text)
        if content.pop("kind") != Composite.kind:
            raise ValueError("kind")
        model = Composite(
            **content | {"domains": tuple(content["domains"]), "weight": tuple(content["weight"])}
        )
        scalars = (*model.weight, model.maximum_weight, model.present_weight, model.intercept)
        if len(model.weight) != len(model.domains) or not np.all(np.isfinite(scalars)):
            raise ValueError("lengths or numbers")
        if set(model.stacked_on) != set(model.domains):
            raise ValueError("stacked_on")
    except (KeyError, TypeError, ValueError) as problem:
        raise OurFault(f"The text of a composite is damaged: {problem}.", "Promote it again.") from None
    return model
