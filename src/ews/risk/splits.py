"""Which years a model learns from, is calibrated on, and is judged on: always in this order of time.

Rolling origin: fitted on years up to y-2, calibrated on y-1, tested on y. What is served is the tested
recipe moved one year on. With two years there is no spare year to calibrate on, so the sigmoid is fitted
on folds grouped by student within the years learned from, and the card says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ews.errors import BadData
from ews.risk.definition import RiskModel
from ews.risk.fitting import Fitted, calibrated, fit, fit_with_folds
from ews.risk.rows import Rows
from ews.risk.support_ahead import with_what_was_told

NOT_COMPARABLE = (2020, 2021, 2022)  # school years of closed schools: never to calibrate or to test on
MOST_TESTS = 3


@dataclass(frozen=True)
class Split:
    """Years to ``fit``; the year to ``calibrate`` on, None for folds; the year to ``test`` on, if any."""

    fit: tuple[int, ...]
    calibrate: int | None
    test: int | None = None

    @property
    def latest(self) -> int:
        """The last year that the recipe has learned anything from."""
        return self.fit[-1] if self.calibrate is None else self.calibrate


def plan(years: Sequence[int], most: int = MOST_TESTS) -> tuple[list[Split], Split]:
    """The splits to test on, latest first and at most ``most``, and the split to serve.

    Errors: BadData when there are fewer than two years to learn from and to be judged on.
    """
    judged = [year for year in sorted(years) if year not in NOT_COMPARABLE]
    if len(years) < 2 or not judged:
        raise BadData(
            f"There are {len(years)} closed school years on record; two are needed: one to learn from,"
            " one to be judged on.",
            "Load an earlier school year.",
        )
    tests = [learning(years, year, test=year) for year in reversed(judged)]
    whole = [split for split in tests if split and split.calibrate is not None]
    chosen = whole or [split for split in tests if split]
    served = learning(years, judged[-1] + 1, folds=not whole)
    if not chosen or served is None:
        raise BadData("No closed school year can be tested on.", "Load an earlier school year.")
    return chosen[:most], served


def learning(
    years: Sequence[int], before: int, *, test: int | None = None, folds: bool = False
) -> Split | None:
    """The recipe from the years before ``before``; None when there is none."""
    earlier = [year for year in sorted(years) if year < before]
    comparable = [year for year in earlier if year not in NOT_COMPARABLE]
    if comparable and not folds:
        first = tuple(year for year in earlier if year < comparable[-1])
        if first:
            return Split(first, comparable[-1], test)
    return Split(tuple(earlier), None, test) if earlier else None


def fitted_by(model: RiskModel, rows: Rows, split: Split, kind: str) -> Fitted:
    """The recipe: ``model`` fitted and calibrated on the years of ``split``."""
    model = with_what_was_told(model, rows.matrix)
    learn = rows.of(split.fit)
    later = rows.of([] if split.calibrate is None else [split.calibrate])
    del rows  # many years' rows: whoever has no other use for them frees them before the fit
    if split.calibrate is None:
        return fit_with_folds(model, learn.matrix, learn.labels, learn.weights, kind)
    fitted = fit(model, learn.matrix, learn.labels, learn.weights, kind)
    return calibrated(fitted, later.matrix, later.labels, later.weights)


def test_rows(rows: Rows, split: Split) -> Rows:
    """The rows of the test year. Errors: BadData when nobody, or everybody, had the outcome."""
    test = rows.of([] if split.test is None else [split.test])
    if len(set(test.labels)) < 2:
        raise BadData(
            f"In {split.test}, the year to be judged on, nobody or everybody had the outcome.",
            "Load more records of that year, or leave this model out.",
        )
    return test
