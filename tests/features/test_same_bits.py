"""The same bits: a student alone or with all others, rows in any order, one thread or two."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ews.district.make import make_district
from ews.features.matrix import feature_matrix
from ews.features.weekly import weekly_record
from ews.records.lake import Records, records_of
from ews.records.sources import SOURCES
from ews.settings import Settings, read_settings

pytestmark = pytest.mark.slow

AS_OF = [date(2025, 9, 26), date(2025, 11, 14)]
Tables = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("same-bits")
    return read_settings({"EWS_HOME": str(folder), "EWS_CONFIG": str(folder / "ews.toml")})


@pytest.fixture(scope="module")
def tables(settings: Settings) -> Tables:
    drop: Path = settings.home / "drop"
    make_district(drop, "tiny", students=150, seed=8, until=AS_OF[-1])
    read = SOURCES["csv"](drop, settings)
    return {name: handed.rows.to_pylist() for name, handed in read.tables.items()}


@pytest.fixture(scope="module")
def records(tables: Tables, settings: Settings) -> Records:
    return records_of(tables, settings)


@pytest.fixture(scope="module")
def everyone(records: Records, settings: Settings) -> pd.DataFrame:
    return feature_matrix(records, AS_OF, settings=settings)


def test_a_student_alone_has_the_row_that_she_has_among_all(
    records: Records, settings: Settings, everyone: pd.DataFrame
) -> None:
    some = sorted(set(everyone["student_id"]))[::50]
    alone = feature_matrix(records, AS_OF, settings=settings, students=some)
    among = everyone[everyone["student_id"].isin(some)].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among, check_exact=True)


def test_shuffled_rows_and_one_thread_change_no_bit(
    tables: Tables, settings: Settings, everyone: pd.DataFrame
) -> None:
    chance = random.Random(4)
    shuffled = {name: chance.sample(rows, len(rows)) for name, rows in tables.items()}
    records = records_of(shuffled, settings)
    records.connection.raw_sql("SET threads = 1")
    again = feature_matrix(records, AS_OF, settings=settings)
    pd.testing.assert_frame_equal(again, everyone, check_exact=True)


def test_only_the_students_asked_for_have_rows(records: Records, settings: Settings) -> None:
    none = feature_matrix(records, AS_OF, settings=settings, students=["nobody"])
    assert len(none) == 0


def test_the_weekly_record_adds_up_to_the_matrix(
    records: Records, settings: Settings, everyone: pd.DataFrame
) -> None:
    weeks = weekly_record(records, AS_OF[-1], settings=settings)
    this_year = weeks[[week >= date(2025, 7, 1) for week in weeks["week_start"]]]
    sums = this_year.groupby("student_id")[["days_missed", "days_expected"]].sum()
    today = everyone[everyone["as_of"] == AS_OF[-1]].set_index("student_id")
    same = sums.join(today[["fact_absent_days_year", "fact_expected_days_year"]], how="inner").dropna()
    assert len(same) > 100
    assert (same["days_missed"] == same["fact_absent_days_year"]).all()
    assert (same["days_expected"] == same["fact_expected_days_year"]).all()
    assert set(weeks.groupby("student_id").size()) == {36}
