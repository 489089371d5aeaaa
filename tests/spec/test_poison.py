"""What happens or becomes known after the as-of date changes no feature, to the bit.

Every row and every column of a made-up district that is dated or known after the day is altered at random,
rows are added and taken away; the feature matrix must stay as it was.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ews.district.make import make_district
from ews.features.english_learners import learner_frame
from ews.features.matrix import feature_matrix
from ews.records.contract import CONTRACT
from ews.records.contract.definition import Column, Table
from ews.records.lake import records_of
from ews.records.sources import SOURCES
from ews.settings import Settings, read_settings

pytestmark = pytest.mark.slow

Row = dict[str, Any]
Tables = dict[str, list[Row]]
WHOLE_YEAR = date(2026, 6, 30)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("poison")
    return read_settings({"EWS_HOME": str(folder), "EWS_CONFIG": str(folder / "ews.toml")})


@pytest.fixture(scope="module")
def tables(settings: Settings) -> Tables:
    """Everything that a district of 120 students handed over at the end of its fourth year."""
    drop: Path = settings.home / "drop"
    make_district(drop, "tiny", students=120, seed=31, until=WHOLE_YEAR)
    read = SOURCES["csv"](drop, settings)
    return {name: handed.rows.to_pylist() for name, handed in read.tables.items()}


@pytest.mark.parametrize(
    ("as_of", "seed"),
    [(date(2025, 9, 5), 1), (date(2025, 11, 14), 2), (date(2026, 3, 6), 3)],
    ids=["week 3", "week 13", "week 28"],
)
def test_what_comes_after_the_day_changes_no_bit(
    tables: Tables, settings: Settings, as_of: date, seed: int
) -> None:
    clean, learners = told(tables, as_of, settings)
    altered, count = poisoned(tables, as_of, settings, random.Random(seed))
    after, learners_after = told(altered, as_of, settings)
    assert len(clean) > 60 and len(learners) > 8
    assert count > 5_000, "the poison must reach many rows to prove anything"
    pd.testing.assert_frame_equal(after, clean, check_exact=True)
    pd.testing.assert_frame_equal(learners_after, learners, check_exact=True)


def told(tables: Tables, as_of: date, settings: Settings) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The matrix of everyone and the English learners' own, from ``tables``."""
    records = records_of(tables, settings)
    matrix = feature_matrix(records, [as_of], settings=settings)
    return matrix, learner_frame(records, [as_of], settings=settings)


def test_the_poison_is_felt_once_its_day_has_come(tables: Tables, settings: Settings) -> None:
    as_of, later = date(2025, 11, 14), date(2026, 3, 6)
    clean = feature_matrix(records_of(tables, settings), [later], settings=settings)
    altered, _ = poisoned(tables, as_of, settings, random.Random(2))
    after = feature_matrix(records_of(altered, settings), [later], settings=settings)
    assert not after.equals(clean)


def poisoned(tables: Tables, as_of: date, settings: Settings, chance: random.Random) -> tuple[Tables, int]:
    """``tables`` with all that lies after ``as_of`` altered, and how many rows that were."""
    altered: Tables = {}
    count = 0
    parents = {
        name: {row[table.key[0]]: row for row in tables.get(name, [])} for name, table in CONTRACT.items()
    }
    for name, rows in tables.items():
        table = CONTRACT[name]
        if table.plan:
            altered[name] = rows
            continue
        kept: dict[tuple[Any, ...], Row] = {}
        for row in rows:
            after = comes_after(row, table, parents, as_of, settings)
            changed = (
                shaken(row, table, as_of, chance) if after else columns_shaken(row, table, as_of, chance)
            )
            count += changed is not row
            if changed is not None:
                kept[tuple(changed[column] for column in table.key)] = changed
        altered[name] = list(kept.values())
    return altered, count


def comes_after(
    row: Row, table: Table, parents: Mapping[str, Mapping[Any, Row]], as_of: date, settings: Settings
) -> bool:
    """Whether the row happened, or became known, after the day."""
    recorded = row.get("recorded_at")
    if recorded is not None and local_day(recorded, settings) > as_of:
        return True
    happened = event_day(row, table, parents, settings)
    return happened is not None and happened > as_of


def event_day(
    row: Row, table: Table, parents: Mapping[str, Mapping[Any, Row]], settings: Settings
) -> date | None:
    """The row's own day: the first of its event dates that is there, its parent's where it says so."""
    for column in table.event_date:
        if "." in column:
            parent, parent_column = column.split(".")
            key = CONTRACT[parent].key[0]
            value = parents[parent].get(row.get(key), {}).get(parent_column)
        else:
            value = row.get(column)
        if value is not None:
            return local_day(value, settings)
    return None


def local_day(value: Any, settings: Settings) -> date:
    """A date as it is, an instant as the district's day."""
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(settings.timezone).date()
    return value  # type: ignore[no-any-return]


def shaken(row: Row, table: Table, as_of: date, chance: random.Random) -> Row | None:
    """A row after the day: gone one time in five, else altered wherever that keeps it after the day."""
    if chance.random() < 0.2:
        return None
    own_dates = {column for column in table.event_date if "." not in column} | {"recorded_at"}
    fixed = {column for column in table.key if column not in own_dates} | {"school_id", "school_year"}
    changed = dict(row)
    for column in table.columns:
        if column.name in fixed or column.name not in row or column.name in table.parents:
            continue
        if column.type in ("date", "instant"):
            changed[column.name] = later(column, as_of, chance) if row[column.name] is not None else None
        else:
            changed[column.name] = anything(column, row[column.name], chance)
    return changed


def columns_shaken(row: Row, table: Table, as_of: date, chance: random.Random) -> Row:
    """A row of before, with the columns altered whose own date lies after the day."""
    changed = dict(row)
    for column in table.columns:
        dated = row.get(column.event_date) if column.event_date else None
        if dated is None or dated == row.get(column.name):
            continue
        if (dated.date() if isinstance(dated, datetime) else dated) > as_of + timedelta(days=1):
            changed[column.name] = anything(column, row.get(column.name), chance)
    for column in table.columns:
        if column.event_date == column.name and isinstance(row.get(column.name), date):
            value = row[column.name]
            if (value.date() if isinstance(value, datetime) else value) > as_of + timedelta(days=1):
                changed[column.name] = later(column, as_of, chance)
    return changed if changed != row else row


def later(column: Column, as_of: date, chance: random.Random) -> date | datetime:
    """Some moment after the day."""
    day = as_of + timedelta(days=chance.randint(2, 150))
    return datetime.combine(day, time(20), UTC) if column.type == "instant" else day


def anything(column: Column, value: Any, chance: random.Random) -> Any:
    """Another value that the column could hold."""
    if column.allowed:
        return chance.choice(column.allowed)
    if column.type == "boolean":
        return chance.choice([True, False])
    if column.type in ("integer", "decimal"):
        low = column.minimum if column.minimum is not None else 0
        high = column.maximum if column.maximum is not None else low + 50
        number = chance.uniform(low, high)
        return int(number) if column.type == "integer" else round(number, 2)
    return value
