"""One evaluation's recipes, each fitted once: a model alone, or overall stacked on its domains.

A recipe for the test year y has learned from nothing later: rows whose label was frozen on or after the
first day of the test year are left out, whatever school year they belong to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np
import pandas as pd

from ews.errors import BadData
from ews.risk.bundle import Bundle
from ews.risk.definition import RiskModel
from ews.risk.fitting import KINDS, Fitted
from ews.risk.judging import Judgement
from ews.risk.logistic import sigmoid
from ews.risk.rows import Labelled, Past, Rows
from ews.risk.side_by_side import side_by_side
from ews.risk.splits import Split, fitted_by
from ews.risk.stacking import Domain, heard, judge_stack, stacked_domains, tested_stack
from ews.risk.trained import judge
from ews.risk.typical import Typical
from ews.settings import Settings

COMPOSITE = "composite"
Answer = Callable[[pd.DataFrame], np.ndarray]
"""A matrix to probabilities (n,)."""


@dataclass(frozen=True)
class Learner:
    """``models`` by name, what is ``known``, and what was fitted so far. ``kinds``: what each would ship."""

    models: Mapping[str, RiskModel]
    known: Callable[[RiskModel], Past]
    settings: Settings
    kinds: dict[str, str] = field(default_factory=dict)
    held: dict[str, Labelled] = field(default_factory=dict, repr=False)
    made: dict[tuple[str, str, Split], Fitted] = field(default_factory=dict, repr=False)

    def labelled(self, name: str) -> Labelled:
        """The labels of a model, worked out once."""
        if name not in self.held:
            model = self.models[name]
            self.held[name] = self.known(model).labelled(model, self.settings)
        return self.held[name]

    def rows(self, name: str) -> Rows:
        """Every labelled row of a model."""
        return self.labelled(name).rows(self.known(self.models[name]).matrix)

    def years(self, name: str) -> np.ndarray:
        """(n,) the school year of each labelled row of a model."""
        matrix = self.known(self.models[name]).matrix
        return matrix["school_year"].to_numpy(dtype=int)[self.labelled(name).places]

    def rows_for(self, name: str, split: Split) -> Rows:
        """The rows of ``split``: its test year, and what had closed before that year's first day."""
        matrix, labelled = self.known(self.models[name]).matrix, self.labelled(name)
        tested = self.years(name) == split.test
        if labelled.closes is None or not tested.any():
            return labelled.rows(matrix)
        first = np.datetime64(min(matrix["as_of"].to_numpy()[labelled.places[tested]]))
        return labelled.rows(matrix, tested | (labelled.closes < first))

    def fitted(self, name: str, split: Split, kind: str) -> Fitted:
        """The model's recipe, fitted and calibrated on the years of ``split``."""
        key = (name, kind, split)
        if key not in self.made:
            self.made[key] = fitted_by(self.models[name], self.rows_for(name, split), split, kind)
        return self.made[key]

    def fit_ahead(self, name: str, splits: Sequence[Split]) -> None:
        """Fit both kinds for all ``splits``, two at a time; what cannot be fitted is told when asked for."""
        if not self.models[name].stacks:
            side_by_side(lambda each: self.tried(name, *each), product(splits, KINDS))

    def tried(self, name: str, split: Split, kind: str) -> None:
        """Fit one kind for ``split`` where the data allow it."""
        with suppress(BadData):
            self.fitted(name, split, kind)

    def domains(
        self, name: str, split: Split, keep: Callable[[Rows], Rows] | None = None
    ) -> dict[str, Domain]:
        """The domain models that overall stands on, tested on the test year of ``split``."""
        found = {}
        for domain in stacked_domains(self.models[name], self.settings):
            kind = self.kinds[domain]
            if keep is None:
                fitted = self.fitted(domain, split, kind)
            else:
                fitted = fitted_by(self.models[domain], keep(self.rows_for(domain, split)), split, kind)
            found[domain] = in_memory(self.models[domain], fitted, split)
        return found

    def judged(self, name: str, split: Split) -> Judgement:
        """The candidates of a model on the test year: both kinds, or overall beside a full logistic."""
        model, rows = self.models[name], self.rows_for(name, split)
        if model.stacks:
            domains = self.domains(name, split)
            return judge_stack(model, domains, rows, split, tested_stack(domains, rows, split))
        return judge(rows, split, {kind: self.fitted(name, split, kind) for kind in KINDS})

    def answer(self, name: str, split: Split, keep: Callable[[Rows], Rows] | None = None) -> Answer:
        """What the kind that would ship says after learning as ``split``, from the rows ``keep`` leaves."""
        model, kind = self.models[name], self.kinds[name]
        if not model.stacks:
            if keep is None:
                return self.fitted(name, split, kind).probability
            return fitted_by(model, keep(self.rows_for(name, split)), split, kind).probability
        return self.stacked(name, split, keep)

    def stacked(self, name: str, split: Split, keep: Callable[[Rows], Rows] | None) -> Answer:
        """Overall: stacked on the calibration year, on what its domains say of it."""
        domains = self.domains(name, split, keep)
        rows = self.rows_for(name, split) if keep is None else keep(self.rows_for(name, split))
        composite = tested_stack(domains, rows, split)
        if composite is None:
            raise BadData(
                f"{self.models[name].title} has no year of its own to be stacked on.", "Load one more year."
            )

        def answered(matrix: pd.DataFrame) -> np.ndarray:
            asked = Rows(matrix, np.zeros(len(matrix)), 0.0)
            return sigmoid(composite.log_odds(heard(domains, asked, split.test)))

        return answered

    def plain(
        self, name: str, split: Split, features: tuple[str, ...], keep: Callable[[Rows], Rows]
    ) -> Answer:
        """A logistic regression of the model's outcome on ``features``, from the rows ``keep`` leaves."""
        model = replace(self.models[name], features=features, described_by=None, stacks=())
        return fitted_by(model, keep(self.rows_for(name, split)), split, "logistic").probability

    def features(self, name: str) -> tuple[str, ...]:
        """The features of a model, or of all the domains that it is stacked on."""
        model = self.models[name]
        names = stacked_domains(model, self.settings) if model.stacks else [name]
        return tuple(dict.fromkeys(one for part in names for one in self.models[part].features))


def in_memory(model: RiskModel, fitted: Fitted, split: Split) -> Domain:
    """A fitted domain as overall's stacking takes it."""
    card = {"name": model.name, "grades": list(model.grades)}
    bundle = Bundle(model.name, "", fitted, model.described(), {}, Typical((), {}), card)
    return Domain(bundle, {split.test or 0: fitted})


def everything(rows: Rows) -> Rows:
    """All rows: nothing is held back."""
    return rows
