"""How a model did on a year it never saw, beside the rules and models it has to beat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from ews.risk.abc_rule import abc_flags, flagged_so_far
from ews.risk.calibration_error import CalibrationError, calibration_error
from ews.risk.course_rows import course_groups, course_rivals, of_courses
from ews.risk.evaluation import (
    Difference,
    auc,
    average_precision,
    brier,
    listed,
    precision_of,
    recall_gain,
    recall_of,
)
from ews.risk.rows import Rows

CAPACITIES = (0.05, 0.10, 0.15, 0.20)
CAPACITY = 0.10
NEEDED = 0.02  # recall at capacity by which LightGBM must beat the logistic to ship
FEWEST = 11  # students: a smaller group is not shown
STEPS = 20
NUDGE = 1e-9  # .60 belongs to the step that begins there, whatever its last bit
ENOUGH_TO_COMPARE = 75  # students with the outcome: groups with fewer are told of and not compared
BANDS = {"TK-5": range(-1, 6), "6-8": range(6, 9), "9-12": range(9, 14)}


@dataclass(frozen=True)
class Judgement:
    """One test year: each candidate's probabilities, each rival's scores, over the same rows.

    ``as_supported``: a candidate's probabilities with the support that was given meanwhile, where it was:
    what happened is held against these, since what is said at usual support is not meant to come true for
    those who were helped. The order is judged as it is said.
    """

    year: int
    rows: Rows
    candidates: Mapping[str, np.ndarray]
    rivals: Mapping[str, np.ndarray]
    as_supported: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def scores(self) -> dict[str, np.ndarray]:
        """Candidates and rivals by name."""
        return {**self.candidates, **self.rivals}

    def measures(self, name: str) -> dict[str, float]:
        """AUC, average precision, recall and precision at each capacity, and Brier of a candidate."""
        scores = self.scores[name]
        found = {
            "auc": auc(self.rows.labels, scores),
            "average_precision": average_precision(self.rows.labels, scores),
        }
        for share in CAPACITIES:
            chosen = listed(scores, self.rows.lists, share)
            found[f"recall_at_{share:.0%}".replace("%", "")] = recall_of(self.rows.labels, chosen)
            found[f"precision_at_{share:.0%}".replace("%", "")] = precision_of(self.rows.labels, chosen)
        if name in self.candidates or name == "base_rate":
            found["brier"] = brier(self.rows.labels, scores)
        return defined(found)

    def recall_gain(self, first: str, second: str) -> Difference:
        """Recall at CAPACITY of ``first`` less that of ``second``, with its interval over students."""
        mine, theirs = (listed(self.scores[name], self.rows.lists, CAPACITY) for name in (first, second))
        return recall_gain(self.rows.labels, mine, theirs, self.rows.students)

    def about(self, chosen: str) -> dict[str, Any]:
        """Everything a card says of this test year, for the ``chosen`` candidate."""
        probability = self.candidates[chosen]
        names = [*self.candidates, *self.rivals]
        others = [name for name in names if name != chosen]
        return {
            "year": self.year,
            **self.rows.count(),
            "base_rate": round(float(self.rows.labels.mean()), 4),
            "measures": {name: self.measures(name) for name in names},
            "recall_gain_over": {name: self.recall_gain(chosen, name).as_json() for name in others},
            "calibration": self.calibration(chosen).as_json(),
            "said_and_happened": self.said_and_happened(probability),
            "groups": self.groups(probability, self.held_against(chosen)),
        }

    def said_and_happened(self, probability: np.ndarray) -> list[dict[str, float]]:
        """How often it happened where so much was said, in STEPS of a twentieth: what bands are told from.

        A step with fewer than FEWEST students is left out.
        """
        step = np.minimum((probability * STEPS + NUDGE).astype(int), STEPS - 1)
        found = []
        for place in range(STEPS):
            inside = step == place
            students = len(set(self.rows.students[inside]))
            if students >= FEWEST:
                happened = int(self.rows.labels[inside].sum())
                count = {"rows": int(inside.sum()), "students": students, "happened": happened}
                found.append({"from": place / STEPS} | count)
        return found

    def calibration(self, name: str) -> CalibrationError:
        """Whether what a candidate says happens as often as it says."""
        return calibration_error(self.rows.labels, self.held_against(name), self.rows.students)

    def held_against(self, name: str) -> np.ndarray:
        """(n,) a candidate's probabilities that what happened is held against."""
        return self.as_supported.get(name, self.candidates[name])

    def holds(self, name: str) -> bool:
        """Whether the gate's test of calibration would let the candidate pass."""
        return self.calibration(name).verdict != "fail"

    def groups(self, probability: np.ndarray, held: np.ndarray | None = None) -> dict[str, dict[str, float]]:
        """AUC, recall and precision at CAPACITY for groups of students whom everyone asks about.

        ``held`` (n,): the probabilities whose calibration is judged; None where they are the same.
        """
        held = probability if held is None else held
        lists = listed(probability, self.rows.lists, CAPACITY)
        found = {}
        for name, inside in groups_of(self.rows.matrix).items():
            students = len(set(self.rows.students[inside]))
            if students >= FEWEST:
                labels = self.rows.labels[inside]
                found[name] = {"students": students} | self.calibration_in(name, inside, held)
                found[name] |= defined(
                    {
                        "base_rate": labels.mean(),
                        "auc": auc(labels, probability[inside]),
                        "recall_at_10": recall_of(labels, lists[inside]),
                        "precision_at_10": precision_of(labels, lists[inside]),
                    }
                )
        return found

    def calibration_in(self, name: str, inside: np.ndarray, probability: np.ndarray) -> dict[str, float]:
        """Of a group that is compared: to how many students it happened, and its calibration error."""
        happened = with_outcome(self.rows, inside)
        if name not in groups_to_compare(self.rows.matrix) or happened < ENOUGH_TO_COMPARE:
            return {}
        rows = self.rows
        error = calibration_error(rows.labels[inside], probability[inside], rows.students[inside])
        return {"happened": happened} | defined(
            {"calibration_error": error.error, "calibration_low": error.low}
        )


