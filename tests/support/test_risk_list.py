"""The list: who is on it for whom, what a row says, and that every look is written down before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from support.alder_creek import (
    ADMIN,
    ANA,
    BAPTISTE,
    DIAZ,
    FRIDAY,
    HIGH,
    LAST_FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    SOFIA,
    TOWN,
    XIMENA,
    ZHAO,
    Person,
    keep,
    opened,
    roomy,
)

from ews.people.access import Principal, operator
from ews.settings import Settings
from ews.store.record_tables import english_records
from ews.store.tables import accounts, ledger
from ews.support.actions import add_note, put_off
from ews.support.digest import digest_for
from ews.support.facts import Contact, Plan
from ews.support.list_filters import Filters
from ews.support.list_sheet import COLUMNS
from ews.support.nominations import nominate
from ews.support.risk_list import RiskList, risk_list
from ews.support.roster import display_name

AN_ACCOUNT = {
    "account_id": 1,
    "name": OKAFOR.name,
    "role": OKAFOR.role,
    "staff_id": OKAFOR.staff_id,
    "school_ids": [],
    "password_hash": "nobody knows",
    "must_change": False,
    "created_at": MONDAY_MORNING,
}
BY_FAMILY_NAME = [one.name for one in (XIMENA, SOFIA, NOAH, ANA, MARIBEL, LINH)]


def ask(settings: Settings, principal: Principal, **filters: object) -> RiskList:
    with opened(settings) as store, store.begin() as tx:
        return risk_list(tx, principal, Filters(**{"tab": "all", **filters}), now=MONDAY_MORNING)  # type: ignore[arg-type]


def names(found: RiskList) -> list[str]:
    return [row.display_name for row in found.rows]


@pytest.mark.parametrize(
    ("principal", "seen"),
    [
        (OKAFOR, ["Maribel Santos", "Linh Tran", "Noah Kim", "Ximena Castillo"]),
        (DIAZ, ["Sofía Herrera"]),
        (BAPTISTE, ["Maribel Santos", "Linh Tran", "Sofía Herrera", "Noah Kim", "Ximena Castillo"]),
        (ADMIN, []),
        (replace(OKAFOR, staff_id=None), []),
        (replace(BAPTISTE, school_ids=()), []),
        (replace(OKAFOR, role="teacher"), []),
    ],
)
def test_each_role_sees_whom_it_works_with(settings: Settings, principal: Principal, seen: list[str]) -> None:
    keep(roomy(settings))
    assert names(ask(settings, principal)) == seen


def test_an_analyst_sees_everyone_without_names_contacts_and_plans(settings: Settings) -> None:
    called = replace(MARIBEL, contact=Contact("Mr. Lee", date(2025, 10, 21), "phone"))
    keep(roomy(settings), [called, *TOWN[1:]])
    found = ask(settings, ZHAO, name="Maribel")
    assert len(found.rows) == 6, "a name is no filter for whoever sees no names"
    assert all(row.display_name == f"Student {row.student_id}" for row in found.rows)
    assert all(row.last_contact is None and row.plan is None for row in found.rows)


def test_a_row_says_level_change_rules_trend_two_reasons_and_one_strength(settings: Settings) -> None:
    maribel = replace(
        MARIBEL,
        absence_rate=0.12,
        fs=1.0,
        contact=Contact("Mr. Lee", date(2025, 10, 21), "phone"),
        plan=Plan("Check-in", "Targeted", date(2025, 10, 27)),
    )
    keep(roomy(settings), [NOAH], LAST_FRIDAY)
    keep(roomy(settings), [maribel])
    row = ask(settings, OKAFOR, tab="new").rows[0]
    assert (row.level_word, row.change, row.is_new) == ("See first", "New", True)
    assert [rule.letter for rule in row.rules] == ["A", "C"]
    assert {one.name: one.cell(row) for one in COLUMNS}["rules"] == "absence, marks"
    assert (row.trend, row.trend_word) == ((0, 1, 2, 3), "Growing")
    assert [reason.fact for reason in row.reasons] == [
        "Missed 4 of the last 10 school days",
        "1 F among 6 current marks",
    ]
    assert row.reasons[0].typical == "typical in grade 9: 0 to 1"
    assert row.reasons[0].source == "SIS, 14 Nov"
    assert row.going_well is not None and row.going_well.fact == "Passing every core course now"
    assert row.last_contact == Contact("Mr. Lee", date(2025, 10, 21), "phone")
    assert row.plan is not None and (row.plan.kind, row.tier) == ("Check-in", "Targeted")
    assert row.through.attendance == FRIDAY and row.late == ""


def test_names_stand_by_the_whole_family_name_and_then_the_given_one(settings: Settings) -> None:
    called = [("Daniela", "Aguilar Vargas"), ("Diego", "Aguilar"), ("Zoe", "Aguila")]
    people = {f"{given} {family}": replace(LINH, name=f"{given} {family}") for given, family in called}
    roster = {
        people[f"{given} {family}"].student_id: display_name(
            {"given_name": given, "preferred_name": None, "family_name": family}
        )
        for given, family in called
    }
    keep(roomy(settings), list(people.values()), names=roster)
    assert names(ask(settings, OKAFOR, sort="name")) == [
        "Zoe Aguila",
        "Diego Aguilar",
        "Daniela Aguilar Vargas",
    ]


def test_tabs_count_new_or_changed_waiting_everyone_and_not_enough_data(settings: Settings) -> None:
    roomy_settings = roomy(settings)
    keep(roomy_settings, as_of=LAST_FRIDAY)
    worse = replace(NOAH, p={"attendance": 0.5, "overall": 0.45})
    keep(roomy_settings, [MARIBEL, LINH, SOFIA, worse, XIMENA, ANA])
    found = ask(settings, OKAFOR, tab="new")
    assert found.counts == {"new": 1, "waiting": 3, "all": 4, "not_enough_data": 1}
    assert names(found) == ["Noah Kim"]
    assert (found.new_names, found.moved, found.listed, found.students) == (1, 0, 3, 4)
    assert names(ask(settings, OKAFOR, tab="not_enough_data")) == ["Ximena Castillo"]
    assert found.title == "New or changed this week: 1 student"


def test_the_first_list_of_a_year_shows_everybody_with_a_place_and_calls_nobody_new(
    settings: Settings,
) -> None:
    places = {"list.capacity_share": 0.7, "list.first_share": 0.0, "list.new_names_per_week": 1}
    few = replace(settings, choices={**settings.choices, **places})
    devon, harriet = (replace(MARIBEL, name=name) for name in ("Devon Price", "Harriet Ueda"))
    keep(few, [MARIBEL, devon, harriet], LAST_FRIDAY)
    first = ask(settings, OKAFOR, tab="new")
    assert names(first) == ["Devon Price", "Harriet Ueda"]
    assert (first.title, first.counts["waiting"], first.new_names) == ("First list: 2 students", 2, 0)
    assert all(row.change == "" for row in first.rows)
    assert first.opening == (
        "The first list of this school year: 2 of 3 students are listed. From next week on, at most 1 new"
        " name a counselor a week. 1 student above the line, beyond today's staff."
    )
    keep(few, [MARIBEL, devon, harriet, *(replace(LINH, name=f"Linh {n}") for n in range(3))])
    second = ask(settings, OKAFOR, tab="new")
    assert (second.title, names(second)) == ("New or changed this week: 1 student", ["Maribel Santos"])
    waiting = names(ask(settings, OKAFOR, tab="waiting"))
    assert set(waiting) == {"Devon Price", "Harriet Ueda", "Maribel Santos"}
    listed = ask(settings, OKAFOR, tab="all", level="listed")
    assert (second.listed, listed.total) == (4, 4)  # one count, whoever asks
    assert second.opening.startswith(
        "1 new on the list, 0 moved level. At most 1 new name a counselor a week, and 1 more waits for a"
        " later week; 4 of 6 students are listed in all."
    )


def test_who_has_no_caseload_is_told_of_everyone_and_not_of_a_caseload(settings: Settings) -> None:
    keep(roomy(settings))
    called = {who.role: ask(settings, who).tabs["all"] for who in (OKAFOR, BAPTISTE, ZHAO)}
    assert called == {
        "counselor": "Whole caseload", "school_administrator": "Everyone", "district_analyst": "Everyone",
    }  # fmt: skip


def test_who_was_put_off_and_who_was_named_is_told_in_the_sentence_over_the_list(settings: Settings) -> None:
    keep(roomy(settings), [NOAH], LAST_FRIDAY)
    keep(roomy(settings), [NOAH, MARIBEL])
    assert ask(settings, OKAFOR).opening.startswith("1 new on the list, 0 moved level.")
    with opened(settings) as store, store.begin() as tx:
        tx.execute(accounts.insert().values(AN_ACCOUNT))
        assert put_off(
            tx, replace(OKAFOR, account_id=1), MARIBEL.student_id, as_of=FRIDAY, now=MONDAY_MORNING,
            form_id="n", reason="At the team", returns_on=date(2025, 11, 24),
        )  # fmt: skip
    found = ask(settings, OKAFOR)
    assert found.counts["new"] == 0
    assert found.opening.startswith("1 new on the list (1 put off), 0 moved level.")
    with opened(settings) as store, store.begin() as tx:
        assert nominate(
            tx,
            replace(BAPTISTE, account_id=1),
            NOAH.student_id,
            "Very quiet",
            now=MONDAY_MORNING,
            form_id="m",
        )
    told = ask(settings, OKAFOR).opening
    assert told.startswith("1 new on the list (1 put off), 1 named by a colleague, 0 moved level.")


def test_a_student_leaves_the_list_after_the_second_week_and_the_row_says_so(settings: Settings) -> None:
    much_better = replace(MARIBEL, p={"attendance": 0.05, "overall": 0.06})
    with_room = roomy(settings)
    keep(with_room, [MARIBEL], date(2025, 10, 31))
    keep(with_room, [much_better], LAST_FRIDAY)
    assert ask(settings, OKAFOR).rows[0].level == "see_first"
    keep(with_room, [much_better], FRIDAY)
    row = ask(settings, OKAFOR).rows[0]
    assert (row.level, row.change) == ("not_this_week", "Was See first")


def test_a_second_run_of_a_day_is_the_one_shown_and_the_first_stays(settings: Settings) -> None:
    keep(roomy(settings), [NOAH])
    second = keep(roomy(settings), [MARIBEL])
    found = ask(settings, OKAFOR)
    assert found.run is not None and found.run.run_id == second.run_id
    assert names(found) == ["Maribel Santos"]
    assert len(list((settings.home / "runs").glob("2025-11-14-*"))) == 2


@pytest.mark.parametrize(
    ("filters", "seen"),
    [
        ({"name": "sofia"}, ["Sofía Herrera"]),
        ({"name": "SANTOS mari"}, ["Maribel Santos"]),
        ({"name": "100%"}, []),
        ({"grade": 7}, ["Ana Reyes"]),
        ({"school": "orchard"}, ["Ana Reyes"]),
        ({"level": "see_next"}, ["Linh Tran"]),
        ({"domain": "attendance"}, ["Maribel Santos", "Ana Reyes"]),
        ({"new_students": True}, ["Ximena Castillo"]),
        ({"caseload": "t-diaz"}, ["Sofía Herrera"]),
        ({"level": "listed"}, ["Maribel Santos", "Ana Reyes", "Linh Tran"]),
        ({"no_contact_days": 21, "level": "see_next"}, ["Linh Tran"]),
        ({"sort": "name"}, BY_FAMILY_NAME),
        ({"sort": "missed", "descending": True, "size": 1}, ["Maribel Santos"]),
        ({"size": 2, "page": 2}, ["Linh Tran", "Sofía Herrera"]),
        ({"page": 99}, []),
    ],
)
def test_filters_and_sorting(settings: Settings, filters: dict[str, object], seen: list[str]) -> None:
    keep(roomy(settings))
    assert names(ask(settings, operator("root"), **filters)) == seen


def test_on_the_list_and_nobody_has_written_a_note_lately(settings: Settings) -> None:
    keep(roomy(settings))
    with opened(settings) as store, store.begin() as tx:
        tx.execute(accounts.insert().values(**AN_ACCOUNT))
        acting = replace(OKAFOR, account_id=1)
        assert add_note(tx, acting, "linh-tran", "Her aunt called.", now=MONDAY_MORNING, form_id="1")
    assert names(ask(settings, OKAFOR, level="listed", no_note_days=21)) == ["Maribel Santos"]
    quick = ask(settings, OKAFOR).quick
    assert quick == {"no_note": 1, "no_contact": 1, "new_students": 1}
    assert ask(settings, OKAFOR, grade=9).quick == {}, "a quick view starts from the whole caseload"
    blind = replace(ZHAO)
    assert "no_note" not in ask(settings, blind).quick
    assert len(names(ask(settings, blind, no_note_days=21))) == 6, "no filter for whoever sees no notes"


def test_a_note_that_one_may_not_read_is_none_when_asking_for_those_without(settings: Settings) -> None:
    keep(roomy(settings))
    with opened(settings) as store, store.begin() as tx:
        tx.execute(accounts.insert().values(**AN_ACCOUNT))
        acting = replace(OKAFOR, account_id=1)
        assert add_note(
            tx, acting, "linh-tran", "In confidence.", now=MONDAY_MORNING, form_id="1", readers="leaders"
        )
    team = Principal("team@alder.example", "G. Lindgren", "support_team", school_ids=(HIGH,))
    asked = {"level": "listed", "no_note_days": 21}
    assert names(ask(settings, BAPTISTE, **asked)) == ["Maribel Santos"]
    assert names(ask(settings, team, **asked)) == ["Maribel Santos", "Linh Tran"]


@pytest.mark.parametrize("models", [True, False], ids=["with models", "with none"])
def test_the_list_s_own_order_tells_nobody_of_a_rule_or_a_name_that_they_do_not_see(
    settings: Settings, models: bool
) -> None:
    known = {"incidents_last_45": 3.0}
    alike = [replace(XIMENA, name=name) for name in ("Ada Young", "Ben Abbot", "Cleo Miller")]
    keep(settings, [*alike[:2], replace(alike[2], facts=known)], models=models)
    lee = Principal("lee@alder.example", "S. Lee", "attendance_coordinator", school_ids=(HIGH,))
    for sort in ("level", "grade", "contact"):
        assert names(ask(settings, lee, sort=sort)) == ["Ben Abbot", "Cleo Miller", "Ada Young"]
        assert names(ask(settings, ZHAO, sort=sort)) == [f"Student {one.student_id}" for one in alike]


def test_who_may_see_english_learners_can_ask_for_them_and_nobody_else_learns_who_they_are(
    settings: Settings,
) -> None:
    keep(roomy(settings))
    with opened(settings) as store, store.begin() as tx:
        for student, status in (("linh-tran", "EL"), ("maribel-santos", "RFEP")):
            told = {"student_id": student, "status": status, "status_since": LAST_FRIDAY, "results": []}
            tx.execute(english_records.insert().values(**told))
    assert names(ask(settings, OKAFOR, learners="EL")) == ["Linh Tran"]
    assert names(ask(settings, OKAFOR, learners="RFEP")) == ["Maribel Santos"]
    assert names(ask(settings, BAPTISTE, learners="EL")) == names(ask(settings, BAPTISTE))
    assert ask(settings, BAPTISTE, learners="EL").counts == ask(settings, BAPTISTE).counts


def test_who_has_several_caseloads_can_tell_them_apart(settings: Settings) -> None:
    keep(roomy(settings))
    found = ask(settings, BAPTISTE)
    assert [(one.staff_id, one.name) for one in found.counselors] == [
        ("t-okafor", "Denise Okafor"),
        ("t-diaz", "Rafael Diaz"),
    ]
    assert {row.display_name: row.counselor for row in found.rows}["Sofía Herrera"] == "Rafael Diaz"
    assert [row.counselor for row in ask(settings, operator("root"), school="orchard").rows] == [""]
    assert [one.name for one in ask(settings, OKAFOR).counselors] == ["Denise Okafor"]


def test_whoever_looks_and_does_not_act_has_nobody_waiting_on_them(settings: Settings) -> None:
    keep(roomy(settings))
    assert ask(settings, OKAFOR).tabs["waiting"] == "Waiting on me"
    assert "waiting" not in ask(settings, ZHAO).tabs
    assert ask(settings, ZHAO, tab="waiting").filters.tab == "new", "a link that was passed on"


def test_a_look_is_in_the_ledger_with_the_students_on_the_page_and_no_others(settings: Settings) -> None:
    keep(roomy(settings))
    ask(settings, OKAFOR, size=2)
    with opened(settings) as store, store.read() as tx:
        entry = tx.execute(select(ledger)).one()
    assert json.loads(entry.students) == ["linh-tran", "maribel-santos"]
    assert (entry.who, entry.role, entry.action, entry.reason) == (
        "okafor@alder.example",
        "counselor",
        "list",
        "on the caseload",
    )
    assert "overall=overall-2025-06-30-abcdef0123" in entry.model_version


def test_a_look_that_cannot_be_written_down_is_not_shown(settings: Settings) -> None:
    from ews.errors import OurFault

    keep(roomy(settings))
    with opened(settings) as store, store.read() as tx, pytest.raises(OurFault):
        risk_list(tx, OKAFOR, Filters("all"), now=MONDAY_MORNING)


def test_with_no_model_the_first_tab_has_whoever_meets_an_abc_rule(settings: Settings) -> None:
    absent = replace(LINH, absence_rate=0.20)
    report = keep(settings, [MARIBEL, absent], models=False)
    found = ask(settings, OKAFOR, tab="new")
    assert report.status == "no_model"
    assert names(found) == ["Linh Tran"]
    assert found.rows[0].level_word == "Not scored"
    assert found.opening.startswith("1 of 2 students meets a hand-set rule on attendance, behavior or course")
    assert (found.title, found.rows[0].change) == ("New or changed this week: 1 student", "New")


def test_with_no_model_at_most_eight_are_new_a_week_in_a_stated_order_and_the_others_come_in_turn(
    settings: Settings,
) -> None:
    days = [Person(f"Away {n}", absence_rate=0.2, missed=(0, 0, 0, n / 4)) for n in range(10)]
    both = Person("Zoe Both", absence_rate=0.2, fs=1.0)
    theirs = Person("Ann Other", absence_rate=0.2, counselor="t-diaz")
    in_order = [both.name, *(one.name for one in reversed(days))]
    keep(settings, [*days, both, theirs, NOAH], as_of=LAST_FRIDAY, models=False)
    first = ask(settings, OKAFOR, tab="new")
    assert (names(first), names(ask(settings, DIAZ, tab="new"))) == (in_order[:8], [theirs.name])
    assert "At most 8 new names a counselor a week: first who meets more rules" in first.opening
    keep(settings, [*days, both, theirs, NOAH], as_of=LAST_FRIDAY + timedelta(days=3), models=False)
    assert names(ask(settings, OKAFOR, tab="new")) == in_order[:8], "who was new this week stays so"
    keep(settings, [*days, both, theirs, NOAH], as_of=FRIDAY, models=False)
    assert names(ask(settings, OKAFOR, tab="new")) == in_order[8:]
    assert names(ask(settings, OKAFOR, level="listed")) == in_order, "none is dropped"
    with opened(settings) as store, store.begin() as tx:
        told = digest_for(tx, OKAFOR, base_url="", now=MONDAY_MORNING)
        assert told is not None and told.new.count == 3


def test_who_was_on_the_last_list_is_not_new_when_the_models_are_gone(settings: Settings) -> None:
    town = [replace(one, absence_rate=0.2) for one in (MARIBEL, NOAH)]
    keep(roomy(settings), town, as_of=LAST_FRIDAY)
    keep(roomy(settings), town, as_of=FRIDAY, models=False)
    assert names(ask(settings, OKAFOR, tab="new")) == [NOAH.name]
    assert len(names(ask(settings, OKAFOR, level="listed"))) == 2


def test_late_attendance_is_said_and_raises_no_new_name(settings: Settings) -> None:
    keep(roomy(settings), [replace(MARIBEL, stale=True)])
    row = ask(settings, OKAFOR).rows[0]
    assert (row.level, row.late, row.status) == ("not_this_week", "Attendance late: to 5 Nov", "stale")


def test_a_grade_where_many_are_flagged_is_a_school_wide_matter_unless_small(settings: Settings) -> None:
    ninth = [Person(f"Nine {n}", {"attendance": 0.7 if n < 12 else 0.1}) for n in range(36)]
    tenth = [Person(f"Ten {n}", {"attendance": 0.7}, grade=10) for n in range(10)]
    keep(roomy(settings), [*ninth, *tenth])
    assert [notice.text for notice in ask(settings, OKAFOR).notices] == [
        "Attendance in grade 9: a school-wide matter at Alder Creek High."
    ]


def test_what_is_usual_in_every_grade_is_no_notice_and_one_grade_far_above_the_others_is(
    settings: Settings,
) -> None:
    flagged = {9: 12, 10: 12, 11: 12, 12: 18}
    school = [
        Person(f"{grade} {n}", {"attendance": 0.7 if n < count else 0.1}, grade=grade)
        for grade, count in flagged.items()
        for n in range(36)
    ]
    keep(roomy(settings), school)
    assert [notice.grade_level for notice in ask(settings, OKAFOR).notices] == [12]
    most = [
        Person(f"{grade} {n}", {"attendance": 0.7 if n < 24 else 0.1}, grade=grade)
        for grade in (9, 10)
        for n in range(36)
    ]
    keep(roomy(settings), most)
    assert [notice.grade_level for notice in ask(settings, OKAFOR).notices] == [9, 10]


def test_before_the_first_run_the_list_says_so(settings: Settings) -> None:
    assert ask(settings, OKAFOR).run is None
    assert ask(settings, OKAFOR, as_of=FRIDAY).rows == ()
