"""How often the frequency ranges hold, on a year the models never saw, and what refits cost.

    python benchmarks/ranges.py [--folder DIR] [--page docs/ranges.md]

A made-up district (demo size, seed 3, the first figures of benchmarks/score.py) is loaded into DIR. Each
kind of each model is fitted, refitted and calibrated on the earlier years. On the test year the rows are
put into 20 groups of like scores; told is in how many groups as many had the outcome as the range says.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from measures import Measures
from score import AS_OF, NOW, environment

from ews.district.make import make_district
from ews.records.intake import load_drop
from ews.risk.definition import RiskModel, definitions
from ews.risk.fitting import KINDS, Fitted
from ews.risk.ranges import around
from ews.risk.refitting import with_refits
from ews.risk.rows import Rows
from ews.risk.splits import Split, fitted_by, plan, test_rows
from ews.risk.training import known_to
from ews.settings import Settings, read_settings

HEAD = """# How sure a score is: what the ranges hold

<!-- Written by `python benchmarks/ranges.py --page docs/ranges.md`. -->

Of 100 students with a record like this, about 45 to 60: the model's own log-odds with 2.09 standard
deviations of 20 refits on either side, rounded outwards to fives. Each refit is the same recipe on another
draw of the students, calibrated on the same draw.

On the made-up district (demo size, seed 3), on a year that no model saw, the rows in 20 groups of like
scores: in how many groups as many had the outcome as the range says, on average of its rows.

| model | kind | year | groups in range | or within chance | mean width, of 100 | CPU s, fit + refits |
|---|---|---|---|---|---|---|"""
MEANING = """
*Within chance*: two standard errors of the group's own frequency, counted over its students. Invented
students, one seed: it shows that ranges are neither empty nor too proud, not how they will do in your
district.

## What a range leaves out

- What changes from one school year to the next. A year that is calmer or harder than the calibration year
  moves whole groups out of their range.
- What no record knows of a student. It is about students with like records, never a promise about one.
- With thousands of students to learn from, refits differ little and most of a range's width is the rounding
  to fives; in a small district the ranges are wide, and say so."""

MODELS = ("attendance", "grades", "behavior")
GROUPS = 20


def main() -> int:
    """Load, fit, refit, count; write the page when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="where the district is kept")
    parser.add_argument("--page", type=Path, help="the page to write")
    given = parser.parse_args()
    measures = Measures()
    with tempfile.TemporaryDirectory() as scratch:
        settings = loaded(given.folder or Path(scratch))
        models = definitions(settings.training, MODELS)
        known = known_to(models, settings, AS_OF)
        for model in models:
            past = known(model)
            rows, split = past.rows(model, settings), plan(past.years)[0][0]
            for kind in KINDS:
                tell(measures, model, rows, split, kind)
    if given.page:
        given.page.write_text("\n".join(page(measures.rows)) + "\n", encoding="utf-8")
    return measures.exit_code()


def loaded(folder: Path) -> Settings:
    """The settings of a home under ``folder`` with the district's lake."""
    settings = read_settings(environment(folder, "learn"))
    if not (settings.lake / "current.json").exists():
        make_district(folder / "learn-drop", "demo", seed=3, until=AS_OF)
        report = load_drop(settings, folder / "learn-drop", "csv", now=NOW)
        if report.status != "loaded":
            raise SystemExit(f"the drop was {report.status}")
    return settings


def tell(measures: Measures, model: RiskModel, rows: Rows, split: Split, kind: str) -> None:
    """How the ranges of one kind do on the test year, and what they cost."""
    began = time.process_time()
    fitted = fitted_by(model, rows, split, kind)
    once = time.process_time()
    fitted = with_refits(model, fitted, rows, split)
    seconds = time.process_time() - once
    test = test_rows(rows, split)
    place: dict[str, Any] = {"model": model.name, "kind": kind, "year": split.test}
    found, happened, noise = by_group(fitted, test)
    inside = (found[:, 0] <= happened) & (happened <= found[:, 1])
    near = (found[:, 0] - 2 * noise <= happened) & (happened <= found[:, 1] + 2 * noise)
    told = {"groups": GROUPS, "width": float(np.diff(found, axis=1).mean())}
    measures.add("groups_in_range", float(inside.mean()), **place, **told)
    measures.add("groups_in_range_or_chance", float(near.mean()), goal=">= 0.9", **place)
    measures.add("refit_cpu_seconds", seconds, reference=once - began, **place)


def by_group(fitted: Fitted, test: Rows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of each group of like scores: mean range (groups, 2), of 100 with the outcome, and its standard error.

    The standard error counts students, not rows: a student's weeks are not independent.
    """
    probability = fitted.probability(test.matrix)
    everyone = np.ones(len(probability), bool)
    ranges = around(fitted.log_odds(test.matrix), fitted.apart(test.matrix), everyone)
    groups = np.array_split(np.argsort(probability, kind="stable"), GROUPS)
    happened = np.array([test.labels[group].mean() for group in groups])
    students = np.array([len(set(test.students[group])) for group in groups])
    noise = np.sqrt(np.maximum(happened * (1 - happened), 1e-4) / students)
    return np.array([ranges[group].mean(axis=0) for group in groups]), 100 * happened, 100 * noise


def page(rows: list[dict[str, Any]]) -> Iterator[str]:
    """docs/ranges.md."""
    yield HEAD
    for name, kind in dict.fromkeys((row["model"], row["kind"]) for row in rows if "model" in row):
        own = {row["measure"]: row for row in rows if (row["model"], row["kind"]) == (name, kind)}
        inside, cost = own["groups_in_range"], own["refit_cpu_seconds"]
        near = own["groups_in_range_or_chance"]["value"]
        yield (
            f"| {name} | {kind} | {inside['year']} | {round(GROUPS * inside['value'])} of {GROUPS}"
            f" | {round(GROUPS * near)} of {GROUPS} | {inside['width']:.1f}"
            f" | {cost['reference']:.1f} + {cost['value']:.1f} |"
        )
    yield MEANING


if __name__ == "__main__":
    sys.exit(main())
