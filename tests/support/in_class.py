"""The town in class: two teachers, who sits with them, for tests of what goes through the schedule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ews.people.access import Principal
from ews.support.roster import Roster
from ews.support.savable import SavableCourse
from ews.support.schedule import Schedule

from . import alder_creek
from .alder_creek import HIGH, LINH, MARIBEL, NOAH, SOFIA, Person

CRUZ = Principal("cruz@alder.example", "Imelda Cruz", "teacher", staff_id="t-cruz")
BELL = Principal("bell@alder.example", "Tom Bell", "teacher", staff_id="t-bell")
AYALA = Principal("ayala@alder.example", "Pia Ayala", "teacher", staff_id="t-ayala")  # teaches none of them
SEATS = {"alg": (MARIBEL, LINH, NOAH), "eng": (MARIBEL, NOAH, SOFIA)}
TERM = date(2025, 8, 18), date(2025, 12, 19)


def section(key: str, title: str) -> dict[str, Any]:
    """A class under way."""
    return {
        "section_id": key, "school_id": HIGH, "title": title, "subject": None, "is_core": True,
        "starts_on": TERM[0], "ends_on": TERM[1],
    }  # fmt: skip


SCHEDULE = Schedule(
    sections=(section("alg", "Algebra 1"), section("eng", "English 9")),
    teachers=(
        {"section_id": "alg", "staff_id": "t-cruz", "period": "3", "room": "B12"},
        {"section_id": "eng", "staff_id": "t-bell", "period": "5", "room": "L03"},
    ),
    seats=tuple(
        {"student_id": one.student_id, "section_id": key} for key, sitting in SEATS.items() for one in sitting
    ),
)


def seat_the_town(
    monkeypatch: pytest.MonkeyPatch,
    schedule: Schedule = SCHEDULE,
    savable: Sequence[SavableCourse] = (),
    circumstances: frozenset[tuple[str, str]] = frozenset(),
) -> None:
    """Every run that is kept from now on has this schedule, its teachers on the roster."""
    plain = alder_creek.roster_of

    def seated(people: Sequence[Person]) -> Roster:
        roster = plain(people)
        teachers = {
            who.staff_id: {
                "staff_id": who.staff_id, "name": who.display_name, "email": None, "role": "teacher",
                "school_id": HIGH,
            }
            for who in (CRUZ, BELL, AYALA)
        }  # fmt: skip
        by_section = {one["section_id"]: one["staff_id"] for one in schedule.teachers}
        return replace(
            roster,
            staff=dict(roster.staff) | teachers,
            schedule=schedule,
            savable=tuple(savable),
            circumstances=circumstances,
            teaching=frozenset(
                (by_section[seat["section_id"]], seat["student_id"])
                for seat in schedule.seats
                if seat["section_id"] in by_section
            ),
        )

    monkeypatch.setattr(alder_creek, "roster_of", seated)
