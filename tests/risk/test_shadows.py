"""A refused model scores beside the one that serves, apart, and stops nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from made_up import MadeUp, Trained, definition, made_up, train_made_up

from ews.risk.bundle import Bundle, bundles_in_service
from ews.risk.promotion import StaysOut, promote
from ews.risk.scoring import explained_scores
from ews.risk.shadows import shadow_scores, shadows
from ews.settings import Settings


@pytest.fixture
def with_shadow(trained_here: Settings) -> Settings:
    """A weaker attendance model was refused, and overall stacked on it waits too."""
    weaker = definition("attendance", features=("tardies_last_20", "missing_work", "week"))
    train_made_up(trained_here, ["attendance", "overall"], made_up(), {"attendance": weaker})
    for name in ("attendance", "overall"):
        with pytest.raises(StaysOut):
            promote(trained_here, name, signed_by=["Ana"])
    return trained_here


def day_of(rows: MadeUp) -> pd.DataFrame:
    """One day's rows."""
    matrix = rows.year(2025).matrix
    return matrix[matrix["week"] == 20].reset_index(drop=True)


def test_without_a_shadow_nothing_is_said_and_nothing_is_read(
    trained: Trained, bundles: dict[str, Bundle], rows: MadeUp, settings: Settings
) -> None:
    found, notes = shadows(trained.folder / "models")
    assert (found, notes) == ({}, [])
    assert shadow_scores(found, bundles, day_of(rows), settings) == ([], [])


def test_a_shadow_says_what_it_would_say_in_service(with_shadow: Settings, rows: MadeUp) -> None:
    found, notes = shadows(with_shadow.models)
    serving = bundles_in_service(with_shadow.models)
    day = day_of(rows)
    said, failed = shadow_scores(found, serving, day, with_shadow)
    assert notes == failed == [] and set(found) == {"attendance", "overall"}
    would = explained_scores(serving | found, day, settings=with_shadow).scores
    for name in found:
        mine = {row["student_id"]: row["probability"] for row in said if row["domain"] == name}
        theirs = {score.student_id: score.probability for score in would if score.domain == name}
        assert mine == {key: value for key, value in theirs.items() if value is not None}
    served = explained_scores(serving, day, settings=with_shadow).by_student()
    different = [row for row in said if not np.isclose(
        row["probability"], served[row["student_id"]][row["domain"]].probability or 0.0)]  # fmt: skip
    assert different


def test_a_damaged_shadow_is_noted_and_stops_nothing(with_shadow: Settings, rows: MadeUp) -> None:
    version = (with_shadow.models / "attendance" / "shadow").read_text().strip()
    (with_shadow.models / "attendance" / version / "model.txt").write_text("broken")
    found, notes = shadows(with_shadow.models)
    assert set(found) == {"overall"} and notes == [f"The shadow {version} cannot be read and did not score."]
    said, failed = shadow_scores(found, bundles_in_service(with_shadow.models), day_of(rows), with_shadow)
    assert {row["domain"] for row in said} == {"overall"} and failed == []


def test_a_shadow_that_asks_for_columns_that_are_gone_is_noted(with_shadow: Settings, rows: MadeUp) -> None:
    found, _ = shadows(with_shadow.models)
    lacking = day_of(rows).drop(columns="missing_work")
    only = {"attendance": found["attendance"]}
    said, failed = shadow_scores(only, {}, lacking, with_shadow)
    assert said == [] and "missing_work" in failed[0]
