"""Models that the gate refused: they score beside what serves, and no page, list, file or answer has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ews.errors import EwsError
from ews.risk.answers import answers_of
from ews.risk.bundle import Bundle, load_bundle
from ews.risk.known_rows import KnownRows, known_rows
from ews.risk.logistic import sigmoid
from ews.risk.shadow_file import shadow_version
from ews.settings import Settings


def shadows(models: Path) -> tuple[dict[str, Bundle], list[str]]:
    """The shadow models by name, verified, and notes on those that cannot be read: they stop nothing."""
    found: dict[str, Bundle] = {}
    notes = []
    for folder in sorted(models.glob("*/")):
        version = shadow_version(folder)
        if version is None or Path(version).name != version:
            continue
        try:
            found[folder.name] = load_bundle(folder / version)
        except EwsError:
            notes.append(f"The shadow {version} cannot be read and did not score.")
    return found, notes


def shadow_scores(
    shadow: Mapping[str, Bundle],
    in_service: Mapping[str, Bundle],
    matrix: pd.DataFrame,
    settings: Settings,
) -> tuple[list[dict[str, Any]], list[str]]:
    """student_id, domain, probability and model_version of every row that a shadow may score.

    Without reasons, since nobody is shown them. Also notes on shadows that cannot score these rows.
    """
    said: list[dict[str, Any]] = []
    notes = []
    for name, bundle in shadow.items():
        asked = dict(below(bundle, in_service, settings.models)) | {name: bundle}
        try:
            said += rows_of(name, bundle, known_rows(asked, matrix, settings))
        except EwsError as problem:
            notes.append(f"The shadow {bundle.version} did not score: {problem.found}")
    return said, notes


def below(bundle: Bundle, in_service: Mapping[str, Bundle], models: Path) -> Iterator[tuple[str, Bundle]]:
    """The models that a composite shadow stands on: the exact versions, or else what serves."""
    for domain, version in bundle.card.get("stacked_on", {}).items():
        standing = in_service.get(domain)
        if standing is not None and standing.version == version:
            yield domain, standing
            continue
        try:
            yield domain, load_bundle(models / domain / version)
        except EwsError:
            if standing is not None:
                yield domain, standing


def rows_of(name: str, bundle: Bundle, known: KnownRows) -> Iterator[dict[str, Any]]:
    """What one shadow says of each row."""
    domain = known.domains[name]
    log_odds = answers_of(known.domains)[name].log_odds
    for row in np.flatnonzero(domain.eligible & ~np.isnan(log_odds)).tolist():
        yield {
            "student_id": known.columns["student_id"][known.places[row]],
            "domain": name,
            "probability": float(sigmoid(log_odds[row : row + 1])[0]),
            "model_version": bundle.version,
        }
