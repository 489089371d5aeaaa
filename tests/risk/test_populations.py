"""A model for English learners alone: asked about nobody else, and none of its columns asked by others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up import FEATURE_NAMES, Trained, definition, made_up, past_made_up, settings_in

from ews.errors import NoModel
from ews.features.learner_catalogue import DESCRIBED, LEARNER_FEATURES
from ews.risk.bundle import Bundle, bundles_in_service, load_bundle
from ews.risk.known_rows import NO_LEVEL
from ews.risk.populations import LEARNERS, ByPopulation, scores_of_all
from ews.risk.scoring import explained_scores
from ews.risk.tracking import BUNDLE, training_store
from ews.risk.training import train_model
from ews.settings import Settings

OWN = ("learner_level", "learner_years")


def with_english(matrix: pd.DataFrame) -> pd.DataFrame:
    """Levels 1 to 4 and years 0 to 6, by the student."""
    place = matrix["student_id"].str[1:].astype(int)
    return matrix.assign(learner_level=1.0 + place % 4, learner_years=(place % 7).astype(float))


@pytest.fixture(scope="module")
def bundle(trained: Trained, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A model for English learners, trained on made-up rows of them."""
    settings = settings_in(tmp_path_factory.mktemp("learners"))
    rows = made_up(students=300)
    model = definition(
        "el_progress", population=LEARNERS, described_by=DESCRIBED, features=(*FEATURE_NAMES, *OWN)
    )
    known = past_made_up(type(rows)(with_english(rows.matrix), rows.labels))
    with training_store(settings) as tracking:
        train_model(model, known, tracking, settings)
        return load_bundle(tracking.candidate("el_progress").folder / BUNDLE)


@pytest.fixture(scope="module")
def day() -> pd.DataFrame:
    """Sixty students on one day."""
    matrix = made_up(students=60).matrix
    return matrix[(matrix["school_year"] == 2025) & (matrix["week"] == 10)].reset_index(drop=True)


@pytest.fixture(scope="module")
def service(trained: Trained, bundle: Bundle) -> tuple[dict[str, Bundle], Settings]:
    settings = settings_in(trained.folder)
    return {**bundles_in_service(settings.models), "el_progress": bundle}, settings


def test_only_learners_are_scored_and_everyone_else_as_if_the_model_were_not_there(
    service: tuple[dict[str, Bundle], Settings], day: pd.DataFrame
) -> None:
    bundles, settings = service
    found = scores_of_all(bundles, day, with_english(day.head(8)), settings=settings)
    own = [score for score in found.scores if score.domain == "el_progress"]
    others = [score for score in found.scores if score.domain != "el_progress"]
    assert [score.student_id for score in own] == day["student_id"].head(8).tolist()
    apart = ByPopulation.of(bundles)
    assert set(apart.learners) == {"el_progress"}
    assert others == explained_scores(apart.everyone, day, settings=settings).scores
    assert not {"learner_level", "english"} & {name for score in others for name in score.parts}


def test_the_parts_of_a_learners_score_add_up_and_english_is_a_driver_of_its_own(
    service: tuple[dict[str, Bundle], Settings], day: pd.DataFrame
) -> None:
    bundles, settings = service
    for score in scores_of_all(bundles, day, with_english(day), settings=settings).scores:
        if score.domain == "el_progress":
            assert score.log_odds is not None
            assert sum(score.parts.values()) == pytest.approx(score.log_odds, abs=1e-6)
            assert "english" in score.parts


def test_who_has_no_annual_test_yet_is_told_so_and_gets_no_score(
    service: tuple[dict[str, Bundle], Settings], day: pd.DataFrame
) -> None:
    bundles, settings = service
    learners = with_english(day.head(2)).assign(learner_level=[np.nan, 2.0])
    own = scores_of_all(bundles, day, learners, settings=settings).scores[-2:]
    assert (own[0].status, own[0].probability, own[0].why_not) == ("not_enough_data", None, NO_LEVEL)
    assert own[1].status == "scored" and own[1].probability is not None


def test_without_a_model_for_everyone_nothing_is_scored(
    service: tuple[dict[str, Bundle], Settings], day: pd.DataFrame
) -> None:
    bundles, settings = service
    with pytest.raises(NoModel):
        scores_of_all(ByPopulation.of(bundles).learners, day, with_english(day), settings=settings)


def test_a_bundle_keeps_the_meaning_of_its_own_features(bundle: Bundle) -> None:
    assert {name: bundle.features[name] for name in OWN} == {name: LEARNER_FEATURES[name] for name in OWN}
    assert bundle.card["population"] == LEARNERS
