"""Call slips: where each student is by the schedule, whose group it is, one entry for everybody who came."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from support.alder_creek import (
    BAPTISTE,
    DIAZ,
    HIGH,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    STRANGERS,
    TOWN,
    XIMENA,
    ZHAO,
    keep,
    opened,
    roomy,
)
from support.in_class import CRUZ, seat_the_town
from web.visitor import person

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.ledger import verify
from ews.settings import Settings
from ews.store import Store
from ews.store.call_tables import calls
from ews.store.contact_tables import contact_log
from ews.store.work_tables import school_days
from ews.support.call_slips import CallGroup, Seat, call_group, called_group, log_call, may_call, picking
from ews.support.contact_log import contacts_of, take_contact_back
from ews.support.school_days import SchoolDay, next_school_day

TODAY = MONDAY_MORNING.date()
GROUP = (MARIBEL.student_id, LINH.student_id, NOAH.student_id, XIMENA.student_id)
SAID: dict[str, Any] = {
    "on": TODAY, "channel": "in_person", "direction": "out", "whom": "student", "words": "Spring schedules.",
    "form_id": "l", "now": MONDAY_MORNING,
}  # fmt: skip


@pytest.fixture
def town(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The town in class, scored; on SQLite and on PostgreSQL."""
    seat_the_town(monkeypatch)
    keep(roomy(settings), TOWN)
    store = opened(settings)
    yield store
    store.close()


def call(store: Store, who: Principal, *students: str, **said: Any) -> int:
    """The slips of a group in period 3 today, unless ``said`` otherwise."""
    plain: dict[str, Any] = {"on": TODAY, "period": "3", "clock": "10:20", "place": "Room 4", "form_id": "c"}
    with store.begin() as tx:
        return call_group(tx, who, students or GROUP, now=MONDAY_MORNING, **(plain | said))


def group(store: Store, who: Principal, number: int) -> CallGroup | None:
    with store.begin() as tx:
        return called_group(tx, who, number, now=MONDAY_MORNING)


def test_each_slip_says_where_the_student_is_in_that_period(town: Store) -> None:
    okafor = person(town, OKAFOR)
    found = group(town, okafor, call(town, okafor))
    assert found and (found.period, found.clock, found.place, found.gone) == ("3", "10:20", "Room 4", 0)
    in_algebra = (Seat("B12", "Imelda Cruz"),)
    assert [(slip.display_name, slip.seats) for slip in found.slips] == [
        (LINH.name, in_algebra), (MARIBEL.name, in_algebra), (NOAH.name, in_algebra), (XIMENA.name, ()),
    ]  # fmt: skip
    other = group(town, okafor, call(town, okafor, LINH.student_id, MARIBEL.student_id, period="5"))
    assert other and [(slip.display_name, slip.seats) for slip in other.slips] == [
        (MARIBEL.name, (Seat("L03", "Tom Bell"),)), (LINH.name, ()),
    ]  # fmt: skip


def test_the_day_that_is_proposed_is_one_on_which_school_is_held(town: Store) -> None:
    okafor = person(town, OKAFOR)
    saturday, wednesday = TODAY + timedelta(days=5), TODAY + timedelta(days=9)
    with town.begin() as tx:
        tx.execute(school_days.delete())
        assert next_school_day(tx, okafor, saturday) == SchoolDay(TODAY + timedelta(days=7), False)
        held = [{"school_id": HIGH, "day": day} for day in (TODAY, wednesday)]
        tx.execute(school_days.insert(), [*held, {"school_id": "another", "day": saturday}])
        assert next_school_day(tx, okafor, TODAY) == SchoolDay(TODAY, True)
        assert next_school_day(tx, okafor, saturday) == SchoolDay(wednesday, True)
        later = picking(tx, okafor, now=MONDAY_MORNING + timedelta(days=1)).proposed
        assert later == SchoolDay(wednesday, True)


