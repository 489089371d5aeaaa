"""`ews train`: from the lake to registered candidates, every run in MLflow.

Each model is tested first, on years it never saw; the kind that earned it is then fitted one year on and
becomes a candidate bundle. Nothing goes into service here: that is `ews promote`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import numpy as np

from ews.errors import BadData, EwsError
from ews.features.definition import Feature
from ews.records.lake import open_lake
from ews.risk.bundle import body_hash, bundle_files, model_version
from ews.risk.cards import card_of
from ews.risk.composite import Composite
from ews.risk.course_rows import COURSE, past_courses
from ews.risk.definition import RiskModel, definitions
from ews.risk.fitting import KINDS, Fitted, numbers
from ews.risk.golden import feature_rows, log_odds_rows
from ews.risk.judging import Judgement, kind_to_ship, rivals_of
from ews.risk.reports import explained, pictures
from ews.risk.rows import Past, Rows, past
from ews.risk.splits import Split, fitted_by, plan, test_rows
from ews.risk.stacking import TESTED, candidates, heard, judge_stack, stack, stacked_domains
from ews.risk.tracking import BUNDLE, Run, Tracking, training_store
from ews.risk.typical import EVERYONE, Typical, typical_of
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


@dataclass(frozen=True)
class Candidate:
    """A trained model with everything that its run records."""

    model: Fitted | Composite
    features: Mapping[str, Feature]
    typical: Typical
    card: dict[str, Any]
    judgement: Judgement
    shown: np.ndarray
    tested: Mapping[int, Fitted] = field(default_factory=dict)


def train_all(settings: Settings, names: Sequence[str], until: date) -> list[TrainingReport]:
    """Train the definitions ``names`` (all of them when empty) on what was known by ``until``.

    A model that was asked for by name and cannot be trained is an error; of all, it is skipped with why.
    """
    models = definitions(settings.training, names)
    with training_store(settings) as tracking:
        known = known_to(models, settings, until)
        return [attempt(model, known, tracking, settings, asked=bool(names)) for model in models]


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
        return past_courses(records, model, settings, until) if model.outcome == COURSE else of_years()

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
) -> TrainingReport:
    """Train ``model``; where it was not asked for by name, too little data only skips it."""
    try:
        return train_model(model, known(model), tracking, settings)
    except BadData as problem:
        if asked:
            raise
        return TrainingReport(model.name, skipped=str(problem))


def train_model(model: RiskModel, known: Past, tracking: Tracking, settings: Settings) -> TrainingReport:
    """Test, fit, record and register one model: one run."""
    with tracking.run(model.name) as run:
        rows = known.rows(model, settings)
        if model.stacks:
            found = trained_composite(model, known, rows, tracking, settings)
        else:
            found = trained_domain(model, known, rows)
        record(run, found)
        run.register(model.name, found.card["version"])
    return TrainingReport(model.name, found.card["version"], found.card["kind"], run.id, card=found.card)


def trained_domain(model: RiskModel, known: Past, rows: Rows) -> Candidate:
    """LightGBM beside logistic on each test year; the one that earned it, one year on."""
    splits, served = plan(known.years)
    tries = [{kind: fitted_by(model, rows, split, kind) for kind in KINDS} for split in splits]
    judgements = [judge(rows, split, fits) for split, fits in zip(splits, tries, strict=True)]
    kind, because = kind_to_ship(judgements)
    fitted = fitted_by(model, rows, served, kind)
    tests = [judgement.about(kind) for judgement in judgements]
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


def judge(rows: Rows, split: Split, fits: Mapping[str, Fitted]) -> Judgement:
    """Both kinds and the rules on the test year of ``split``."""
    test = test_rows(rows, split)
    said = {kind: fitted.probability(test.matrix) for kind, fitted in fits.items()}
    return Judgement(split.test or 0, test, said, rivals_of(test, float(rows.of(split.fit).labels.mean())))


def trained_composite(
    model: RiskModel, known: Past, rows: Rows, tracking: Tracking, settings: Settings
) -> Candidate:
    """Overall, stacked on the newest registered candidates of its domains."""
    splits, served = plan(known.years)
    domains = candidates(tracking, stacked_domains(model, settings))
    judgements = [judge_stack(model, domains, rows, split) for split in splits]
    composite, _ = stack(domains, rows, served, splits)
    card = card_of(
        model,
        rows,
        served,
        [judgement.about("composite") for judgement in judgements],
        kind=composite.kind,
        because="Overall is stacked on its domains, so that its reasons are theirs.",
        until=known.until,
        versions=known.records.versions,
        more={
            "version": model_version(model.name, known.until, composite),
            "body_sha256": body_hash(composite),
            "stacked_on": dict(composite.stacked_on),
        },
    )
    nothing = Typical((), {EVERYONE: np.zeros((0, 3))})
    shown = heard(domains, judgements[0].rows, splits[0].test)
    return Candidate(composite, {}, nothing, card, judgements[0], shown)


def record(run: Run, found: Candidate) -> None:
    """Everything about a candidate into its run: parameters, measures, the bundle, the pictures."""
    card, test = found.card, found.card["tests"][0]
    run.told(parameters_of(card), measures_of(test))
    run.files(BUNDLE, bundle_files(found.model, found.features, found.typical, card))
    for year, fitted in found.tested.items():
        sigmoid = json.dumps({"slope": fitted.calibration.slope, "intercept": fitted.calibration.intercept})
        contents = {"model.txt": fitted.body.text().encode(), "calibration.json": sigmoid.encode()}
        run.files(f"{TESTED}/{year}", contents)
    run.files("pictures", drawn(found))


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
