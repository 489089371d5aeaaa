"""Why a score is what it is: contributions summed into named drivers, and sentences that are true.

Contributions are path-dependent TreeSHAP (or a logistic regression's terms) in calibrated log-odds;
they add up to the score exactly. A sentence is a fact about the student with what is typical, its
source and its date; it is said only where it matters (NOTABLE log-odds) and the fact itself stands out
(at or beyond the grade's 75th percentile). No number of risk is ever in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ews.features.definition import Driver, Feature
from ews.risk.sentences import source, typical

NOTABLE = 0.10  # log-odds from which a contribution is worth a sentence
MOST = 5
MOST_WELL = 3
BACKGROUND_NOTE = "Mostly based on last year: check how this year is going."


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
class Said:
    """What is said about one row in one domain.

    ``sums`` is the contribution of each driver in log-odds; with the base they make the score's log-odds.
    """

    sums: dict[str, float]
    reasons: list[Reason]
    going_well: list[str]
    note: str | None


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


def stands_out(rows: np.ndarray, quartiles: np.ndarray, worse: np.ndarray) -> np.ndarray:
    """(n, k) where a value is at or beyond the grade's worst quarter and not what most have.

    ``worse`` (k,) is ``Feature.worse``: which way each one's words become worse news.
    """
    low, _, high = np.moveaxis(quartiles, 2, 0)
    much = (rows >= high) & (rows > low)
    little = (rows <= low) & (rows < high)
    return np.where(worse >= 0, much, little)


def goes_well(rows: np.ndarray, quartiles: np.ndarray, worse: np.ndarray) -> np.ndarray:
    """(n, k) where a value is at or better than the grade's middle; never where the words are neither."""
    middle = quartiles[:, :, 1]
    return np.where(worse > 0, rows <= middle, (rows >= middle) & (worse < 0))


Facts = dict[tuple[int, bool], str | None]
"""The sentences of one row by feature and whether it raises: several models speak of the same facts."""


@dataclass(frozen=True)
class Speaking:
    """What one model's sentences are made from.

    ``place_of`` gives each feature's driver as its place in ``codes``, ``members`` the features of each
    driver; ``quartiles`` (cells, features, 3) what is typical; ``strong`` the features that have a strength.
    """

    features: tuple[Feature, ...]
    drivers: Mapping[str, Driver]
    codes: tuple[str, ...]
    place_of: tuple[int, ...]
    members: tuple[tuple[int, ...], ...]
    quartiles: np.ndarray
    strong: tuple[int, ...]

    @classmethod
    def about(
        cls, features: Mapping[str, Feature], drivers: Mapping[str, Driver], quartiles: np.ndarray
    ) -> Speaking:
        """Ready to speak of any row."""
        codes = tuple(dict.fromkeys(feature.driver for feature in features.values()))
        place_of = tuple(codes.index(feature.driver) for feature in features.values())
        members = tuple(
            tuple(i for i, place in enumerate(place_of) if place == code) for code in range(len(codes))
        )
        strong = tuple(i for i, feature in enumerate(features.values()) if feature.strength is not None)
        return cls(tuple(features.values()), drivers, codes, place_of, members, quartiles, strong)

    def of(
        self,
        row: Row,
        parts: Sequence[float],
        raising: Sequence[bool],
        lowering: Sequence[bool],
        cell: int,
        facts: Facts,
    ) -> Said:
        """What is said about ``row``.

        ``parts`` contributions of its features in log-odds; ``raising`` and ``lowering`` whether each of its
        facts stands out, or goes well; ``cell`` whose typical values it is held against.
        """
        sums = self.sums(parts)
        raises = [stands and part > 0 for stands, part in zip(raising, parts, strict=True)]
        lowers = [well and part <= 0 for well, part in zip(lowering, parts, strict=True)]
        reasons = []
        for code, total in enumerate(sums):
            if abs(total) >= NOTABLE:
                fitting = raises if total > 0 else lowers
                text = self.text_of(row, code, parts, fitting, total > 0, cell, facts)
                if text is not None:
                    reasons.append(self.reason(code, total, text))
        reasons.sort(key=lambda reason: (reason.kind == "context", -reason.contribution))
        said = dict(zip(self.codes, sums, strict=True))
        return Said(said, reasons[:MOST], self.strengths(row, parts, facts), self.note(sums))

    def sums(self, parts: Sequence[float]) -> list[float]:
        """The contribution of each driver: its features' added in their order, always the same bits."""
        sums = [0.0] * len(self.codes)
        for place, part in zip(self.place_of, parts, strict=True):
            sums[place] += part
        return sums

    def reason(self, code: int, total: float, text: str) -> Reason:
        """One driver with its sentence."""
        driver = self.drivers[self.codes[code]]
        direction = "raises" if total > 0 else "lowers"
        return Reason(driver.code, driver.title, text, direction, round(total, 6), driver.kind)

    def text_of(
        self,
        row: Row,
        code: int,
        parts: Sequence[float],
        fitting: Sequence[bool],
        raises: bool,
        cell: int,
        facts: Facts,
    ) -> str | None:
        """The sentence of a driver's strongest feature that has a true one to say."""
        members = [i for i in self.members[code] if fitting[i]]
        for i in sorted(members, key=lambda i: -abs(parts[i])):
            feature = self.features[i]
            fact = stated(feature, row, raises, facts)
            if fact is not None:
                return fact + typical(feature, row, self.quartiles[cell, i].tolist()) + source(feature, row)
        return None

    def strengths(self, row: Row, parts: Sequence[float], facts: Facts) -> list[str]:
        """At most MOST_WELL strengths of a row that are true, one a driver, what helps most first."""
        said: dict[str, str] = {}
        for i in sorted(self.strong, key=lambda i: parts[i]):
            feature = self.features[i]
            if feature.driver in said:
                continue
            fact = stated(feature, row, False, facts)
            if fact is not None:
                said[feature.driver] = fact + source(feature, row)
                if len(said) == MOST_WELL:
                    break
        return list(said.values())

    def note(self, sums: Sequence[float]) -> str | None:
        """The note for a row whose background carries over half of what raises its score."""
        background = every = 0.0
        for code, total in zip(self.codes, sums, strict=True):
            kind = self.drivers[code].kind
            every += max(total, 0.0) if kind != "context" else 0.0
            background += max(total, 0.0) if kind == "background" else 0.0
        return BACKGROUND_NOTE if every >= NOTABLE and background > every / 2 else None


def stated(feature: Feature, row: Row, raises: bool, facts: Facts) -> str | None:
    """The feature's fact about this row, or its strength; None when neither is on record or true."""
    key = (id(feature), raises)
    if key not in facts:
        facts[key] = feature.sentence(row) if raises else feature.going_well(row)
    return facts[key]
