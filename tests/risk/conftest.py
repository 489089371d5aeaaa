"""Made-up rows and models trained on them, shared by the tests of risk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from made_up import (
    FEATURE_NAMES,
    SIGNERS,
    MadeUp,
    Trained,
    definitions_made_up,
    made_up,
    settings_in,
    train_made_up,
)

from ews.features.catalogue import FEATURES
from ews.risk.bundle import Bundle, bundles_in_service
from ews.risk.promotion import promote
from ews.risk.tracking import open_tracking
from ews.settings import Settings


@pytest.fixture(scope="session")
def rows() -> MadeUp:
    """The made-up matrix, made once; tests only read it."""
    assert set(FEATURE_NAMES) <= set(FEATURES)
    return made_up()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, rows: MadeUp) -> Trained:
    """Four models, trained and promoted once; tests that change anything take a copy."""
    folder = tmp_path_factory.mktemp("trained")
    settings = settings_in(folder)
    names = list(definitions_made_up())
    reports = {report.name: report for report in train_made_up(settings, names, rows)}
    for name in names:
        promote(settings, name, signed_by=SIGNERS)
    return Trained(folder, reports)


@pytest.fixture(scope="session")
def first_touch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty tracking store: making one takes seconds, copying it takes none."""
    folder = tmp_path_factory.mktemp("first-touch")
    open_tracking(settings_in(folder))
    return folder


@pytest.fixture
def empty_store(first_touch: Path, tmp_path: Path) -> Settings:
    """Settings of this test's own, with an empty tracking store."""
    shutil.copytree(first_touch, tmp_path, dirs_exist_ok=True)
    return settings_in(tmp_path)


@pytest.fixture
def trained_here(trained: Trained, tmp_path: Path) -> Settings:
    """A copy of the trained folder for this test alone."""
    return trained.copied(tmp_path)


@pytest.fixture(scope="session")
def bundles(trained: Trained) -> dict[str, Bundle]:
    """The four models in service, read once."""
    return bundles_in_service(trained.folder / "models")
