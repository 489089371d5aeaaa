"""The contact log: one entry for a student or a group, beside the student system's contacts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    STRANGERS,
    TOWN,
    ZHAO,
    keep,
    opened,
    roomy,
)
from web.visitor import person, person_in

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.ledger import verify
from ews.settings import Settings
from ews.store import Store
from ews.store.contact_tables import contact_log, contact_students
from ews.store.tables import ledger
from ews.support.contact_log import contacts_of, log_contact, take_contact_back
from ews.support.facts import Contact
from ews.support.list_filters import Filters
from ews.support.risk_list import RiskList, risk_list
from ews.support.student_view import student_view

TODAY = MONDAY_MORNING.date()
LONG_AGO = Contact("Samuel Lee", date(2025, 10, 1), "phone")


@pytest.fixture
def town(settings: Settings) -> Store:
    """The town: the student system has an old contact with Maribel's family and a new one with Noah's."""
    of_noah = replace(NOAH, contact=Contact("ParentSquare", FRIDAY, "text"))
    keep(roomy(settings), [replace(MARIBEL, contact=LONG_AGO), of_noah, *(p for p in TOWN[1:] if p != NOAH)])
    store = opened(settings)
    yield store
    store.close()


def log(store: Store, who: Principal, *students: str, **said: Any) -> int:
    """An entry about ``students``: by phone today, unless ``said`` otherwise."""
    plain = {"on": TODAY, "channel": "phone", "direction": "out", "words": "", "form_id": "f1"}
    with store.begin() as tx:
        return log_contact(tx, who, students, now=MONDAY_MORNING, **(plain | said))


def listed(store: Store, who: Principal, **filters: Any) -> RiskList:
    with store.begin() as tx:
        return risk_list(tx, who, Filters("all", **filters), now=MONDAY_MORNING)


def test_one_entry_stands_on_the_page_of_everyone_in_the_group(town: Store) -> None:
    okafor = person(town, OKAFOR)
    group = [MARIBEL.student_id, LINH.student_id, NOAH.student_id]
    assert log(town, okafor, *group, channel="in_person", whom="student", words="Schedules for spring.")
    with town.begin() as tx:
        assert len(tx.execute(select(contact_log)).all()) == 1
        assert len(tx.execute(select(contact_students)).all()) == 3
        for student in group:
            entry = contacts_of(tx, okafor, student)[0]
            assert (entry.who, entry.channel, entry.whom, entry.together, entry.words) == (
                "Denise Okafor", "in person", "student", 3, "Schedules for spring.",
            )  # fmt: skip
        written = tx.execute(select(ledger.c.students).where(ledger.c.action == "contact")).scalars().all()
        assert len(written) == 1 and all(student in written[0] for student in group)
        verify(tx, town.ledger_key)


def test_the_last_contact_is_the_newer_of_the_student_systems_and_ours(town: Store) -> None:
    okafor = person(town, OKAFOR)
    assert log(town, okafor, MARIBEL.student_id, NOAH.student_id, on=date(2025, 11, 12), channel="email")
    last = {row.display_name: row.last_contact for row in listed(town, okafor).rows}
    assert last[MARIBEL.name] == Contact("Denise Okafor", date(2025, 11, 12), "e-mail")
    assert last[NOAH.name] == Contact("ParentSquare", FRIDAY, "text")
    assert last[LINH.name] is None
    with town.begin() as tx:
        view = student_view(tx, okafor, MARIBEL.student_id, now=MONDAY_MORNING)
    assert view and view.row.last_contact == last[MARIBEL.name]
    assert [one.on for one in view.contacts] == [date(2025, 11, 12)]


def test_no_contact_in_14_days_counts_ours_and_the_list_is_sorted_by_both(town: Store) -> None:
    okafor = person(town, OKAFOR)
    without = {row.display_name for row in listed(town, okafor, no_contact_days=14).rows}
    assert without == {MARIBEL.name, LINH.name, "Ximena Castillo"}
    assert log(town, okafor, MARIBEL.student_id)
    without = {row.display_name for row in listed(town, okafor, no_contact_days=14).rows}
    assert without == {LINH.name, "Ximena Castillo"}
    order = [row.display_name for row in listed(town, okafor, sort="contact", descending=True).rows]
    assert order[-2:] == [MARIBEL.name, NOAH.name]


def test_an_entry_taken_back_no_longer_counts_for_anybody_in_it(town: Store) -> None:
    okafor = person(town, OKAFOR)
    entry = log(town, okafor, MARIBEL.student_id, LINH.student_id)
    with town.begin() as tx:
        assert not take_contact_back(tx, person_in(tx, BAPTISTE), entry, now=MONDAY_MORNING)
        assert take_contact_back(tx, okafor, entry, now=MONDAY_MORNING)
        assert take_contact_back(tx, okafor, entry, now=MONDAY_MORNING), "clicked twice"
        assert contacts_of(tx, okafor, LINH.student_id) == ()
    last = {row.display_name: row.last_contact for row in listed(town, okafor).rows}
    assert last[MARIBEL.name] == LONG_AGO


def test_a_form_sent_twice_writes_one_entry(town: Store) -> None:
    okafor = person(town, OKAFOR)
    first = log(town, okafor, MARIBEL.student_id)
    assert first and log(town, okafor, MARIBEL.student_id) == first
    assert log(town, okafor, MARIBEL.student_id, form_id="f2") != first


@pytest.mark.parametrize("title", STRANGERS)
def test_it_is_not_logged_and_neither_is_the_group_around_it(town: Store, title: str) -> None:
    who, student = STRANGERS[title]
    who = person(town, who)
    assert log(town, who, student) == 0
    assert log(town, who, student, LINH.student_id) == 0
    with town.read() as tx:
        assert tx.execute(select(contact_log)).all() == []
        assert contacts_of(tx, who, student) == ()


def test_who_sees_no_contacts_reads_none(town: Store) -> None:
    assert log(town, person(town, OKAFOR), MARIBEL.student_id)
    zhao = person(town, ZHAO)
    assert listed(town, zhao, name="").rows[0].last_contact is None
    with town.begin() as tx:
        view = student_view(tx, zhao, MARIBEL.student_id, now=MONDAY_MORNING)
    assert view and view.contacts == () and view.row.last_contact is None


WRONG = {
    "a day to come": {"on": TODAY + timedelta(days=1)},
    "a way that there is not": {"channel": "pigeon"},
    "a direction that there is not": {"direction": "up"},
    "somebody else": {"whom": "press"},
    "a novel": {"words": "x" * 4_001},
}


@pytest.mark.parametrize("title", WRONG)
def test_it_is_refused_in_words(town: Store, title: str) -> None:
    with pytest.raises(UsageError):
        log(town, person(town, OKAFOR), MARIBEL.student_id, **WRONG[title])


def test_a_contact_is_about_somebody(town: Store) -> None:
    with pytest.raises(UsageError, match="1 to 200"):
        log(town, person(town, OKAFOR))
