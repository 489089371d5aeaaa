"""Why a score is what it is: contributions summed into named drivers, and sentences that are true.

Contributions are path-dependent TreeSHAP (or a logistic regression's terms) in calibrated log-odds;
they add up to the score exactly. A sentence is a fact about the student with what is typical, its
source and its date; it is said only where it matters (NOTABLE log-odds) and the fact itself stands out
(at or beyond the grade's 75th percentile). No number of risk is ever in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ews.features.definition import Driver, Feature, missing, spoken

NOTABLE = 0.10  # log-odds from which a contribution is worth a sentence
MOST = 5
MOST_WELL = 3
BACKGROUND_NOTE = "Mostly based on last year: check how this year is going."
MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
THROUGH = {
    "attendance": "attendance_through",
    "attendance_period": "attendance_through",
    "marks": "marks_through",
    "assignment_results": "marks_through",
    "student_incidents": "incidents_through",
    "discipline_actions": "incidents_through",
}


@dataclass(frozen=True)
class Reason:
    """One named driver of one student's score. ``direction``: raises or lowers; log-odds to 6 decimals."""

    code: str
    title: str
    text: str
    direction: str
    contribution: float
    kind: str

    def as_json(self) -> dict[str, Any]:
        """For answers and for the store."""
        return {name: getattr(self, name) for name in self.__slots__}

    __slots__ = ("code", "contribution", "direction", "kind", "text", "title")


@dataclass(frozen=True)
class Reasons:
    """What is said about each row, and the sums it comes from.

    ``sums`` (n, codes) contribution of each driver in ``codes``; with the base they make the log-odds.
    """

    codes: tuple[str, ...]
    sums: np.ndarray
    reasons: list[list[Reason]]
    going_well: list[list[str]]
    notes: list[str | None]


class Row(Mapping[str, Any]):
    """One row of columns of plain values: what a phrase is filled from."""

    __slots__ = ("columns", "place")

    def __init__(self, columns: Mapping[str, list[Any]], place: int) -> None:
        self.columns = columns
        self.place = place

    def __getitem__(self, name: str) -> Any:
        return self.columns[name][self.place]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


def reasons_for(
    matrix: pd.DataFrame,
    columns: Mapping[str, list[Any]],
    features: Mapping[str, Feature],
    drivers: Mapping[str, Driver],
    parts: np.ndarray,
    quartiles: np.ndarray,
) -> Reasons:
    """The reasons behind each row of ``matrix``.

    ``parts`` (n, features) contributions in log-odds; ``quartiles`` (n, features, 3) what is typical;
    ``columns`` the matrix as lists.
    """
    names = list(features)
    codes = tuple(dict.fromkeys(feature.driver for feature in features.values()))
    sums = driver_sums(parts, [codes.index(feature.driver) for feature in features.values()], len(codes))
    rows = matrix[names].to_numpy(dtype=np.float64, na_value=np.nan)
    directions = np.array([feature.direction for feature in features.values()])
    speaking = Speaking(names, features, drivers, codes, sums, parts, quartiles, columns)
    raising = stands_out(rows, quartiles, directions) & (parts > 0)
    lowering = goes_well(rows, quartiles, directions) & (parts <= 0)
    return Reasons(
        codes,
        sums,
        [speaking.reasons(place, raising[place], lowering[place]) for place in range(len(rows))],
        [speaking.going_well(place, lowering[place]) for place in range(len(rows))],
        background_notes(sums, [drivers[code].kind for code in codes]),
    )


def driver_sums(parts: np.ndarray, places: Sequence[int], count: int) -> np.ndarray:
    """(n, drivers) contributions added feature by feature, so one row alone has a batch's bits."""
    sums = np.zeros((len(parts), count))
    for feature, place in enumerate(places):
        sums[:, place] += parts[:, feature]
    return sums


