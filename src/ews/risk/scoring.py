"""Scores with their reasons: one function for the weekly run, for /score and for /score_records.

Each row is computed on its own: a student alone has the same bits as in a batch of thousands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from ews.errors import NoModel
from ews.features.definition import Feature
from ews.risk.answers import Answer, answers_of
from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.drivers import THROUGH, Reasons, as_day, reasons_for
from ews.risk.logistic import sigmoid
from ews.settings import Settings

SCORED, STALE, NOT_ENOUGH = "scored", "stale", "not_enough_data"
LEAST_HORIZON = 15  # expected school days left, METHOD: fewer carry no new score


@dataclass(frozen=True, slots=True)
class Score:
    """One student's score in one domain on one day.

    ``probability`` and ``band`` are None unless scored; ``why_not`` then says why. ``drivers`` are dicts of
    code, title, text, direction (raises|lowers), contribution (log-odds), kind; at most five, each with a
    true sentence. ``parts`` has every driver's contribution and ``base``; they add up to ``log_odds``.
    """

    student_id: str
    school_id: str
    grade_level: int
    as_of: date
    domain: str
    status: str
    data_coverage: float
    model_version: str
    data_through: date | None
    probability: float | None = None
    log_odds: float | None = None
    band: str | None = None
    drivers: list[dict[str, Any]] = field(default_factory=list)
    going_well: list[str] = field(default_factory=list)
    note: str | None = None
    why_not: str | None = None
    parts: dict[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Every field by name."""
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass(frozen=True)
class ScoredFrame:
    """The scores of a matrix in its rows' order, domain by domain; ``notes`` for the people running it."""

    scores: list[Score]
    notes: list[str]

    def by_student(self) -> dict[str, dict[str, Score]]:
        """Student, then domain, to score; for a matrix of one day."""
        found: dict[str, dict[str, Score]] = {}
        for score in self.scores:
            found.setdefault(score.student_id, {})[score.domain] = score
        return found

    def as_table(self) -> pd.DataFrame:
        """One row a score."""
        return pd.DataFrame(
            [score.as_json() for score in self.scores], columns=[item.name for item in fields(Score)]
        )


def explained_scores(
    bundles: Mapping[str, Bundle], matrix: pd.DataFrame, *, settings: Settings
) -> ScoredFrame:
    """Score and explain each row of ``matrix`` in every domain in service whose grades it belongs to.

    Errors: NoModel when nothing is in service, or a model that overall is stacked on is not.
    """
    if not bundles:
        raise NoModel("No model is in service.", "Run `ews train`, then `ews promote`.")
    matrix = matrix.reset_index(drop=True)
    why_not = reasons_not_to_score(matrix, settings)
    scorable = np.array([reason is None for reason in why_not], dtype=bool)
    answers = answers_of(bundles, matrix, scorable)
    columns = {name: plain(matrix[name]) for name in matrix.columns}
    stale = staleness(matrix, settings)
    per_row: list[list[Score]] = [[] for _ in range(len(matrix))]
    for name, bundle in bundles.items():
        for place, score in scores_of(bundle, answers[name], matrix, columns, why_not, stale, settings):
            per_row[place].append(score)
    return ScoredFrame([score for row in per_row for score in row], notes_on(bundles))


def notes_on(bundles: Mapping[str, Bundle]) -> list[str]:
    """What the people running it should know: a composite stacked on another version than is in service."""
    return [
        f"{name} was stacked on {version}, but {bundles[domain].version} is in service:"
        f" train and promote {name}."
        for name, bundle in bundles.items()
        if isinstance(bundle.model, Composite)
        for domain, version in bundle.model.stacked_on.items()
        if bundles[domain].version != version
    ]


def reasons_not_to_score(matrix: pd.DataFrame, settings: Settings) -> list[str | None]:
    """Why each row cannot be scored; None where it can."""
    least = settings["list.minimum_days"]
    short = matrix["expected_days_year"].lt(least) & ~matrix["has_history"].astype(bool)
    ending = matrix["horizon_days"].lt(LEAST_HORIZON)
    few = f"Fewer than {least} school days on record and no earlier year."
    late = f"Fewer than {LEAST_HORIZON} school days remain this year."
    return [few if a else late if b else None for a, b in zip(short, ending, strict=True)]


