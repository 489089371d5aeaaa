"""What the English learners' own model looks at besides attendance, marks and tests, with its meaning.

These stand apart from ``ews.features.catalogue``: the matrix of the other models never has them. Their
sentences are shown on the learners' card alone, to those who may see it.
"""

from __future__ import annotations

from ews.features.catalogue import FEATURES
from ews.features.definition import Feature

DOMAIN_WHY = "A learner moves up when the weakest of the four domains does; it says where to teach."


def of_domain(name: str, title: str) -> Feature:
    """The latest result in one of the four domains of the annual test."""
    return Feature(
        name=f"learner_{name}",
        phrase=f"{title} at {{learner_{name}}} on the latest annual English test",
        why=DOMAIN_WHY,
        unit="the test's own scale for a domain",
        direction=-1,
        imputation="median",
        driver="english",
        source="assessments",
    )


OWN = (
    Feature(
        name="learner_years",
        phrase="Learning English in school for {learner_years:# year|# years}",
        why="Learners are expected to be fluent in five to seven years; who takes longer needs another way.",
        unit="whole years since first known as a learner",
        direction=1,
        imputation="median",
        driver="english",
        source="el_status",
    ),
    Feature(
        name="learner_level",
        phrase="Level {learner_level} on the latest annual English test",
        why="The middle levels take longest to leave.",
        unit="level",
        direction=0,
        imputation="median",
        driver="english",
        source="assessments",
    ),
    Feature(
        name="learner_ready",
        phrase="At the level of the annual English test from which learners are reclassified",
        why="Who is there already has met the step, and waits for the rest of what reclassification asks.",
        unit="0 or 1",
        direction=-1,
        imputation="zero",
        driver="english",
        source="assessments",
    ),
    Feature(
        name="learner_level_two_before",
        phrase="Level {learner_level_two_before} on the annual English test two years before the latest",
        why="Says how far the learner came in two years.",
        unit="level",
        direction=0,
        imputation="median",
        driver="english",
        source="assessments",
    ),
    Feature(
        name="learner_results_at_level",
        phrase="At level {learner_level} on {learner_results_at_level:the latest annual English test"
        "|each of the last # annual English tests}",
        why="A level that stays is what the state's definition of long-term looks at.",
        unit="annual results in a row",
        direction=1,
        imputation="median",
        driver="english",
        source="assessments",
    ),
    Feature(
        name="learner_score_gain",
        phrase="{learner_score_gain:+.0f} points on the annual English test since the one before",
        why="Growth within a level is growth.",
        unit="points of the scale score",
        direction=0,  # after a large gain the next level may be far: nobody knows which way it goes
        sounds=-1,
        imputation="median",
        driver="english",
        source="assessments",
    ),
    of_domain("listening", "Listening"),
    of_domain("speaking", "Speaking"),
    of_domain("reading", "Reading"),
    of_domain("writing", "Writing"),
)

LEARNER_FEATURES: dict[str, Feature] = {feature.name: feature for feature in OWN}

DESCRIBED: dict[str, Feature] = FEATURES | LEARNER_FEATURES
"""What a definition for English learners may name."""
