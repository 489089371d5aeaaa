"""The one queue: what waits on a counselor, on whoever leads, on a teacher; by when, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    HIGH,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    TOWN,
    XIMENA,
    ZHAO,
    keep,
    opened,
    roomy,
)
from web.visitor import person, person_in

from ews.people.access import Principal, operator
from ews.settings import Settings
from ews.store import Store
from ews.store.family_tables import disputes, letters, record_requests
from ews.store.question_tables import question_teachers, questions
from ews.store.sight_tables import teaching
from ews.support.actions import acknowledge, add_note, put_off, standings, undo
from ews.support.decisions import decide, decided_before, mark_done, take_done_back
from ews.support.digest import digest_for
from ews.support.list_filters import Filters
from ews.support.meeting_plan import call_meeting
from ews.support.plan_record import plans_of
from ews.support.plans import Draft, offer, start
from ews.support.risk_list import risk_list
from ews.support.waiting import Wait, what_waits

ROY = Principal("roy@alder.example", "Al Roy", "teacher", staff_id="t-roy")
MENTOR = Draft("Mentor", "Targeted", "In class by 8:10", "Coach Ruiz", None, None, None, None, None)


def at(days: int = 0) -> datetime:
    return MONDAY_MORNING + timedelta(days=days)


@pytest.fixture
def town(settings: Settings) -> Iterator[Store]:
    """The town, scored, everybody on the list seen already; on SQLite and on PostgreSQL."""
    keep(roomy(settings), TOWN)
    store = opened(settings)
    okafor = person(store, OKAFOR)
    with store.begin() as tx:
        for student in (MARIBEL, LINH):
            acknowledge(tx, okafor, student.student_id, as_of=FRIDAY, now=at(), form_id="seen")
    yield store
    store.close()


def waits(store: Store, who: Principal, days: int = 0) -> dict[str, tuple[Wait, ...]]:
    with store.read() as tx:
        return dict(what_waits(tx, who, today=at(days).date()).of)


def test_whoever_is_acknowledged_keeps_their_place_in_the_queue_until_the_day_is_over(town: Store) -> None:
    okafor, queue = person(town, OKAFOR), Filters(tab="waiting")
    with town.begin() as tx:
        seen = standings(tx, okafor, [MARIBEL.student_id], as_of=FRIDAY, today=at().date())
        first = seen[MARIBEL.student_id].acknowledged
        assert first is not None and undo(tx, okafor, first.action_id, now=at())
        before = risk_list(tx, okafor, queue, now=at())
        assert acknowledge(tx, okafor, MARIBEL.student_id, as_of=FRIDAY, now=at(), form_id="again")
        after = risk_list(tx, okafor, queue, now=at())
        tomorrow = risk_list(tx, okafor, queue, now=at(1))
    places = [[row.student_id for row in view.rows] for view in (before, after, tomorrow)]
    assert MARIBEL.student_id in places[0] and places[0] == places[1]
    line = after.rows[places[1].index(MARIBEL.student_id)]
    assert line.acknowledged is not None and line.acknowledged.mine and line.waits == ()
    assert after.total == before.total - 1 and MARIBEL.student_id not in places[2]


def test_each_role_reads_over_the_queue_what_is_asked_of_it(town: Store) -> None:
    said, lee = {}, Principal("lee@alder.example", "Kit Lee", "case_manager", staff_id="t-lee")
    with town.begin() as tx:
        for who in (OKAFOR, BAPTISTE, ROY, lee):
            said[who.role] = risk_list(tx, person_in(tx, who), Filters(tab="waiting"), now=at()).opening
    assert "five school days" in said["counselor"] and "handed to you" in said["case_manager"]
    assert "told to you" in said["school_administrator"]
    assert "answer by the day" in said["teacher"] and "school days" not in said["teacher"]


def test_whoever_was_put_off_comes_back_and_is_overdue_until_somebody_looks(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        put_off(
            tx, okafor, NOAH.student_id, as_of=FRIDAY, now=at(), form_id="r", reason="Already in hand",
            returns_on=at(7).date(),
        )  # fmt: skip
    for day, overdue in ((0, False), (7, False), (9, True)):
        (one,) = waits(town, okafor, day)[NOAH.student_id]
        assert (one.words, one.due, one.overdue) == ("Not now: Already in hand", at(7).date(), overdue)
    with town.begin() as tx:
        add_note(tx, okafor, NOAH.student_id, "Seen at lunch", now=at(9), form_id="n")
    assert waits(town, okafor, 9) == {}


def test_what_a_team_decided_waits_on_whoever_wrote_it_until_it_is_done(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    with town.begin() as tx:
        number = call_meeting(
            tx, okafor, held_on=at(1).date(), begins="10:00", minutes=10, school_id=HIGH, attending="",
            student_ids=[LINH.student_id], form_id="m", now=at(),
        )  # fmt: skip
        decide(
            tx, okafor, int(number or 0), LINH.student_id, decided="Mentor, twice a week", adult="Ms. Roy",
            due_on=at(10).date(), form_id="d", now=at(1),
        )  # fmt: skip
    assert waits(town, okafor, 2) == {}
    (one,) = waits(town, okafor, 3)[LINH.student_id]
    assert (one.words, one.owner, one.about) == (
        "Decided by the team: Mentor, twice a week",
        "Ms. Roy",
        number,
    )
    assert waits(town, baptiste, 10) == {} and waits(town, baptiste, 11)[LINH.student_id][0].overdue
    with town.begin() as tx:
        decision = decided_before(tx, okafor, [LINH.student_id])[LINH.student_id][0].decision_id
        add_note(tx, okafor, LINH.student_id, "The mentor began", now=at(11), form_id="n")
    assert waits(town, okafor, 12)[LINH.student_id], "a note about something else ends nothing"
    with town.begin() as tx:
        assert mark_done(tx, baptiste, decision, now=at(12))
    assert waits(town, okafor, 12) == {} == waits(town, baptiste, 12)
    with town.begin() as tx:
        assert not take_done_back(tx, okafor, decision, now=at(12)), "somebody else said it"
        assert take_done_back(tx, baptiste, decision, now=at(12))
    assert waits(town, okafor, 12)[LINH.student_id][0].overdue


def test_a_plan_waits_for_its_review_and_for_its_sessions(town: Store) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx:
        draft = replace(MENTOR, review_on=at(30).date())
        assert offer(tx, okafor, MARIBEL.student_id, draft, now=at(), form_id="o")
        plan = plans_of(tx, okafor, [MARIBEL.student_id])[MARIBEL.student_id][0].plan_id
        assert start(tx, okafor, plan, at(1).date(), now=at(1), form_id="s")
    assert waits(town, okafor, 15) == {}
    assert [one.words for one in waits(town, okafor, 16)[MARIBEL.student_id]] == [
        "Mentor: no session in two weeks"
    ]
    late = waits(town, okafor, 31)[MARIBEL.student_id]
    assert [(one.kind, one.overdue, one.about) for one in late] == [
        ("review", True, plan), ("no_session", False, plan),
    ]  # fmt: skip


def test_what_families_ask_for_waits_on_the_counselor_and_overdue_on_whoever_leads(town: Store) -> None:
    okafor, baptiste, zhao = person(town, OKAFOR), person(town, BAPTISTE), person(town, ZHAO)
    written = {"account_id": okafor.account_id, "at": at(), "form_id": "f"}
    with town.begin() as tx:
        tx.execute(
            record_requests.insert().values(
                student_id=LINH.student_id, asked_on=at().date(), due_on=at(5).date(), asked_by="guardian",
                **written,
            )
        )  # fmt: skip
        tx.execute(
            disputes.insert().values(
                student_id=XIMENA.student_id, kind="fact", about="attendance", words="She was ill",
                raised_on=at().date(), meet_by=at(30).date(), **written,
            )
        )  # fmt: skip
        tx.execute(
            letters.insert().values(
                student_id=MARIBEL.student_id, as_of=FRIDAY, language="en", fact={}, text="", english="",
                **written,
            )
        )  # fmt: skip
    mine, theirs = waits(town, okafor, 6), waits(town, baptiste, 6)
    assert {student: [one.kind for one in found] for student, found in mine.items()} == {
        LINH.student_id: ["record"], XIMENA.student_id: ["dispute"],
    }  # fmt: skip
    assert {student: [one.kind for one in found] for student, found in theirs.items()} == {
        LINH.student_id: ["record"], MARIBEL.student_id: ["letter"],
    }  # fmt: skip
    assert waits(town, zhao, 6) == {} == waits(town, operator("root"), 6)


def test_a_teacher_finds_the_questions_that_they_were_asked(town: Store) -> None:
    okafor, roy = person(town, OKAFOR), person(town, ROY)
    with town.begin() as tx:
        tx.execute(teaching.insert().values(student_id=MARIBEL.student_id, staff_id="t-roy"))
        tx.execute(
            questions.insert().values(
                question_id=1, student_id=MARIBEL.student_id, text="How is she?", asked_at=at(),
                account_id=okafor.account_id, due_on=at(3).date(), form_id="q",
            )
        )  # fmt: skip
        tx.execute(question_teachers.insert().values(question_id=1, staff_id="t-roy", course="Algebra"))
        page = risk_list(tx, roy, Filters("waiting"), now=at())
    assert [one.words for row in page.rows for one in row.waits] == ["Denise Okafor asks: How is she?"]
    assert page.tabs["waiting"] == "Waiting on me" and page.overdue == 0
    assert waits(town, roy, 4) == {}, "the question has closed"


def test_the_list_its_filters_and_the_digest_count_the_same_queue(town: Store, settings: Settings) -> None:
    okafor = person(town, OKAFOR)
    keep(roomy(settings), [replace(NOAH, p={"attendance": 0.7, "overall": 0.7}), *TOWN[:3], XIMENA], now=at())
    with town.begin() as tx:
        page = risk_list(tx, okafor, Filters("waiting"), now=at(9))
        none = risk_list(tx, okafor, Filters("waiting", name="maribel"), now=at(9))
        mail = digest_for(tx, okafor, base_url="", now=at(9))
    assert [row.display_name for row in page.rows] == [NOAH.name]
    assert (page.counts["waiting"], page.overdue, none.counts["waiting"], none.overdue) == (1, 1, 0, 0)
    assert page.opening.startswith("1 overdue.") and mail and mail.overdue.count == 1
