"""What fits a sheet: the rest is left out whole, and the sheet says so."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.alder_creek import MARIBEL, MONDAY_MORNING, OKAFOR, TOWN, keep, roomy
from web.visitor import person_in

from ews.settings import Settings
from ews.store import open_store
from ews.support.decisions import Decision
from ews.support.facts import Reason
from ews.support.handouts import Fact, Handout, Handouts, Spoken, handouts
from ews.support.meeting_plan import call_meeting
from ews.support.supports_tried import SupportTried
from ews.web.sheet_room import BEFORE_ROOM, ROOM, fitted, height_of, needed, sheets_before

LONG = "17 of 19 assignments due this term in Advanced Placement Literature not turned in"
DONE = "Goal met in part; no session is on record"


@pytest.fixture
def sheets(settings: Settings) -> Handouts:
    keep(roomy(settings), TOWN)
    with open_store(settings) as store, store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        meeting = call_meeting(
            tx, okafor, held_on=date(2025, 11, 20), begins="10:00", minutes=10, school_id="alder",
            attending="", student_ids=[MARIBEL.student_id], form_id="f", now=MONDAY_MORNING,
        )  # fmt: skip
        found = handouts(tx, okafor, meeting or 0, now=MONDAY_MORNING)
    assert found is not None
    return found


@pytest.fixture
def sheet(sheets: Handouts) -> Handout:
    return sheets.pages[0]


def crowded(sheet: Handout) -> Handout:
    """Three of everything, each longer than a line."""
    support = SupportTried("check_in_check_out", "Targeted", None, date(2023, 1, 2), None, "12 of 20", DONE)
    return replace(
        sheet,
        strengths=tuple(Reason(LONG, None, None) for _ in range(3)),
        facts=tuple(Fact("Grades", LONG, "0 to 3", "SIS, 7 Nov") for _ in range(4)),
        supports=(support,) * 3,
        contacts=tuple(Spoken(date(2025, 11, 3), "Joaquín Hernández de la Cruz", "phone") for _ in range(3)),
    )


def test_what_was_decided_before_goes_onto_as_many_sheets_as_it_needs(sheets: Handouts) -> None:
    found = sheets.agenda
    assert sheets_before(found) == ()
    long = Decision(LONG * 9, LONG, LONG, None, "", MONDAY_MORNING, held_on=date(2025, 10, 2))
    crowd = replace(found, entries=(replace(found.entries[0], before=(long,) * 11),))
    drawn = sheets_before(crowd)
    assert sum(map(len, drawn)) == 11 and len(drawn) > 1
    assert all(sum(height_of(row.decision) for row in rows) <= BEFORE_ROOM for rows in drawn)


def test_a_usual_sheet_is_left_as_it_is(sheet: Handout) -> None:
    assert fitted(sheet) == sheet


def test_a_crowded_sheet_keeps_one_of_each_and_says_that_there_is_more(sheet: Handout) -> None:
    kept = fitted(crowded(sheet))
    assert kept.more
    assert needed(kept) <= ROOM
    assert min(len(part) for part in (kept.strengths, kept.facts, kept.supports, kept.contacts)) >= 1


def test_a_name_of_eighty_letters_leaves_room_for_the_facts(sheet: Handout) -> None:
    entry = replace(sheet.entry, row=replace(sheet.entry.row, display_name="W" * 80))
    kept = fitted(replace(crowded(sheet), entry=entry))
    assert needed(kept) <= ROOM
    assert kept.facts
