"""No protected attribute reaches a feature matrix: by the catalogue, by the allow-list, and to the bit."""

from __future__ import annotations

import ast
import random
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import ews
from ews.district.make import make_district
from ews.features.allowed import ALLOWED, FORBIDDEN
from ews.features.catalogue import FEATURES
from ews.features.matrix import feature_matrix
from ews.records.contract import CONTRACT
from ews.records.lake import records_of
from ews.records.sources import SOURCES
from ews.risk.definition import definitions
from ews.settings import Settings, read_settings

SOURCE = Path(ews.__file__).parent
ROOT = Path(__file__).parents[2]
AS_OF = date(2025, 11, 14)
PROTECTED: dict[str, dict[str, tuple[Any, ...]]] = {
    "students": {
        "sex": ("f", "m", "x", "u", None),
        "race_ethnicity": ("am_ind", "asian", "black", "hispanic", "pac_isl", "white", "two_plus", None),
        "birth_date": (date(2008, 2, 29), date(2015, 12, 31), None),
        "home_language": ("eng", "spa", "mam", "vie", None),
    },
    "el_status": {
        "elas": ("EO", "IFEP", "EL", "RFEP", "TBD", None),
        "first_us_school_date": (date(2012, 8, 20), date(2025, 2, 3), None),
    },
    "programs": {
        "program": ("sped", "s504", "frpm_free", "homeless", "foster", "migrant", "gate"),
        "detail": ("autism", "resource room", None),
    },
    "guardians": {"language": ("eng", "spa", "mam", None), "interpreter": (True, False, None)},
}
WORDS = (
    "race",
    "ethnic",
    "sex",
    "gender",
    "disab",
    "foster",
    "homeless",
    "frpm",
    "language",
    "birth",
    "learner",
)
READERS = {  # who may name the column at all: the contract, its refusal, the made-up district, and one door
    "records/contract/people.py",
    "records/header.py",
    "features/allowed.py",
    "risk/groups.py",
}


def test_the_allow_list_names_no_protected_column() -> None:
    protected = {column for columns in PROTECTED.values() for column in columns}
    assert protected <= FORBIDDEN
    assert not [name for name, columns in ALLOWED.items() if set(columns) & FORBIDDEN]
    assert not set(ALLOWED) & {"students", "el_status", "programs", "guardians", "student_names"}


def test_no_feature_of_the_catalogue_comes_from_a_protected_table() -> None:
    assert {feature.source for feature in FEATURES.values()} <= set(ALLOWED)
    assert not [name for name in FEATURES if any(word in name for word in WORDS)]


def test_no_definition_in_training_takes_anything_but_described_features() -> None:
    for model in definitions(ROOT / "training"):
        assert set(model.described()) == set(model.features)
        assert not {"race_ethnicity", "sex", "home_language", "birth_date"} & set(model.features)


def test_race_has_one_door() -> None:
    naming = set()
    for path in SOURCE.rglob("*.py"):
        inside = path.relative_to(SOURCE).as_posix()
        words = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if text_of(node)]
        if "race_ethnicity" in words and not inside.startswith("district/"):
            naming.add(inside)
    assert naming == READERS


def text_of(node: ast.AST) -> bool:
    """Whether the node is a piece of text."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@pytest.mark.slow
def test_altering_every_protected_column_changes_no_bit(tmp_path: Path) -> None:
    settings = read_settings({"EWS_HOME": str(tmp_path), "EWS_CONFIG": str(tmp_path / "ews.toml")})
    make_district(tmp_path / "drop", "tiny", students=120, seed=31, until=AS_OF)
    read = SOURCES["csv"](tmp_path / "drop", settings)
    tables = {name: handed.rows.to_pylist() for name, handed in read.tables.items()}
    clean = matrix(tables, settings)
    altered, count = scrambled(tables, random.Random(5))
    assert len(clean) > 60 and count > 300
    pd.testing.assert_frame_equal(matrix(altered, settings), clean, check_exact=True)


def matrix(tables: dict[str, list[dict[str, Any]]], settings: Settings) -> pd.DataFrame:
    """The feature matrix of a day late in autumn."""
    return feature_matrix(records_of(tables, settings), [AS_OF], settings=settings)


def scrambled(
    tables: dict[str, list[dict[str, Any]]], chance: random.Random
) -> tuple[dict[str, list[dict[str, Any]]], int]:
    """``tables`` with every protected column drawn anew, and how many values that changed."""
    altered, count = dict(tables), 0
    for name, columns in PROTECTED.items():
        keys = {column for column in columns if column in CONTRACT[name].key}
        rows: list[dict[str, Any]] = []
        for row in tables.get(name, []):
            drawn = {column: chance.choice(values) for column, values in columns.items()}
            fresh = row | drawn
            if keys and any(same_key(fresh, other, CONTRACT[name].key) for other in rows):
                fresh = row | {column: drawn[column] for column in drawn if column not in keys}
                if any(same_key(fresh, other, CONTRACT[name].key) for other in rows):
                    continue
            count += sum(fresh[column] != row.get(column) for column in drawn)
            rows.append(fresh)
        altered[name] = rows
    return altered, count


def same_key(one: dict[str, Any], other: dict[str, Any], key: tuple[str, ...]) -> bool:
    """Whether two rows have the same key."""
    return all(one[column] == other[column] for column in key)
