"""`ews train`: from the lake to registered candidates, every run in MLflow.

Each model is tested first, on years it never saw; the kind that earned it is then fitted one year on and
becomes a candidate bundle. Nothing goes into service here: that is `ews promote`.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from typing import Any

from ews.errors import BadData, EwsError
from ews.records.lake import open_lake
from ews.risk.course_rows import COURSE, past_courses
from ews.risk.definition import RiskModel, definitions
from ews.risk.incumbent import incumbent_of
from ews.risk.learner_rows import past_learners
from ews.risk.populations import LEARNERS
from ews.risk.recording import record
from ews.risk.rows import Past, past
from ews.risk.tracking import Run, Tracking, training_store
from ews.risk.trained import trained_composite, trained_domain
from ews.risk.tuning import Tried, tuned
from ews.settings import Settings, read_settings


@dataclass(frozen=True)
class TrainingReport:
    """What came of training one model. ``skipped`` says why there is no candidate, where there is none."""

    name: str
    version: str | None = None
    kind: str | None = None
    run_id: str | None = None
    skipped: str | None = None
    card: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "name": self.name,
            "version": self.version,
            "kind": self.kind,
            "run_id": self.run_id,
            "skipped": self.skipped,
            "tests": self.card.get("tests", []),
        }

    def line(self) -> str:
        """For a person at the terminal."""
        if self.skipped:
            return f"{self.name:12} no candidate: {self.skipped}"
        test = self.card["tests"][0]
        told = test["measures"][self.kind]
        return (
            f"{self.name:12} {self.kind:9} test year {test['year']}: AUC {told.get('auc', float('nan')):.3f},"
            f" of the outcomes {told.get('recall_at_10', float('nan')):.0%} on a list of 10 %,"
            f" calibration {test['calibration']['verdict']}; {self.version}"
        )


def train_all(
    settings: Settings,
    names: Sequence[str],
    until: date,
    *,
    skip: Sequence[str] = (),
    tune: bool = False,
) -> list[TrainingReport]:
    """Train the definitions ``names`` (all of them when empty) on what was known by ``until``.

    A model that was asked for by name and cannot be trained is an error; of all, or where it stands in
    ``skip``, it is skipped with why. ``tune``: choose the parameters first, on the years learned from.
    """
    models = definitions(settings.training, names)
    with training_store(settings) as tracking:
        known = known_to(models, settings, until)
        return [
            attempt(model, known, tracking, settings, asked=bool(names) and model.name not in skip, tune=tune)
            for model in models
        ]


def train_definition(model: RiskModel, settings: Settings, until: date) -> TrainingReport:
    """Train one definition on what was known by ``until``."""
    with training_store(settings) as tracking:
        return train_model(model, known_to([model], settings, until)(model), tracking, settings)


def known_to(models: Sequence[RiskModel], settings: Settings, until: date) -> Callable[[RiskModel], Past]:
    """What each model may learn from: courses, or school years, which are built once, when asked for."""
    records = open_lake(settings)
    yearly = [model for model in models if model.outcome != COURSE]

    @cache
    def of_years() -> Past:
        return past(records, yearly, settings, until)

    def known(model: RiskModel) -> Past:
        if model.outcome == COURSE:
            return past_courses(records, model, settings, until)
        return past_learners(of_years(), settings) if model.population == LEARNERS else of_years()

    return known


def run_alone(model: RiskModel, arguments: Sequence[str], today: date) -> str:
    """What `python training/NAME.py [--until DATE]` says when it is done, or what is in the way."""
    parser = argparse.ArgumentParser(description=f"Train {model.name}: {model.predicts}")
    parser.add_argument("--until", type=date.fromisoformat, default=today, metavar="DATE")
    try:
        return train_definition(model, read_settings(), parser.parse_args(arguments).until).line()
    except EwsError as problem:
        raise SystemExit(f"{model.name}: {problem}") from None


def attempt(
    model: RiskModel,
    known: Callable[[RiskModel], Past],
    tracking: Tracking,
    settings: Settings,
    *,
    asked: bool,
    tune: bool = False,
) -> TrainingReport:
    """Train ``model``; where it was not asked for by name, too little data only skips it."""
    try:
        return train_model(model, known(model), tracking, settings, tune=tune)
    except BadData as problem:
        if asked:
            raise
        return TrainingReport(model.name, skipped=str(problem))


def train_model(
    model: RiskModel, known: Past, tracking: Tracking, settings: Settings, *, tune: bool = False
) -> TrainingReport:
    """Test, fit, record and register one model: one run, with a child run for each configuration tried."""
    with tracking.run(model.name) as run:
        rows = known.rows(model, settings)
        choice = None
        if tune and not model.stacks:
            model, choice = tuned(model, rows, known.years, partial(tell_try, run))
        incumbent = incumbent_of(model.name, settings.models, tracking)
        if model.stacks:
            found = trained_composite(model, known, rows, tracking, settings, incumbent)
        else:
            found = trained_domain(model, known, rows, settings, incumbent)
        if choice is not None:
            found = replace(found, card={**found.card, "tuned": choice.as_json()})
        record(run, found)
        run.register(model.name, found.card["version"])
    return TrainingReport(model.name, found.card["version"], found.card["kind"], run.id, card=found.card)


def tell_try(run: Run, tried: Tried) -> None:
    """A configuration that tuning tried, as a child of the model's run."""
    run.child(f"tuning {tried.kind}", {"kind": tried.kind, **tried.parameters}, {"log_loss": tried.log_loss})
