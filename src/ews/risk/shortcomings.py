"""What an evaluation could not stand on: each says what is missing and what can still be done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from ews.errors import BadData
from ews.outcomes import NOT_CLOSED
from ews.risk.course_rows import of_courses
from ews.risk.definition import RiskModel
from ews.risk.rows import Past, Rows
from ews.risk.splits import NOT_COMPARABLE, Split

MOST_SCHOOLS = 6


@dataclass(frozen=True)
class Shortcoming:
    """``about`` a model or the district; what was ``found``; what ``can_be_done``."""

    about: str
    found: str
    can_be_done: str

    def as_json(self) -> dict[str, str]:
        """For the report."""
        return asdict(self)


def told_of(about: str, problem: BadData) -> Shortcoming:
    """A problem in the data as a shortcoming of the report."""
    return Shortcoming(about, problem.found, problem.fix)


def of_the_years(known: Past, left_out: Sequence[int]) -> Iterator[Shortcoming]:
    """Years that are not tested on, and schools that have no rows in one of the years."""
    learned_only = [year for year in known.years if year in NOT_COMPARABLE]
    if learned_only:
        yield Shortcoming(
            "district",
            f"{in_words(learned_only)} {was(learned_only)} not comparable: learned from, never calibrated or"
            " tested on.",
            "Nothing needs to be done; name such years in years.left_out to learn nothing from them either.",
        )
    if left_out:
        yield Shortcoming(
            "district",
            f"{in_words(left_out)} {was(left_out)} left out, as years.left_out says.",
            "Take a year out of years.left_out when it has become comparable.",
        )
    if len(known.years) < 4:
        yield Shortcoming(
            "district",
            f"{len(known.years)} closed school years are on record: whether a gain holds from year to year"
            " can hardly be told.",
            "Load earlier school years; each adds a year to be tested on.",
        )
    if not of_courses(known.matrix):
        yield from schools_missing_a_year(known.matrix)


def schools_missing_a_year(matrix: pd.DataFrame) -> Iterator[Shortcoming]:
    """Schools that have rows in some years and none in others."""
    pairs = matrix[["school_year", "school_id"]].drop_duplicates()
    years = sorted(set(pairs["school_year"]))
    present = {year: set(pairs["school_id"][pairs["school_year"] == year]) for year in years}
    every = set(pairs["school_id"])
    for year, schools in present.items():
        missing = sorted(every - schools)
        if missing:
            named = ", ".join(missing[:MOST_SCHOOLS]) + (" and others" if len(missing) > MOST_SCHOOLS else "")
            yield Shortcoming(
                "district",
                f"No student of school {named} is on record in {year}.",
                "If the school existed then, load its enrollments of that year; the models were learned and"
                " tested without it.",
            )


def of_the_features(model: RiskModel, rows: Rows, split: Split) -> Iterator[Shortcoming]:
    """Features that say nothing in the years learned from: never known, or the same for everybody."""
    matrix = rows.of(split.fit).matrix
    values = {name: matrix[name].to_numpy(dtype=float, na_value=np.nan) for name in model.features}
    never = [name for name, column in values.items() if np.isnan(column).all()]
    if never:
        yield Shortcoming(
            model.name,
            f"Never on record in {in_words(split.fit)}: {', '.join(never)}.",
            "Load the tables they are made from, and for what is of last year the year before; the model was"
            " learned without them.",
        )
    same = [name for name, column in values.items() if name not in never and constant(column)]
    if same:
        yield Shortcoming(
            model.name,
            f"The same for everybody in {in_words(split.fit)}: {', '.join(same)}.",
            "See whether the codes behind it are mapped; what never differs can move nobody.",
        )


def constant(column: np.ndarray) -> bool:
    """Whether all known values are equal and none is missing."""
    return bool(np.ptp(column) == 0.0) if not np.isnan(column).any() else False


def of_the_labels(model: RiskModel, known: Past) -> Iterator[Shortcoming]:
    """School years in which the outcome of most students is not closed, or cannot be told."""
    if model.outcome not in known.found:
        return
    found = known.found[model.outcome]
    own = known.matrix["grade_level"].isin(model.grades)
    asked = known.matrix.loc[own, ["student_id", "as_of", "school_year"]]
    told = asked.merge(found[["student_id", "as_of", "label", "censored"]], on=["student_id", "as_of"])
    for year, part in told.groupby("school_year"):
        without = float(part["label"].isna().mean())
        if without >= 0.25:
            waiting = float((part["censored"] == NOT_CLOSED).mean())
            yield Shortcoming(
                model.name,
                f"In {year} {without:.0%} of the rows have no outcome"
                + (f"; for {waiting:.0%} it is not closed by {known.until}." if waiting > 0 else "."),
                "Evaluate again after the records of that year are complete."
                if waiting > 0
                else "Load the tables the outcome is made from.",
            )


def of_the_tests(model: RiskModel, splits: Sequence[Split]) -> Iterator[Shortcoming]:
    """A test that had to do without a calibration year, or stands alone."""
    if any(split.calibrate is None for split in splits):
        yield Shortcoming(
            model.name,
            "There is no year to spare for calibration: the numbers were calibrated on folds of students.",
            "Load one more school year.",
        )
    if len(splits) == 1:
        yield Shortcoming(
            model.name,
            f"One test year, {splits[0].test}: everything said here is provisional.",
            "Load one more school year, or evaluate again next summer.",
        )


def in_words(years: Sequence[int] | Mapping[int, object]) -> str:
    """School years as "2022, 2023 and 2024"."""
    names = [str(year) for year in years]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def was(years: Sequence[int]) -> str:
    """was or were."""
    return "was" if len(years) == 1 else "were"
