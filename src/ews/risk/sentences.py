"""How a fact is told: beside what is typical, with its source and the last day that is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ews.features.definition import Feature, missing, spoken

MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
THROUGH = {
    "attendance": "attendance_through",
    "attendance_period": "attendance_through",
    "marks": "marks_through",
    "assignment_results": "marks_through",
    "student_incidents": "incidents_through",
    "discipline_actions": "incidents_through",
}


def typical(feature: Feature, row: Mapping[str, Any], quartiles: Sequence[float]) -> str:
    """`` (typical in grade 7: 0 to 1)``, in the sentence's own unit.

    Empty where the sentence has no such number, and where the number it has lies within what is typical.
    """
    low, _, high = quartiles
    return compared(feature, row, low, high, only_beyond=True)


def compared(
    feature: Feature, row: Mapping[str, Any], low: float, high: float, *, only_beyond: bool = False
) -> str:
    """The same; without ``only_beyond`` also where the number lies within what is typical."""
    value = row[feature.name]
    if feature.out_of is not None:
        count = row[feature.out_of]
        value, low, high = round(value * count), np.round(low * count), np.round(high * count)
    elif "{" + feature.name not in feature.phrase or np.isnan(low):
        return ""
    if only_beyond and low <= value <= high:
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
