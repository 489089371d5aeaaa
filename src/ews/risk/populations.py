"""Whom a model is asked about: everyone of its grades, or the English learners among them.

A bundle says it in its card (``population``). The English learners' own model has a matrix of its own; the
matrix of all other models never has a column of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ews.risk.bundle import Bundle
from ews.risk.scoring import ScoredFrame, explained_scores
from ews.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

LEARNERS = "english_learners"
"""The population of the learners' own model, as definitions and cards name it."""


@dataclass(frozen=True)
class ByPopulation:
    """The models in service apart: those asked about everyone, and those asked about English learners."""

    everyone: Mapping[str, Bundle]
    learners: Mapping[str, Bundle]

    @classmethod
    def of(cls, bundles: Mapping[str, Bundle]) -> ByPopulation:
        """``bundles`` by whom their cards say they are for."""
        own = {name for name, bundle in bundles.items() if bundle.card.get("population") == LEARNERS}
        return cls(
            {name: bundle for name, bundle in bundles.items() if name not in own},
            {name: bundle for name, bundle in bundles.items() if name in own},
        )


def scores_of_all(
    bundles: Mapping[str, Bundle],
    matrix: pd.DataFrame,
    learners: pd.DataFrame | None,
    *,
    settings: Settings,
) -> ScoredFrame:
    """``explained_scores`` of everyone, then of the English learners by their own model.

    Errors: NoModel when no model for everyone is in service.
    """
    apart = ByPopulation.of(bundles)
    found = explained_scores(apart.everyone, matrix, settings=settings)
    if learners is None or learners.empty:
        return found
    own = explained_scores(apart.learners, learners, settings=settings)
    return ScoredFrame([*found.scores, *own.scores], [*found.notes, *own.notes])
