"""Support plans from the offer to the last review: each thing by itself, and nobody's words lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Thread

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
from ews.people.ledger import verify
from ews.settings import Settings
from ews.store import Store
from ews.store.tables import ledger
from ews.support.actions import add_note, notes_on
from ews.support.agenda import agenda
from ews.support.facts import TIERS
from ews.support.list_filters import Filters
from ews.support.list_sheet import heads_for, rows_of
from ews.support.meeting_plan import call_meeting, candidates
from ews.support.plan_record import SupportPlan, events_of, plan_of_number, plans_of
from ews.support.plans import Draft, change, log_session, offer, review, start, take_back
from ews.support.programs import keep_program, programs_of
from ews.support.risk_list import risk_list
from ews.support.standing import standing_of
from ews.support.states import close
from ews.support.student_view import student_view
from ews.support.waiting import REVIEW, what_waits

STUDENT = MARIBEL.student_id
TODAY = MONDAY_MORNING.date()
MENTOR = Draft(
    kind="Mentor", tier="Targeted", goal="In class by 8:10 on four days of five", adult="Coach Ruiz",
    adult_id=None, minutes_week=60.0, starts_on=TODAY + timedelta(days=2), ends_on=None,
    review_on=TODAY + timedelta(weeks=4),
)  # fmt: skip


@pytest.fixture
def town(settings: Settings) -> Iterator[Store]:
    """The town, scored; on SQLite and on PostgreSQL."""
    keep(roomy(settings), TOWN)
    store = opened(settings)
    yield store
    store.close()


def at(days: int = 0) -> datetime:
    return MONDAY_MORNING + timedelta(days=days)


def offered(
    store: Store, who: Principal, draft: Draft = MENTOR, student: str = STUDENT, form: str = "o"
) -> int:
    with store.begin() as tx:
        return offer(tx, who, student, draft, now=at(), form_id=form)


def plan(store: Store, who: Principal, number: int) -> SupportPlan:
    with store.read() as tx:
        found = plan_of_number(tx, who, number)
    assert found
    return found


def session(store: Store, who: Principal, number: int, *, days: int, attended: bool, form: str) -> bool:
    with store.begin() as tx:
        return log_session(
            tx, who, number, on_day=at(days).date(), minutes=30, attended=attended, words="", now=at(days),
            form_id=form,
        )  # fmt: skip


def test_an_offer_is_not_a_start_and_a_start_is_not_a_session(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = offered(town, okafor)
    assert offered(town, okafor) == number  # sent twice
    assert (plan(town, okafor, number).stage, plan(town, okafor, number).sessions) == ("Offered", 0)
    session(town, okafor, number, days=2, attended=False, form="s1")
    assert plan(town, okafor, number).stage == "Offered"
    for _ in range(2):
        session(town, okafor, number, days=3, attended=True, form="s2")
    now = plan(town, okafor, number)
    assert (now.stage, now.started_on, now.sessions, now.attended, now.minutes) == (
        "Going on", at(3).date(), 2, 1, 30.0,
    )  # fmt: skip
    with town.read() as tx:
        happened = [event.kind for event in events_of(tx, okafor, number)]
    assert happened == ["session", "session", "offered"]


def test_a_plan_from_offer_to_the_end_and_the_student_with_it(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = offered(town, okafor)
    with town.read() as tx:
        assert standing_of(tx, okafor, [STUDENT], today=TODAY)[STUDENT].state == "plan"
    with town.begin() as tx:
        assert start(tx, okafor, number, at(2).date(), now=at(2), form_id="b")
        with pytest.raises(UsageError, match="still open"):
            close(tx, okafor, STUDENT, "met", "", now=at(2), form_id="c")
    with town.begin() as tx:
        waits = what_waits(tx, okafor, today=at(22).date()).of[STUDENT]
        assert [one.words for one in waits if one.kind == REVIEW] == ["Mentor: review the plan"]
        assert review(
            tx,
            okafor,
            number,
            "partial",
            "Three days of five",
            again_on=at(50).date(),
            now=at(22),
            form_id="r",
        )
    assert plan(town, okafor, number).review_on == at(50).date()
    with town.begin() as tx:
        assert review(tx, okafor, number, "met", "All five", again_on=None, now=at(50), form_id="r2")
    now = plan(town, okafor, number)
    assert (now.stage, now.result, now.ended_on) == ("Ended", "Goal met", at(50).date())
    with town.begin() as tx, pytest.raises(UsageError, match="has ended"):
        review(tx, okafor, number, "met", "", again_on=None, now=at(51), form_id="r3")
    with town.begin() as tx:
        assert close(tx, okafor, STUDENT, "met", "", now=at(51), form_id="c")


NOT_LIKE_THIS = {
    "without a goal": ({"goal": " "}, "needs a goal"),
    "without an adult": ({"adult": ""}, "needs an adult"),
    "without a tier": ({"tier": "High"}, "tier"),
    "without a review": ({"review_on": None}, "review"),
    "with a review too far away": ({"review_on": TODAY + timedelta(weeks=7)}, "six weeks"),
    "with a review before today": ({"review_on": TODAY}, "six weeks"),
    "that ends before it starts": ({"ends_on": TODAY + timedelta(days=1)}, "end before"),
    "with more minutes than a week has": ({"minutes_week": 9_000.0}, "minutes"),
}


@pytest.mark.parametrize("title", NOT_LIKE_THIS)
def test_no_plan_is_kept(town: Store, title: str) -> None:
    changes, told = NOT_LIKE_THIS[title]
    okafor = person(town, OKAFOR)
    with pytest.raises(UsageError, match=told):
        offered(town, okafor, replace(MENTOR, **changes))


def test_whoever_changes_second_reads_what_the_first_one_wrote(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    number = offered(town, okafor)
    hers, his = replace(MENTOR, goal="In class on five days"), replace(MENTOR, goal="Two calls home a week")
    with town.begin() as tx:
        assert change(tx, okafor, number, hers, version=1, now=at(1), form_id="c1")
    with town.begin() as tx, pytest.raises(ChangedMeanwhile) as told:
        change(tx, baptiste, number, his, version=1, now=at(1), form_id="c2")
    assert (told.value.version, told.value.theirs["Goal"]) == (2, "In class on five days")
    with town.begin() as tx:
        assert change(tx, baptiste, number, his, version=2, now=at(1), form_id="c2")
    with town.read() as tx:
        before = [dict(event.before) for event in events_of(tx, okafor, number) if event.kind == "changed"]
    assert before == [{"Goal": "In class on five days"}, {"Goal": MENTOR.goal}]  # nothing is lost


def test_a_review_that_ends_the_plan_and_comes_twice_is_kept_once_and_anew_once_it_was_taken_back(
    town: Store,
) -> None:
    okafor = person(town, OKAFOR)
    number = offered(town, okafor)
    with town.begin() as tx:
        for _ in range(2):
            assert review(tx, okafor, number, "met", "Well.", again_on=None, now=at(2), form_id="r")
        kinds = [event.kind for event in events_of(tx, okafor, number)]
        assert (kinds.count("review"), kinds.count("ended")) == (1, 1)
        with pytest.raises(UsageError, match="has ended"):
            review(tx, okafor, number, "met", "Very well.", again_on=None, now=at(2), form_id="r")
        (ended,) = [event for event in events_of(tx, okafor, number) if event.kind == "ended"]
        assert take_back(tx, okafor, ended.event_id, now=at(3))
        assert review(tx, okafor, number, "met", "Well.", again_on=None, now=at(3), form_id="r")
    assert plan(town, okafor, number).ended_on == at(3).date()


def test_a_session_a_start_and_an_end_are_taken_back_by_whoever_wrote_them(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    number = offered(town, okafor)
    session(town, okafor, number, days=1, attended=True, form="s")
    with town.begin() as tx:
        review(tx, okafor, number, "not_met", "", again_on=None, now=at(2), form_id="r")
        ids = {event.kind: event.event_id for event in events_of(tx, okafor, number)}
        assert not take_back(tx, baptiste, ids["session"], now=at(2))
        assert not take_back(tx, okafor, ids["review"], now=at(2))  # words are answered by other words
        assert take_back(tx, okafor, ids["ended"], now=at(2))
        assert take_back(tx, okafor, ids["session"], now=at(2))
        assert take_back(tx, okafor, ids["session"], now=at(2)), "clicked twice"
    assert (plan(town, okafor, number).stage, plan(town, okafor, number).sessions) == ("Offered", 0)


def test_a_plan_has_started_on_the_day_that_still_stands(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = offered(town, okafor)
    with town.begin() as tx:
        start(tx, okafor, number, at(1).date(), now=at(3), form_id="b")
    session(town, okafor, number, days=3, attended=True, form="s")
    for kind, began in {"started": at(3).date(), "session": None}.items():
        with town.begin() as tx:
            ids = {event.kind: event.event_id for event in events_of(tx, okafor, number)}
            assert take_back(tx, okafor, ids[kind], now=at(3))
        assert plan(town, okafor, number).started_on == began


def test_a_session_sent_again_as_missed_is_a_second_line(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = offered(town, okafor)
    for attended in (True, False):  # from the form that the back button shows
        session(town, okafor, number, days=1, attended=attended, form="s")
    assert plan(town, okafor, number).sessions == 2


def test_of_two_changes_at_the_same_moment_the_second_is_told(town: Store) -> None:
    """The second waits for the first to end, and then reads what stands."""
    with town as store:
        okafor, baptiste = person(store, OKAFOR), person(store, BAPTISTE)
        number = offered(store, okafor)
        told: list[ChangedMeanwhile] = []

        def second() -> None:
            try:
                with store.begin() as tx:
                    change(
                        tx, baptiste, number, replace(MENTOR, goal="His"), version=1, now=at(1), form_id="c2"
                    )
            except ChangedMeanwhile as problem:
                told.append(problem)

        waiting = Thread(target=second)
        with store.begin() as tx:
            change(tx, okafor, number, replace(MENTOR, goal="Hers"), version=1, now=at(1), form_id="c1")
            waiting.start()
            waiting.join(0.5)
            assert waiting.is_alive()
        waiting.join(20)
        assert [one.theirs["Goal"] for one in told] == ["Hers"]
        assert plan(store, okafor, number).version == 2


def test_the_highest_tier_that_people_set_stands_on_the_list_and_is_filtered_by(town: Store) -> None:
    okafor = person(town, OKAFOR)
    offered(town, okafor)
    with town.begin() as tx:
        found = {
            tier: risk_list(tx, okafor, Filters("all", tier=tier), now=at()).rows for tier in TIERS.values()
        }
        assert [(row.display_name, row.tier) for row in found["Targeted"]] == [(MARIBEL.name, "Targeted")]
        assert MARIBEL.name not in {row.display_name for row in found["Universal"]}
        assert {row.tier for row in found["Universal"]} == {"Universal"} and not found["Intensive"]


def test_a_tier_set_here_is_told_the_same_to_a_team_on_a_students_page_and_in_a_sheet(town: Store) -> None:
    okafor = person(town, OKAFOR)
    offered(town, okafor)
    with town.begin() as tx:
        view = risk_list(tx, okafor, Filters("all", tier="Targeted"), now=at())
        told = dict(zip(heads_for(okafor), rows_of(view, okafor)[0], strict=True))
        assert (told["tier"], told["plan"], told["plan_since"]) == ("Targeted", "Mentor", at().date())
        to_choose = candidates(tx, okafor, None, now=at()).students
        assert {one.row.tier for one in to_choose if one.row.student_id == STUDENT} == {"Targeted"}
        meeting = call_meeting(
            tx, okafor, held_on=at().date(), begins="10:00", minutes=10, school_id=HIGH, attending="",
            student_ids=[STUDENT], form_id="m", now=at(),
        )  # fmt: skip
        assert meeting is not None
        of_meeting, of_student = (
            agenda(tx, okafor, meeting, now=at()),
            student_view(tx, okafor, STUDENT, now=at()),
        )
    assert of_meeting is not None and [one.row.tier for one in of_meeting.entries] == ["Targeted"]
    assert of_student is not None and of_student.row.tier == "Targeted"


def test_nobody_comes_to_read_a_note_of_anothers_own_by_offering_a_plan(town: Store) -> None:
    okafor = person(town, OKAFOR)
    lee = person(town, Principal("lee@alder.example", "Sam Lee", "support_team", school_ids=(HIGH,)))
    with town.begin() as tx:
        add_note(tx, okafor, STUDENT, "For me", now=at(), form_id="n", readers="own")
    assert offered(town, lee, replace(MENTOR, adult="Sam Lee", adult_id=lee.account_id))
    with town.read() as tx:
        assert notes_on(tx, lee, STUDENT) == ()
        assert [note.text for note in notes_on(tx, okafor, STUDENT)] == ["For me"]


MAY_NOT = {
    "not one's own student": (OKAFOR, SOFIA.student_id),
    "another counselor's student": (DIAZ, STUDENT),
    "nobody": (OKAFOR, "nobody"),
    "an analyst": (ZHAO, STUDENT),
    "whoever runs the machines": (ADMIN, STUDENT),
}


@pytest.mark.parametrize("title", MAY_NOT)
def test_it_is_not_done(town: Store, title: str) -> None:
    who, student = MAY_NOT[title]
    who, okafor = person(town, who), person(town, OKAFOR)
    assert offered(town, who, student=student) == 0
    if who.name == OKAFOR.name:
        return
    number = offered(town, okafor)
    with town.begin() as tx:
        assert not change(tx, who, number, MENTOR, version=1, now=at(), form_id="x")
        assert not start(tx, who, number, TODAY, now=at(), form_id="x")
        assert not review(tx, who, number, "met", "", again_on=None, now=at(), form_id="x")
        assert plan_of_number(tx, who, number) is None
        assert plans_of(tx, who, [STUDENT]) == {}


def test_a_program_has_as_many_plans_as_places(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    wanted = {"name": "Math help", "tier": "Targeted", "places": 1, "minutes_week": 90.0, "now": at()}
    with town.begin() as tx:
        assert not keep_program(tx, okafor, school_id=HIGH, **wanted)
        assert not keep_program(tx, baptiste, school_id="orchard", **wanted)
        assert keep_program(tx, baptiste, school_id=HIGH, **wanted)
        (program,) = programs_of(tx, okafor)
    inside = replace(MENTOR, program_id=program.program_id)
    number = offered(town, okafor, inside)
    assert plan(town, okafor, number).kind == "Math help"
    with pytest.raises(UsageError, match="Every place"):
        offered(town, okafor, inside, LINH.student_id)
    with town.begin() as tx:
        for _ in ("click", "clicked twice"):
            assert keep_program(
                tx, baptiste, program_id=program.program_id, version=1, **(wanted | {"places": 2})
            )
        with pytest.raises(ChangedMeanwhile):
            keep_program(tx, baptiste, program_id=program.program_id, version=1, **(wanted | {"places": 3}))
    assert offered(town, okafor, inside, LINH.student_id)


def test_an_end_is_not_taken_back_when_the_place_is_another_students_by_now(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    with town.begin() as tx:
        keep_program(
            tx, baptiste, school_id=HIGH, name="Math help", tier="Targeted", places=1, minutes_week=None,
            now=at(),
        )  # fmt: skip
        (program,) = programs_of(tx, okafor)
    inside = replace(MENTOR, program_id=program.program_id)
    number = offered(town, okafor, inside)
    with town.begin() as tx:
        review(tx, okafor, number, "met", "", again_on=None, now=at(1), form_id="r")
        ended = next(event.event_id for event in events_of(tx, okafor, number) if event.kind == "ended")
    assert offered(town, okafor, inside, LINH.student_id)
    with town.begin() as tx, pytest.raises(UsageError, match="taken since"):
        take_back(tx, okafor, ended, now=at(2))
    assert plan(town, okafor, number).stage == "Ended"


def test_it_is_all_in_the_ledger(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = offered(town, okafor)
    session(town, okafor, number, days=1, attended=True, form="s")
    with town.begin() as tx:
        review(tx, okafor, number, "met", "", again_on=None, now=at(2), form_id="r")
        said = list(tx.execute(select(ledger.c.action).order_by(ledger.c.entry)).scalars())
    assert said == ["plan_offered", "plan_session", "plan_review"]
    with town.begin() as tx:
        assert verify(tx, town.ledger_key) == 3


def test_a_form_sent_twice_at_the_very_same_moment_makes_one_plan(town: Store) -> None:
    from concurrent.futures import ThreadPoolExecutor

    okafor = person(town, OKAFOR)
    with ThreadPoolExecutor(4) as clicks:
        numbers = set(clicks.map(lambda _: offered(town, okafor), range(4)))
    assert len(numbers) == 1
    with town.read() as tx:
        assert len(plans_of(tx, okafor, [STUDENT])[STUDENT]) == 1


def test_a_session_to_come_is_not_logged(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = offered(town, okafor)
    with town.begin() as tx, pytest.raises(UsageError, match="to come"):
        start(tx, okafor, number, date(2026, 1, 1), now=at(), form_id="b")
