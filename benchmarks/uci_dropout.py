"""UCI predict students' dropout (Realinho et al. 2022): who leaves a polytechnic, against the rest.

Left out by our house rules: gender, age, marital status, nationality, parents' schooling and work, special
needs, the scholarship and whether the student moved for it, the year's economy; and of the ways of
application those that name age, nationality or where one was born. The flags for debts and tuition fees
carry no date and may come after the outcome, so they are left out too; what they would buy is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from real_set import HOUSE, PUBLISHED, WITH_FEES, RealSet, one_hot

MOMENTS = ("at enrolment", "after semester 1", "after semester 2")
REFERENCE = (0.821, 0.902, 0.920)
REFERENCE_LOGISTIC = (0.812, 0.897, 0.915)
RUNS = 2  # of ten folds each
FEWEST = 30  # students of a code that has a column of its own
PLAIN_WAYS = (1, 7, 17, 18, 42, 43, 44, 51)  # phases, earlier courses, transfers: neither age nor nationality
NUMBERS = (
    "Application order",
    "Previous qualification (grade)",
    "Admission grade",
    "Daytime/evening attendance",
)
CODES = ("Course", "Previous qualification")
FEES = ("Debtor", "Tuition fees up to date")
MORE_NUMBERS = (
    "Displaced",
    "Educational special needs",
    "Gender",
    "Scholarship holder",
    "Age at enrollment",
    "International",
    "Unemployment rate",
    "Inflation rate",
    "GDP",
)
MORE_CODES = (
    "Marital status",
    "Nacionality",
    "Mother's qualification",
    "Father's qualification",
    "Mother's occupation",
    "Father's occupation",
    "Application mode",
)
OF_SEMESTER = ("credited", "enrolled", "evaluations", "approved", "grade", "without evaluations")
TREES = ({"trees": 300, "min_child_samples": 80}, {"trees": 400, "num_leaves": 15, "max_depth": 5})
STRENGTHS = (3.0, 30.0)


def dropout_sets(folder: Path) -> Iterator[RealSet]:
    """The three moments, by our rules, with the undated fee flags, and with every column."""
    table = pd.read_csv(folder / "data.csv", encoding="utf-8-sig").rename(columns=str.strip)
    for moment in range(len(MOMENTS)):
        for columns in (HOUSE, WITH_FEES, PUBLISHED):
            yield dropout_set(table, moment, columns)


def dropout_set(table: pd.DataFrame, moment: int, columns: str) -> RealSet:
    """One moment."""
    features, directions = features_of(table, moment, columns)
    passed = "passed" + str(moment)
    rule = features[passed].fillna(0) < 0.5 if moment else np.zeros(len(table))
    return RealSet(
        name=f"dropout, {MOMENTS[moment]}",
        columns=columns,
        features=features,
        labels=(table["Target"] == "Dropout").to_numpy(dtype=float),
        directions=directions,
        rule=np.asarray(rule, dtype=float),
        rule_to_beat=moment > 0,
        rule_words="passed less than half of the last semester's units" if moment else "none: all alike",
        runs=RUNS,
        trees=TREES,
        strengths=STRENGTHS,
        reference=REFERENCE[moment],
        reference_logistic=REFERENCE_LOGISTIC[moment],
    )


def features_of(table: pd.DataFrame, moment: int, columns: str) -> tuple[pd.DataFrame, dict[str, int]]:
    """The columns known at a moment, under short names, and the directions known of them."""
    every = columns == PUBLISHED
    numbers = [*NUMBERS, *(FEES if columns != HOUSE else ()), *(MORE_NUMBERS if every else ())]
    found = {short(name): table[name].astype(float) for name in numbers}
    for name in (*CODES, *(MORE_CODES if every else ())):
        found |= one_hot(table, name, short(name), FEWEST)
    if not every:
        found |= {f"way_{way}": (table["Application mode"] == way).astype(float) for way in PLAIN_WAYS}
    directions = {short(name): -1 for name in ("Previous qualification (grade)", "Admission grade")}
    for semester, name in ((1, "1st"), (2, "2nd"))[:moment]:
        units = {what: table[f"Curricular units {name} sem ({what})"].astype(float) for what in OF_SEMESTER}
        found |= {f"{short(what)}{semester}": values for what, values in units.items()}
        found[f"passed{semester}"] = units["approved"] / units["enrolled"].where(units["enrolled"] > 0)
        directions |= {f"approved{semester}": -1, f"passed{semester}": -1}
    return pd.DataFrame(found), directions


def short(name: str) -> str:
    """A published name without spaces and signs, as LightGBM takes it."""
    return "".join(letter for letter in name.lower().replace(" ", "_") if letter.isalnum() or letter == "_")
