"""The handover: who has a packet and what stands in it, and students who changed hands between two runs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from support.alder_creek import (
    DIAZ,
    FRIDAY,
    HIGH,
    LAST_FRIDAY,
    MONDAY_MORNING,
    OKAFOR,
    Person,
    keep,
    roomy,
)
from web.visitor import person_in

from ews.people.access import Principal
from ews.settings import Settings
from ews.store import Store, Transaction, open_store
from ews.store.handover_tables import caseload_moves
from ews.store.record_tables import sis_contacts, sis_supports
from ews.store.tables import ledger, ledger_students
from ews.support.actions import add_note
from ews.support.contact_log import log_contact
from ews.support.decisions import decide
from ews.support.facts import Plan
from ews.support.handover import Handover, handover
from ews.support.meeting_plan import call_meeting

LISTED = Person("Amara Okoye", {"attendance": 0.9, "overall": 0.9}, grade=8)
SUPPORTED = Person("Ben Torres", {"overall": 0.05}, grade=8)
PLANNED = Person("Cleo Park", {"overall": 0.05}, grade=8, plan=Plan("mentor", "Targeted", date(2025, 9, 22)))
QUIET = Person("Dina Novak", {"overall": 0.05}, grade=8)
OLDER = Person("Eli Stone", {"overall": 0.9}, grade=9)
THEIRS = Person("Fay Wong", {"overall": 0.9}, grade=8, counselor="t-diaz")
EIGHTH = (LISTED, SUPPORTED, PLANNED, QUIET, OLDER, THEIRS)


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    keep(roomy(settings), EIGHTH)
    with open_store(settings) as opened:
        with opened.begin() as tx:
            give_support(tx, SUPPORTED, "mentor", None)
        yield opened


def give_support(tx: Transaction, person: Person, kind: str, target: str | None) -> None:
    tx.execute(
        sis_supports.insert().values(
            student_id=person.student_id, intervention_id=kind, kind=kind, tier=2, target=target,
            begins_on=date(2025, 10, 6), ends_on=None, planned_minutes=None, outcome=None, sessions=[],
        )
    )  # fmt: skip


def handed(tx: Transaction, who: Principal = OKAFOR) -> Handover:
    found = handover(tx, person_in(tx, who), now=MONDAY_MORNING)
    assert found is not None
    return found


def names(found: Handover) -> list[str]:
    return [one.row.display_name for one in found.packets]


def test_whoever_is_listed_or_supported_has_a_packet_and_the_others_are_counted(store: Store) -> None:
    with store.begin() as tx:
        found = handed(tx)
        assert sorted(names(found)) == [LISTED.name, SUPPORTED.name, PLANNED.name]
        assert (found.moving_up, found.told) == (4, 3)
        assert names(handed(tx, DIAZ)) == [THEIRS.name]


def test_a_packet_says_what_goes_well_what_is_in_place_and_who_knows(store: Store) -> None:
    with store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        log_contact(
            tx, okafor, [SUPPORTED.student_id], on=FRIDAY, channel="phone", direction="out", words="private",
            form_id="c", now=MONDAY_MORNING,
        )  # fmt: skip
        logged = {"student_id": SUPPORTED.student_id, "contact_on": LAST_FRIDAY, "system": "SIS"}
        for number, who in enumerate(("Ms. Roy", "SIS", "the school")):  # the last two are nobody's name
            tx.execute(sis_contacts.insert().values(contact_id=f"s{number}", who=who, **logged))
        add_note(tx, okafor, SUPPORTED.student_id, "A quiet word.", now=MONDAY_MORNING, form_id="n")
        meeting = call_meeting(
            tx, okafor, held_on=date(2025, 11, 20), begins="10:00", minutes=10, school_id=HIGH, attending="",
            student_ids=[SUPPORTED.student_id], form_id="m", now=MONDAY_MORNING,
        )  # fmt: skip
        assert meeting is not None
        decide(
            tx, okafor, meeting, SUPPORTED.student_id, decided="Stay with the mentor.", adult="Mr. Lee",
            form_id="d", now=MONDAY_MORNING,
        )  # fmt: skip
        packet = next(one for one in handed(tx).packets if one.row.student_id == SUPPORTED.student_id)
    assert packet.strengths
    assert [one.kind for one in packet.supports] == ["mentor"]
    assert packet.decided is not None
    assert packet.decided.text == "Stay with the mentor."
    assert [one.who for one in packet.knows] == ["Mr. Lee", "Denise Okafor", "Ms. Roy"]
    assert "quiet word" not in repr(packet)
    assert "private" not in repr(packet)


def test_what_was_for_behavior_makes_no_packet_for_who_sees_no_discipline(store: Store) -> None:
    manager = Principal("case@alder.example", "Case", "case_manager", staff_id="t-okafor")
    with store.begin() as tx:
        give_support(tx, QUIET, "contract", "behavior")
        assert QUIET.name in names(handed(tx))
        assert QUIET.name not in names(handed(tx, manager))


def test_those_shown_are_in_the_ledger(store: Store) -> None:
    with store.begin() as tx:
        shown = {one.row.student_id for one in handed(tx).packets}
        named = select(ledger_students.c.student_id).join(ledger, ledger.c.entry == ledger_students.c.entry)
        assert set(tx.execute(named.where(ledger.c.action == "handover")).scalars()) == shown


def test_who_changed_counselor_between_two_runs_is_told_with_the_earlier_one(settings: Settings) -> None:
    stays, goes = (Person(name, {"overall": 0.2}) for name in ("Stays Here", "Goes Over"))
    keep(roomy(settings), (stays, goes), as_of=LAST_FRIDAY)
    keep(roomy(settings), (stays, replace(goes, counselor="t-diaz"), Person("Brand New")), as_of=FRIDAY)
    keep(roomy(settings), (stays, replace(goes, counselor="t-diaz"), Person("Brand New")), as_of=FRIDAY)
    with open_store(settings) as store, store.begin() as tx:
        assert [row.student_id for row in tx.execute(select(caseload_moves))] == [goes.student_id]
        assert handed(tx, OKAFOR).moved == ()
        moved = handed(tx, DIAZ).moved
    assert [(one.row.display_name, one.came_from, one.now_with, one.moved_on) for one in moved] == [
        ("Goes Over", "Denise Okafor", "Rafael Diaz", FRIDAY)
    ]


def test_a_run_of_an_earlier_day_moves_nobody(settings: Settings) -> None:
    goes = Person("Goes Over", {"overall": 0.2})
    keep(roomy(settings), (goes,), as_of=FRIDAY)
    keep(roomy(settings), (replace(goes, counselor="t-diaz"),), as_of=LAST_FRIDAY)
    with open_store(settings) as store, store.read() as tx:
        assert tx.execute(select(caseload_moves)).all() == []
