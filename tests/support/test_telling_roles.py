"""That a liaison or a case manager works with a student would say why: nobody is told who may not know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from sqlalchemy import select
from support.alder_creek import (
    HIGH,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    TOWN,
    ZHAO,
    Person,
    keep,
    opened,
    roomy,
)
from web.visitor import person_in

from ews.errors import UsageError
from ews.people.access import THE_TEAM, Principal
from ews.people.colleagues import colleagues
from ews.people.roles import Act
from ews.settings import Settings
from ews.store import Store
from ews.store.family_tables import guardians
from ews.store.tables import ledger
from ews.store.work_tables import plans
from ews.support.agenda import agenda
from ews.support.decisions import decide
from ews.support.hand_overs import hand_over
from ews.support.letter_acts import Draft as Letter
from ews.support.letter_acts import write_letter
from ews.support.letters import letters_about
from ews.support.list_filters import ALL, NEW, Filters
from ews.support.meeting_plan import bring_student, call_meeting
from ews.support.meetings import meetings_in_sight
from ews.support.named import record_names
from ews.support.nominations import nominate
from ews.support.plan_record import events_of, plan_of_number
from ews.support.plans import Draft, change, offer
from ews.support.risk_list import risk_list
from ews.support.standing import standing_of
from ews.support.work import work_of

VEGA = Principal("vega@alder.example", "Rosa Vega", "liaison", school_ids=(HIGH,))
CASE = Principal("case@alder.example", "Ann Case", "case_manager", staff_id="t-case")
TEAM = Principal("team@alder.example", "Grace Lindgren", "support_team", school_ids=(HIGH,))
LEE = Principal("lee@alder.example", "Samuel Lee", "attendance_coordinator", school_ids=(HIGH,))
CRUZ = Principal("cruz@alder.example", "Imelda Cruz", "teacher", staff_id="t-cruz")
EVERYBODY = (VEGA, CASE, TEAM, LEE, CRUZ, OKAFOR, ZHAO)
FOSTERED = frozenset({(MARIBEL.student_id, "foster"), (NOAH.student_id, "homeless")})
MANAGED = tuple((one.counselor or "", one.student_id, "counselor") for one in TOWN if one.counselor)
TODAY = MONDAY_MORNING.date()
HELP = Letter(
    "en", "part_of_school", "homework_help", "Alder Creek", "(555) 010-0100", 2, time(15, 30), "B-12"
)


class Town:
    """Maribel has a liaison and a case manager, Linh has neither; that alone is told of them here."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.begin() as tx:
            self.people = {one.name: person_in(tx, one) for one in EVERYBODY}
            row = dict.fromkeys(column.name for column in guardians.columns)
            mother = {"guardian_id": "mother", "language": "eng", "education_rights": True, "channel": "mail"}
            tx.execute(guardians.insert().values(row | {"student_id": MARIBEL.student_id} | mother))

    def who(self, person: Principal) -> Principal:
        return self.people[person.name]

    def number(self, person: Principal) -> int:
        return int(self.who(person).account_id or 0)


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    keep(
        roomy(settings),
        TOWN,
        circumstances=FOSTERED,
        caseloads=(*MANAGED, ("t-case", MARIBEL.student_id, "case_manager")),
        teaching=frozenset({("t-cruz", one.student_id) for one in TOWN}),
    )
    store = opened(settings)
    yield Town(store)
    store.close()


def offered_to(town: Town, viewer: Principal, student: Person) -> set[str]:
    """Whom the page of a student and the form of a plan offer, by role."""
    with town.store.read() as tx:
        handed = work_of(tx, town.who(viewer), student.student_id, now=MONDAY_MORNING).hand_to
        planned = colleagues(tx, town.who(viewer), student.student_id, Act.PLAN)
    assert {one.role for one in handed} == {one.role for one in planned}
    return {one.role for one in handed}


def test_whom_a_student_can_be_handed_to_tells_nothing_of_the_student(town: Town) -> None:
    plain = {"counselor", "support-team member", "attendance coordinator"}
    telling = {"foster and homeless liaison", "case manager"}
    assert offered_to(town, TEAM, MARIBEL) == offered_to(town, TEAM, LINH) == plain
    assert offered_to(town, OKAFOR, MARIBEL) == plain | telling
    assert offered_to(town, OKAFOR, LINH) == plain
    assert offered_to(town, VEGA, MARIBEL) == plain | {"foster and homeless liaison"}


def test_whoever_is_not_offered_is_answered_as_somebody_who_does_not_work_there(town: Town) -> None:
    for student in (MARIBEL, LINH):
        with town.store.begin() as tx, pytest.raises(UsageError, match="does not work with"):
            hand_over(
                tx, town.who(TEAM), student.student_id, town.number(VEGA), "", version=1, now=MONDAY_MORNING,
                form_id="h",
            )  # fmt: skip


def test_the_owner_of_a_student_is_named_to_those_who_may_know_why(town: Town) -> None:
    with town.store.begin() as tx:
        hand_over(
            tx, town.who(OKAFOR), MARIBEL.student_id, town.number(VEGA), "", version=1, now=MONDAY_MORNING,
            form_id="h",
        )  # fmt: skip
        told = {
            who.role: standing_of(tx, town.who(who), [MARIBEL.student_id], today=TODAY)[
                MARIBEL.student_id
            ].owner
            for who in (OKAFOR, VEGA, TEAM, LEE)
        }
    assert told == {
        "counselor": account_name(town, VEGA), "liaison": account_name(town, VEGA),
        "support_team": THE_TEAM, "attendance_coordinator": THE_TEAM,
    }  # fmt: skip


