"""Scores with their reasons: one function for the weekly run, for /score and for /score_records.

Each row is computed on its own: a student alone has the same bits as in a batch of thousands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np

from ews.risk.answers import Answer, answers_of
from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.drivers import Facts, Row
from ews.risk.known_rows import DomainRows, KnownRows, known_rows, through_column
from ews.risk.logistic import sigmoid
from ews.risk.ranges import UNKNOWN, ranges_of
from ews.risk.sentences import as_day
from ews.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

SCORED, STALE, NOT_ENOUGH = "scored", "stale", "not_enough_data"


@dataclass(frozen=True, slots=True)
class Score:
    """One student's score in one domain on one day.

    ``probability`` and ``band`` are None unless scored; ``why_not`` then says why. ``drivers`` are dicts of
    code, title, text, direction (raises|lowers), contribution (log-odds), kind; at most five, each with a
    true sentence. ``parts`` has every driver's contribution and ``base``; they add up to ``log_odds``.
    ``range_low`` and ``range_high`` (0 to 1, in steps of .05) hold ``probability``; None where a model keeps
    no ranges.
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
    range_low: float | None = None
    range_high: float | None = None

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
        import pandas as pd

        return pd.DataFrame(
            [score.as_json() for score in self.scores], columns=[item.name for item in fields(Score)]
        )


def explained_scores(
    bundles: Mapping[str, Bundle], matrix: pd.DataFrame, *, settings: Settings
) -> ScoredFrame:
    """Score and explain each row of ``matrix`` in every domain in service whose grades it belongs to.

    Errors: NoModel when nothing is in service, or a model that overall is stacked on is not.
    """
    known = known_rows(bundles, matrix, settings)
    return ScoredFrame(explained(known, settings), notes_on(bundles))


def explained(known: KnownRows, settings: Settings) -> list[Score]:
    """The scores of ``known`` rows in their order, domain by domain: here the models are asked."""
    answers = answers_of(known.domains)
    ranges = ranges_of(known.domains) if known.ranges is None else known.ranges
    facts: list[Facts] = [{} for _ in range(len(known))]
    by_row: list[list[Score]] = [[] for _ in range(len(known))]
    for name in sorted(known.domains):
        add_scores(by_row, known, known.domains[name], answers[name], ranges[name], facts, settings)
    return [score for scores in by_row for score in scores]


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


def add_scores(
    by_row: list[list[Score]],
    known: KnownRows,
    domain: DomainRows,
    answer: Answer,
    ranges: np.ndarray,
    facts: list[Facts],
    settings: Settings,
) -> None:
    """Put one domain's score of each row that it teaches or scores into ``by_row``."""
    through = known.columns[through_column(domain.features)]
    parts, base = answer.parts.tolist(), answer.base.tolist()
    least, most = ranges.T.tolist()
    raising, lowering, cells = domain.raising.tolist(), domain.lowering.tolist(), domain.cell.tolist()
    for row in np.flatnonzero(domain.eligible | domain.taught).tolist():
        place = known.places[row]
        about = who(domain, known.columns, through, row, place)
        if not domain.eligible[row]:
            by_row[row].append(Score(**about, status=NOT_ENOUGH, why_not=known.why_not[row]))
            continue
        said = domain.speaking.of(
            Row(known.columns, place), parts[row], raising[row], lowering[row], cells[row], facts[row]
        )
        probability = float(sigmoid(answer.log_odds[row : row + 1])[0])
        score = Score(
            **about,
            status=STALE if known.stale[row] else SCORED,
            probability=probability,
            log_odds=float(answer.log_odds[row]),
            band=band_of(probability, domain.bundle.base_rate, settings),
            drivers=[reason.as_json() for reason in said.reasons],
            going_well=said.going_well,
            note=said.note,
            parts=said.sums | {"base": base[row]},
            range_low=of_one(least[row]),
            range_high=of_one(most[row]),
        )
        by_row[row].append(score)


def of_one(of_hundred: int) -> float | None:
    """So many of 100 students as a share; None where it is not known."""
    return None if of_hundred == UNKNOWN else of_hundred / 100


def who(
    domain: DomainRows, columns: Mapping[str, list[Any]], through: list[Any], row: int, place: int
) -> dict[str, Any]:
    """The fields of a score that do not come from the model; ``place`` is where ``columns`` has the row."""
    return {
        "student_id": columns["student_id"][place],
        "school_id": columns["school_id"][place],
        "grade_level": int(columns["grade_level"][place]),
        "as_of": as_day(columns["as_of"][place]),
        "domain": domain.bundle.name,
        "data_coverage": round(float(domain.coverage[row]), 4),
        "model_version": domain.bundle.version,
        "data_through": as_day(through[place]),
    }


def band_of(probability: float, base_rate: float, settings: Settings) -> str:
    """high, elevated, watch (from the domain's base rate) or low."""
    if probability >= settings["bands.high"]:
        return "high"
    if probability >= settings["bands.elevated"]:
        return "elevated"
    return "watch" if probability >= base_rate else "low"
