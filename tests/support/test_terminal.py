"""The list and an explanation at the terminal."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pytest
from rich.console import Console
from sqlalchemy import select
from support.alder_creek import FRIDAY, LINH, MARIBEL, MONDAY_MORNING, keep, opened, roomy

from ews.errors import UsageError
from ews.settings import Settings
from ews.store.tables import ledger
from ews.support.facts import Contact
from ews.support.terminal import explanation, list_rows, list_table


def test_the_table_lists_the_most_urgent_first_and_stops_at_the_capacity(settings: Settings) -> None:
    keep(roomy(settings))
    rows = list_rows(settings, FRIDAY, school=None, caseload=None, capacity=2, now=MONDAY_MORNING)
    assert [row["display_name"] for row in rows] == ["Maribel Santos", "Ana Reyes"]
    told = io.StringIO()
    Console(file=told, width=200).print(list_table(rows, FRIDAY))
    assert "See first" in told.getvalue() and "Growing" in told.getvalue()
    mine = list_rows(settings, FRIDAY, school=None, caseload="t-okafor", capacity=None, now=MONDAY_MORNING)
    assert [row["display_name"] for row in mine] == ["Maribel Santos", "Linh Tran"]


@pytest.mark.parametrize("width", [80, 140])
def test_the_table_is_read_at_80_and_at_140_columns(settings: Settings, width: int) -> None:
    maribel = replace(
        MARIBEL, absence_rate=0.12, fs=1.0, contact=Contact("Mr. Lee", date(2025, 10, 21), "phone")
    )
    keep(roomy(settings), [maribel, LINH])
    rows = list_rows(settings, FRIDAY, school=None, caseload=None, capacity=None, now=MONDAY_MORNING)
    told = io.StringIO()
    Console(file=told, width=width).print(list_table(rows, FRIDAY))
    lines = told.getvalue().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    first, second = (told.getvalue().index(name) for name in ("Maribel Santos", "Linh Tran"))
    assert told.getvalue()[first:second].rstrip().count("\n") < 6
    for piece in (
        "Grade 9, ",
        "maribel-santos",
        "Contact 21 Oct",
        "Data to 14 Nov",
        "Rules: A, C",
        "See first",
    ):
        assert piece in told.getvalue()
    column = next(line for line in lines if "Reasons" in line).index("Reasons")
    reasons = " ".join(" ".join(line[column:] for line in lines).split())
    assert "- Missed 4 of the last 10 school days (typical 0 to 1)" in reasons
    assert "+ Passing every core course now" in reasons


def test_an_explanation_has_score_facts_drivers_and_how_sure(settings: Settings) -> None:
    keep(roomy(settings))
    content, lines = explanation(settings, "maribel-santos", FRIDAY, now=MONDAY_MORNING)
    told = "\n".join(lines)
    assert lines[0] == "Maribel Santos (maribel-santos), Grade 9, Alder Creek High"
    assert "Attendance: band high, 0.81 (about 80 to 95 of 100 like this)" in told
    assert "    Of 100 students with a record like this, about 80 to 95 missed 10 % or more" in told
    assert "+0.80 raises: Missed 4 of the last 10 school days (typical in grade 9: 0 to 1)." in told
    assert "Behavior: not scored" in told and "Overall: band high, 0.83" in told
    assert content["row"]["student_id"] == "maribel-santos"
    with opened(settings) as store, store.read() as tx:
        assert tx.execute(select(ledger.c.action)).scalars().all() == ["student"]


def test_a_day_without_a_run_and_an_unknown_student_are_told(settings: Settings) -> None:
    with pytest.raises(UsageError, match="no run"):
        explanation(settings, "maribel-santos", FRIDAY, now=MONDAY_MORNING)
    keep(roomy(settings))
    with pytest.raises(UsageError, match="no such student"):
        explanation(settings, "nobody", FRIDAY, now=MONDAY_MORNING)
