"""A made-up feature matrix with the catalogue's names: years of students with one latent trait behind all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pandas as pd

from ews.risk.definition import PARAMETERS, RiskModel
from ews.risk.evaluate import Evaluated, Steps, evaluated, report
from ews.risk.learner import Learner
from ews.risk.logistic import sigmoid
from ews.risk.rows import Labelled, Past
from ews.risk.tracking import training_store
from ews.risk.training import TrainingReport, train_model
from ews.settings import Settings, read_settings

UNTIL = date(2025, 11, 14)
SIGNERS = ("Ana Analyst", "Ed Equity")

FEATURE_NAMES = (
    "absence_rate_year",
    "absence_rate_last_10",
    "absence_streak_now",
    "tardies_last_20",
    "absence_rate_last_year",
    "fs_now",
    "lowest_mark",
    "gpa_now",
    "missing_work",
    "incidents_last_45",
    "suspensions_year",
    "grade_level",
    "week",
)


@dataclass(frozen=True)
class MadeUp:
    """A matrix and, for each row, whether the outcome followed."""

    matrix: pd.DataFrame
    labels: np.ndarray

    def year(self, *years: int) -> MadeUp:
        inside = self.matrix["school_year"].isin(years).to_numpy()
        return MadeUp(self.matrix[inside].reset_index(drop=True), self.labels[inside])

    def shuffled(self, seed: int = 5) -> MadeUp:
        order = np.random.default_rng(seed).permutation(len(self.matrix))
        return MadeUp(self.matrix.iloc[order].reset_index(drop=True), self.labels[order])


def made_up(students: int = 500, years: tuple[int, ...] = (2023, 2024, 2025), seed: int = 1) -> MadeUp:
    """``students`` over ``years``, three snapshots a year, grades 5 to 12, four schools."""
    chance = np.random.default_rng(seed)
    trait = chance.normal(size=students)
    parts, labels = [], []
    for year in years:
        yearly = trait + 0.5 * chance.normal(size=students)
        happens = (chance.random(students) < sigmoid(1.3 * yearly - 1.8)).astype(float)
        for week in (4, 10, 20):
            part = snapshot(yearly, year, week, chance)
            parts.append(part)
            labels.append(happens)
    matrix = pd.concat(parts, ignore_index=True)
    order = np.lexsort((matrix["student_id"].to_numpy(dtype=str), matrix["as_of"].to_numpy(dtype=str)))
    return MadeUp(matrix.iloc[order].reset_index(drop=True), np.concatenate(labels)[order])


def a_year_later() -> MadeUp:
    """The same students with one more closed year: what is retrained on it is what serves, moved on."""
    return made_up(years=(2023, 2024, 2025, 2026))


def snapshot(yearly: np.ndarray, year: int, week: int, chance: np.random.Generator) -> pd.DataFrame:
    """One day's rows."""
    count = len(yearly)
    as_of = date(year - 1, 8, 15) + timedelta(days=7 * week)
    days = float(5 * week)
    missed = chance.binomial(int(days), sigmoid(0.9 * yearly - 2.8)).astype(float)
    recent = chance.binomial(10, sigmoid(0.9 * yearly - 2.8)).astype(float)
    before = chance.binomial(170, sigmoid(0.7 * yearly - 2.8)).astype(float)
    marks = np.clip(78 - 9 * yearly + 6 * chance.normal(size=count), 20, 100)
    no_marks = chance.random(count) < 0.1
    no_year_before = chance.random(count) < 0.08
    late = chance.poisson(np.exp(0.4 * yearly - 0.5)).astype(float)
    table = {
        "student_id": [f"S{place:05d}" for place in range(count)],
        "school_id": [f"school-{place % 4}" for place in range(count)],
        "grade_level": [5 + place % 8 for place in range(count)],
        "as_of": as_of,
        "school_year": year,
        "week": week,
        "expected_days_year": days,
        "has_history": ~no_year_before,
        "horizon_days": 45.0,
        "attendance_through": as_of,
        "marks_through": as_of - timedelta(days=2),
        "incidents_through": as_of - timedelta(days=1),
        "absence_rate_year": missed / days,
        "fact_absent_days_year": missed,
        "fact_expected_days_year": days,
        "fact_present_days_year": days - missed,
        "absence_rate_last_10": recent / 10,
        "fact_absent_days_last_10": recent,
        "fact_expected_days_last_10": 10.0,
        "absence_streak_now": chance.poisson(np.exp(0.5 * yearly - 2)).astype(float),
        "tardies_last_20": late,
        "fact_expected_days_last_20": 20.0,
        "absence_rate_last_year": np.where(no_year_before, np.nan, before / 170),
        "fact_absent_days_last_year": np.where(no_year_before, np.nan, before),
        "fact_expected_days_last_year": np.where(no_year_before, np.nan, 170.0),
        "fs_now": np.where(no_marks, np.nan, chance.poisson(np.exp(yearly - 2)).astype(float)),
        "fact_marks_now": np.where(no_marks, np.nan, 6.0),
        "lowest_mark": np.where(no_marks, np.nan, np.round(marks)),
        "fact_lowest_course": "Algebra 1",
        "gpa_now": np.where(no_marks, np.nan, np.clip(3 - 0.6 * yearly, 0, 4)),
        "missing_work": chance.poisson(np.exp(0.6 * yearly)).astype(float),
        "incidents_last_45": chance.poisson(np.exp(0.8 * yearly - 3)).astype(float),
        "suspensions_year": chance.poisson(np.exp(0.8 * yearly - 4.5)).astype(float),
    }
    return pd.DataFrame(table)


