"""Killed at any moment of a promotion: the model before or the one after serves; the next call works."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ews.risk.bundle import bundles_in_service, version_in_service
from ews.risk.promotion import promote, rollback
from ews.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "risk"))
from made_up import SIGNERS, a_year_later, made_up, settings_in, train_made_up

MOMENTS = {
    "while the bundle is written": ("write_bundle", "before"),
    "before the bundle is in its place": ("write_bundle", "after"),
    "before the switch is in the history": ("switch", "before"),
    "between the history and the switch": ("replace_text", "after"),
    "before MLflow hears of it": ("switch", "after"),
    "when all is done": ("say_in_service", "after"),
}

PROMOTE = """
import os, signal, sys
from pathlib import Path
import ews.risk.promotion as promotion
sys.path.insert(0, sys.argv[1])
from made_up import SIGNERS, settings_in

def dying(step, before):
    def instead(*given, **more):
        if before:
            os.kill(os.getpid(), signal.SIGKILL)
        step(*given, **more)
        os.kill(os.getpid(), signal.SIGKILL)
    return instead

name, when = sys.argv[3], sys.argv[4]
setattr(promotion, name, dying(getattr(promotion, name), when == "before"))
promotion.promote(settings_in(Path(sys.argv[2])), "attendance", signed_by=SIGNERS)
"""


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where one attendance model serves and another waits to be promoted."""
    folder = tmp_path_factory.mktemp("waiting")
    train_made_up(settings_in(folder), ["attendance"], made_up())
    promote(settings_in(folder), "attendance", signed_by=SIGNERS)
    train_made_up(settings_in(folder), ["attendance"], a_year_later())
    return folder


def killed_promotion(folder: Path, step: str, when: str) -> None:
    """Promote in a process that is killed before or after ``step``."""
    risk = str(Path(__file__).parents[1] / "risk")
    done = subprocess.run([sys.executable, "-c", PROMOTE, risk, str(folder), step, when], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize(("step", "when"), MOMENTS.values(), ids=MOMENTS)
def test_one_model_or_the_other_serves_and_the_next_promotion_works(
    waiting: Path, tmp_path: Path, step: str, when: str
) -> None:
    shutil.copytree(waiting, tmp_path, dirs_exist_ok=True)
    settings = settings_in(tmp_path)
    before = in_service(settings)
    killed_promotion(tmp_path, step, when)
    if (step, when) not in (("switch", "after"), ("say_in_service", "after")):
        assert in_service(settings) == before
    bundles_in_service(settings.models)
    after = promote(settings, "attendance", signed_by=SIGNERS).version
    assert in_service(settings) == after != before
    assert rollback(settings, "attendance") == before
    assert [
        path.name for path in (settings.models / "attendance").iterdir() if path.name == ".incoming"
    ] == []


def in_service(settings: Settings) -> str | None:
    """The version of attendance that serves, whole."""
    bundles_in_service(settings.models)
    return version_in_service(settings.models / "attendance")
