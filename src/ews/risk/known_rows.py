"""What can be worked out about rows before any model is asked: it is the same whatever the models say.

The weekly run works it out for all its rows and asks at once. The service works it out once for a day's
run, keeps it, and then takes the rows of the few students that a caller asks about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from ews.errors import NoModel
from ews.features.definition import Driver, Feature
from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.drivers import Speaking, goes_well, stands_out
from ews.risk.fitting import numbers
from ews.risk.sentences import THROUGH, as_day
from ews.risk.typical import EVERYONE, Typical, cell_names
from ews.settings import Settings

NO_LEVEL = "No annual English test on record yet: there is no level to grow from."
LEAST_HORIZON = 15  # expected school days left, METHOD: fewer carry no new score


@dataclass(frozen=True)
class DomainRows:
    """One model's rows (n, k), and what speaks of them; ``cell`` (n,) is what each is held against.

    ``taught`` (n,) rows of its grades, ``eligible`` (n,) those of them that may be scored; ``raising`` and
    ``lowering`` (n, k) the facts that stand out and those that go well.
    """

    bundle: Bundle
    features: Mapping[str, Feature]
    drivers: Mapping[str, Driver]
    speaking: Speaking
    rows: np.ndarray
    taught: np.ndarray
    eligible: np.ndarray
    raising: np.ndarray
    lowering: np.ndarray
    cell: np.ndarray
    coverage: np.ndarray

    def take(self, places: Any) -> DomainRows:
        """Some of the rows."""
        return DomainRows(
            self.bundle,
            self.features,
            self.drivers,
            self.speaking,
            self.rows[places],
            self.taught[places],
            self.eligible[places],
            self.raising[places],
            self.lowering[places],
            self.cell[places],
            self.coverage[places],
        )


@dataclass(frozen=True)
class KnownRows:
    """Rows of a matrix: why a row cannot be scored, whether its records are old, and each model's rows.

    ``columns`` are the whole matrix as lists; ``places`` says where in them each row stands. ``ranges``:
    of each domain (n, 2), where they were worked out beforehand (``ews.risk.ranges``).
    """

    columns: Mapping[str, list[Any]]
    places: Sequence[int]
    why_not: list[str | None]
    stale: list[bool]
    domains: Mapping[str, DomainRows]
    ranges: Mapping[str, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self.why_not)

    def take(self, places: Sequence[int]) -> KnownRows:
        """The rows at ``places``, in that order."""
        index = slice(places[0], places[0] + 1) if len(places) == 1 else np.array(places, dtype=int)
        return KnownRows(
            self.columns,
            [self.places[place] for place in places],
            [self.why_not[place] for place in places],
            [self.stale[place] for place in places],
            {name: domain.take(index) for name, domain in self.domains.items()},
            self.ranges and {name: ranges[index] for name, ranges in self.ranges.items()},
        )


def known_rows(bundles: Mapping[str, Bundle], matrix: pd.DataFrame, settings: Settings) -> KnownRows:
    """What is known of each row of ``matrix`` for every model in service, composites last.

    Errors: NoModel when nothing is in service, or a model that a composite is stacked on is not.
    """
    if not bundles:
        raise NoModel("No model is in service.", "Run `ews train`, then `ews promote`.")
    why_not = reasons_not_to_score(matrix, settings)
    scorable = np.array([reason is None for reason in why_not], dtype=bool)
    cells = cell_names(matrix)
    domains: dict[str, DomainRows] = {}
    for name, bundle in sorted(bundles.items(), key=lambda item: isinstance(item[1].model, Composite)):
        if isinstance(bundle.model, Composite):
            domains[name] = stacked_rows(bundle, bundle.model, domains, matrix, cells)
        else:
            domains[name] = model_rows(bundle, matrix, scorable, cells)
    columns = {name: plain(matrix[name]) for name in matrix.columns}
    return KnownRows(columns, range(len(matrix)), why_not, staleness(columns, settings), domains)


def model_rows(
    bundle: Bundle, matrix: pd.DataFrame, scorable: np.ndarray, cells: Sequence[str]
) -> DomainRows:
    """The rows as one model takes them."""
    taught = matrix["grade_level"].isin(bundle.grades).to_numpy()
    tables = [(bundle.typical, name) for name in bundle.features]
    return judged(bundle, bundle.features, bundle.drivers, tables, matrix, taught, scorable & taught, cells)


def stacked_rows(
    bundle: Bundle,
    model: Composite,
    domains: Mapping[str, DomainRows],
    matrix: pd.DataFrame,
    cells: Sequence[str],
) -> DomainRows:
    """The rows as a composite speaks of them: with the features of all that it is stacked on."""
    absent = [domain for domain in model.domains if domain not in domains]
    if absent:
        raise NoModel(
            f"{bundle.name} is stacked on {', '.join(absent)}, which is not in service.",
            f"Promote {', '.join(absent)}, or roll {bundle.name} back.",
        )
    below = [domains[domain] for domain in model.domains]
    features = {name: feature for domain in below for name, feature in domain.features.items()}
    last = {name: domain.bundle.typical for domain in below for name in domain.features}
    drivers = {code: driver for domain in below for code, driver in domain.drivers.items()}
    taught = matrix["grade_level"].isin(bundle.grades).to_numpy()
    eligible = np.any([domain.eligible for domain in below], axis=0)
    tables = [(last[name], name) for name in features]
    return judged(bundle, features, drivers, tables, matrix, taught, eligible, cells)


def judged(
    bundle: Bundle,
    features: Mapping[str, Feature],
    drivers: Mapping[str, Driver],
    tables: Sequence[tuple[Typical, str]],
    matrix: pd.DataFrame,
    taught: np.ndarray,
    eligible: np.ndarray,
    cells: Sequence[str],
) -> DomainRows:
    """The rows of ``features``, each value held against what is typical of its cell."""
    rows = numbers(matrix, list(features))
    names = sorted(set(cells))
    code = {name: place for place, name in enumerate(names)}
    cell = np.array([code[name] for name in cells], dtype=int)
    quartiles = quartiles_of(tables, names)
    worse = np.array([feature.worse for feature in features.values()])
    compared = quartiles[cell]
    return DomainRows(
        bundle,
        features,
        drivers,
        Speaking.about(features, drivers, quartiles),
        rows,
        taught,
        eligible,
        stands_out(rows, compared, worse),
        goes_well(rows, compared, worse),
        cell,
        np.mean(~np.isnan(rows), axis=1),
    )


def quartiles_of(tables: Sequence[tuple[Typical, str]], cells: Sequence[str]) -> np.ndarray:
    """(cells, k, 3) what is typical in each cell, each feature by the model that it belongs to."""
    found = np.empty((len(cells), len(tables), 3))
    for column, (typical, feature) in enumerate(tables):
        place = typical.features.index(feature)
        for row, cell in enumerate(cells):
            found[row, column] = typical.cells.get(cell, typical.cells[EVERYONE])[place]
    return found


def reasons_not_to_score(matrix: pd.DataFrame, settings: Settings) -> list[str | None]:
    """Why each row cannot be scored; None where it can."""
    least = settings["list.minimum_days"]
    short = matrix["expected_days_year"].lt(least) & ~matrix["has_history"].astype(bool)
    ending = matrix["horizon_days"].lt(LEAST_HORIZON)
    few = f"Fewer than {least} school days on record and no earlier year."
    late = f"Fewer than {LEAST_HORIZON} school days remain this year."
    why = [few if a else late if b else None for a, b in zip(short, ending, strict=True)]
    if "learner_level" not in matrix:
        return why
    return [NO_LEVEL if a else b for a, b in zip(matrix["learner_level"].isna(), why, strict=True)]


def staleness(columns: Mapping[str, list[Any]], settings: Settings) -> list[bool]:
    """Whether each row's newest attendance at its school is too old for a fresh score."""
    allowed = timedelta(days=settings["list.stale_days"])
    days = zip(columns["as_of"], columns["attendance_through"], strict=True)
    return [older(as_day(through), as_day(as_of), allowed) for as_of, through in days]


def older(through: date | None, as_of: date | None, allowed: timedelta) -> bool:
    """Whether records that reach ``through`` are older than allowed at ``as_of``, or not there at all."""
    return through is None or as_of is None or as_of - through > allowed


def plain(column: pd.Series) -> list[Any]:
    """The column as Python's own values."""
    return column.tolist()


def through_column(features: Mapping[str, Feature]) -> str:
    """The column that says how far the domain's own records reach: that of its first feature."""
    return THROUGH.get(next(iter(features.values())).source, "as_of")
