"""Drops of the made-up district, made once; tests only read them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from ews.district.make import make_district

IDS = "student_id school_id section_id term_id assignment_id incident_id staff_id org_id by_staff_id letter"
Read = Callable[[str], pd.DataFrame]


def reader(folder: Path) -> Read:
    """Reads a table of a drop, ids and letters as text."""
    return lambda name: pd.read_csv(folder / f"{name}.csv", dtype=dict.fromkeys(IDS.split(), str))


@pytest.fixture(scope="session")
def tiny_drop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny district with its named cast, as of 14 November 2025."""
    folder = tmp_path_factory.mktemp("tiny")
    make_district(folder / "drop", "tiny", seed=3, truth=folder / "truth")
    return folder / "drop"


@pytest.fixture(scope="session")
def tiny(tiny_drop: Path) -> Read:
    """Tables of the tiny district."""
    return reader(tiny_drop)


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Read:
    """Tables of a district large enough for shares: 3,000 students to the end of 2025-26."""
    folder = tmp_path_factory.mktemp("town")
    make_district(folder, "demo", students=3000, seed=3, until=date(2026, 6, 30))
    return reader(folder)
