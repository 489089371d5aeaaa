"""Where a student stands with people, whose they are, and who is told when nobody has seen them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from support.alder_creek import (
    ADMIN,
    BAPTISTE,
    DIAZ,
    FRIDAY,
    HIGH,
    LINH,
    MARIBEL,
    MIDDLE,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    keep,
    opened,
    roomy,
)
from web.visitor import person

from ews.errors import ChangedMeanwhile, UsageError
from ews.people.access import Principal
from ews.settings import Settings
from ews.store import Store
from ews.store.tables import accounts, ledger
from ews.store.work_tables import school_days
from ews.support.actions import acknowledge, add_note, undo
from ews.support.contact_log import log_contact
from ews.support.hand_overs import hand_over, take_hand_over_back
from ews.support.owners import let_go
from ews.support.standing import FollowUp, standing_of, weekdays_between
from ews.support.states import close, monitor
from ews.support.waiting import BACK, CAME_BACK, LOOK_AGAIN, NAMED, NO_OWNER, TO_SEE, TOLD, what_waits
from ews.support.work import work_of

STUDENT = MARIBEL.student_id


@pytest.fixture
def town(settings: Settings) -> Store:
    """The town, scored; on SQLite and on PostgreSQL."""
    keep(roomy(settings), TOWN)
    store = opened(settings)
    yield store
    store.close()


def at(days: int = 0) -> datetime:
    return MONDAY_MORNING + timedelta(days=days)


def standing(store: Store, who: Principal, student: str = STUDENT, days: int = 0) -> FollowUp | None:
    with store.read() as tx:
        return standing_of(tx, who, [student], today=at(days).date()).get(student)


def state(store: Store, who: Principal, student: str = STUDENT, days: int = 0) -> str:
    found = standing(store, who, student, days)
    return found.state if found else "none"


def test_a_follow_up_opens_with_the_list_and_has_the_counselor_for_owner(town: Store) -> None:
    okafor = person(town, OKAFOR)
    found = standing(town, okafor)
    assert found and (found.state, found.owner, found.mine) == ("new", "Denise Okafor", True)
    assert found.opened_on == FRIDAY
    assert state(town, okafor, NOAH.student_id) == "none"  # not on the list


def test_the_state_follows_from_what_was_done_and_goes_back_with_it(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        acknowledge(tx, okafor, STUDENT, as_of=FRIDAY, now=at(), form_id="a")
    assert state(town, okafor) == "seen"
    with town.begin() as tx:
        log_contact(
            tx, okafor, [STUDENT], on=at(1).date(), channel="phone", direction="out", words="", form_id="c",
            now=at(1),
        )  # fmt: skip
    assert state(town, okafor, days=1) == "contacted"
    with town.begin() as tx:
        assert monitor(tx, okafor, STUDENT, at(20).date(), "Mondays", now=at(2), form_id="m")
    found = standing(town, okafor, days=2)
    assert found and (found.state, found.review_on, found.said) == ("monitoring", at(20).date(), "Mondays")
    with town.begin() as tx:
        assert close(tx, okafor, STUDENT, "met", "", now=at(3), form_id="x")
    found = standing(town, okafor, days=3)
    assert found and (found.state, found.ending) == ("closed", "The need is met")
    with town.begin() as tx:
        assert undo(tx, okafor, int(found.act_id or 0), now=at(3))
    assert state(town, okafor, days=3) == "monitoring"


@pytest.mark.parametrize("days", [0, -1, 43])
def test_a_review_is_within_six_weeks(town: Store, days: int) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx, pytest.raises(UsageError, match="six weeks"):
        monitor(tx, okafor, STUDENT, at(days).date(), "", now=at(), form_id="m")


DUE = {  # days after the Monday on which the list was shown: state of the promise
    4: (4, False, False),
    7: (5, False, False),
    8: (6, True, False),
    14: (10, True, True),
}


@pytest.mark.parametrize("days", DUE)
def test_after_five_school_days_a_student_is_overdue_and_at_ten_the_team_is_told(
    town: Store, days: int
) -> None:
    found = standing(town, person(town, OKAFOR), days=days)
    assert found and (found.days, found.overdue, found.told) == DUE[days]


def test_school_days_are_those_of_the_schools_own_calendar(town: Store) -> None:
    with town.begin() as tx:
        tx.execute(
            school_days.insert(), [{"school_id": HIGH, "day": date(2025, 11, day)} for day in (18, 19)]
        )
    found = standing(town, person(town, OKAFOR), days=14)
    assert found and (found.days, found.overdue) == (2, False)
    assert weekdays_between(FRIDAY, FRIDAY) == 0


NAMES = {one.student_id: one.name for one in TOWN}


def kinds(store: Store, who: Principal, days: int) -> dict[str, list[str]]:
    with store.read() as tx:
        found = what_waits(tx, who, today=at(days).date())
    told: dict[str, list[str]] = {}
    for student, waits in found.of.items():
        for one in waits:
            told.setdefault(one.kind, []).append(NAMES[student])
    return told


def test_what_waits_on_the_counselor_and_what_the_lead_is_told(town: Store) -> None:
    okafor, baptiste, diaz = person(town, OKAFOR), person(town, BAPTISTE), person(town, DIAZ)
    assert kinds(town, okafor, 0) == {TO_SEE: [LINH.name, MARIBEL.name]}
    assert kinds(town, baptiste, 8) == {}
    assert kinds(town, baptiste, 14) == {TOLD: [LINH.name, MARIBEL.name]}
    assert kinds(town, diaz, 14) == {}
    with town.begin() as tx:
        acknowledge(tx, okafor, LINH.student_id, as_of=FRIDAY, now=at(14), form_id="a")
        monitor(tx, okafor, STUDENT, at(20).date(), "", now=at(14), form_id="m")
    assert kinds(town, baptiste, 14) == {}
    assert kinds(town, okafor, 15) == {LOOK_AGAIN: [MARIBEL.name]}
    assert BACK not in kinds(town, okafor, 15) and NAMED not in kinds(town, okafor, 15)


def test_a_student_is_handed_over_and_waits_on_the_new_owner_alone(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    with town.read() as tx:
        hand_to = [one.name for one in work_of(tx, okafor, STUDENT, now=at()).hand_to]
    assert "Rafael Diaz" not in hand_to and BAPTISTE.name in hand_to
    with town.begin() as tx:
        assert hand_over(
            tx, okafor, STUDENT, int(baptiste.account_id or 0), "Ms. Lee knows her", version=1, now=at(),
            form_id="h",
        )  # fmt: skip
    found = standing(town, baptiste)
    assert found and (found.owner, found.mine, found.state) == (BAPTISTE.name, True, "new")
    assert kinds(town, okafor, 0) == {TO_SEE: [LINH.name]}
    assert kinds(town, baptiste, 0) == {TO_SEE: [MARIBEL.name]}  # who has yet to see her


def test_whoever_an_owner_without_an_account_had_is_the_caseloads_again(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    lee = person(town, Principal("lee@alder.example", "Sam Lee", "support_team", school_ids=(HIGH,)))
    with town.begin() as tx:
        hand_over(tx, okafor, STUDENT, int(lee.account_id or 0), "", version=1, now=at(), form_id="h")
    assert kinds(town, lee, 0) == {TO_SEE: [MARIBEL.name]}
    with town.begin() as tx:
        monitor(tx, lee, STUDENT, at(7).date(), "", now=at(), form_id="m")
        tx.execute(update(accounts).where(accounts.c.account_id == lee.account_id).values(disabled_at=at(1)))
    found = standing(town, okafor)
    assert found and (found.owner, found.mine) == ("Denise Okafor", True)
    assert kinds(town, okafor, 8)[LOOK_AGAIN] == [MARIBEL.name]
    assert LOOK_AGAIN not in kinds(town, baptiste, 7)
    assert kinds(town, baptiste, 8)[LOOK_AGAIN] == [MARIBEL.name]  # it is overdue: whoever leads is told


def test_a_form_without_its_version_hands_nobody_over_who_has_one(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    to = int(baptiste.account_id or 0)
    with town.begin() as tx, pytest.raises(ChangedMeanwhile):
        hand_over(tx, okafor, STUDENT, to, "", version=0, now=at(), form_id="h")
    with town.begin() as tx:
        assert hand_over(tx, okafor, NOAH.student_id, to, "", version=0, now=at(), form_id="h")


def test_two_who_hand_over_at_once_are_told_of_each_other(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    with town.begin() as tx:
        hand_over(tx, okafor, STUDENT, int(baptiste.account_id or 0), "", version=1, now=at(), form_id="h")
    with town.begin() as tx, pytest.raises(ChangedMeanwhile) as told:
        hand_over(tx, baptiste, STUDENT, int(okafor.account_id or 0), "", version=1, now=at(), form_id="i")
    assert told.value.theirs == {"Handed over to": BAPTISTE.name} and told.value.version == 2


def handed(store: Store, who: Principal, to: Principal, form_id: str, student: str = STUDENT) -> int:
    """``who`` hands the student to ``to``; the number by which they can take it back."""
    with store.begin() as tx:
        found = standing_of(tx, who, [student], today=at().date()).get(student)
        assert hand_over(
            tx, who, student, int(to.account_id or 0), "", version=found.version if found else 0, now=at(),
            form_id=form_id,
        )  # fmt: skip
    last = standing(store, who, student)
    assert last and last.handed_id
    return last.handed_id


def test_a_hand_over_is_taken_back_by_whoever_made_it_until_the_next_one_hands_on(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    lee = person(town, Principal("lee@alder.example", "Sam Lee", "support_team", school_ids=(HIGH,)))
    first = handed(town, okafor, baptiste, "1")
    assert kinds(town, okafor, 0) == {TO_SEE: [LINH.name]}
    theirs = standing(town, baptiste)
    assert theirs and theirs.handed_id is None, "it is not theirs to take back"
    with town.begin() as tx:
        assert not take_hand_over_back(tx, baptiste, first, now=at())
        assert not undo(tx, okafor, first, now=at())
        assert take_hand_over_back(tx, okafor, first, now=at())
        assert take_hand_over_back(tx, okafor, first, now=at()), "clicked twice"
    assert kinds(town, okafor, 0) == {TO_SEE: [LINH.name, MARIBEL.name]}
    first, second = handed(town, okafor, baptiste, "2"), handed(town, baptiste, lee, "3")
    with town.begin() as tx:
        assert not take_hand_over_back(tx, okafor, first, now=at()), "he has handed her on"
        assert take_hand_over_back(tx, baptiste, second, now=at())
    found = standing(town, okafor)
    assert found and (found.owner, found.handed_id) == (BAPTISTE.name, first)


def test_an_owner_who_may_no_longer_see_a_student_is_let_go_of_and_somebody_is_told(
    town: Store, settings: Settings
) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    lee = person(town, Principal("lee@alder.example", "Sam Lee", "support_team", school_ids=(HIGH,)))
    for student in (STUDENT, LINH.student_id):
        handed(town, okafor, lee, f"to lee {student}", student)
    with town.begin() as tx:
        let_go(tx)
    assert kinds(town, okafor, 0) == {}, "he sees both of them still"
    with town.begin() as tx:
        tx.execute(
            update(accounts).where(accounts.c.account_id == lee.account_id).values(school_ids=[MIDDLE])
        )
    alone = replace(LINH, counselor=None)
    keep(roomy(settings), [MARIBEL, alone], FRIDAY + timedelta(weeks=1), now=at(7))
    assert kinds(town, replace(lee, school_ids=(MIDDLE,)), 7) == {}
    assert kinds(town, okafor, 7) == {CAME_BACK: [MARIBEL.name], TO_SEE: [MARIBEL.name]}
    assert kinds(town, baptiste, 7) == {NO_OWNER: [LINH.name]}
    without = standing(town, baptiste, LINH.student_id)
    assert without and without.owner == ""
    with town.begin() as tx:
        acknowledge(tx, okafor, STUDENT, as_of=FRIDAY, now=at(7), form_id="a")
    handed(town, baptiste, baptiste, "mine", LINH.student_id)
    assert kinds(town, okafor, 7) == {}
    assert NO_OWNER not in kinds(town, baptiste, 7)


def test_nobody_is_handed_to_somebody_who_may_not_see_them(town: Store) -> None:
    okafor, diaz = person(town, OKAFOR), person(town, DIAZ)
    with town.begin() as tx, pytest.raises(UsageError, match="does not work with"):
        hand_over(tx, okafor, STUDENT, int(diaz.account_id or 0), "", version=1, now=at(), form_id="h")


MAY_NOT = {
    "another counselor's student": (DIAZ, STUDENT),
    "not one's own student": (OKAFOR, SOFIA.student_id),
    "nobody": (OKAFOR, "nobody"),
    "an analyst": (ZHAO, STUDENT),
    "whoever runs the machines": (ADMIN, STUDENT),
}


@pytest.mark.parametrize("title", MAY_NOT)
def test_it_is_not_done(town: Store, title: str) -> None:
    who, student = MAY_NOT[title]
    who, okafor = person(town, who), person(town, OKAFOR)
    to = int(okafor.account_id or 0)
    with town.begin() as tx:
        assert not monitor(tx, who, student, at(7).date(), "", now=at(), form_id="m")
        assert not close(tx, who, student, "met", "", now=at(), form_id="c")
        assert not hand_over(tx, who, student, to, "", version=0, now=at(), form_id="h")
    assert state(town, okafor) == "new"


def test_whoever_leaves_the_list_unseen_is_put_aside_and_comes_back_as_new(
    town: Store, settings: Settings
) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        add_note(tx, okafor, LINH.student_id, "words", now=at(), form_id="n")
    quiet = [replace(one, p={"attendance": 0.05, "overall": 0.05}) for one in (MARIBEL, LINH)]
    for week in (1, 2):
        keep(roomy(settings), quiet, FRIDAY + timedelta(weeks=week), now=at(7 * week))
    assert kinds(town, okafor, 15) == {}
    assert state(town, okafor, LINH.student_id, 15) == "seen"
    keep(roomy(settings), TOWN, FRIDAY + timedelta(weeks=3), now=at(21))
    found = standing(town, okafor, days=22)
    assert found and (found.state, found.days) == ("new", 1)


def test_a_closed_student_who_comes_onto_the_list_anew_is_new_again(town: Store, settings: Settings) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        close(tx, okafor, STUDENT, "met", "", now=at(1), form_id="x")
    keep(roomy(settings), TOWN, FRIDAY + timedelta(weeks=1), now=at(7))
    assert state(town, okafor, days=8) == "closed"  # on the list all the while
    quiet = [replace(MARIBEL, p={"attendance": 0.05, "overall": 0.05}), LINH]
    for week in (2, 3):
        keep(roomy(settings), quiet, FRIDAY + timedelta(weeks=week), now=at(7 * week))
    keep(roomy(settings), TOWN, FRIDAY + timedelta(weeks=4), now=at(28))
    assert state(town, okafor, days=29) == "new"


def test_it_is_all_in_the_ledger(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        monitor(tx, okafor, STUDENT, at(7).date(), "", now=at(), form_id="m")
        close(tx, okafor, STUDENT, "met", "", now=at(), form_id="c")
        said = list(tx.execute(select(ledger.c.action).order_by(ledger.c.entry)).scalars())
    assert said == ["monitoring", "closed"]
