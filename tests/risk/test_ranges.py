"""Of 100 students with a record like this, about so many: the range holds the score and is honest."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from made_up import FEATURE_NAMES, MadeUp, definition, made_up

from ews.errors import OurFault
from ews.risk import refitting
from ews.risk.bundle import Bundle, body_hash, bundle_files, load_bundle, write_bundle
from ews.risk.fitting import Fitted
from ews.risk.ranges import around
from ews.risk.refit_draws import REFITS, times_drawn
from ews.risk.refitting import chord_fits, with_refits
from ews.risk.rows import Rows
from ews.risk.scoring import explained_scores
from ews.risk.splits import Split, fitted_by
from ews.risk.typical import typical_of
from ews.risk.verification import MANIFEST, manifest_of
from ews.settings import Settings

SPLIT = Split((2023,), 2024, 2025)
KINDS = ("logistic", "lightgbm")


def as_rows(made: MadeUp) -> Rows:
    return Rows(made.matrix, made.labels, 0.0)


def refitted(made: MadeUp, kind: str, split: Split = SPLIT) -> Fitted:
    """The model of the made-up rows with its refits."""
    rows = as_rows(made)
    return with_refits(definition(), fitted_by(definition(), rows, split, kind), rows, split)


@pytest.fixture(scope="module")
def fits(rows: MadeUp) -> dict[str, Fitted]:
    """Each kind with its refits, fitted once."""
    return {kind: refitted(rows, kind) for kind in KINDS}


def ranges(fitted: Fitted, made: MadeUp) -> np.ndarray:
    """(n, 2) at least and at most of 100."""
    return around(fitted.log_odds(made.matrix), fitted.apart(made.matrix), np.ones(len(made.labels), bool))


# ---- who is drawn --------------------------------------------------------------------------------


def test_a_student_is_drawn_alike_whoever_else_is_there() -> None:
    all_three = times_drawn(["Ana", "Ben", "Cleo"])
    assert np.array_equal(times_drawn(["Cleo", "Zoe", "Ana"])[[2, 0]], all_three[[0, 2]])
    assert np.array_equal(times_drawn(["Ben", "Ben"]), all_three[[1, 1]])


def test_draws_are_once_on_average_and_vary_as_often() -> None:
    drawn = times_drawn(f"S{place}" for place in range(4000))
    assert drawn.shape == (4000, REFITS)
    assert abs(drawn.mean() - 1) < 0.02 and abs(drawn.var() - 1) < 0.03
    apart = np.corrcoef(drawn.T) - np.eye(REFITS)
    assert np.abs(apart).max() < 0.08  # no refit is another one's twin


# ---- what a range says ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_range_is_in_fives_and_holds_the_probability(
    fits: dict[str, Fitted], rows: MadeUp, kind: str
) -> None:
    found = ranges(fits[kind], rows)
    probability = 100 * fits[kind].probability(rows.matrix)
    assert np.all(found % 5 == 0) and found.min() >= 0 and found.max() <= 100
    assert np.all((found[:, 0] <= probability) & (probability <= found[:, 1]))
    assert np.all(found[:, 0] < found[:, 1])


def test_where_refits_agree_the_range_is_the_five_around_the_score() -> None:
    agree = np.zeros((3, REFITS))
    found = around(np.array([np.log(0.47 / 0.53), -9.0, 9.0]), agree, np.ones(3, bool))
    assert found.tolist() == [[45, 50], [0, 5], [95, 100]]


@pytest.mark.parametrize("kind", KINDS)
def test_fewer_students_give_wider_ranges(fits: dict[str, Fitted], rows: MadeUp, kind: str) -> None:
    few = refitted(made_up(students=125), kind)
    wide, narrow = (np.diff(ranges(one, rows), axis=1).mean() for one in (few, fits[kind]))
    assert wide > 1.15 * narrow


@pytest.mark.parametrize("kind", KINDS)
def test_of_students_with_like_scores_as_many_had_the_outcome_as_the_range_says(
    fits: dict[str, Fitted], rows: MadeUp, kind: str
) -> None:
    later = rows.year(2025)
    found = ranges(fits[kind], later)
    probability = fits[kind].probability(later.matrix)
    groups = np.array_split(np.argsort(probability, kind="stable"), 10)
    held = 0
    for group in groups:
        happened = 100 * later.labels[group].mean()
        students = len(set(later.matrix["student_id"].iloc[group]))
        chance = 200 * np.sqrt(max(happened, 1) / 100 * (1 - happened / 100) / students)
        low, high = found[group].mean(axis=0)
        held += low - chance <= happened <= high + chance
    assert held >= 9


def test_with_two_years_refits_are_calibrated_on_the_students_they_did_not_draw(rows: MadeUp) -> None:
    made = rows.year(2023, 2024)
    found = refitted(made, "logistic", Split((2023, 2024), None))
    assert found.refits is not None and np.all(found.refits.slope > 0.5)
    assert np.median(np.diff(ranges(found, made), axis=1)) <= 25


# ---- how refits are fitted ------------------------------------------------------------------------


def test_the_chord_ends_where_newtons_method_does(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(4)
    design = np.column_stack([chance.normal(size=(3000, 5)), np.ones(3000)])
    labels = (chance.random(3000) < 1 / (1 + np.exp(1 - design[:, 0] + 0.02 * design[:, 1]))).astype(float)
    weights = chance.poisson(1, size=(3000, REFITS)).astype(float)
    signs = np.array([1.0, 1.0, -1.0, 0.0, 0.0, 0.0])
    asked = (design, labels, weights, signs, np.append(np.full(5, 10.0), 0.0), np.zeros(6))
    by_chord = chord_fits(*asked)
    monkeypatch.setattr(refitting, "STEPS", 0)
    assert np.abs(chord_fits(*asked) - by_chord).max() < 5e-3
    assert np.all(by_chord[1] >= 0) and np.any(by_chord[1] == 0) and np.all(by_chord[2] <= 0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_rows_in_any_order_give_the_same_refits_and_the_models_hash_is_its_own(
    fits: dict[str, Fitted], rows: MadeUp, kind: str
) -> None:
    again = refitted(rows.shuffled(), kind)
    assert again.refits is not None and fits[kind].refits is not None
    assert json.dumps(again.refits.as_json()) == json.dumps(fits[kind].refits.as_json())
    assert body_hash(again) == body_hash(replace(again, refits=None))


# ---- kept in the bundle ---------------------------------------------------------------------------


@pytest.fixture(params=KINDS)
def folder(request: pytest.FixtureRequest, fits: dict[str, Fitted], rows: MadeUp, tmp_path: Path) -> Path:
    """A bundle with refits, of each kind."""
    card = {"name": "attendance", "version": "attendance-1", "grades": [9], "base_rate": 0.2}
    typical = typical_of(rows.matrix, FEATURE_NAMES)
    files = bundle_files(fits[request.param], definition().described(), typical, card)
    write_bundle(tmp_path / "attendance-1", files)
    return tmp_path / "attendance-1"


def changed(folder: Path, content: object) -> None:
    """Other ranges in the bundle, with checksums that fit."""
    (folder / "ranges.json").write_text(json.dumps(content))
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}
    (folder / MANIFEST).write_bytes(manifest_of(files))


def test_ranges_read_from_a_bundle_are_the_same(folder: Path, fits: dict[str, Fitted], rows: MadeUp) -> None:
    model = load_bundle(folder).model
    assert isinstance(model, Fitted)
    assert np.array_equal(ranges(model, rows), ranges(fits[model.kind], rows))


def test_a_changed_refit_is_refused_even_when_the_checksums_fit(folder: Path) -> None:
    content = json.loads((folder / "ranges.json").read_text())
    content["calibration"]["slope"][3] += 0.01
    changed(folder, content)
    with pytest.raises(OurFault, match="golden rows otherwise"):
        load_bundle(folder)


@pytest.mark.parametrize("what", ["no number", "too few", "another kind", "none"])
def test_ranges_that_are_not_ours_are_refused(folder: Path, what: str) -> None:
    content = json.loads((folder / "ranges.json").read_text())
    slope = content["calibration"]["slope"]
    if what == "no number":
        slope[0] = float("inf")
    elif what == "too few":
        slope.pop()
    elif what == "another kind":
        content["kind"] = "composite"
    else:
        content = None
    changed(folder, content)
    with pytest.raises(OurFault, match="not what was promoted"):
        load_bundle(folder)


def test_a_tree_of_a_refit_that_leads_nowhere_is_refused(folder: Path) -> None:
    content = json.loads((folder / "ranges.json").read_text())
    if content["kind"] == "logistic":
        return  # it has no trees
    place = next(i for i, line in enumerate(content["trees"]) if line.startswith("left_child="))
    content["trees"][place] = "left_child=99" + content["trees"][place][len("left_child=") + 1 :]
    changed(folder, content)
    with pytest.raises(OurFault, match="tree"):
        load_bundle(folder)


# ---- on scores -----------------------------------------------------------------------------------


def today(rows: MadeUp) -> pd.DataFrame:
    matrix = rows.year(2025).matrix
    return matrix[matrix["week"] == 10].reset_index(drop=True)


def test_every_score_has_a_range_around_it_overall_too(
    bundles: dict[str, Bundle], rows: MadeUp, settings: Settings
) -> None:
    scores = explained_scores(bundles, today(rows), settings=settings).scores
    assert {score.domain for score in scores} == {"attendance", "grades", "behavior", "overall"}
    widths = []
    for score in scores:
        assert score.probability and score.range_low is not None and score.range_high is not None
        assert score.range_low <= score.probability <= score.range_high
        widths += [score.range_high - score.range_low] if score.domain == "overall" else []
    assert 0.05 < np.mean(widths) < 0.4


def test_a_model_without_refits_says_no_range(
    bundles: dict[str, Bundle], rows: MadeUp, settings: Settings
) -> None:
    bare = {name: replace(one, model=replace(one.model, refits=None)) for name, one in bundles.items()}
    scores = explained_scores(bare, today(rows).head(3), settings=settings).scores
    assert {(score.range_low, score.range_high) for score in scores} == {(None, None)}