def stands_out(rows: np.ndarray, quartiles: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """(n, k) where a value is at or beyond the grade's worst quarter and not what most have."""
    low, _, high = np.moveaxis(quartiles, 2, 0)
    much = (rows >= high) & (rows > low)
    little = (rows <= low) & (rows < high)
    return np.where(directions >= 0, much, little)


def goes_well(rows: np.ndarray, quartiles: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """(n, k) where a value is at or better than the grade's middle; never where no direction is promised."""
    middle = quartiles[:, :, 1]
    return np.where(directions > 0, rows <= middle, (rows >= middle) & (directions < 0))


def background_notes(sums: np.ndarray, kinds: Sequence[str]) -> list[str | None]:
    """The note for each row whose background carries over half of what raises its score."""
    raised = np.clip(sums, 0.0, None)
    background = np.zeros(len(sums))
    every = np.zeros(len(sums))
    for place, kind in enumerate(kinds):
        if kind != "context":
            every += raised[:, place]
        if kind == "background":
            background += raised[:, place]
    mostly = (every >= NOTABLE) & (background > every / 2)
    return [BACKGROUND_NOTE if row else None for row in mostly]


@dataclass(frozen=True)
class Speaking:
    """Everything that sentences about a set of rows are made from."""

    names: list[str]
    features: Mapping[str, Feature]
    drivers: Mapping[str, Driver]
    codes: tuple[str, ...]
    sums: np.ndarray
    parts: np.ndarray
    quartiles: np.ndarray
    columns: Mapping[str, list[Any]]

    def reasons(self, place: int, raising: np.ndarray, lowering: np.ndarray) -> list[Reason]:
        """At most MOST reasons of a row: what raises first, then what lowers, context after both."""
        found = []
        for code_place in np.flatnonzero(np.abs(self.sums[place]) >= NOTABLE):
            code = self.codes[code_place]
            total = float(self.sums[place, code_place])
            text = self.text_of(place, code, raising if total > 0 else lowering, total > 0)
            if text is not None:
                driver = self.drivers[code]
                direction = "raises" if total > 0 else "lowers"
                found.append(Reason(code, driver.title, text, direction, round(total, 6), driver.kind))
        found.sort(key=lambda reason: (reason.kind == "context", -reason.contribution))
        return found[:MOST]

    def text_of(self, place: int, code: str, fitting: np.ndarray, raises: bool) -> str | None:
        """The sentence of a driver's strongest feature that has a true one to say."""
        row = Row(self.columns, place)
        members = [i for i in np.flatnonzero(fitting) if self.features[self.names[i]].driver == code]
        for i in sorted(members, key=lambda i: -abs(self.parts[place, i])):
            feature = self.features[self.names[i]]
            fact = feature.sentence(row) if raises else feature.going_well(row)
            if fact is not None:
                return fact + self.typical(feature, row, self.quartiles[place, i]) + source(feature, row)
        return None

    def going_well(self, place: int, lowering: np.ndarray) -> list[str]:
        """At most MOST_WELL strengths of a row that are true, one a driver, what helps most first."""
        row = Row(self.columns, place)
        said: dict[str, str] = {}
        for i in sorted(np.flatnonzero(lowering), key=lambda i: self.parts[place, i]):
            feature = self.features[self.names[i]]
            if feature.strength is None or feature.driver in said:
                continue
            fact = feature.going_well(row)
            if fact is not None:
                said[feature.driver] = fact + source(feature, row)
                if len(said) == MOST_WELL:
                    break
        return list(said.values())

    def typical(self, feature: Feature, row: Mapping[str, Any], quartiles: np.ndarray) -> str:
        """`` (typical in grade 7: 0 to 1)``, in the sentence's own unit; empty where it has none."""
        low, _, high = quartiles
        if feature.out_of is not None:
            count = row[feature.out_of]
            low, high = np.round(low * count), np.round(high * count)
        elif "{" + feature.name not in feature.phrase or np.isnan(low):
            return ""
        few, many = amount(low), amount(high)
        span = few if few == many else f"{few} to {many}"
        return f" (typical in {grade_words(int(row['grade_level']))}: {span})"


def amount(value: float) -> str:
    """A number as people compare it: whole from 10 on, one decimal below."""
    return spoken(float(round(value)) if abs(value) >= 10 else float(value))


def grade_words(grade: int) -> str:
    """The grade as it is said."""
    return {-1: "transitional kindergarten", 0: "kindergarten"}.get(grade, f"grade {grade}")


def source(feature: Feature, row: Mapping[str, Any]) -> str:
    """``. SIS, 14 Nov``: where the fact comes from and the last day that is on record."""
    day = through(feature.source, row)
    return "." if day is None else f". SIS, {day.day} {MONTHS[day.month - 1]}."


def through(table: str, row: Mapping[str, Any]) -> date | None:
    """The last day that ``table`` is on record at the student's school; the as-of day for other tables."""
    name = THROUGH.get(table)
    return as_day(row["as_of"] if name is None else row[name])


def as_day(value: Any) -> date | None:
    """A date or timestamp as a date; None when missing."""
    if value is None or missing(value) or value is pd.NaT:
        return None
    return value.date() if hasattr(value, "date") else value
