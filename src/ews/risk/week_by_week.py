"""The test year week by week, as the list would have been made: the ground of lead times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ews.errors import BadData
from ews.features.matrix import INDEX, feature_matrix
from ews.records.lake import Records
from ews.risk.lead_time import FIRST_WEEK, LAST_WEEK, lead_time
from ews.risk.learner import Learner
from ews.risk.rolling import JudgedYear
from ews.risk.rows import days_of
from ews.settings import Settings

WEEKS_AT_ONCE = 16
ASKED = ("absence_rate_year", "fact_absent_days_year", "incidents_last_45", "suspensions_year", "fs_now")


@dataclass(frozen=True)
class Weekly:
    """The rows of every school week in which lists are made, of a school year; built once a year."""

    records: Records
    settings: Settings
    learner: Learner
    held: dict[int, pd.DataFrame] = field(default_factory=dict, repr=False)

    def of(self, year: int) -> pd.DataFrame:
        """One row a student and school week, FIRST_WEEK to LAST_WEEK, with the models' features."""
        if year not in self.held:
            days = days_of(self.records, year, range(FIRST_WEEK, LAST_WEEK + 1))
            parts = [
                self.matrix(days[start : start + WEEKS_AT_ONCE])
                for start in range(0, len(days), WEEKS_AT_ONCE)
            ]
            self.held.clear()
            self.held[year] = pd.concat(parts, ignore_index=True)
        return self.held[year]

    def matrix(self, days: list[Any]) -> pd.DataFrame:
        """Some weeks at a time, and of their columns those that are asked for: that bounds the memory."""
        whole = feature_matrix(self.records, days, settings=self.settings)
        models = [model for model in self.learner.models.values() if not model.described_by]
        features = [name for model in models for name in model.features]
        return whole[list(dict.fromkeys([*INDEX, *ASKED, *features]))].drop(
            columns=[name for name in INDEX if name.endswith("_through")]
        )


def earlier_than_the_rule(learner: Learner, name: str, year: JudgedYear, weekly: Weekly) -> dict[str, Any]:
    """Lead times on the test year by week, at both paces: the rule's list of a tenth, and as it fires.

    Errors: BadData when overall has no calibration year to be stacked on.
    """
    answer = learner.answer(name, year.split)
    rows = weekly.of(year.split.test or 0)
    rows = rows[rows["grade_level"].isin(learner.models[name].grades)].reset_index(drop=True)
    if rows.empty:
        raise BadData(f"No school weeks of {year.split.test} are on record.", "Load that year's calendar.")
    judged = year.judgement.rows
    with_it = sorted(set(judged.matrix["student_id"][judged.labels == 1]))
    chance = answer(rows)
    return {
        "year": year.split.test,
        "at_capacity": lead_time(rows, chance, with_it, paced_by="list"),
        "as_it_fires": lead_time(rows, chance, with_it, paced_by="rule"),
    }
