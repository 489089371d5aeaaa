"""Who belongs to which group on which day, told of six named people."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
from places import settings_in

from ews.records.lake import Records, records_of
from ews.risk.groups import Groups, groups_of_rows

KNOWN_BY = date(2025, 6, 30)
DAY = date(2024, 10, 11)
LEARNERS = ("Mam", "Nadia", "Linh", "Rosa", "Eve")


def learner(student: str, elas: str, start: str, came: str | None = None, end: str | None = None) -> dict:
    return {"student_id": student, "elas": elas, "start_date": start, "end_date": end} | {
        "first_us_school_date": came or start
    }


TABLES = {
    "students": [
        {"student_id": "Mam", "race_ethnicity": "hispanic", "sex": "f"},
        {"student_id": "Nadia", "race_ethnicity": "white", "sex": "f"},
        {"student_id": "Linh", "race_ethnicity": "asian", "sex": "m"},
        {"student_id": "Rosa", "race_ethnicity": "hispanic", "sex": "x"},
        {"student_id": "Eve", "race_ethnicity": None, "sex": "f"},
    ],
    "el_status": [
        learner("Mam", "EL", "2024-02-12"),
        learner("Nadia", "EL", "2022-08-20"),
        learner("Linh", "EL", "2016-08-20"),
        learner("Rosa", "EL", "2015-08-20", end="2024-11-07"),
        learner("Rosa", "RFEP", "2024-11-08", came="2015-08-20"),
        learner("Eve", "EO", "2012-08-20"),
    ],
    "programs": [
        {"student_id": "Linh", "program": "sped", "begin_date": "2020-01-10", "end_date": None},
        {"student_id": "Rosa", "program": "foster", "begin_date": "2023-01-10", "end_date": "2024-10-01"},
        {"student_id": "Eve", "program": "frpm_reduced", "begin_date": "2024-09-01", "end_date": None},
    ],
}


LONG_TERM = pd.DataFrame({"student_id": ["Linh", "Rosa", "Rosa"], "as_of": [DAY, DAY, date(2025, 3, 14)]})


def told(records: Records, rows: pd.DataFrame) -> Groups:
    return groups_of_rows(records, rows, KNOWN_BY, LONG_TERM)


def rows_on(day: date, grade: int = 9) -> pd.DataFrame:
    return pd.DataFrame({"student_id": LEARNERS, "as_of": day, "grade_level": grade})


def records(tmp_path: Path, *without: str) -> Records:
    return records_of(
        {name: rows for name, rows in TABLES.items() if name not in without}, settings_in(tmp_path)
    )


def of(groups: Groups, name: str) -> dict[str, str]:
    """Student to the code of their group."""
    dimension = next(part for part in groups.dimensions if part.name == name)
    return {who: dimension.groups[place][0] for who, place in zip(LEARNERS, dimension.place, strict=True)}


def test_english_learners_are_told_stage_by_stage(tmp_path: Path) -> None:
    groups = told(records(tmp_path), rows_on(DAY))
    assert of(groups, "english") == {
        "Mam": "newcomer",
        "Nadia": "el",
        "Linh": "long_term",
        "Rosa": "long_term",
        "Eve": "never_el",
    }


def test_a_stage_is_that_of_the_row_s_own_day(tmp_path: Path) -> None:
    later = told(records(tmp_path), rows_on(date(2025, 3, 14)))
    assert of(later, "english")["Mam"] == "el"
    assert of(later, "english")["Rosa"] == "rfep"


def test_whoever_is_not_told_to_be_long_term_on_that_day_is_a_learner(tmp_path: Path) -> None:
    earlier = told(records(tmp_path), rows_on(date(2024, 9, 13)))
    assert of(earlier, "english")["Linh"] == "el"


def test_a_program_counts_while_it_lasts(tmp_path: Path) -> None:
    groups = told(records(tmp_path), rows_on(DAY))
    assert of(groups, "disability")["Linh"] == "yes"
    assert of(groups, "socio_economic") == dict.fromkeys(LEARNERS, "no") | {"Eve": "yes"}
    assert set(of(groups, "foster").values()) == {"no"}
    september = told(records(tmp_path), rows_on(date(2024, 9, 13)))
    assert of(september, "foster")["Rosa"] == "yes"


def test_what_nobody_recorded_is_named_and_what_one_student_lacks_is_a_group(tmp_path: Path) -> None:
    groups = told(records(tmp_path), rows_on(DAY))
    assert groups.not_recorded == ("Homeless",)
    assert of(groups, "race")["Eve"] == "unknown"
    without = told(records(tmp_path, "el_status"), rows_on(DAY))
    assert "English learners" in without.not_recorded


def test_intersections_are_pairs(tmp_path: Path) -> None:
    groups = told(records(tmp_path), rows_on(DAY))
    assert of(groups, "race*gender")["Linh"] == "asian*m"
    assert of(groups, "race*learner")["Mam"] == "hispanic*yes"
    titles = dict(next(part for part in groups.dimensions if part.name == "race*gender").groups)
    assert titles["hispanic*f"] == "Hispanic or Latino, girls"
