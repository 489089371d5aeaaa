"""Attendance that is late is said, and from five school days on it raises no new names."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.alder_creek import (
    FRIDAY,
    HIGH,
    MIDDLE,
    MONDAY_MORNING,
    OKAFOR,
    TOWN,
    ZHAO,
    keep,
    roomy,
    scores_of,
)

from ews.records.lake import records_of
from ews.settings import Settings
from ews.store import open_store
from ews.support.freshness import days_behind, held_back, stamp
from ews.support.list_filters import Filters
from ews.support.risk_list import risk_list

WEEKDAYS = {
    "the same day": (date(2025, 11, 14), 0),
    "the day before": (date(2025, 11, 13), 1),
    "over a weekend": (date(2025, 11, 7), 5),
    "before Veterans Day": (date(2025, 11, 10), 3),
}


@pytest.mark.parametrize(("through", "behind"), WEEKDAYS.values(), ids=WEEKDAYS)
def test_only_school_days_make_a_school_late(settings: Settings, through: date, behind: int) -> None:
    days = [date(2025, 11, day) for day in (3, 4, 5, 6, 7, 10, 12, 13, 14)]  # the 11th is a holiday
    calendar = [
        {"school_id": HIGH, "calendar_id": "A", "date": day, "is_instructional": True} for day in days
    ]
    records = records_of({"calendar_days": calendar}, settings)
    expected = behind - 1 if through == date(2025, 11, 7) else behind
    assert days_behind(records, FRIDAY, {HIGH: through}) == {HIGH: expected}


def test_a_school_without_a_calendar_counts_mondays_to_fridays(settings: Settings) -> None:
    records = records_of({}, settings)
    found = days_behind(records, FRIDAY, {HIGH: date(2025, 11, 7), MIDDLE: None})
    assert found == {HIGH: 5, MIDDLE: None}


def test_the_scores_of_a_stamped_school_stand_and_are_stale() -> None:
    scores = scores_of(TOWN, FRIDAY)
    found = held_back(scores, {HIGH: 5, MIDDLE: 4})
    assert {score.status for score in found if score.school_id == HIGH} == {"stale", "not_enough_data"}
    assert {score.status for score in found if score.school_id == MIDDLE} == {"scored"}
    assert [score.probability for score in found] == [score.probability for score in scores]


def test_the_stamp_names_who_is_late_and_what_follows() -> None:
    assert stamp([("Alder Creek High", 1), ("Orchard Bend", 0)]) is None
    assert stamp([("Alder Creek High", 2)]) == (
        "Attendance is a little late: Alder Creek High by 2 school days."
        " The facts below are of the day they name."
    )
    stamped = stamp([("Alder Creek High", 6), ("Orchard Bend", 3)])
    assert stamped == (
        "Attendance is late: Alder Creek High by 6 school days."
        " No new names are raised there until it arrives."
    )


def test_a_stamped_school_raises_no_new_name_and_the_list_says_so(settings: Settings) -> None:
    keep(roomy(settings), TOWN)
    stale = [replace(one, stale=True) for one in TOWN]
    new = replace(TOWN[2], p={"attendance": 0.9, "overall": 0.9}, stale=True, counselor="t-okafor")
    keep(roomy(settings), [*stale[:2], new, *stale[3:]], date(2025, 11, 21), behind={HIGH: 6, MIDDLE: 1})
    with open_store(settings) as store, store.begin() as tx:
        found = risk_list(tx, OKAFOR, Filters("all"), now=MONDAY_MORNING)
        everybody = risk_list(tx, ZHAO, Filters("all"), now=MONDAY_MORNING)
    levels = {row.display_name: row.level for row in found.rows}
    assert levels[TOWN[0].name] == "see_first" and levels[new.name] == "not_this_week"
    assert found.new_names == 0 and found.stamp is not None
    assert "Alder Creek High by 6 school days. No new names" in found.stamp
    assert [school.days_behind for school in everybody.schools] == [6, 1]
