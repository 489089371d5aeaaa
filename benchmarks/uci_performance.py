"""UCI student performance (Cortez & Silva 2008): who ends the year below 10 of 20 in a subject.

Two Portuguese secondary schools. Left out by our house rules: sex, age, where the student lives, everything
about the family and the home, health, drink, and romance; and the absences, which are counted over the
whole year and so not known early. "Every column" takes all of them, for comparison with what was published.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from real_set import HOUSE, PUBLISHED, RealSet, one_hot

SUBJECTS = {"mathematics": "student-mat.csv", "Portuguese": "student-por.csv"}
REFERENCE = {
    ("mathematics", True): 0.923,
    ("Portuguese", True): 0.946,
    ("mathematics", False): 0.690,
    ("Portuguese", False): 0.826,
}
PASS = 10  # of 20
RUNS = {HOUSE: 20, PUBLISHED: 10}  # of ten folds each; 20 were published
NUMBERS = ("traveltime", "studytime", "failures", "freetime", "goout")
YES_NO = ("schoolsup", "famsup", "paid", "activities", "nursery", "higher")
CODES = ("school", "reason")
MORE_NUMBERS = ("age", "Medu", "Fedu", "famrel", "Dalc", "Walc", "health", "absences")
MORE_YES_NO = ("internet", "romantic")
MORE_CODES = ("sex", "address", "famsize", "Pstatus", "Mjob", "Fjob", "guardian")
DIRECTIONS = {"failures": 1, "G1": -1}  # absences over the whole year: who left early has few
TREES = ({"trees": 200, "min_child_samples": 20}, {"trees": 200, "min_child_samples": 60})
STRENGTHS = (3.0, 30.0)


def performance_sets(folder: Path) -> Iterator[RealSet]:
    """Both subjects, with the first period's mark and without any, by our rules and with every column."""
    for subject, file in SUBJECTS.items():
        table = pd.read_csv(folder / file, sep=";")
        for with_mark in (True, False):
            for columns in (HOUSE, PUBLISHED):
                yield performance_set(table, subject, with_mark, columns)


def performance_set(table: pd.DataFrame, subject: str, with_mark: bool, columns: str) -> RealSet:
    """One subject at one moment."""
    features = features_of(table, columns)
    if with_mark:
        features = features.assign(G1=table["G1"].astype(float))
        rule, words = (table["G1"] < PASS), "last grade below 10"
    else:
        rule, words = (table["failures"] > 0), "failed a class in an earlier year"
    return RealSet(
        name=f"performance in {subject}, {'with the first mark' if with_mark else 'before any mark'}",
        columns=columns,
        features=features,
        labels=(table["G3"] < PASS).to_numpy(dtype=float),
        directions=DIRECTIONS,
        rule=np.asarray(rule, dtype=float),
        rule_words=words,
        rule_to_beat=with_mark,
        runs=RUNS[columns],
        trees=TREES,
        strengths=STRENGTHS,
        reference=REFERENCE[subject, with_mark],
    )


def features_of(table: pd.DataFrame, columns: str) -> pd.DataFrame:
    """The columns that our rules allow, or all but the marks."""
    every = columns == PUBLISHED
    numbers = (*NUMBERS, *(MORE_NUMBERS if every else ()))
    yes_no = (*YES_NO, *(MORE_YES_NO if every else ()))
    found = {name: table[name].astype(float) for name in numbers}
    found |= {name: (table[name] == "yes").astype(float) for name in yes_no}
    for name in (*CODES, *(MORE_CODES if every else ())):
        found |= one_hot(table, name, name)
    return pd.DataFrame(found)