def account_name(town: Town, person: Principal) -> str:
    """What somebody without a row on the roster is called: by their account."""
    return town.who(person).name


def test_the_adult_of_a_plan_is_masked_and_stays_who_they_are(town: Town) -> None:
    named = account_name(town, VEGA)
    draft = Draft(
        "Mentor", "Targeted", "In class by 8:10", named, town.number(VEGA), None, None, None,
        TODAY + timedelta(weeks=2),
    )  # fmt: skip
    with town.store.begin() as tx:
        number = offer(tx, town.who(VEGA), MARIBEL.student_id, draft, now=MONDAY_MORNING, form_id="o")
        seen = plan_of_number(tx, town.who(TEAM), number)
        assert seen and (seen.adult, seen.adult_id) == (THE_TEAM, None)
        assert [event.who for event in events_of(tx, town.who(TEAM), number)] == [THE_TEAM]
        assert change(
            tx, town.who(TEAM), number, replace(draft, adult=seen.adult, adult_id=None, goal="By 8:05"),
            version=1, now=MONDAY_MORNING, form_id="c",
        )  # fmt: skip
        kept = tx.execute(select(plans.c.adult, plans.c.adult_id, plans.c.goal)).one()
        assert tuple(kept) == (named, town.number(VEGA), "By 8:05")
        change(
            tx, town.who(OKAFOR), number, replace(draft, adult="Coach Ruiz", adult_id=None, goal="By 8:05"),
            version=2, now=MONDAY_MORNING, form_id="d",
        )  # fmt: skip
        was = {who.role: events_of(tx, town.who(who), number)[0].before for who in (OKAFOR, TEAM)}
    assert was == {"counselor": {"Adult": named}, "support_team": {"Adult": THE_TEAM}}


def test_letters_and_meetings_name_nobody_whose_name_would_tell(town: Town) -> None:
    vega, lee, okafor = town.who(VEGA), town.who(LEE), town.who(OKAFOR)
    with town.store.begin() as tx:
        write_letter(
            tx, vega, MARIBEL.student_id, HELP,
            now=MONDAY_MORNING, form_id="l",
        )  # fmt: skip
        meeting = call_meeting(
            tx, vega, held_on=date(2025, 11, 20), begins="09:40", minutes=10, school_id=HIGH, attending="",
            student_ids=[MARIBEL.student_id], form_id="m", now=MONDAY_MORNING,
        )  # fmt: skip
        assert meeting
        bring_student(tx, vega, meeting, NOAH.student_id, now=MONDAY_MORNING)
        decide(tx, vega, meeting, MARIBEL.student_id, decided="A mentor.", form_id="n", now=MONDAY_MORNING)
        for reader, name in ((lee, THE_TEAM), (okafor, account_name(town, VEGA))):
            seen = agenda(tx, reader, meeting, now=MONDAY_MORNING)
            assert seen
            (entry,) = [one for one in seen.entries if one.row.student_id == MARIBEL.student_id]
            assert {
                letters_about(tx, reader, MARIBEL.student_id)[0].who,
                meetings_in_sight(tx, reader)[0].called_by,
                seen.meeting.called_by,
                entry.brought_by,
                entry.decisions[0].who,
            } == {name}


def test_a_caseload_is_asked_for_by_its_counselor_alone(town: Town) -> None:
    with town.store.begin() as tx:
        found = {
            staff: risk_list(tx, town.who(TEAM), Filters(ALL, caseload=staff), now=MONDAY_MORNING).total
            for staff in ("t-okafor", "t-case")
        }
    assert found == {"t-okafor": 4, "t-case": 0}


def test_a_nomination_moves_nobody_on_the_list_of_whoever_sees_no_plans(town: Town) -> None:
    def news(who: Principal) -> set[str]:
        with town.store.begin() as tx:
            shown = risk_list(tx, town.who(who), Filters(NEW), now=MONDAY_MORNING)
        return {row.student_id for row in shown.rows}

    before = {who.role: news(who) for who in (CRUZ, ZHAO, TEAM)}
    with town.store.begin() as tx:
        assert nominate(
            tx, town.who(OKAFOR), NOAH.student_id, "Left class twice.", now=MONDAY_MORNING, form_id="n"
        )
    after = {who.role: news(who) for who in (CRUZ, ZHAO, TEAM)}
    assert after == before | {"support_team": before["support_team"] | {NOAH.student_id}}


def test_each_student_of_a_form_is_in_the_ledger_for_their_own_reason(town: Town) -> None:
    with town.store.begin() as tx:
        both = [MARIBEL.student_id, NOAH.student_id]
        record_names(tx, town.who(VEGA), both, action="call_slips", now=MONDAY_MORNING)
        told = tx.execute(select(ledger.c.students, ledger.c.reason).where(ledger.c.action == "call_slips"))
        assert {tuple(row) for row in told} == {
            ('["maribel-santos"]', "foster youth, support in force"),
            ('["noah-kim"]', "without a fixed home, support in force"),
        }
