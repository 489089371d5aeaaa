"""A drop of a chosen world and its truth, for tests that know both."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd

from ews.district.make import make_district
from ews.district.world import World

END = date(2026, 6, 30)
TEXT = dict.fromkeys(["student_id", "school_id", "org_id"], str)


class Made:
    """A drop and its truth."""

    def __init__(self, folder: Path, world: World, *, students: int = 2000, years: int = 2) -> None:
        self.folder = folder
        make_district(
            folder / "drop", "demo", students=students, years=years, seed=5, world=world, until=END,
            truth=folder / "truth",
        )  # fmt: skip

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "drop" / f"{name}.csv", dtype=TEXT)

    def hidden(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "truth" / f"{name}.parquet")

    @property
    def truth(self) -> dict:
        return json.loads((self.folder / "truth" / "truth.json").read_text(encoding="utf-8"))
