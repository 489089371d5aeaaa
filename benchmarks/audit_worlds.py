"""Worlds for the audit, made in a blink: true risks, calibrated scores, what followed, and who wrote it down.

Four groups whose true base rates differ; a student's days belong together; schools of unlike make-up. The
model knows the true risk. A bias, where one is planted, is in the records: of one group's need only a part
is written down, or its minor incidents are written up more often for the same conduct.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.special import ndtr

from ews.risk.groups import Dimension, Groups, crossed
from ews.risk.logistic import sigmoid
from ews.risk.recording_bias import Recorded
from ews.risk.rows import Rows

GROUPS = ("first", "second", "third", "fourth")
BASES = (0.09, 0.15, 0.22, 0.33)
SPREAD = 1.4  # of the true risk within a group, in log-odds
DAYS = 3
SAME_TRAIT, SAME_OUTCOME = 0.95, 0.9  # how much of a student's risk, and luck, is the same on all days
SCHOOLS = 12
ANY_DAY = (1.7, 1.57, 1.47, 1.33)  # students with the outcome on any day, for each with it on a given day
MINOR, SERIOUS = 0.45, 0.25  # incidents a student


@dataclass(frozen=True)
class World:
    """What the audit is given: rows, what the model said, the groups of rows, and the incidents' counts."""

    rows: Rows
    probability: np.ndarray
    groups: Groups
    recorded: Recorded
    groups_of_students: Groups


def world(
    seed: int, positives: int, *, of: int = 0, unwritten: float = 1.0, written_up: float = 1.0
) -> World:
    """A world with about ``positives`` students with the outcome in each group.

    Of the need of group ``of`` only one part in ``unwritten`` is in the records, and its minor incidents
    are written up ``written_up`` times as often. 1 is no bias.
    """
    chance = np.random.default_rng(seed)
    sizes = [round(positives / base / days) for base, days in zip(BASES, ANY_DAY, strict=True)]
    group = np.repeat(np.arange(len(BASES)), sizes)
    count = len(group)
    school = ((chance.random(count) * 0.7 + 0.1 * group) * SCHOOLS).astype(int) % SCHOOLS
    trait, luck = chance.normal(size=(2, count))
    days = []
    for day in range(DAYS):
        risk = middle()[group] + SPREAD * mixed(trait, SAME_TRAIT, chance)
        happens = ndtr(mixed(luck, SAME_OUTCOME, chance)) < sigmoid(risk)
        known = risk - np.log(unwritten) * (group == of)
        days.append(
            pd.DataFrame(
                {
                    "student_id": np.arange(count),
                    "school_id": school,
                    "as_of": day,
                    "label": happens.astype(float),
                    "said": sigmoid(known),
                }
            )
        )
    matrix = pd.concat(days, ignore_index=True)
    groups = groups_of(group, chance)
    return World(
        Rows(matrix[["student_id", "school_id", "as_of"]], matrix["label"].to_numpy(), 0.0),
        matrix["said"].to_numpy(),
        groups.take(np.tile(np.arange(count), DAYS)),
        incidents(group, trait, chance, of, written_up),
        groups,
    )


def mixed(own: np.ndarray, share: float, chance: np.random.Generator) -> np.ndarray:
    """``own`` (n,) with so much of the day's chance that it stays standard normal."""
    return share * own + np.sqrt(1 - share**2) * chance.normal(size=len(own))


def middle() -> np.ndarray:
    """(groups,) the log-odds around which each group's risk lies, so that its base rate is BASES."""
    points = SPREAD * np.sqrt(2) * np.polynomial.hermite.hermgauss(40)[0]
    weights = np.polynomial.hermite.hermgauss(40)[1] / np.sqrt(np.pi)
    return np.array(
        [brentq(lambda at, base=base: weights @ sigmoid(points + at) - base, -9, 9) for base in BASES]
    )


def incidents(
    group: np.ndarray, trait: np.ndarray, chance: np.random.Generator, of: int, written_up: float
) -> Recorded:
    """Minor and serious incidents by the same conduct, which differs by group as need does."""
    conduct = np.exp(0.8 * trait + 0.3 * (group - 1))
    conduct = conduct / conduct.mean()
    minor = chance.poisson(MINOR * conduct * np.where(group == of, written_up, 1.0))
    serious = chance.poisson(SERIOUS * conduct)
    return Recorded(minor.astype(float), serious.astype(float), np.zeros(len(group), dtype=int))


def groups_of(group: np.ndarray, chance: np.random.Generator) -> Groups:
    """The groups of students: four by base rate, and at random gender, stage and disability; crossed."""
    count = len(group)
    race = Dimension("race", "Race and ethnicity", tuple((name, name) for name in GROUPS), group)
    gender = Dimension("gender", "Gender", (("f", "girls"), ("m", "boys")), chance.integers(0, 2, count))
    stages = (("never_el", "never"), ("el", "learner"), ("long_term", "long-term"), ("rfep", "reclassified"))
    english = Dimension("english", "Stage", stages, chance.choice(4, count, p=(0.6, 0.15, 0.1, 0.15)))
    yes = (chance.random(count) < 0.14).astype(int)
    disability = Dimension("disability", "Disability", (("no", "no"), ("yes", "yes")), yes)
    crosses = (crossed(race, gender), crossed(race, english), crossed(race, disability))
    return Groups((race, gender, english, disability, *crosses))