def defined(measures: Mapping[str, float]) -> dict[str, float]:
    """The measures that have a value (no outcome in the rows, no recall), to four decimals."""
    return {name: round(float(value), 4) for name, value in measures.items() if not np.isnan(value)}


def groups_of(matrix: pd.DataFrame) -> dict[str, np.ndarray]:
    """Rows (booleans) of each group: flagged by no rule so far this year, new here, grade bands, weeks."""
    if of_courses(matrix):
        return course_groups(matrix)
    grade = matrix["grade_level"].to_numpy(dtype=int)
    groups = {
        "not_yet_flagged": ~flagged_so_far(matrix),
        "new_students": ~matrix["has_history"].to_numpy(dtype=bool),
    }
    groups |= {f"grades {name}": np.isin(grade, list(grades)) for name, grades in BANDS.items()}
    groups |= {f"week {week}": (matrix["week"] == week).to_numpy() for week in sorted(set(matrix["week"]))}
    return groups


def groups_to_compare(matrix: pd.DataFrame) -> dict[str, np.ndarray]:
    """The groups in which a model must hold: kinds of students, and not weeks or what the rules flag."""
    return {
        name: inside
        for name, inside in groups_of(matrix).items()
        if name == "new_students" or name.startswith("grades ")
    }


def with_outcome(rows: Rows, inside: np.ndarray) -> int:
    """To how many students among the rows ``inside`` it happened."""
    return len(set(rows.students[inside & (rows.labels == 1)]))


def rivals_of(rows: Rows, base_rate: float) -> dict[str, np.ndarray]:
    """What needs no model: the base rate, the year-to-date rate, last year's rate, the ABC rule."""
    matrix = rows.matrix
    if of_courses(matrix):
        return course_rivals(rows, base_rate)
    return {
        "base_rate": np.full(len(matrix), base_rate),
        "year_to_date": matrix["absence_rate_year"].fillna(0.0).to_numpy(dtype=float),
        "last_year": matrix["absence_rate_last_year"].fillna(0.0).to_numpy(dtype=float),
        "abc_rule": abc_flags(matrix).sum(axis=1).to_numpy(dtype=float),
    }


def kind_to_ship(judgements: Sequence[Judgement]) -> tuple[str, str]:
    """lightgbm or logistic, and why in a sentence with its numbers; judgements are latest year first.

    LightGBM ships if it puts NEEDED more of the outcomes on a list of 10 %, interval above 0, in two of
    three test years. A kind whose probabilities fail on the latest test year gives way to one whose hold,
    since the gate would refuse it anyway.
    """
    gains = [judgement.recall_gain("lightgbm", "logistic") for judgement in judgements]
    told = "; ".join(
        f"{100 * gain.point:+.1f} points ({100 * gain.low:+.1f} to {100 * gain.high:+.1f})" for gain in gains
    )
    provisional = " Provisional: one test year." if len(gains) == 1 else ""
    wins = 3 * sum(gain.point >= NEEDED and gain.low > 0 for gain in gains) >= 2 * len(gains)
    earned, other = ("lightgbm", "logistic") if wins else ("logistic", "lightgbm")
    because = (
        f"LightGBM {'beats' if wins else 'does not beat'} the full logistic regression by 2 points of recall"
        f" at 10 % with its interval above 0 in two of three test years: {told}.{provisional}"
    )
    if judgements[0].holds(earned) or not judgements[0].holds(other):
        return earned, because
    return other, f"{because} But only the probabilities of {other} hold on the latest test year."
