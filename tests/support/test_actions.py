"""What people do with the list: seen, put off, noted, taken back; each by whom it may be done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    OKAFOR,
    STRANGERS,
    TOWN,
    ZHAO,
    keep,
    opened,
    roomy,
)
from web.visitor import person

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.ledger import verify
from ews.settings import Settings
from ews.store import Store
from ews.store.tables import actions, ledger
from ews.support.actions import acknowledge, add_note, notes_on, put_off, undo
from ews.support.list_filters import Filters
from ews.support.risk_list import RiskList, risk_list
from ews.support.student_view import student_view

IN_A_WEEK = MONDAY_MORNING.date() + timedelta(days=7)


@pytest.fixture
def town(settings: Settings) -> Store:
    """The town, scored, with accounts for those who act; on SQLite and on PostgreSQL."""
    keep(roomy(settings), TOWN)
    store = opened(settings)
    yield store
    store.close()


def see(
    store: Store, who: Principal, student: str = MARIBEL.student_id, form: str = "f1", **at: object
) -> bool:
    with store.begin() as tx:
        return acknowledge(tx, who, student, as_of=FRIDAY, form_id=form, now=MONDAY_MORNING)


def rest(store: Store, who: Principal, until: date = IN_A_WEEK, reason: str = "Already in hand") -> bool:
    with store.begin() as tx:
        return put_off(
            tx, who, MARIBEL.student_id, as_of=FRIDAY, now=MONDAY_MORNING, form_id="r1", reason=reason,
            returns_on=until,
        )  # fmt: skip


def listed(store: Store, who: Principal, tab: str = "new", days: int = 0) -> RiskList:
    with store.begin() as tx:
        return risk_list(tx, who, Filters(tab), now=MONDAY_MORNING + timedelta(days=days))


def names(found: RiskList) -> list[str]:
    return [row.display_name for row in found.rows]


def test_who_acknowledged_and_when_stands_on_the_row_and_others_read_it_too(town: Store) -> None:
    okafor = person(town, OKAFOR)
    assert see(town, okafor)
    mine = listed(town, okafor).rows[0].acknowledged
    theirs = listed(town, person(town, BAPTISTE), "all").rows[0].acknowledged
    assert mine and theirs
    assert (mine.who, mine.at, mine.mine) == ("Denise Okafor", MONDAY_MORNING, True)
    assert (theirs.who, theirs.mine) == ("Denise Okafor", False)
    assert [row.acknowledged for row in listed(town, okafor).rows[1:]] == [None]


def test_the_next_list_asks_anew(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        assert acknowledge(
            tx, okafor, MARIBEL.student_id, as_of=FRIDAY - timedelta(days=7), now=MONDAY_MORNING, form_id="f"
        )
    assert listed(town, okafor).rows[0].acknowledged is None


def test_a_student_put_off_waits_with_the_reason_and_is_back_on_the_day(town: Store) -> None:
    okafor = person(town, OKAFOR)
    assert names(listed(town, okafor)) == [MARIBEL.name, LINH.name]
    assert rest(town, okafor)
    assert names(listed(town, okafor)) == [LINH.name]
    first, waiting = listed(town, okafor, "waiting").rows
    assert (first.display_name, waiting.display_name) == (LINH.name, MARIBEL.name)
    assert waiting.not_now and (waiting.not_now.text, waiting.not_now.returns_on) == (
        "Already in hand",
        IN_A_WEEK,
    )
    assert listed(town, okafor).counts["new"] == 1
    assert names(listed(town, okafor, days=6)) == [LINH.name]
    assert names(listed(town, okafor, days=7)) == [MARIBEL.name, LINH.name]


@pytest.mark.parametrize("days", [-1, 0, 22, 400])
def test_nobody_is_put_off_for_more_than_three_weeks_or_into_the_past(town: Store, days: int) -> None:
    with pytest.raises(UsageError, match="three weeks"):
        rest(town, person(town, OKAFOR), MONDAY_MORNING.date() + timedelta(days=days))


def test_not_now_needs_a_reason(town: Store) -> None:
    with pytest.raises(UsageError, match="needs a reason"):
        rest(town, person(town, OKAFOR), reason=" \n ")


def test_a_note_is_read_by_whoever_works_with_the_student(town: Store) -> None:
    words = "Walks her brother to school;\r\nlate on Mondays. <b>Ask</b> first."
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        assert add_note(tx, okafor, MARIBEL.student_id, words, now=MONDAY_MORNING, form_id="n")
    for who, seen in ((OKAFOR, True), (BAPTISTE, True), (ZHAO, False)):
        reader = person(town, who)
        with town.begin() as tx:
            view = student_view(tx, reader, MARIBEL.student_id, now=MONDAY_MORNING)
        assert view
        told = [(note.who, note.text) for note in view.notes]
        assert told == ([("Denise Okafor", words.replace("\r", ""))] if seen else []), reader.display_name


READ_BY = {
    "all": {"Denise Okafor", "L. Baptiste", "Sam Lee"},
    "leaders": {"Denise Okafor", "L. Baptiste"},
    "own": {"Denise Okafor"},
}


@pytest.mark.parametrize("readers", READ_BY)
def test_a_note_is_read_by_those_it_is_for(town: Store, readers: str) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        assert add_note(
            tx, okafor, MARIBEL.student_id, "words", now=MONDAY_MORNING, form_id="n", readers=readers
        )
    lee = Principal(
        "lee@alder.example", "Sam Lee", "support_team", staff_id="t-okafor", school_ids=("alder",)
    )
    seen = set()
    for who in (OKAFOR, BAPTISTE, lee, ZHAO):
        reader = person(town, who)
        with town.read() as tx:
            if notes_on(tx, reader, MARIBEL.student_id):
                seen.add(reader.display_name)
    assert seen - {ZHAO.display_name} == READ_BY[readers]


def test_a_note_for_readers_that_there_are_not_is_refused(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx, pytest.raises(UsageError, match="readers"):
        add_note(tx, okafor, MARIBEL.student_id, "w", now=MONDAY_MORNING, form_id="n", readers="x")


@pytest.mark.parametrize("title", STRANGERS)
def test_it_is_not_done(town: Store, title: str) -> None:
    who, student = STRANGERS[title]
    who = person(town, who)
    assert not see(town, who, student)
    with town.begin() as tx:
        assert not add_note(tx, who, student, "words", now=MONDAY_MORNING, form_id="n")
        assert tx.execute(select(actions)).all() == []


def test_a_form_sent_twice_acts_once(town: Store) -> None:
    okafor = person(town, OKAFOR)
    for _ in range(2):
        assert see(town, okafor)
    assert see(town, okafor, LINH.student_id)  # the same page, the next row
    with town.read() as tx:
        assert len(tx.execute(select(actions)).all()) == 2


def test_a_click_can_be_taken_back_by_whoever_made_it(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    see(town, okafor)
    done = listed(town, okafor).rows[0].acknowledged
    assert done
    with town.begin() as tx:
        assert not undo(tx, baptiste, done.action_id, now=MONDAY_MORNING)
        assert undo(tx, okafor, done.action_id, now=MONDAY_MORNING)
        assert undo(tx, okafor, done.action_id, now=MONDAY_MORNING), "clicked twice"
    assert listed(town, okafor).rows[0].acknowledged is None
    assert see(town, okafor), "from an old copy of the page"
    assert listed(town, okafor).rows[0].acknowledged


def test_a_note_is_not_taken_back_by_a_click(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        add_note(tx, okafor, MARIBEL.student_id, "words", now=MONDAY_MORNING, form_id="n")
        number = tx.execute(select(actions.c.action_id)).scalar_one()
        assert not undo(tx, okafor, number, now=MONDAY_MORNING)


def test_every_act_is_in_the_ledger(town: Store) -> None:
    okafor = person(town, OKAFOR)
    see(town, okafor)
    rest(town, okafor)
    with town.begin() as tx:
        add_note(tx, okafor, MARIBEL.student_id, "words", now=MONDAY_MORNING, form_id="n")
        said = tx.execute(select(ledger.c.who, ledger.c.action).order_by(ledger.c.entry)).all()
        assert said == [(OKAFOR.name, kind) for kind in ("acknowledged", "not_now", "note")]
    with town.begin() as tx:
        assert verify(tx, town.ledger_key) == 3
