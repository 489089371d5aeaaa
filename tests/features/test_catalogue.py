"""What every feature says of itself, and the sentences it makes."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from ews.features.allowed import ALLOWED, ALLOWED_FOR_LEARNERS
from ews.features.catalogue import FEATURES
from ews.features.definition import DRIVERS, Feature, filled
from ews.features.learner_catalogue import DESCRIBED, LEARNER_FEATURES

EVERY = pytest.mark.parametrize("feature", DESCRIBED.values(), ids=list(DESCRIBED))
UNKIND = re.compile(
    r"at-risk|high-risk|failing student|dropout|predicted to|will fail|problem student|%|because|due to"
    r"|led to|English learner|disab|poverty|race",
    re.IGNORECASE,
)


@EVERY
def test_a_feature_says_all_that_is_asked_of_it(feature: Feature) -> None:
    assert feature.driver in DRIVERS
    assert feature.direction in (-1, 0, 1)
    assert feature.sounds is None or feature.direction == 0, "a direction kept is what the words say"
    assert feature.imputation in ("zero", "median")
    assert feature.why.endswith(".") and feature.unit
    assert re.fullmatch(r"20\d\d-\d\d", feature.reviewed)
    assert feature.source in {*ALLOWED, *ALLOWED_FOR_LEARNERS}
    assert (feature.strength is None) == (feature.strong_at is None)


@EVERY
def test_a_sentence_is_kind_short_and_names_no_group(feature: Feature) -> None:
    for words in filter(None, (feature.phrase, feature.strength)):
        assert not UNKIND.search(words)
        assert len(re.sub(r"\{.*?\}", "20 school days", words)) < 130
        assert not words.endswith(".")


@EVERY
def test_a_sentence_rests_on_the_feature_or_on_its_facts(feature: Feature) -> None:
    wanted = {name for _, name, _, _ in Formatter().parse(feature.phrase) if name}
    assert all(name in DESCRIBED or name.startswith("fact_") for name in wanted)
    row = dict.fromkeys(wanted, 2.0) | {feature.name: 2.0}
    assert feature.sentence(row)
    assert feature.sentence(row | {feature.name: float("nan")}) is None


def test_there_are_at_most_forty_five_features_and_about_twelve_drivers() -> None:
    assert len(FEATURES) <= 45
    assert {feature.driver for feature in DESCRIBED.values()} == set(DRIVERS)
    assert {feature.driver for feature in LEARNER_FEATURES.values()} == {"english"}
    assert "english" not in {feature.driver for feature in FEATURES.values()}
    assert 10 <= len(DRIVERS) <= 14


def test_a_strength_is_said_only_where_it_is_true() -> None:
    ontime = FEATURES["absence_rate_last_20"]
    facts = {"fact_expected_days_last_20": 20.0, "fact_absent_days_last_20": 0.0}
    assert ontime.going_well(facts | {ontime.name: 0.0}) == "At school on all of the last 20 school days"
    assert ontime.going_well(facts | {ontime.name: 0.05}) is None
    assert FEATURES["gpa_now"].going_well({"gpa_now": 3.25}) == "Current marks average 3.2 of 4"
    assert FEATURES["gpa_now"].going_well({"gpa_now": 2.9}) is None


def test_one_is_said_in_the_singular() -> None:
    assert (
        FEATURES["absence_streak_now"].sentence({"absence_streak_now": 1.0}) == "Missed the latest school day"
    )
    assert filled("{days:# day|# days}", {"days": 2.5}) == "2.5 days"
