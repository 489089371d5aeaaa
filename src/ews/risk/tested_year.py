"""What a model's tested recipe said of a year it never saw, worked out again from the lake.

The model in service has learned from every closed year. Its run keeps the models that it was tested with,
fitted on earlier years alone: those are audited, on the year they were tested on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from ews.errors import BadData, NoModel, UsageError
from ews.features.matrix import feature_matrix
from ews.records.lake import Records
from ews.risk.bundle import Bundle, load_bundle, version_in_service
from ews.risk.composite import Composite
from ews.risk.course_rows import COURSE, of_courses, past_courses
from ews.risk.definition import RiskModel
from ews.risk.fitting import Fitted
from ews.risk.learner_rows import past_learners
from ews.risk.logistic import sigmoid
from ews.risk.populations import LEARNERS
from ews.risk.rows import Past, Rows, days_of
from ews.risk.stacking import crossed, heard, read_domain, read_tested
from ews.risk.support_ahead import with_support_ahead
from ews.risk.tracking import BUNDLE, Run, Tracking
from ews.school_year import last_day
from ews.settings import Settings


@dataclass(frozen=True)
class Tested:
    """A registered model and the run that it came from."""

    bundle: Bundle
    run: Run

    @property
    def card(self) -> Mapping[str, Any]:
        return self.bundle.card

    @property
    def year(self) -> int:
        """The latest year that it was tested on."""
        return int(self.card["tests"][0]["year"])

    @cached_property
    def definition(self) -> RiskModel:
        """As it was when it was trained."""
        kept = ("name", "title", "predicts", "why", "outcome", "reviewed")
        return RiskModel(
            **{name: self.card[name] for name in kept},
            grades=tuple(self.card["grades"]),
            snapshot_weeks=tuple(self.card["snapshot_weeks"]),
            features=tuple(self.card["features"]),
            population=self.card.get("population", "everyone"),
        )


@dataclass(frozen=True)
class TestedYear:
    """``rows`` with outcomes and what was said of them (n,); ``cohort`` are all rows, with outcome or not."""

    tested: Tested
    rows: Rows
    probability: np.ndarray
    cohort: pd.DataFrame


def tested_models(
    settings: Settings, tracking: Tracking, names: Sequence[str], run_id: str | None
) -> list[Tested]:
    """The models in service, or those named; or the one named as the run ``run_id`` made it.

    Errors: NoModel when one is not in service; UsageError when the store no longer has its run.
    """
    if run_id is not None:
        if len(names) != 1:
            raise UsageError("A run is of one model.", "Name the model with it: ews audit NAME --run ID.")
        return [read(tracking.candidate(names[0], run_id))]
    versions = {name: version_in_service(settings.models / name) for name in names or served(settings)}
    if not versions or None in versions.values():
        absent = ", ".join(name for name, version in versions.items() if version is None) or "any model"
        raise NoModel(f"{absent} is not in service.", "Promote it, or audit a candidate with --run ID.")
    return [read(run_of(tracking, name, str(version))) for name, version in versions.items()]


def served(settings: Settings) -> list[str]:
    """The names of the models in service."""
    names = sorted(folder.name for folder in settings.models.glob("*/"))
    return [name for name in names if version_in_service(settings.models / name)]


def run_of(tracking: Tracking, name: str, version: str) -> Run:
    """The run that registered ``version``."""
    run = tracking.of_version(name, version)
    if run is None:
        raise UsageError(
            f"{tracking.folder} no longer has the run that {version} came from.",
            f"Train and promote {name} again.",
        )
    return run


def read(run: Run) -> Tested:
    """The registered model of ``run``, its bundle verified."""
    return Tested(load_bundle(run.folder / BUNDLE), run)


def tested_years(
    models: Sequence[Tested], records: Records, tracking: Tracking, settings: Settings, as_of: date
) -> list[TestedYear]:
    """What each of ``models`` said of its test year, with the outcomes known by ``as_of``.

    Errors: UsageError when a test year is not over by ``as_of``.
    """
    late = [model for model in models if last_day(model.year) > as_of]
    if late:
        raise UsageError(
            f"{late[0].bundle.name} was tested on {late[0].year}, which is not over by {as_of}.",
            f"Take a day after {last_day(late[0].year)}.",
        )
    pasts = {year: year_of(records, models, settings, year, as_of) for year in years_of_schools(models)}
    found = []
    for model in models:
        if model.definition.outcome == COURSE:
            known: Past = past_courses(records, model.definition, settings, as_of)
        elif model.definition.population == LEARNERS:
            known = past_learners(pasts[model.year], settings)
        else:
            known = pasts[model.year]
        found.append(tested_year(model, known, tracking, settings))
    return found


def years_of_schools(models: Sequence[Tested]) -> list[int]:
    """The test years of models of school years, each once."""
    return sorted({model.year for model in models if model.definition.outcome != COURSE})


def year_of(records: Records, models: Sequence[Tested], settings: Settings, year: int, as_of: date) -> Past:
    """One school year as it was known on the snapshot days of the models tested on it."""
    own = [model.definition for model in models if model.year == year and model.definition.outcome != COURSE]
    weeks = sorted({week for model in own for week in model.snapshot_weeks})
    days = days_of(records, year, weeks)
    if not days:
        raise BadData(f"The records hold no calendar of {year}.", "Load calendar_days or terms of that year.")
    matrix = with_support_ahead(feature_matrix(records, days, settings=settings), records, as_of)
    return Past(records, matrix, (year,), as_of)


def tested_year(model: Tested, known: Past, tracking: Tracking, settings: Settings) -> TestedYear:
    """What one model said of its test year."""
    rows = known.rows(model.definition, settings).of([model.year])
    probability = said_of(model, rows, tracking)
    if of_courses(rows.matrix):
        return TestedYear(model, rows, probability, rows.matrix)
    matrix = known.matrix
    inside = matrix["grade_level"].isin(model.definition.grades)
    inside &= matrix["week"].isin(model.definition.snapshot_weeks)
    return TestedYear(model, rows, probability, matrix[inside].reset_index(drop=True))


def said_of(model: Tested, rows: Rows, tracking: Tracking) -> np.ndarray:
    """(n,) the probabilities by the model as it was tested."""
    kept = read_tested(model.run.folder, tuple(model.bundle.features))
    fitted = kept.get(model.year)
    if isinstance(fitted, Fitted):
        return fitted.probability(rows.matrix)
    if not isinstance(model.bundle.model, Composite):
        raise UsageError(
            f"The run of {model.bundle.version} does not keep the model that was tested on {model.year}.",
            f"Train and promote {model.bundle.name} again.",
        )
    stacked_on = model.bundle.model.stacked_on
    domains = {name: read_domain(run_of(tracking, name, version)) for name, version in stacked_on.items()}
    said = heard(domains, rows, model.year)
    if isinstance(fitted, Composite):
        return sigmoid(fitted.log_odds(said))
    learned = heard(domains, rows, model.year, as_supported=True)
    return sigmoid(crossed(domains, rows, learned, said))