def staleness(matrix: pd.DataFrame, settings: Settings) -> np.ndarray:
    """(n,) whether the school's newest attendance is too old for a fresh score."""
    allowed = timedelta(days=settings["list.stale_days"])
    days = zip(plain(matrix["as_of"]), plain(matrix["attendance_through"]), strict=True)
    return np.array([older(as_day(through), as_day(as_of), allowed) for as_of, through in days], dtype=bool)


def older(through: date | None, as_of: date | None, allowed: timedelta) -> bool:
    """Whether records that reach ``through`` are older than allowed at ``as_of``, or not there at all."""
    return through is None or as_of is None or as_of - through > allowed


def plain(column: pd.Series) -> list[Any]:
    """The column as Python's own values."""
    return column.tolist()


def scores_of(
    bundle: Bundle,
    answer: Answer,
    matrix: pd.DataFrame,
    columns: Mapping[str, list[Any]],
    why_not: list[str | None],
    stale: np.ndarray,
    settings: Settings,
) -> list[tuple[int, Score]]:
    """The scores of one domain with the row each belongs to."""
    rows = np.flatnonzero(answer.eligible)
    inside = {name: [values[row] for row in rows] for name, values in columns.items()}
    reasons = reasons_for(
        matrix.iloc[rows], inside, answer.features, answer.drivers, answer.parts[rows], answer.quartiles[rows]
    )
    through = columns.get(through_column(answer.features), columns["as_of"])
    found = []
    for place, row in enumerate(rows):
        told = told_of(answer, reasons, place, int(row), bundle, settings)
        status = STALE if stale[row] else SCORED
        found.append(
            (int(row), Score(**who(bundle, answer, columns, through, int(row)), status=status, **told))
        )
    taught = matrix["grade_level"].isin(bundle.grades).to_numpy()
    for row in np.flatnonzero(taught & ~answer.eligible):
        known = who(bundle, answer, columns, through, int(row))
        found.append((int(row), Score(**known, status=NOT_ENOUGH, why_not=why_not[row])))
    return found


def through_column(features: Mapping[str, Feature]) -> str:
    """The column that says how far the domain's own records reach: that of its first feature."""
    return THROUGH.get(next(iter(features.values())).source, "as_of")


def who(
    bundle: Bundle, answer: Answer, columns: Mapping[str, list[Any]], through: list[Any], row: int
) -> dict[str, Any]:
    """The fields of a score that do not depend on the model's answer."""
    return {
        "student_id": columns["student_id"][row],
        "school_id": columns["school_id"][row],
        "grade_level": int(columns["grade_level"][row]),
        "as_of": as_day(columns["as_of"][row]),
        "domain": bundle.name,
        "data_coverage": round(float(answer.coverage[row]), 4),
        "model_version": bundle.version,
        "data_through": as_day(through[row]),
    }


def told_of(
    answer: Answer, reasons: Reasons, place: int, row: int, bundle: Bundle, settings: Settings
) -> dict[str, Any]:
    """The fields of a score that come from the model."""
    log_odds = float(answer.log_odds[row])
    probability = float(sigmoid(answer.log_odds[row : row + 1])[0])
    parts = dict(zip(reasons.codes, reasons.sums[place].tolist(), strict=True))
    return {
        "probability": probability,
        "log_odds": log_odds,
        "band": band_of(probability, bundle.base_rate, settings),
        "drivers": [reason.as_json() for reason in reasons.reasons[place]],
        "going_well": reasons.going_well[place],
        "note": reasons.notes[place],
        "parts": parts | {"base": float(answer.base[row])},
    }


def band_of(probability: float, base_rate: float, settings: Settings) -> str:
    """high, elevated, watch (from the domain's base rate) or low."""
    if probability >= settings["bands.high"]:
        return "high"
    if probability >= settings["bands.elevated"]:
        return "elevated"
    return "watch" if probability >= base_rate else "low"