def test_whoever_came_stands_in_one_entry(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = call(town, okafor)
    came = GROUP[:3]
    with town.begin() as tx:
        assert log_call(tx, okafor, number, came, **SAID)
        assert len(tx.execute(select(contact_log)).all()) == 1
        assert [contacts_of(tx, okafor, one)[0].together for one in came] == [3, 3, 3]
        assert contacts_of(tx, okafor, XIMENA.student_id) == ()
        verify(tx, town.ledger_key)
    found = group(town, okafor, number)
    assert found and found.logged_on == TODAY
    with town.begin() as tx:
        assert log_call(tx, okafor, number, came, **SAID), "clicked twice"
        assert len(tx.execute(select(contact_log)).all()) == 1
    with town.begin() as tx, pytest.raises(UsageError, match="logged already"):
        log_call(tx, okafor, number, came, **SAID | {"words": "Something else.", "form_id": "m"})


def test_an_entry_taken_back_lets_the_group_be_logged_anew(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = call(town, okafor)
    with town.begin() as tx:
        assert log_call(tx, okafor, number, GROUP, **SAID)
        assert take_contact_back(
            tx, okafor, contacts_of(tx, okafor, MARIBEL.student_id)[0].contact_id, now=MONDAY_MORNING
        )
        assert log_call(tx, okafor, number, GROUP[:1], **SAID | {"form_id": "m"})


def test_nobody_who_was_not_called_gets_into_the_entry(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = call(town, okafor, MARIBEL.student_id)
    with town.begin() as tx, pytest.raises(UsageError, match="Nobody of the group came"):
        log_call(tx, okafor, number, [LINH.student_id], **SAID)


def test_one_chooses_among_ones_own_by_name_and_grade(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        everybody = picking(tx, okafor, now=MONDAY_MORNING)
        named = picking(tx, okafor, name="sántos", now=MONDAY_MORNING)
        eleventh = picking(tx, okafor, grade=11, now=MONDAY_MORNING)
        listed = picking(tx, okafor, listed=True, now=MONDAY_MORNING)
    assert {one.display_name for one in everybody.choices} == {
        MARIBEL.name, LINH.name, NOAH.name, XIMENA.name,
    }  # fmt: skip
    assert everybody.periods == ("3", "5")
    assert ([one.display_name for one in named.choices], eleventh.choices) == ([MARIBEL.name], ())
    assert {one.display_name for one in listed.choices} == {MARIBEL.name, LINH.name}


MAY_NOT = {
    **STRANGERS,
    "their teacher": (CRUZ, MARIBEL.student_id),
}


@pytest.mark.parametrize("title", MAY_NOT)
def test_no_slip_is_made_and_none_for_the_group_around(town: Store, title: str) -> None:
    who, student = MAY_NOT[title]
    who = person(town, who)
    for students in ((student,), (student, LINH.student_id)):
        if may_call(who):
            with pytest.raises(UsageError, match="not among your students"):
                call(town, who, *students)
        else:
            assert call(town, who, *students) == 0
    with town.read() as tx:
        assert tx.execute(select(calls)).all() == []


def test_a_group_is_its_makers_alone(town: Store) -> None:
    number = call(town, person(town, OKAFOR))
    for who in (BAPTISTE, DIAZ, ZHAO):
        other = person(town, who)
        assert group(town, other, number) is None
        with town.begin() as tx:
            assert not log_call(tx, other, number, GROUP, **SAID)


def test_the_slip_of_a_liaison_does_not_say_why_the_student_is_known(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_the_town(monkeypatch, circumstances=frozenset({(MARIBEL.student_id, "foster")}))
    keep(roomy(settings), TOWN)
    store = opened(settings)
    vega = person(store, Principal("vega@alder.example", "Rosa Vega", "liaison", school_ids=(HIGH,)))
    okafor = person(store, OKAFOR)
    theirs = group(store, vega, call(store, vega, MARIBEL.student_id))
    hers = group(store, okafor, call(store, okafor, MARIBEL.student_id))
    assert theirs and theirs.called_by == "the support team"
    assert hers and hers.called_by == "Denise Okafor"
    store.close()


def test_the_same_form_calls_once(town: Store) -> None:
    okafor = person(town, OKAFOR)
    assert call(town, okafor) == call(town, okafor) != call(town, okafor, MARIBEL.student_id)


WRONG: dict[str, dict[str, Any]] = {
    "a period that there is not": {"period": "9"},
    "a time that is none": {"clock": "25:99"},
    "yesterday": {"on": TODAY - timedelta(days=1)},
    "next year": {"on": date(2026, 11, 17)},
    "no place": {"place": " "},
}


@pytest.mark.parametrize("title", WRONG)
def test_it_is_refused_in_words(town: Store, title: str) -> None:
    with pytest.raises(UsageError):
        call(town, person(town, OKAFOR), **WRONG[title])


def test_a_group_has_an_end(town: Store) -> None:
    with pytest.raises(UsageError, match="1 to 60"):
        call(town, person(town, OKAFOR), *(str(number) for number in range(61)))
