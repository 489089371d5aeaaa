"""Rolling origin: a model on each year it never saw, beside everything it has to beat, group by group.

For each test year y the recipe learns from years up to y-2, is calibrated on y-1 and judged on y. All
measures of a test year are taken on the same draws of students, so differences are paired.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ews.risk.baselines import every_score
from ews.risk.calibration_error import BINS, equal_bins
from ews.risk.draws import Draws, Estimate, as_json
from ews.risk.groups_shown import EVERYONE, UNFLAGGED, shown_groups
from ews.risk.judging import FEWEST, Judgement
from ews.risk.learner import Learner
from ews.risk.measured import Ground, Score, measured, net_benefit, told
from ews.risk.side_by_side import side_by_side
from ews.risk.splits import Split

COMPARED = ("recall_at_5", "recall_at_10", "recall_at_15", "recall_at_20", "precision_at_10", "auc")
CURVE = (0.05, 0.10, 0.20, 0.30, 0.40, 0.50, 0.60)


@dataclass(frozen=True)
class JudgedYear:
    """One test year of one model: how it was learned, who was judged, what everything says."""

    split: Split
    judgement: Judgement
    scores: Mapping[str, Score]
    ground: Ground

    def about(self, chosen: str, lines: Sequence[float]) -> dict[str, Any]:
        """The JSON of the year: groups with every measure, gains of the ``chosen`` over all others."""
        shown, hidden = shown_groups(self.judgement.rows)
        groups, gains = {}, {}
        for group, inside in shown.items():
            ground = self.ground if group == EVERYONE else self.ground.among(inside)
            scores = {name: score.of(inside) for name, score in self.scores.items()}
            found = measured_all(ground, scores, lines)
            groups[group] = told(ground, scores, found) | {"with_the_outcome": counted(ground)}
            if group == EVERYONE or group in UNFLAGGED:
                gains[group] = gains_of(found, chosen)
        return {
            "year": self.split.test,
            "learned_from": list(self.split.fit),
            "calibrated_on": self.split.calibrate or "folds grouped by student",
            "groups": groups,
            "hidden_groups": hidden,
            "gain_over": gains,
            "reliability": reliability(self.ground, self.scores[chosen].values),
            "net_benefit": decisions(self.ground, self.scores, chosen),
        }


def judged_year(learner: Learner, name: str, split: Split, judgement: Judgement) -> JudgedYear:
    """The test year of ``split`` with everything that is compared on it."""
    rows = judgement.rows
    ground = Ground(rows.labels, rows.lists, Draws.of(rows.students))
    return JudgedYear(split, judgement, every_score(learner, name, split, judgement), ground)


def measured_all(
    ground: Ground, scores: Mapping[str, Score], lines: Sequence[float]
) -> dict[str, dict[str, Estimate]]:
    """Every measure of every score, by name."""
    found = side_by_side(lambda score: measured(ground, score, lines), scores.values())
    return dict(zip(scores, found, strict=True))


def counted(ground: Ground) -> int | None:
    """How many students had the outcome; None under FEWEST."""
    return ground.students_with_it if ground.students_with_it >= FEWEST else None


def gains_of(found: Mapping[str, Mapping[str, Estimate]], chosen: str) -> dict[str, Any]:
    """What the ``chosen`` has more than each other, with its paired interval."""
    mine = found[chosen]
    return {
        other: as_json({measure: mine[measure].minus(theirs[measure]) for measure in COMPARED})
        for other, theirs in found.items()
        if other != chosen
    }


def reliability(ground: Ground, probability: np.ndarray) -> list[dict[str, float]]:
    """What was said and what happened in bins of equal count, with the interval of what happened."""
    place = equal_bins(probability)
    bins = []
    for number in range(BINS):
        inside = place == number
        few = Ground(ground.labels[inside], ground.lists[inside], ground.draws.among(inside))
        if few.students >= FEWEST:
            happened = few.draws.ratio(few.labels, np.ones(len(few.labels)))
            said = {"said": round(float(probability[inside].mean()), 4), "students": few.students}
            bins.append(said | happened.as_json())
    return bins


def decisions(ground: Ground, scores: Mapping[str, Score], chosen: str) -> dict[str, list[Any]]:
    """Net benefit at each line of CURVE: of the chosen, of each rule, and of acting on everybody."""
    everybody = np.ones(len(ground.labels))
    found: dict[str, list[Any]] = {"line": list(CURVE)}
    acting = {name: score for name, score in scores.items() if name == chosen or not score.chance}
    for name, score in acting.items():
        found[name] = [net_benefit(ground, score.acts(line), line).as_json() for line in CURVE]
    found["act_on_everybody"] = [net_benefit(ground, everybody, line).as_json() for line in CURVE]
    return found
