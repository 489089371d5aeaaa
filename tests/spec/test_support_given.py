"""Support given so far: days of it, never which support, and never what came after the day asked about."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import pandas as pd
import pytest
from small_school import DAYS, Row, enrolled, rows_of, small_school, weekend_after

AS_OF = weekend_after(60)


def helped(student: str, first: int, last: int | None, number: int = 1) -> Row:
    """Support from one school day to another (None: it is still running)."""
    return {
        "intervention_id": f"{student} {number}",
        "student_id": student,
        "kind": "mentor",
        "begin_date": DAYS[first - 1],
        "end_date": None if last is None else DAYS[last - 1],
    }


NAMES = ("Ana", "Ben", "Cora", "Dee", "Eli", "Fay")
TABLES = small_school(
    enrollments=[enrolled(name) for name in NAMES],
    interventions=[
        helped("Ben", 56, None),
        helped("Cora", 41, 45),
        helped("Dee", 1, 10),
        helped("Eli", 61, None),
        helped("Fay", 16, None),
        helped("Fay", 16, None, number=2),
    ],
)


@pytest.fixture(scope="module")
def people(engine: Any) -> dict[str, pd.Series]:
    return rows_of(TABLES, AS_OF, engine=engine)


def test_ana_was_given_none(people: dict[str, pd.Series]) -> None:
    assert people["Ana"].support_days == 0


def test_ben_has_been_in_support_for_a_week(people: dict[str, pd.Series]) -> None:
    assert people["Ben"].support_days == (AS_OF - DAYS[55]).days + 1


def test_cora_was_in_support_from_a_monday_to_a_friday(people: dict[str, pd.Series]) -> None:
    assert people["Cora"].support_days == 5


def test_dees_support_is_longer_ago_than_45_school_days(people: dict[str, pd.Series]) -> None:
    assert people["Dee"].support_days == 0


def test_elis_support_begins_after_the_day_asked_about(people: dict[str, pd.Series]) -> None:
    assert people["Eli"].support_days == 0


def test_fays_two_programs_count_no_more_than_every_day(people: dict[str, pd.Series]) -> None:
    assert people["Fay"].support_days == (AS_OF - DAYS[15]).days + 1


def test_an_end_that_lies_ahead_is_not_known_yet(engine: Any) -> None:
    planned = small_school(enrollments=[enrolled("Ben")], interventions=[helped("Ben", 56, 100)])
    assert rows_of(planned, AS_OF, engine=engine)["Ben"].support_days == (AS_OF - DAYS[55]).days + 1


def test_in_the_first_weeks_of_a_year_its_own_days_count(engine: Any) -> None:
    early = small_school(enrollments=[enrolled("Ben")], interventions=[helped("Ben", 6, None)])
    as_of = DAYS[9]
    assert rows_of(early, as_of, engine=engine)["Ben"].support_days == (as_of - DAYS[5]).days + 1
    assert rows_of(early, as_of - timedelta(days=7), engine=engine)["Ben"].support_days == 0


def test_where_no_interventions_are_handed_over_nothing_is_said(engine: Any) -> None:
    assert math.isnan(
        rows_of(small_school(enrollments=[enrolled("Ana")]), AS_OF, engine=engine)["Ana"].support_days
    )
