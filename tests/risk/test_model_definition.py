"""Definitions are short, found by path, and name only features that exist and may be used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from made_up import definition

from ews.errors import UsageError
from ews.features.catalogue import FEATURES
from ews.risk.definition import definitions, read_definition

TRAINING = Path(__file__).parents[2] / "training"
DOMAINS = ["attendance", "behavior", "grades"]
NAMES = [*DOMAINS, "overall"]


def test_what_others_are_stacked_on_is_trained_first() -> None:
    assert [model.name for model in definitions(TRAINING, ["overall", "grades"])] == ["grades", "overall"]


def test_a_name_without_a_file_is_a_usage_error_that_lists_those_with_one() -> None:
    with pytest.raises(UsageError, match=r"No definition of astrology.*attendance"):
        definitions(TRAINING, ["astrology"])


def test_a_file_without_a_model_says_what_to_write(tmp_path: Path) -> None:
    (tmp_path / "grades.py").write_text("modell = 1\n")
    with pytest.raises(UsageError, match="defines no model named grades"):
        read_definition(tmp_path / "grades.py")


def test_a_definition_that_names_an_unknown_feature_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown features: shoe_size"):
        definition(features=("shoe_size",)).described()


@pytest.mark.parametrize("model", definitions(TRAINING, NAMES), ids=lambda model: model.name)
def test_each_definition_says_what_it_predicts_why_and_when_it_was_reviewed(model) -> None:  # type: ignore[no-untyped-def]
    assert model.predicts and model.why and model.reviewed and model.grades
    assert len((TRAINING / f"{model.name}.py").read_text().splitlines()) < 80
    assert set(model.described()) <= set(FEATURES)


@pytest.mark.parametrize("model", definitions(TRAINING, DOMAINS), ids=lambda model: model.name)
def test_parameters_stay_in_the_ranges_of_the_method(model) -> None:  # type: ignore[no-untyped-def]
    told = model.parameters
    assert told["max_depth"] <= 5 and told["num_leaves"] <= 15 and told["trees"] <= 400
    assert 80 <= told["min_child_samples"] <= 400 and told["lambda_l2"] == 10.0


@pytest.mark.parametrize("name", NAMES)
def test_each_definition_runs_alone(name: str) -> None:
    told = subprocess.run(
        [sys.executable, str(TRAINING / f"{name}.py"), "--help"], capture_output=True, text=True, check=True
    )
    assert f"Train {name}" in told.stdout and "--until DATE" in told.stdout
