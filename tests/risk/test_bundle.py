"""A model that is not what was promoted is never served, whatever was done to its files."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from made_up import MadeUp, Trained, definition

from ews.errors import OurFault
from ews.risk.bundle import (
    Bundle,
    body_hash,
    bundle_files,
    bundles_in_service,
    load_bundle,
    version_in_service,
    write_bundle,
)
from ews.risk.fitting import Fitted, calibrated, even_weights, fit
from ews.risk.typical import typical_of
from ews.risk.verification import MANIFEST, manifest_of

MODEL = definition()


@pytest.fixture(scope="module")
def boosted_folder(rows: MadeUp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of trees; tests copy it before they damage it."""
    first, later = rows.year(2023), rows.year(2024)
    fitted = fit(MODEL, first.matrix, first.labels, even_weights(first.matrix), "lightgbm")
    fitted = calibrated(fitted, later.matrix, later.labels)
    card = {"name": "attendance", "version": "attendance-1", "grades": [9], "base_rate": 0.2}
    typical = typical_of(first.matrix, MODEL.features)
    folder = tmp_path_factory.mktemp("bundles") / "attendance-1"
    write_bundle(folder, bundle_files(fitted, MODEL.described(), typical, card))
    return folder


@pytest.fixture
def folder(boosted_folder: Path, tmp_path: Path) -> Path:
    return shutil.copytree(boosted_folder, tmp_path / "attendance-1")


def with_fresh_manifest(folder: Path) -> None:
    """Make the checksums fit again, as someone would who changed a file on purpose."""
    files = {path.name: path.read_bytes() for path in folder.iterdir() if path.name != MANIFEST}
    (folder / MANIFEST).write_bytes(manifest_of(files))


def in_model(folder: Path, change: Callable[[str], str]) -> None:
    path = folder / "model.txt"
    changed = change(path.read_text())
    assert changed != path.read_text()
    path.write_text(changed)


def first_line(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(f"{name}="))


def test_a_bundle_read_again_gives_the_same_answers(rows: MadeUp, folder: Path) -> None:
    bundle = load_bundle(folder)
    assert isinstance(bundle, Bundle) and isinstance(bundle.model, Fitted) and bundle.kind == "lightgbm"
    assert list(bundle.features) == list(MODEL.features)
    assert bundle.features["fs_now"] == MODEL.described()["fs_now"]
    again = bundle_files(bundle.model, bundle.features, bundle.typical, bundle.card, drivers=bundle.drivers)
    assert again == {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_is_text_and_json_alone(folder: Path) -> None:
    for path in folder.iterdir():
        assert path.suffix in {".txt", ".json"} and path.read_text(encoding="utf-8").isprintable() is not None
        if path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))


def test_golden_rows_are_nobodys(rows: MadeUp, folder: Path) -> None:
    golden = np.array(json.loads((folder / "golden.json").read_text())["rows"], dtype=float)
    real = rows.matrix[list(MODEL.features)].to_numpy(dtype=float)
    assert len(golden) >= 50
    for row in golden:
        assert not np.any(np.all((real == row) | (np.isnan(real) & np.isnan(row)), axis=1))


@pytest.mark.parametrize("name", ["model.txt", "typical.json", "card.json"])
def test_one_changed_byte_is_refused_by_its_checksum(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(OurFault, match="checksum"):
        load_bundle(folder)


@pytest.mark.parametrize("name", ["model.txt", "golden.json", MANIFEST])
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(OurFault, match="is missing"):
        load_bundle(folder)


def test_a_file_too_many_in_the_manifest_is_refused(folder: Path) -> None:
    listed = json.loads((folder / MANIFEST).read_text())
    listed["files"]["model.pkl"] = {"sha256": "0" * 64, "size": 3}
    (folder / MANIFEST).write_text(json.dumps(listed))
    with pytest.raises(OurFault, match="missing or unreadable"):
        load_bundle(folder)


DAMAGES: dict[str, Callable[[str], str]] = {
    "cut short": lambda text: text[: len(text) // 2],
    "a child that points back": lambda text: text.replace(
        first_line(text, "left_child"), "left_child=0 " + first_line(text, "left_child").split(" ", 1)[1], 1
    ),
    "a child outside the tree": lambda text: text.replace(
        first_line(text, "right_child"),
        "right_child=99" + first_line(text, "right_child")[len("right_child=") + 1 :],
        1,
    ),
    "a feature that does not exist": lambda text: text.replace(
        first_line(text, "split_feature"), first_line(text, "split_feature").replace("=", "=9", 1), 1
    ),
    "a threshold that is no number": lambda text: text.replace(
        first_line(text, "threshold"), first_line(text, "threshold").replace("=", "=nan ", 1), 1
    ),
    "another feature's name": lambda text: text.replace("feature_names=absence", "feature_names=absense", 1),
    "two classes": lambda text: text.replace("num_class=1", "num_class=2", 1),
    "sizes that are not its trees'": lambda text: text.replace("tree_sizes=", "tree_sizes=1", 1),
    "a linear tree": lambda text: text.replace("is_linear=0", "is_linear=1", 1),
    "a categorical split": lambda text: text.replace(
        first_line(text, "decision_type"), first_line(text, "decision_type").replace("=", "=1", 1), 1
    ),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_trees_are_refused_even_when_the_checksums_fit(
    folder: Path, damage: Callable[[str], str]
) -> None:
    in_model(folder, damage)
    with_fresh_manifest(folder)
    with pytest.raises(OurFault, match="not what was promoted"):
        load_bundle(folder)


def test_a_changed_leaf_is_refused_by_the_golden_rows_even_when_all_else_fits(folder: Path) -> None:
    def leaf(text: str) -> str:
        values = first_line(text, "leaf_value")
        digit = values.index(".") + 1
        changed = values[:digit] + str((int(values[digit]) + 1) % 10) + values[digit + 1 :]
        return text.replace(values, changed, 1)

    in_model(folder, leaf)
    with_fresh_manifest(folder)
    with pytest.raises(OurFault, match="golden rows otherwise"):
        load_bundle(folder)


def test_a_changed_calibration_is_refused_by_the_golden_rows(folder: Path) -> None:
    (folder / "calibration.json").write_text('{"kind": "sigmoid", "slope": 1.0, "intercept": 0.3}')
    with_fresh_manifest(folder)
    with pytest.raises(OurFault, match="golden rows otherwise"):
        load_bundle(folder)


def test_the_hash_of_a_model_leaves_out_how_many_threads_fitted_it(rows: MadeUp) -> None:
    first = rows.year(2023)
    weights = even_weights(first.matrix)
    one, two = (
        fit(MODEL, first.matrix, first.labels, weights, "lightgbm", threads=threads) for threads in (1, 2)
    )
    assert one.body.text() != two.body.text()
    assert body_hash(one) == body_hash(two)


def test_nothing_in_service_is_an_empty_answer(tmp_path: Path) -> None:
    assert bundles_in_service(tmp_path / "models") == {}


def test_every_model_in_service_is_read_by_its_name(trained: Trained) -> None:
    found = bundles_in_service(trained.folder / "models")
    assert sorted(found) == ["attendance", "behavior", "grades", "overall"]
    for name, bundle in found.items():
        assert bundle.version == version_in_service(trained.folder / "models" / name)


def test_a_version_that_leads_out_of_the_folder_is_refused(trained: Trained, tmp_path: Path) -> None:
    settings = trained.copied(tmp_path)
    (settings.models / "grades" / "current").write_text("../attendance\n")
    with pytest.raises(OurFault, match="names no version"):
        bundles_in_service(settings.models)
