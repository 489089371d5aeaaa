"""One question to all teachers: who may ask, who is asked, who reads what, and when it closes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from support.alder_creek import (
    ADMIN,
    BAPTISTE,
    DIAZ,
    HIGH,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    OKAFOR,
    STRANGERS,
    TOWN,
    XIMENA,
    keep,
    opened,
    roomy,
)
from support.in_class import AYALA, BELL, CRUZ, seat_the_town
from web.visitor import person, person_in

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.ledger import verify
from ews.settings import Settings
from ews.store import Store
from ews.store.question_tables import answers, question_teachers, questions
from ews.store.tables import ledger
from ews.support.contact_log import contacts_of, log_contact
from ews.support.question_views import (
    AskedView,
    Question,
    ask_view,
    asked_view,
    question_view,
    questions_about,
    questions_view,
)
from ews.support.questions import answer_question, ask_teachers, remind_teachers, take_question_back

TEAM = Principal("team@alder.example", "Jo Park", "support_team", school_ids=(HIGH,))
TODAY = MONDAY_MORNING.date()
THURSDAY = date(2025, 11, 20)
WORDS = "How is Maribel in your class since October?"


@pytest.fixture
def town(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The town in class, scored; on SQLite and on PostgreSQL."""
    seat_the_town(monkeypatch)
    keep(roomy(settings), TOWN)
    store = opened(settings)
    yield store
    store.close()


def ask(
    store: Store, who: Principal, student: str = MARIBEL.student_id, due: date = THURSDAY, form: str = "q"
) -> int:
    with store.begin() as tx:
        return ask_teachers(tx, who, student, WORDS, due_on=due, now=MONDAY_MORNING, form_id=form)


def answered(
    store: Store, who: Principal, number: int, text: str, now: datetime = MONDAY_MORNING, form: str = "a"
) -> bool:
    with store.begin() as tx:
        return answer_question(tx, who, number, text, now=now, form_id=form)


def asked(store: Store, who: Principal, now: datetime = MONDAY_MORNING) -> AskedView:
    with store.begin() as tx:
        return asked_view(tx, who, now=now)


def read(store: Store, who: Principal, number: int, now: datetime = MONDAY_MORNING) -> Question | None:
    with store.begin() as tx:
        return question_view(tx, who, number, now=now)


def test_both_teachers_are_asked_and_their_answers_gather(town: Store) -> None:
    okafor, cruz, bell = (person(town, who) for who in (OKAFOR, CRUZ, BELL))
    number = ask(town, okafor)
    assert [one.display_name for one in asked(town, cruz).waiting] == [MARIBEL.name]
    assert answered(town, cruz, number, "Quiet since the seat change. Works with Linh.")
    assert answered(town, bell, number, "Reads ahead; missed two Mondays.")
    question = read(town, okafor, number)
    assert question and (question.answered, question.open, question.mine) == (2, True, True)
    assert [(one.name, one.course, one.period, one.text) for one in question.answers] == [
        ("Imelda Cruz", "Algebra 1", "3", "Quiet since the seat change. Works with Linh."),
        ("Tom Bell", "English 9", "5", "Reads ahead; missed two Mondays."),
    ]
    with town.begin() as tx:
        assert questions_about(tx, okafor, MARIBEL.student_id, now=MONDAY_MORNING)[0].question_id == number
        verify(tx, town.ledger_key)


def test_a_teacher_reads_the_question_the_name_and_no_answer_but_their_own(town: Store) -> None:
    cruz, bell = person(town, CRUZ), person(town, BELL)
    number = ask(town, person(town, OKAFOR))
    assert answered(town, cruz, number, "Quiet.")
    mine = asked(town, bell).waiting[0]
    assert (mine.text, mine.display_name, mine.asked_by, mine.course, mine.answer) == (
        WORDS, MARIBEL.name, "Denise Okafor", "English 9", None,
    )  # fmt: skip
    assert "Quiet." not in repr(asked(town, bell))
    with town.begin() as tx:
        assert questions_about(tx, bell, MARIBEL.student_id, now=MONDAY_MORNING) == ()
        seen = tx.execute(select(ledger.c.fields).where(ledger.c.action == "asked")).scalars().all()
    assert read(town, bell, number) is None
    assert set(seen) == {"name"}


def test_of_several_answers_the_last_stands_and_a_form_sent_twice_answers_once(town: Store) -> None:
    okafor, cruz = person(town, OKAFOR), person(town, CRUZ)
    number = ask(town, okafor)
    for words in ("Quiet.", "Quiet.", "Quiet, and better on Fridays."):
        assert answered(town, cruz, number, words)
    with town.read() as tx:
        assert len(tx.execute(select(answers)).all()) == 2
    assert asked(town, cruz).answered[0].answer == "Quiet, and better on Fridays."


def test_it_is_answered_to_the_end_of_its_day_and_then_closes(town: Store) -> None:
    okafor, cruz = person(town, OKAFOR), person(town, CRUZ)
    number = ask(town, okafor)
    assert answered(town, cruz, number, "Late but in time.", MONDAY_MORNING + timedelta(days=3))
    friday = MONDAY_MORNING + timedelta(days=4)
    with pytest.raises(UsageError, match="closed"):
        answered(town, cruz, number, "Too late.", friday)
    view = asked(town, cruz, friday)
    assert (view.waiting, view.answered) == ((), ()) and view.closed[0].answer == "Late but in time."
    question = read(town, okafor, number, friday)
    assert question and not question.open
    with town.begin() as tx:
        gathered = questions_view(tx, okafor, now=friday)
    assert (len(gathered.open), len(gathered.closed)) == (0, 1)


