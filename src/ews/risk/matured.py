"""What was said in earlier runs beside what has happened since: the labels that have matured."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from ews.outcomes import outcomes
from ews.records.lake import Records
from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.logistic import sigmoid
from ews.settings import Settings

KEY = ["student_id", "as_of"]
NEAREST = 1e-9  # probabilities are kept this far from 0 and 1 where log-odds are taken


def with_outcomes(
    records: Records, said: pd.DataFrame, outcome: str, settings: Settings, as_of: date
) -> pd.DataFrame:
    """The rows of ``said`` (student_id, as_of, probability, ...) whose label was frozen by ``as_of``.

    Adds label (0 or 1) and closes_on.
    """
    days = sorted(set(said["as_of"]))
    if not days:
        return said.assign(label=np.array([], dtype=float), closes_on=None)
    known = outcomes(records, days, outcome, settings=settings, frozen_by=as_of)
    known = known[known["label"].notna()][[*KEY, "label", "closes_on"]]
    return said.merge(known, on=KEY, how="inner", validate="m:1")


def family(bundle: Bundle) -> dict[str, float]:
    """The versions whose stored scores speak for ``bundle``, and what it adds to their log-odds."""
    return {bundle.version: 0.0} | dict(bundle.card.get("repaired", {}).get("of", {}))


def said_now(bundles: Mapping[str, Bundle], name: str, stored: pd.DataFrame) -> pd.DataFrame:
    """What the model in service under ``name`` would say of the rows that it, or the one it repairs, scored.

    ``stored``: student_id, as_of, domain, probability, model_version of earlier runs. Gives student_id,
    as_of, probability and model_version (of the run). A composite is worked out again from its domains
    where one of them was repaired since.
    """
    bundle = bundles[name]
    own = stored[(stored["domain"] == name) & stored["model_version"].isin(list(family(bundle)))]
    own = own[[*KEY, "probability", "model_version"]]
    if not moved(bundles, bundle):
        return own.reset_index(drop=True)
    log_odds = own[KEY].merge(log_odds_now(bundles, name, stored), on=KEY, how="left")["log_odds"]
    said = own.assign(probability=sigmoid(log_odds.to_numpy(dtype=float)))
    return said[said["probability"].notna()].reset_index(drop=True)


def moved(bundles: Mapping[str, Bundle], bundle: Bundle) -> bool:
    """Whether the model, or one that it stands on, was repaired since scores were stored."""
    below = bundle.card.get("stacked_on", {})
    return "repaired" in bundle.card or any(
        "repaired" in bundles[one].card for one in below if one in bundles
    )


def log_odds_now(bundles: Mapping[str, Bundle], name: str, stored: pd.DataFrame) -> pd.DataFrame:
    """student_id, as_of, log_odds, as the models in service would give them."""
    model = bundles[name].model
    if isinstance(model, Composite):
        return composite_now(bundles, model, stored)
    shift = family(bundles[name])
    own = stored[(stored["domain"] == name) & stored["model_version"].isin(list(shift))]
    held = np.clip(own["probability"].to_numpy(dtype=float), NEAREST, 1 - NEAREST)
    added = own["model_version"].map(shift).to_numpy(dtype=float)
    return own[KEY].assign(log_odds=np.log(held / (1 - held)) + added)


def composite_now(bundles: Mapping[str, Bundle], model: Composite, stored: pd.DataFrame) -> pd.DataFrame:
    """The composite over its domains' log-odds, NaN where a domain was not scored."""
    parts = [log_odds_now(bundles, name, stored).rename(columns={"log_odds": name}) for name in model.domains]
    rows = parts[0]
    for part in parts[1:]:
        rows = rows.merge(part, on=KEY, how="outer")
    log_odds = model.log_odds(rows[list(model.domains)].to_numpy(dtype=float))
    return rows[KEY].assign(log_odds=log_odds)
