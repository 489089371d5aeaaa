"""What is typical comes from enough students of one's grade at this time of year, or from everyone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from made_up import MadeUp

from ews.risk.known_rows import quartiles_of
from ews.risk.typical import EVERYONE, FEWEST, Typical, cell_names, read_typical, typical_of


def students(grade: int, week: int, count: int, missed: float) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "student_id": [f"{grade}-{place}" for place in range(count)],
            "grade_level": grade,
            "week": week,
            "absence_streak_now": missed,
        }
    )


def compared(told: Typical, asked: pd.DataFrame) -> np.ndarray:
    """(n, features, 3) what each row of ``asked`` is held against."""
    return quartiles_of([(told, name) for name in told.features], cell_names(asked))


def test_each_grade_and_third_of_the_year_has_its_own_quartiles() -> None:
    told = typical_of(
        pd.concat([students(7, 3, 40, 1.0), students(7, 20, 40, 5.0), students(9, 3, 40, 2.0)]),
        ["absence_streak_now"],
    )
    asked = pd.concat([students(7, 7, 1, 0.0), students(7, 15, 1, 0.0), students(9, 3, 1, 0.0)])
    assert compared(told, asked)[:, 0, 1].tolist() == [1.0, 5.0, 2.0]


def test_a_cell_of_few_students_tells_nothing_of_them() -> None:
    told = typical_of(
        pd.concat([students(7, 3, 40, 1.0), students(12, 3, FEWEST - 1, 9.0)]), ["absence_streak_now"]
    )
    assert list(told.cells) == [EVERYONE, "7/0"]
    assert compared(told, students(12, 3, 1, 0.0))[0, 0].tolist() == told.cells[EVERYONE][0].tolist()


def test_a_column_that_nobody_has_has_no_typical_value() -> None:
    told = typical_of(students(7, 3, 40, float("nan")), ["absence_streak_now"])
    assert np.isnan(told.cells["7/0"]).all()
    assert told.as_json()["7/0"]["absence_streak_now"] == [None, None, None]


def test_written_and_read_again_it_is_the_same(rows: MadeUp) -> None:
    told = typical_of(rows.matrix, ["absence_rate_year", "lowest_mark"])
    few = rows.matrix.head(40)
    again = read_typical(told.features, told.as_json())
    assert list(again.cells) == list(told.cells)
    assert np.array_equal(compared(again, few), compared(told, few), equal_nan=True)