def definition(name: str = "attendance", **more: object) -> RiskModel:
    """A definition small enough to fit in a second."""
    settled: dict[str, object] = {
        "name": name,
        "title": name.title(),
        "predicts": "Whether the made-up outcome follows.",
        "why": "For tests.",
        "outcome": name,
        "grades": tuple(range(-1, 13)),
        "reviewed": "2026-11",
        "features": FEATURE_NAMES,
        "parameters": {**PARAMETERS, "trees": 60, "min_child_samples": 40, "learning_rate": 0.06},
    }
    return RiskModel(**(settled | more))  # type: ignore[arg-type]


def definitions_made_up() -> dict[str, RiskModel]:
    """Three domains and their composite, by name."""
    found = {
        "attendance": definition("attendance"),
        "grades": definition("grades", grades=tuple(range(6, 13))),
        "behavior": definition("behavior"),
        "overall": definition(
            "overall",
            features=(),
            stacks=("attendance", "grades", "behavior"),
            needs_setting={"behavior": "overall.behavior_joins"},
        ),
    }
    return found


class PastMadeUp(Past):
    """The past of the made-up matrix: its labels are known without a lake."""

    def labelled(self, model: RiskModel, settings: Settings) -> Labelled:
        own = np.flatnonzero(self.matrix["grade_level"].isin(model.grades))
        return Labelled(own, self.matrix["label"].to_numpy()[own], 0.05)


def past_made_up(rows: MadeUp) -> PastMadeUp:
    """``rows`` as everything known of the closed years."""
    matrix = rows.matrix.assign(label=rows.labels)
    years = tuple(sorted(set(matrix["school_year"])))
    records = SimpleNamespace(versions={"attendance": 3}, has=lambda name: False)
    return PastMadeUp(cast(Any, records), matrix, years, UNTIL)


def evaluated_made_up(settings: Settings) -> dict[str, Any]:
    """The JSON of an evaluation of made-up rows; a schoolless grade band is hidden in it."""
    rows = made_up(students=400, years=(2022, 2023, 2024, 2025))
    known = past_made_up(rows)
    learner = Learner({"attendance": definition()}, lambda model: known, settings)
    weekly = cast(Any, SimpleNamespace(of=lambda year: rows.year(year).matrix))
    found = evaluated(learner, definition(), weekly, Steps(5, lambda done, total, step: None))
    return report(known.records, learner, [found, Evaluated("grades")], settings, known.until)


def train_made_up(
    settings: Settings, names: list[str], rows: MadeUp, changed: Mapping[str, RiskModel] | None = None
) -> list[TrainingReport]:
    """Train on ``rows`` what `ews train` would on a lake; ``changed`` are definitions of the test's own."""
    known = definitions_made_up() | dict(changed or {})
    with training_store(settings) as tracking:
        return [train_model(known[name], past_made_up(rows), tracking, settings) for name in names]


@dataclass(frozen=True)
class Trained:
    """A folder in which four models were trained and promoted, and what training said of them."""

    folder: Path
    reports: dict[str, TrainingReport]

    def copied(self, to: Path) -> Settings:
        """Settings of a copy that a test may change."""
        shutil.copytree(self.folder, to, dirs_exist_ok=True)
        return settings_in(to)


def settings_in(folder: Path) -> Settings:
    """Settings whose every place is under ``folder``."""
    places = {f"EWS_{name.upper()}": str(folder / name) for name in ("models", "mlruns")}
    return read_settings(places | {"EWS_HOME": str(folder / "data"), "EWS_CONFIG": str(folder / "ews.toml")})
