"""What came of a course, on the tiny OULAD folder: failed or withdrawn, read only once the course is over."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from oulad_people import write_oulad

from ews.features.course_outcome import NO_RESULT, NOT_OVER
from ews.outcomes import outcomes
from ews.records.lake import Records, records_of
from ews.records.sources.oulad import read_oulad
from ews.settings import Settings

START = date(2013, 2, 1)
DAY_30 = START + timedelta(days=30)
LAST = START + timedelta(days=240)


@pytest.fixture
def records(tmp_path: Path, settings: Settings) -> Records:
    drop = read_oulad(write_oulad(tmp_path / "oulad"), settings)
    return records_of({name: handed.rows for name, handed in drop.tables.items()}, settings)


def labels(records: Records, settings: Settings, frozen_by: date | None = None) -> pd.DataFrame:
    found = outcomes(records, [DAY_30], "course", settings=settings, frozen_by=frozen_by)
    return found.set_index("student_id")


def test_fail_and_withdrawn_are_1_and_pass_is_0(records: Records, settings: Settings) -> None:
    found = labels(records, settings)
    assert found["label"].to_dict() == {"amina": 0, "bo": 1, "chidi": 1, "dara": 0, "farah": 1, "gus": 0}
    assert set(found["section_id"]) == {"BIO-2013B"}
    assert set(found["closes_on"]) == {LAST}


def test_nobody_has_a_label_before_the_course_is_over_not_even_who_left(
    records: Records, settings: Settings
) -> None:
    before = labels(records, settings, frozen_by=LAST - timedelta(days=1))
    assert before["label"].isna().all()
    assert set(before["censored"]) == {NOT_OVER}
    assert labels(records, settings, frozen_by=LAST)["label"].notna().all()


def test_without_a_final_result_there_is_no_label(tmp_path: Path, settings: Settings) -> None:
    drop = read_oulad(write_oulad(tmp_path / "again"), settings)
    tables = {name: handed.rows.to_pylist() for name, handed in drop.tables.items()}
    tables["outcomes"] = [row for row in tables["outcomes"] if row["student_id"] != "gus"]
    found = labels(records_of(tables, settings), settings)
    assert pd.isna(found.loc["gus", "label"]) and found.loc["gus", "censored"] == NO_RESULT
    assert found.loc["bo", "censored"] is None
