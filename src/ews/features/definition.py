"""What a feature is: its meaning stands beside its maths.

Every feature says its phrase, why it matters, its unit, its direction, what a model that cannot take
a missing value puts in its place, the driver it belongs to, and when it was last reviewed. The
sentences on the pages and the reference pages in the docs come from here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from string import Formatter
from typing import Any, Literal

Kind = Literal["changeable", "background", "context"]
Imputation = Literal["zero", "median"]

FEW_WORDS = 3
FACT = "fact_"
"""Columns of the matrix with this prefix are facts for sentences; no model ever sees them."""


@dataclass(frozen=True)
class Driver:
    """A named group of features: contributions of its features are added up and shown as one.

    kind: changeable (shown to counselors), background (earlier years; shown as Background), context
    (grade, week, support given, gaps in the record; shown to analysts only).
    """

    code: str
    title: str
    kind: Kind


DRIVERS: dict[str, Driver] = {
    driver.code: driver
    for driver in (
        Driver("absence_recent", "Attendance in recent weeks", "changeable"),
        Driver("absence_year", "Attendance this year", "changeable"),
        Driver("lateness", "Lateness and missed classes", "changeable"),
        Driver("absence_before", "Attendance last year", "background"),
        Driver("marks_now", "Marks now", "changeable"),
        Driver("work", "Work turned in", "changeable"),
        Driver("marks_before", "Marks and credits before", "background"),
        Driver("behavior_now", "Behavior this year", "changeable"),
        Driver("behavior_before", "Behavior last year", "background"),
        Driver("tests", "Test results", "background"),
        Driver("english", "English so far", "changeable"),
        Driver("moves", "Changes of school", "background"),
        Driver("support", "Support given so far", "context"),
        Driver("setting", "Grade, time of year and gaps in the record", "context"),
    )
}


@dataclass(frozen=True)
class Feature:
    """One column of the feature matrix and what it means.

    phrase, strength: sentences over the student's row (see ``filled``); strength is None when the
        feature never stands for something going well.
    strong_at: the value from which the strength sentence is true (at or below it where more sounds worse,
        at or above it where more sounds better).
    out_of: for shares, the fact column with the count that the share is of, so that a typical share
        can be said as a count ("typical: 0 to 1" of 10 days); None for everything else.
    direction: 1 when more never lowers risk, -1 when more never raises it, 0 when neither is promised.
    sounds: 1 when more of it sounds worse to who reads the phrase, -1 when it sounds better, whatever the
        model found; None for as direction says. A contribution against the words counts in its driver's sum
        and has no sentence.
    imputation: what a model without missing values takes: zero, or the median of the training rows.
    source: the contract table that the fact comes from, for "SIS, 14 Nov".
    reviewed: year and month of the last review.
    """

    name: str
    phrase: str
    why: str
    unit: str
    direction: int
    imputation: Imputation
    driver: str
    source: str
    strength: str | None = None
    strong_at: float | None = None
    out_of: str | None = None
    sounds: int | None = None
    reviewed: str = "2026-11"

    @property
    def kind(self) -> Kind:
        """changeable, background or context, as its driver."""
        return DRIVERS[self.driver].kind

    @property
    def worse(self) -> int:
        """1 when the words are worse news the more it is, -1 the less it is, 0 when they are neither."""
        return self.direction if self.sounds is None else self.sounds

    @property
    def is_flag(self) -> bool:
        """Whether the phrase is either so or not so, and no count."""
        return self.unit == "0 or 1"

    def sentence(self, row: Mapping[str, Any]) -> str | None:
        """The fact as a sentence about this student; None when it is not on record, or not so."""
        value = row[self.name]
        return None if missing(value) or (self.is_flag and not value) else filled(self.phrase, row)

    @property
    def unfilled(self) -> str:
        """What it is about without a fact: ``Missed … of … this year``; its name where few words are left."""
        told = "".join(text + ("…" if name else "") for text, name, _ in pieces(self.phrase))
        few = len([word for word in told.split() if word.strip("…,")]) < FEW_WORDS
        return self.name.replace("_", " ").capitalize() if few else told

    def going_well(self, row: Mapping[str, Any]) -> str | None:
        """The strength as a sentence, when it is true of this student; else None."""
        value = row[self.name]
        if self.strength is None or self.strong_at is None or missing(value):
            return None
        strong = value <= self.strong_at if self.worse >= 0 else value >= self.strong_at
        return filled(self.strength, row) if strong else None


def missing(value: Any) -> bool:
    """Whether a value of the matrix is not on record."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def filled(phrase: str, row: Mapping[str, Any]) -> str | None:
    """``phrase`` with this student's facts in it; None when one of them is not on record.

    >>> filled("Missed {days} of the last {of:# school day|# school days}", {"days": 4.0, "of": 10.0})
    'Missed 4 of the last 10 school days'
    >>> filled("{fs:# F|# Fs} among {marks} current marks", {"fs": 1.0, "marks": 6.0})
    '1 F among 6 current marks'
    """
    said = []
    for text, name, spec in pieces(phrase):
        said.append(text)
        if name:
            value = row[name]
            if missing(value):
                return None
            said.append(in_words(value, spec))
    return "".join(said)


@cache
def pieces(phrase: str) -> tuple[tuple[str, str, str], ...]:
    """The phrase taken apart: text, then the name of a fact and how it is said (both may be empty)."""
    return tuple((text, name or "", spec or "") for text, name, spec, _ in Formatter().parse(phrase))


def in_words(value: Any, spec: str) -> str:
    """A fact as a person says it: whole where it is whole, ``one #|many #`` in two numbers."""
    if "|" in spec:
        one, many = spec.split("|")
        return (one if value == 1 else many).replace("#", spoken(value))
    return format(value, spec) if spec else spoken(value)


def spoken(value: Any) -> str:
    """A count as people say it: at most one decimal, none when it is whole.

    >>> spoken(4.0), spoken(3.5), spoken("Algebra 1")
    ('4', '3.5', 'Algebra 1')
    """
    return f"{round(value, 1):g}" if isinstance(value, (int, float)) else str(value)
