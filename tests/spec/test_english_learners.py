"""English learners: a small table of people, their years and their annual tests, one sentence each."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest
from small_school import SETTINGS, Row, choosing, enrolled, small_school, weekend_after

from ews.errors import BadData
from ews.features.catalogue import FEATURES
from ews.features.english_learners import (
    AT_RISK,
    LONG_TERM,
    STAGES_TOLD,
    english_records,
    learner_frame,
    learner_matrix,
    long_term_learners,
)
from ews.features.learner_catalogue import LEARNER_FEATURES
from ews.features.learner_outcome import NO_TEST, NO_TEST_BEFORE, NOT_A_LEARNER
from ews.features.matrix import feature_matrix
from ews.outcomes import NOT_CLOSED, outcomes
from ews.records.lake import Records, records_of
from ews.risk.learner_rows import past_learners
from ews.risk.rows import Past

AS_OF = weekend_after(60)  # in November 2025
CLOSED = date(2026, 12, 31)
SIX_YEARS_AGO, FIVE_YEARS_AGO = date(2019, 8, 19), date(2020, 8, 17)
TWO_YEARS_AGO, THIS_FALL = date(2023, 8, 21), date(2025, 9, 15)
TOLD = {LONG_TERM: STAGES_TOLD[LONG_TERM], AT_RISK: STAGES_TOLD[AT_RISK]}


def learner(student: str, since: date, until: date | None = None, elas: str = "EL") -> Row:
    return {"student_id": student, "start_date": since, "elas": elas, "end_date": until}


def english(student: str, year: int, level: int, **more: Any) -> Row:
    """The annual English test of a spring, told in July."""
    return {
        "student_id": student,
        "assessment_code": f"ELPAC {year}",
        "subject": "eld",
        "administered_on": date(year, 3, 10),
        "family": "elpac_sum",
        "released_on": date(year, 7, 8),
        "scale_score": 1300.0 + 80 * level,
        "level": level,
        "valid": True,
    } | more


def ela(student: str, year: int, level: int) -> Row:
    return english(student, year, level, assessment_code=f"SB {year}", subject="ela", family="sb")


GROWS = {"Amina": (1, 2, 3), "Bao": (2, 2, 2), "Carmen": (3, 3, 2), "Dalia": (2, 2, 3)}
TABLES = small_school(
    enrollments=[
        *(enrolled(name, 8) for name in ("Amina", "Bao", "Carmen", "Dalia", "Omar", "Quang", "Rosa", "Uma")),
        *(enrolled(name, 11) for name in ("Esra", "Tomas")),
        *(enrolled(name, 4) for name in ("Farid", "Gita", "Ivan", "Lien")),
        *(enrolled(name, 8) for name in ("Hugo", "Jun", "Kofi", "Mei", "Nora")),
    ],
    el_status=[
        *(
            learner(name, SIX_YEARS_AGO)
            for name in ("Bao", "Carmen", "Dalia", "Esra", "Rosa", "Tomas", "Uma")
        ),
        *(learner(name, FIVE_YEARS_AGO) for name in ("Farid", "Gita", "Quang")),
        *(learner(name, TWO_YEARS_AGO) for name in ("Amina", "Ivan", "Lien", "Omar", "Kofi")),
        learner("Jun", TWO_YEARS_AGO, date(2025, 11, 30)),
        learner("Jun", date(2025, 12, 1), elas="RFEP"),
        learner("Mei", TWO_YEARS_AGO, date(2025, 10, 1)),
        learner("Mei", date(2025, 10, 2), elas="RFEP"),
        learner("Nora", THIS_FALL),
        learner("Hugo", TWO_YEARS_AGO, elas="EO"),
    ],
    assessments=[
        *(
            english(name, year, level)
            for name, levels in GROWS.items()
            for year, level in zip((2024, 2025, 2026), levels, strict=True)
        ),
        *(ela(name, 2025, 1) for name in ("Bao", "Carmen", "Farid")),
        ela("Dalia", 2025, 3),
        ela("Gita", 2025, 2),
        *(english("Esra", year, 3) for year in (2024, 2025, 2026)),
        *(english("Farid", year, level) for year, level in ((2024, 1), (2025, 2), (2026, 3))),
        *(english("Gita", year, level) for year, level in ((2024, 2), (2025, 3), (2026, 4))),
        *(english("Ivan", year, level) for year, level in ((2024, 4), (2025, 4), (2026, 4))),
        *(english("Jun", year, level) for year, level in ((2024, 3), (2025, 4))),
        *(english("Kofi", year, level) for year, level in ((2024, 1), (2025, 2))),
        *(english("Lien", 2024, level, family="alt_elpac") for level in (1,)),
        *(english("Lien", year, level, family="alt_elpac") for year, level in ((2025, 2), (2026, 3))),
        english("Lien", 2023, 4),
        english("Mei", 2025, 4),
        english("Nora", 2026, 1),
        english("Omar", 2025, 2, domain_scores="listening=3; speaking=2;Reading=1;writing=1.5"),
        english("Omar", 2024, 2, scale_score=1400.0),
        english("Omar", 2026, 2, valid=False),
        english("Quang", 2025, 2, scale_score=None, administered_on=date(2025, 10, 1), released_on=None),
        *(english("Rosa", year, level) for year, level in ((2024, 2), (2025, 3), (2026, 3))),
        ela("Rosa", 2025, 1),
        ela("Rosa", 2026, 1),
        *(english("Tomas", year, level) for year, level in ((2024, 2), (2025, 3), (2026, 4))),
    ],
)
NUMBERS = ("learner_level", "learner_level_two_before", "learner_results_at_level", "learner_score_gain")


@pytest.fixture(scope="module")
def records(engine: Any) -> Records:
    return records_of(TABLES, SETTINGS, engine)


@pytest.fixture(scope="module")
def people(records: Records) -> dict[str, pd.Series]:
    frame = learner_frame(records, [AS_OF], settings=SETTINGS)
    return {row["student_id"]: row for _, row in frame.iterrows()}


@pytest.fixture(scope="module")
def labels(records: Records) -> dict[str, tuple[float, str | None]]:
    found = outcomes(records, [AS_OF], "el_progress", settings=SETTINGS, frozen_by=CLOSED)
    return {row["student_id"]: (row["label"], row["censored"]) for _, row in found.iterrows()}


# ---- who is a learner, and their way so far ------------------------------------------------------------


def test_only_those_who_are_learners_that_day_have_a_row(people: dict[str, pd.Series]) -> None:
    assert {"Hugo", "Mei"}.isdisjoint(people)  # speaks English at home; was reclassified in October
    assert "Jun" in people  # will be reclassified in December


def test_years_levels_growth_and_domains_are_as_known_that_day(people: dict[str, pd.Series]) -> None:
    amina, omar = people["Amina"], people["Omar"]
    assert (amina["learner_years"], people["Bao"]["learner_years"]) == (2, 6)
    assert [amina[name] for name in NUMBERS[:1]] == [2]  # not the test of the spring to come
    assert (omar["learner_results_at_level"], omar["learner_score_gain"]) == (2, 1460 - 1400)
    domains = [omar[f"learner_{name}"] for name in ("listening", "speaking", "reading", "writing")]
    assert domains == [3, 2, 1, 1.5]
    assert math.isnan(amina["learner_reading"])


def test_a_result_counts_from_the_day_it_could_be_seen(records: Records) -> None:
    days = [date(2025, 10, 5), date(2025, 11, 20)]
    quang = learner_frame(records, days, settings=SETTINGS, students=["Quang"])["learner_level"].tolist()
    assert math.isnan(quang[0]) and quang[1] == 2  # without a day of release it is known a month later


def test_levels_of_another_test_are_not_compared(people: dict[str, pd.Series]) -> None:
    lien = people["Lien"]
    assert (lien["learner_level"], lien["learner_results_at_level"]) == (2, 1)
    assert math.isnan(lien["learner_level_two_before"])  # the ordinary test of 2023 is on another scale


def test_level_four_is_ready_on_the_ordinary_test_and_level_three_is_not(
    people: dict[str, pd.Series],
) -> None:
    assert (people["Ivan"]["learner_ready"], people["Esra"]["learner_ready"]) == (1, 0)


def test_a_learner_without_an_annual_test_has_no_level_and_still_a_row(people: dict[str, pd.Series]) -> None:
    assert math.isnan(people["Nora"]["learner_level"]) and people["Nora"]["learner_years"] == 0
    assert math.isnan(people["Nora"]["learner_ready"])


def test_the_facts_are_said_in_words(people: dict[str, pd.Series]) -> None:
    bao = people["Bao"]
    said = {name: feature.sentence(bao) for name, feature in LEARNER_FEATURES.items()}
    assert said["learner_years"] == "Learning English in school for 6 years"
    assert said["learner_results_at_level"] == "At level 2 on each of the last 2 annual English tests"
    assert said["learner_reading"] is None


def stage(row: pd.Series) -> str | None:
    told = row["fact_learner_stage"]
    return told if isinstance(told, str) else None


# ---- the state's stages --------------------------------------------------------------------------------


def test_long_term_is_six_years_the_same_level_twice_or_lower_and_low_in_english_language_arts(
    people: dict[str, pd.Series],
) -> None:
    told = {name: stage(row) for name, row in people.items()}
    assert told["Bao"] == told["Carmen"] == TOLD[LONG_TERM]  # the same level; Carmen's ELA is low too
    assert told["Dalia"] is None  # meets the standard in English language arts
    assert told["Esra"] == TOLD[LONG_TERM]  # from grade 10 on English language arts is not asked for
    assert told["Tomas"] is None  # rose from level 2 to 3
    assert told["Amina"] is None


def test_the_audit_has_the_same_long_term_learners_as_the_card(
    people: dict[str, pd.Series], records: Records
) -> None:
    found = long_term_learners(records, [AS_OF], settings=SETTINGS)
    on_the_card = [name for name, row in people.items() if stage(row) == TOLD[LONG_TERM]]
    assert found["student_id"].tolist() == sorted(on_the_card)
    assert set(found["as_of"]) == {AS_OF}


def test_a_result_that_is_not_on_record_excludes_nobody(people: dict[str, pd.Series]) -> None:
    assert stage(people["Uma"]) == TOLD[LONG_TERM]  # EC 313.1 (a)(2): no test at all


def test_at_risk_is_four_or_five_years_and_low(people: dict[str, pd.Series]) -> None:
    assert stage(people["Farid"]) == TOLD[AT_RISK]
    assert stage(people["Gita"]) is None  # nearly meets the standard in ELA
    assert stage(people["Ivan"]) is None  # two years


def test_another_state_tells_them_by_years_alone(records: Records) -> None:
    by_years = choosing(
        english_learners__definition="years",
        english_learners__long_term_years=7,
        english_learners__at_risk_years=5,
    )
    frame = learner_frame(records, [AS_OF], settings=by_years).set_index("student_id")["fact_learner_stage"]
    assert frame["Bao"] == frame["Gita"] == TOLD[AT_RISK]
    assert TOLD[LONG_TERM] not in set(frame)


# ---- what came of it -----------------------------------------------------------------------------------

Told = dict[str, tuple[float, str | None]]


def test_the_next_level_meets_the_step_and_the_same_or_a_lower_one_does_not(labels: Told) -> None:
    assert labels["Amina"] == (0.0, None)
    assert labels["Bao"] == (1.0, None)
    assert labels["Carmen"] == (1.0, None)
    assert labels["Dalia"] == (0.0, None)


def test_proficient_or_reclassified_since_meets_it_too(labels: Told) -> None:
    assert labels["Ivan"] == (0.0, None)  # stays at level 4
    assert labels["Jun"] == (0.0, None)  # was reclassified in December, without another test
    assert labels["Lien"] == (0.0, None)  # level 3 of the alternate test


def test_becoming_long_term_counts_and_being_it_already_does_not_by_itself(labels: Told) -> None:
    assert labels["Rosa"] == (1.0, None)  # level 3 again
    assert labels["Esra"] == (1.0, None)  # the step was missed
    assert labels["Tomas"] == (0.0, None)
    assert labels["Farid"] == (0.0, None)  # was at risk already, and rose


def test_without_a_test_or_one_to_compare_with_there_is_no_label(labels: Told) -> None:
    assert labels["Hugo"][1] == labels["Mei"][1] == NOT_A_LEARNER
    assert labels["Kofi"][1] == labels["Omar"][1] == NO_TEST  # Omar's was not valid
    assert labels["Nora"][1] == NO_TEST_BEFORE


def test_until_the_results_of_spring_are_told_the_label_is_open(records: Records) -> None:
    found = outcomes(records, [AS_OF], "el_progress", settings=SETTINGS, frozen_by=date(2026, 8, 31))
    censored = found.set_index("student_id")["censored"]
    assert censored["Amina"] == NOT_CLOSED and censored["Hugo"] == NOT_A_LEARNER


# ---- the door ------------------------------------------------------------------------------------------


def test_the_matrix_of_all_other_models_knows_nothing_of_it(records: Records) -> None:
    matrix = feature_matrix(records, [AS_OF], settings=SETTINGS)
    assert not [name for name in matrix.columns if "learner" in name or "english" in name]
    assert not set(LEARNER_FEATURES) & set(FEATURES)
    own = learner_matrix(matrix, learner_frame(records, [AS_OF], settings=SETTINGS))
    assert set(own["student_id"]) < set(matrix["student_id"])


def test_without_a_learner_on_record_or_a_test_to_judge_by_training_says_what_to_load(engine: Any) -> None:
    people = [enrolled("Amina", 8)]
    for more, missing in (
        ({}, "No English learner is on record"),
        ({"el_status": [learner("Amina", TWO_YEARS_AGO)]}, "No English learner has two annual English tests"),
    ):
        records = records_of(small_school(enrollments=people, **more), SETTINGS, engine)
        everyone = Past(records, feature_matrix(records, [AS_OF], settings=SETTINGS), (2026,), CLOSED)
        with pytest.raises(BadData, match=missing):
            past_learners(everyone, SETTINGS)


def test_how_english_grew_is_told_newest_first_of_learners_and_of_who_was_one(engine: Any) -> None:
    told = {
        row["student_id"]: row
        for row in english_records(records_of(TABLES, SETTINGS, engine=engine), AS_OF, settings=SETTINGS)
    }
    levels = {name: [result["level"] for result in row["results"]] for name, row in told.items()}
    assert levels["Amina"] == [2, 1]
    assert {row["status"] for row in told.values()} <= {"EL", "RFEP"}
    assert all(row["status_since"] <= AS_OF for row in told.values())
