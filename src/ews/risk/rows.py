"""The rows a model learns from: students as they were known on past days, and what followed.

One matrix serves every model that is trained in one call; each takes the rows of its grades whose
outcome is closed. Rows are told apart by school year, never at random.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain

import numpy as np
import pandas as pd

from ews.errors import BadData
from ews.features.english_learners import long_term_learners
from ews.features.matrix import feature_matrix
from ews.outcomes import any_of_domains, domains_of_overall, outcomes
from ews.records.lake import Records
from ews.risk.definition import RiskModel
from ews.risk.fitting import even_weights
from ews.risk.support_ahead import with_support_ahead
from ews.school_year import last_day, school_year_of, snapshot_dates
from ews.settings import Settings

MOST_YEARS = 8
MOST_DAYS = 40  # four years of snapshots; more at a time take more memory than they save seconds


@dataclass(frozen=True)
class Rows:
    """Rows with labels of 0 and 1. ``censored`` is the share of the grades' rows without a label.

    ``closes`` (n,) are the days, as datetime64, on which the labels were frozen; None where nobody asks.
    """

    matrix: pd.DataFrame
    labels: np.ndarray
    censored: float
    closes: np.ndarray | None = None

    def of(self, years: Sequence[int]) -> Rows:
        """The rows of ``years`` alone."""
        return self.where(self.years.isin(list(years)).to_numpy())

    def where(self, inside: np.ndarray) -> Rows:
        """The rows ``inside`` (booleans) alone."""
        if inside.all():
            return self
        closes = None if self.closes is None else self.closes[inside]
        return Rows(self.matrix[inside].reset_index(drop=True), self.labels[inside], self.censored, closes)

    @property
    def years(self) -> pd.Series:
        """(n,) the school year of each row."""
        return self.matrix["school_year"]

    @property
    def weights(self) -> np.ndarray:
        """(n,) with mean 1; every student-year weighs the same."""
        return even_weights(self.matrix)

    @cached_property
    def students(self) -> np.ndarray:
        """(n,) whose row it is, as a number."""
        return self.matrix.groupby("student_id").ngroup().to_numpy()

    @cached_property
    def lists(self) -> np.ndarray:
        """(n,) the list that each row competes on, as a number: its school on its day."""
        return self.matrix.groupby(["school_id", "as_of"]).ngroup().to_numpy()

    def count(self) -> dict[str, int]:
        """Rows, students and rows with the outcome, for cards and reports."""
        return {
            "rows": len(self.labels),
            "students": len(set(self.students)),
            "positives": int(self.labels.sum()),
        }


@dataclass(frozen=True)
class Labelled:
    """A model's labels, and the places (n,) in a matrix of the rows that they belong to.

    The rows themselves are copied out of the matrix when they are asked for: many models share one matrix.
    """

    places: np.ndarray
    labels: np.ndarray
    censored: float
    closes: np.ndarray | None = None

    def rows(self, matrix: pd.DataFrame, inside: np.ndarray | None = None) -> Rows:
        """The rows of ``matrix``, those ``inside`` (booleans, n) alone where it is given."""
        chosen = slice(None) if inside is None else inside
        closes = None if self.closes is None else self.closes[chosen]
        own = matrix.iloc[self.places[chosen]].reset_index(drop=True)
        return Rows(own, self.labels[chosen], self.censored, closes)


@dataclass(frozen=True)
class Past:
    """Everything known of the closed school years, as of the snapshot days of each."""

    records: Records
    matrix: pd.DataFrame
    years: tuple[int, ...]
    until: date
    found: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    long_term: dict[tuple[date, ...], pd.DataFrame] = field(default_factory=dict, repr=False)

    def rows(self, model: RiskModel, settings: Settings) -> Rows:
        """The rows of ``model``: its grades and weeks, with the outcomes that are closed by ``until``."""
        return self.labelled(model, settings).rows(self.matrix)

    def labelled(self, model: RiskModel, settings: Settings) -> Labelled:
        """The labels of ``model``, and where their rows are."""
        own = self.matrix["grade_level"].isin(model.grades) & self.matrix["week"].isin(model.snapshot_weeks)
        found = self.outcome(model.outcome, settings)
        key = ["student_id", "as_of"]
        told = self.matrix.loc[own, key].merge(
            found[[*key, "label", "closes_on"]], on=key, how="left", validate="1:1"
        )
        known = told["label"].notna().to_numpy()
        if not known.any():
            raise BadData(
                f"{model.title}: no outcome is closed by {self.until}.",
                "Load the tables it is made from, or train until a later day.",
            )
        return Labelled(
            np.flatnonzero(own)[known],
            told["label"].to_numpy(dtype=float)[known],
            float(1 - known.mean()),
            told["closes_on"][known].to_numpy(dtype="datetime64[D]"),
        )

    def outcome(self, target: str, settings: Settings) -> pd.DataFrame:
        """The labels of ``target`` on every snapshot day, worked out once; overall from the others."""
        if target not in self.found:
            if target == "overall":
                labels = any_of_domains(
                    [self.outcome(name, settings) for name in domains_of_overall(settings)]
                )
            else:
                days = sorted(set(self.matrix["as_of"]))
                labels = outcomes(self.records, days, target, settings=settings, frozen_by=self.until)
            self.found[target] = labels
        return self.found[target]

    def long_term_in(self, year: int, settings: Settings) -> pd.DataFrame:
        """Who was a long-term English learner on each snapshot day of a school year, worked out once."""
        days = tuple(sorted(set(self.matrix.loc[self.matrix["school_year"] == year, "as_of"])))
        if days not in self.long_term:
            self.long_term[days] = long_term_learners(self.records, days, settings=settings)
        return self.long_term[days]


def past(records: Records, models: Sequence[RiskModel], settings: Settings, until: date) -> Past:
    """The feature matrix of every closed school year on record, for the grades and weeks of ``models``."""
    weeks = sorted({week for model in models for week in model.snapshot_weeks})
    years = [year for year in closed_years(until) if year not in settings["years.left_out"]]
    days = {year: snapshots for year in years if (snapshots := days_of(records, year, weeks))}
    if not days:
        raise BadData(
            f"No school year is closed by {until}.", "Load calendar_days or terms of at least two past years."
        )
    matrix = matrix_of(records, sorted(chain.from_iterable(days.values())), settings)
    matrix = with_support_ahead(matrix, records, until)
    return Past(records, matrix, tuple(sorted(set(matrix["school_year"].astype(int)))), until)


def matrix_of(records: Records, days: Sequence[date], settings: Settings) -> pd.DataFrame:
    """The feature matrix of ``days``, oldest first, at most MOST_DAYS at a time: that bounds the memory."""
    parts = -(-len(days) // MOST_DAYS)
    size = -(-len(days) // parts)
    found = [
        feature_matrix(records, days[first : first + size], settings=settings)
        for first in range(0, len(days), size)
    ]
    return found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)


def closed_years(until: date) -> list[int]:
    """The last MOST_YEARS school years that are over by ``until``."""
    latest = school_year_of(until)
    return [year for year in range(latest - MOST_YEARS, latest + 1) if last_day(year) <= until]


def days_of(records: Records, year: int, weeks: Sequence[int]) -> list[date]:
    """The snapshot days of a school year; none when there is no calendar for it."""
    try:
        return snapshot_dates(records, year, weeks)
    except BadData:
        return []
