"""Team meetings: who is proposed, who sees what of an agenda, what a decision becomes, what is on paper."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select
from support.alder_creek import (
    ANA,
    BAPTISTE,
    DIAZ,
    HIGH,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    Person,
    keep,
    roomy,
)
from web.visitor import person_in

from ews.errors import UsageError
from ews.people.access import Principal
from ews.settings import Settings
from ews.store import Store, Transaction, open_store
from ews.store.meeting_tables import meeting_decisions, meetings
from ews.store.tables import ledger, ledger_students
from ews.support.actions import notes_on
from ews.support.agenda import agenda
from ews.support.decisions import decide
from ews.support.handouts import handouts
from ews.support.meeting_plan import bring_student, call_meeting, candidates, take_off
from ews.support.meetings import meetings_in_sight

THURSDAY = date(2025, 11, 20)
CROWD = tuple(Person(f"Student Number{count}", {"overall": 0.9}) for count in range(20))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    keep(roomy(settings), (*TOWN, *CROWD))
    with open_store(settings) as opened:
        yield opened


def called(
    tx: Transaction, who: Principal, *people: Person, form: str = "f", now: datetime = MONDAY_MORNING
) -> int:
    made = call_meeting(
        tx,
        who,
        held_on=THURSDAY,
        begins="09:40",
        minutes=10,
        school_id=HIGH,
        attending="Ms. Okafor,  Mr. Lee",
        student_ids=[one.student_id for one in people],
        form_id=form,
        now=now,
    )
    assert made is not None
    return made


def looks(tx: Transaction, action: str) -> set[str]:
    """The students whom entries of the ledger with ``action`` name."""
    found = select(ledger_students.c.student_id).join(ledger, ledger.c.entry == ledger_students.c.entry)
    return set(tx.execute(found.where(ledger.c.action == action)).scalars())


def test_see_first_is_proposed_once_a_year_and_never_more_than_twelve(store: Store) -> None:
    with store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        first = candidates(tx, okafor, None, now=MONDAY_MORNING)
        proposed = [one for one in first.students if one.proposed]
        assert 0 < len(proposed) <= 12
        assert {one.row.level for one in proposed} == {"see_first"}
        talked = next(one for one in TOWN + CROWD if one.student_id == proposed[0].row.student_id)
        called(tx, okafor, talked)
        again = candidates(tx, okafor, None, now=MONDAY_MORNING)
    standing = next(one for one in again.students if one.row.student_id == talked.student_id)
    assert (standing.discussed_on, standing.proposed) == (THURSDAY, False)


def test_an_agenda_has_places_and_minutes_and_each_sees_only_their_own(store: Store) -> None:
    with store.begin() as tx:
        baptiste, okafor, diaz = (person_in(tx, who) for who in (BAPTISTE, OKAFOR, DIAZ))
        meeting_id = called(tx, baptiste, MARIBEL, SOFIA, LINH)
        whole = agenda(tx, baptiste, meeting_id, now=MONDAY_MORNING)
        hers = agenda(tx, okafor, meeting_id, now=MONDAY_MORNING)
        his = agenda(tx, diaz, meeting_id, now=MONDAY_MORNING)
    assert whole and hers and his
    assert [(one.begins, one.row.display_name) for one in whole.entries] == [
        ("9:40", MARIBEL.name), ("9:50", SOFIA.name), ("10:00", LINH.name),
    ]  # fmt: skip
    assert whole.meeting.attending == "Ms. Okafor, Mr. Lee"
    assert [one.row.display_name for one in hers.entries] == [MARIBEL.name, LINH.name]
    assert [one.row.display_name for one in his.entries] == [SOFIA.name]


def test_a_meeting_about_others_is_no_meeting(store: Store) -> None:
    with store.begin() as tx:
        okafor, diaz = person_in(tx, OKAFOR), person_in(tx, DIAZ)
        meeting_id = called(tx, okafor, MARIBEL)
        assert meetings_in_sight(tx, diaz) == ()
        assert agenda(tx, diaz, meeting_id, now=MONDAY_MORNING) is None
        assert handouts(tx, diaz, meeting_id, now=MONDAY_MORNING) is None
        assert not bring_student(tx, diaz, meeting_id, SOFIA.student_id, now=MONDAY_MORNING)
        assert not take_off(tx, diaz, meeting_id, MARIBEL.student_id, now=MONDAY_MORNING)
        assert not decide(
            tx, diaz, meeting_id, MARIBEL.student_id, decided="x", form_id="d", now=MONDAY_MORNING
        )
        assert looks(tx, "agenda") == set()


@pytest.mark.parametrize("who", [OKAFOR, ZHAO], ids=["a counselor about another's", "an analyst"])
def test_nobody_calls_a_meeting_about_a_student_who_is_not_theirs(store: Store, who: Principal) -> None:
    with store.begin() as tx:
        made = call_meeting(
            tx, person_in(tx, who), held_on=THURSDAY, begins="10:00", minutes=10, school_id=HIGH,
            attending="", student_ids=[MARIBEL.student_id, ANA.student_id], form_id="f", now=MONDAY_MORNING,
        )  # fmt: skip
        assert made is None
        assert tx.execute(select(func.count()).select_from(meetings)).scalar() == 0


WRONG = {
    "nobody on it": ({"student_ids": []}, "empty"),
    "thirteen students": ({"student_ids": [one.student_id for one in CROWD[:13]]}, "at most 12"),
    "a day that is over": ({"held_on": MONDAY_MORNING.date() - timedelta(days=1)}, "today or a day"),
    "an hour that is none": ({"begins": "25:00"}, "hour"),
    "no minutes": ({"minutes": 0}, "3 to 60 minutes"),
    "a name list as long as a book": ({"attending": "a" * 501}, "longer than 500"),
}


@pytest.mark.parametrize("title", WRONG)
def test_a_meeting_is_not_called_with(store: Store, title: str) -> None:
    changed, says = WRONG[title]
    asked = {
        "held_on": THURSDAY, "begins": "10:00", "minutes": 10, "school_id": HIGH, "attending": "",
        "student_ids": [MARIBEL.student_id], "form_id": "f", "now": MONDAY_MORNING,
    } | changed  # fmt: skip
    with store.begin() as tx, pytest.raises(UsageError, match=says):
        call_meeting(tx, person_in(tx, OKAFOR), **asked)  # type: ignore[arg-type]


def test_the_same_form_sent_twice_calls_one_meeting_and_decides_once(store: Store) -> None:
    with store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        meeting_id = called(tx, okafor, MARIBEL)
        assert called(tx, okafor, MARIBEL) == meeting_id
        for _ in range(2):
            assert decide(
                tx,
                okafor,
                meeting_id,
                MARIBEL.student_id,
                decided="A mentor.",
                form_id="d",
                now=MONDAY_MORNING,
            )
        assert tx.execute(select(func.count()).select_from(meeting_decisions)).scalar() == 1
        assert len(notes_on(tx, okafor, MARIBEL.student_id)) == 1
        assert decide(
            tx, okafor, meeting_id, MARIBEL.student_id, decided="A mentor.", adult="Ms. Roy", form_id="d",
            now=MONDAY_MORNING,
        )  # fmt: skip
        found = agenda(tx, okafor, meeting_id, now=MONDAY_MORNING)  # put right by the back button
        assert found and [one.adult for one in found.entries[0].decisions] == ["", "Ms. Roy"]
        assert len(notes_on(tx, okafor, MARIBEL.student_id)) == 2
        assert called(tx, okafor, MARIBEL, NOAH) != meeting_id


def test_a_decision_is_kept_beside_the_one_before_and_becomes_a_note(store: Store) -> None:
    with store.begin() as tx:
        okafor, baptiste = person_in(tx, OKAFOR), person_in(tx, BAPTISTE)
        meeting_id = called(tx, okafor, MARIBEL, NOAH)
        decide(
            tx, okafor, meeting_id, MARIBEL.student_id, decided="A mentor, twice a week.", adult="Ms. Roy",
            does="asks her", due_on=date(2025, 12, 4), form_id="one", now=MONDAY_MORNING,
        )  # fmt: skip
        decide(
            tx,
            baptiste,
            meeting_id,
            MARIBEL.student_id,
            decided="Call home.",
            form_id="two",
            now=MONDAY_MORNING,
        )
        found = agenda(tx, okafor, meeting_id, now=MONDAY_MORNING)
        notes = [note.text for note in notes_on(tx, okafor, MARIBEL.student_id)]
    assert found is not None
    assert [(one.who, one.decided) for one in found.entries[0].decisions] == [
        ("Denise Okafor", "A mentor, twice a week."),
        ("baptiste@alder.example", "Call home."),
    ]
    assert (found.meeting.students, found.meeting.decided) == (2, 1)
    assert notes == [
        "Team meeting, 20 Nov 2025: Call home.",
        "Team meeting, 20 Nov 2025: A mentor, twice a week. Ms. Roy: asks her, by 4 Dec.",
    ]


def test_a_student_is_brought_and_taken_off_and_a_full_agenda_says_so(store: Store) -> None:
    with store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        meeting_id = called(tx, okafor, *CROWD[:12])
        with pytest.raises(UsageError, match="The agenda has 12"):
            bring_student(tx, okafor, meeting_id, MARIBEL.student_id, now=MONDAY_MORNING)
        assert take_off(tx, okafor, meeting_id, CROWD[0].student_id, now=MONDAY_MORNING)
        assert bring_student(tx, okafor, meeting_id, MARIBEL.student_id, now=MONDAY_MORNING)
        assert bring_student(tx, okafor, meeting_id, MARIBEL.student_id, now=MONDAY_MORNING)
        found = agenda(tx, okafor, meeting_id, now=MONDAY_MORNING)
    assert found is not None
    assert [one.row.student_id for one in found.entries][-1] == MARIBEL.student_id
    assert len(found.entries) == 12


def test_each_printout_is_a_look_and_carries_no_chance_and_no_note(store: Store) -> None:
    with store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        meeting_id = called(tx, okafor, MARIBEL, NOAH)
        decide(
            tx,
            okafor,
            meeting_id,
            MARIBEL.student_id,
            decided="Secret mentor.",
            form_id="d",
            now=MONDAY_MORNING,
        )
        found = handouts(tx, okafor, meeting_id, now=MONDAY_MORNING)
        assert looks(tx, "printout") == {MARIBEL.student_id, NOAH.student_id}
    assert found is not None
    page = found.pages[0]
    assert (page.entry.place, page.of, page.counselor) == (1, 2, "Denise Okafor")
    assert page.state == "Not seen yet, no plan yet"
    assert page.facts[0].domain == "Attendance"
    assert (page.facts[0].typical, page.facts[0].source) == ("0 to 1", "SIS, 14 Nov")
    assert not any("%" in one.fact or "Secret" in one.fact for one in page.facts)
