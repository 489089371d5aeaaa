"""The results report: who was served, what was done, the record before and after, and what it never tells."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from support.alder_creek import BAPTISTE, FRIDAY, MONDAY_MORNING, OKAFOR, Person, keep, roomy
from web.visitor import account_id_of, person_in

from ews.errors import UsageError
from ews.people.access import Principal
from ews.settings import Settings
from ews.store import Store, Transaction, open_store
from ews.store.record_tables import sis_supports
from ews.store.work_tables import plan_events, plans
from ews.support import results as report
from ews.support.contact_log import log_contact
from ews.support.escaping import write_csv

BEGAN = date(2025, 10, 6)
MONDAYS = [BEGAN + timedelta(weeks=week) for week in range(-8, 6)]
NINTH = tuple(Person(f"Nine Number{count}", {"overall": 0.3}) for count in range(30))
TENTH = tuple(Person(f"Ten Number{count}", {"overall": 0.3}, grade=10) for count in range(20))
FEW = tuple(Person(f"Ten Few{count}", {"overall": 0.3}, grade=10) for count in range(4))


def weeks_on_record(home: object, run_id: str, file: str, students: list[str]) -> pd.DataFrame:
    """Two days missed a week before, one after; a mark of 60, then of 70; an incident each week before."""
    rows = [
        {
            "student_id": student, "week_start": monday, "days_expected": 5.0,
            "days_missed": 2.0 if monday < BEGAN else 1.0, "marks_mean": 60.0 if monday < BEGAN else 70.0,
            "incidents": 1.0 if monday < BEGAN else 0.0,
        }
        for student in students
        for monday in MONDAYS
    ]  # fmt: skip
    return pd.DataFrame(rows)


@pytest.fixture
def store(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    keep(roomy(settings), (*NINTH, *TENTH, *FEW))
    monkeypatch.setattr(report, "read_student", weeks_on_record)
    with open_store(settings) as opened:
        yield opened


def support(
    tx: Transaction, person: Person, kind: str, *, target: str = "attendance", begins: date = BEGAN
) -> None:
    held = [[(begins + timedelta(days=day)).isoformat(), day != 7, 30.0] for day in (0, 7, 14)]
    tx.execute(
        sis_supports.insert().values(
            student_id=person.student_id, intervention_id=f"{kind}-{person.student_id}", kind=kind, tier=2,
            target=target, begins_on=begins, ends_on=None, planned_minutes=60.0, outcome=None, sessions=held,
        )
    )  # fmt: skip


def written(tx: Transaction, who: Principal = OKAFOR, **days: date) -> report.Results:
    who = person_in(tx, who)
    asked = {"since": date(2025, 8, 1), "until": FRIDAY} | days
    found = report.results(tx, who, **asked)
    assert found is not None
    return found


def test_it_counts_whom_what_and_how_often(store: Store) -> None:
    with store.begin() as tx:
        for person in NINTH[:12]:
            support(tx, person, "mentor")
        for person in TENTH[:16]:
            support(tx, person, "math_help")
        found = written(tx)
    assert (found.whole.students, found.whole.served) == (54, 28)
    kinds = {one.kind: one for one in found.kinds}
    assert (kinds["mentor"].students, kinds["mentor"].sessions, kinds["mentor"].attended) == (12, 36, 24)
    assert kinds["mentor"].minutes == 24 * 30.0


def test_the_record_before_and_after_is_of_the_same_students(store: Store) -> None:
    with store.begin() as tx:
        for person in NINTH[:12]:
            support(tx, person, "mentor")
        mentor = written(tx).kinds[0]
    assert mentor.measured == 12
    assert mentor.attendance == report.BeforeAfter(12 * 6 * 2.0, 12 * 30.0, 12 * 5 * 1.0, 12 * 25.0)
    assert mentor.marks is not None
    assert mentor.marks.averages == (60.0, 70.0)
    assert mentor.incidents is not None
    assert (mentor.incidents.before, mentor.incidents.after) == (72.0, 0.0)


def test_a_kind_of_few_is_not_told_and_does_not_follow_from_the_total(store: Store) -> None:
    with store.begin() as tx:
        for person in NINTH[:12]:
            support(tx, person, "mentor")
        for person in TENTH[:16]:
            support(tx, person, "math_help")
        for person in FEW:
            support(tx, person, "check_in")
        found = written(tx)
    told = {one.kind: one.students for one in found.kinds}
    assert told["check_in"] is None
    assert sorted(value is None for value in told.values()) == [False, True, True]
    assert all(one.attendance is None for one in found.kinds if one.students is None)


def test_ten_students_are_nobody_to_this_report(store: Store) -> None:
    with store.begin() as tx:
        for person in NINTH[:10]:
            support(tx, person, "mentor")
        found = written(tx)
    assert found.whole.served is None
    assert [(one.students, one.sessions, one.measured, one.attendance) for one in found.kinds] == [
        (None,) * 4
    ]


def test_a_support_of_another_time_or_another_caseload_is_not_hers(store: Store) -> None:
    with store.begin() as tx:
        for person in NINTH[:12]:
            support(tx, person, "mentor", begins=date(2024, 10, 7))
        support(tx, Person("Somebody Else"), "mentor")
        assert written(tx).kinds == ()


def test_what_was_for_behavior_is_only_for_those_who_see_discipline(store: Store) -> None:
    coordinator = replace(BAPTISTE, name="att@alder.example", role="attendance_coordinator")
    with store.begin() as tx:
        for person in NINTH[:12]:
            support(tx, person, "contract", target="behavior")
        for person in NINTH[12:24]:
            support(tx, person, "mentor")
        assert {one.kind for one in written(tx).kinds} == {"contract", "mentor"}
        theirs = written(tx, coordinator)
    assert "contract" not in {one.kind for one in theirs.kinds}
    assert not theirs.sees_incidents
    assert all(one.incidents is None for one in (theirs.everybody, *theirs.kinds))


def test_a_plan_of_people_here_counts_once_it_has_started(store: Store) -> None:
    with store.begin() as tx:
        okafor = account_id_of(tx, OKAFOR)
        for place, person in enumerate(NINTH[:12]):
            started = BEGAN if place < 11 else None
            plan = {
                "student_id": person.student_id, "kind": "Study hall", "tier": "Targeted", "goal": "Pass",
                "adult": "Ms. Roy", "offered_on": BEGAN, "started_on": started, "made_by": okafor,
                "form_id": f"p{place}", "version": 1,
            }  # fmt: skip
            made = tx.execute(plans.insert().values(**plan)).inserted_primary_key
            for count, undone in enumerate((None, None, MONDAY_MORNING)):
                tx.execute(
                    plan_events.insert().values(
                        plan_id=made[0], kind="session", on_day=BEGAN + timedelta(days=count),
                        at=MONDAY_MORNING, account_id=okafor,
                        minutes=20.0, attended=count == 0, text="", form_id=f"s{count}",
                        undone_at=undone,
                    )
                )  # fmt: skip
        found = written(tx)
    assert [(one.kind, one.students, one.sessions, one.attended, one.minutes) for one in found.kinds] == [
        ("Study hall", 11, 22, 11, 220.0)
    ]


def test_contacts_are_those_that_the_writer_logged(store: Store) -> None:
    with store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        log_contact(
            tx, okafor, [one.student_id for one in NINTH[:12]], on=FRIDAY, channel="phone", direction="out",
            words="", form_id="a", now=MONDAY_MORNING,
        )  # fmt: skip
        found = written(tx).contacts
        assert (found.entries, dict(found.by_channel), found.students) == (1, {"phone": 1}, 12)
        assert written(tx, BAPTISTE).contacts.entries == 0


@pytest.mark.parametrize(
    ("since", "until"),
    [(FRIDAY, date(2025, 8, 1)), (date(2020, 8, 1), FRIDAY)],
    ids=["backwards", "five years"],
)
def test_a_period_that_is_none_is_told(store: Store, since: date, until: date) -> None:
    with store.begin() as tx, pytest.raises(UsageError, match="no period"):
        written(tx, since=since, until=until)


def test_the_csv_has_the_numbers_of_the_page_and_no_formula(store: Store) -> None:
    with store.begin() as tx:
        for person in NINTH[:12]:
            support(tx, person, "=HYPERLINK(1)")
        found = written(tx)
    out = io.StringIO()
    write_csv(out, report.HEADS, report.rows_of(found))
    rows = list(csv.DictReader(io.StringIO(out.getvalue())))
    row = next(one for one in rows if one["group"].endswith("HYPERLINK(1)"))
    assert row["group"].startswith("'=")
    assert (row["students"], row["days_missed_before"], row["marks_after"]) == ("12", "144.0", "70.0")