def test_whoever_has_not_answered_is_reminded(town: Store) -> None:
    okafor, cruz, bell = (person(town, who) for who in (OKAFOR, CRUZ, BELL))
    number = ask(town, okafor)
    answered(town, cruz, number, "Quiet.")
    with town.begin() as tx:
        assert remind_teachers(tx, okafor, number, now=MONDAY_MORNING + timedelta(days=1))
    question = read(town, okafor, number)
    assert question
    assert {one.name: one.reminded_on for one in question.answers} == {
        "Imelda Cruz": None, "Tom Bell": TODAY + timedelta(days=1),
    }  # fmt: skip
    assert asked(town, bell).waiting[0].reminded_on == TODAY + timedelta(days=1)


def test_a_question_is_taken_back_until_somebody_has_answered(town: Store) -> None:
    okafor, baptiste, cruz = (person(town, who) for who in (OKAFOR, BAPTISTE, CRUZ))
    first, second = ask(town, okafor), ask(town, okafor, form="q2", due=TODAY)
    answered(town, cruz, second, "Quiet.")
    with town.begin() as tx:
        assert not take_question_back(tx, baptiste, first, now=MONDAY_MORNING)
        for _ in ("click", "clicked twice"):
            assert take_question_back(tx, okafor, first, now=MONDAY_MORNING)
        assert not take_question_back(tx, okafor, second, now=MONDAY_MORNING)
    assert read(town, okafor, first) is None
    with pytest.raises(UsageError, match="was taken back"):
        answered(town, cruz, first, "Quiet.")


MAY_NOT_ASK = {
    **STRANGERS,
    "a teacher of the student": (CRUZ, MARIBEL.student_id),
}


@pytest.mark.parametrize("title", MAY_NOT_ASK)
def test_it_is_not_asked(town: Store, title: str) -> None:
    who, student = MAY_NOT_ASK[title]
    who = person(town, who)
    assert ask(town, who, student) == 0
    with town.begin() as tx:
        assert tx.execute(select(questions)).all() == []
        assert ask_view(tx, who, student, now=MONDAY_MORNING) is None


@pytest.mark.parametrize("who", [AYALA, OKAFOR, DIAZ, ADMIN], ids=lambda who: who.display_name)
def test_whoever_was_not_asked_does_not_answer(town: Store, who: Principal) -> None:
    number = ask(town, person(town, OKAFOR))
    assert not answered(town, person(town, who), number, "I would know.")
    assert asked(town, person(town, who)) == AskedView((), (), ())


def test_the_name_of_a_liaison_is_not_told_to_whoever_may_not_know_why_they_ask(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    vega = Principal("vega@alder.example", "Rosa Vega", "liaison", school_ids=(HIGH,))
    seat_the_town(monkeypatch, circumstances=frozenset({(MARIBEL.student_id, "foster")}))
    keep(roomy(settings), TOWN)
    store = opened(settings)
    number = ask(store, person(store, vega))
    assert asked(store, person(store, CRUZ)).waiting[0].asked_by == "the support team"
    of_okafor = read(store, person(store, OKAFOR), number)
    of_team = read(store, person(store, TEAM), number)
    assert of_okafor and of_okafor.asked_by == vega.name
    assert of_team and of_team.asked_by == "the support team"
    with store.begin() as tx:
        log_contact(
            tx,
            person_in(tx, vega),
            [MARIBEL.student_id],
            on=TODAY,
            channel="phone",
            direction="out",
            words="",
            form_id="c",
            now=MONDAY_MORNING,
        )
        assert contacts_of(tx, person_in(tx, TEAM), MARIBEL.student_id)[0].who == "the support team"
        assert contacts_of(tx, person_in(tx, OKAFOR), MARIBEL.student_id)[0].who == vega.name
    store.close()


def test_a_teacher_who_no_longer_teaches_the_student_no_longer_sees_the_question(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    from support.in_class import SCHEDULE

    seat_the_town(monkeypatch)
    keep(roomy(settings), TOWN)
    store = opened(settings)
    number = ask(store, person(store, OKAFOR))
    left = {"student_id": MARIBEL.student_id, "section_id": "alg"}
    moved = [seat for seat in SCHEDULE.seats if seat != left]
    monkeypatch.undo()
    seat_the_town(monkeypatch, replace(SCHEDULE, seats=tuple(moved)))
    keep(roomy(settings), TOWN)
    cruz = person(store, CRUZ)
    assert asked(store, cruz) == AskedView((), (), ()) and not answered(store, cruz, number, "Quiet.")
    store.close()


def test_without_a_schedule_nobody_can_be_asked(town: Store) -> None:
    with pytest.raises(UsageError, match="No teacher is on record"):
        ask(town, person(town, OKAFOR), XIMENA.student_id)


@pytest.mark.parametrize("days", [-1, 31])
def test_the_day_lies_ahead(town: Store, days: int) -> None:
    with pytest.raises(UsageError, match="thirty days"):
        ask(town, person(town, OKAFOR), due=TODAY + timedelta(days=days))


def test_a_question_sent_twice_is_asked_once(town: Store) -> None:
    okafor = person(town, OKAFOR)
    assert ask(town, okafor) == ask(town, okafor)
    assert ask(town, okafor, LINH.student_id)
    with town.read() as tx:
        assert len(tx.execute(select(question_teachers)).all()) == 3
