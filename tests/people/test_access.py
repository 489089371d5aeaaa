"""Access in one place: twelve roles and the rest, whom each may see, and why it is true of that student."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Table, select

from ews.people.access import (
    AT_ONCE,
    Principal,
    operator,
    reasons_to_see,
    reasons_unasked,
    scoped,
    students_by_reason,
    who_may_see,
    why,
    why_may_see,
)
from ews.people.ledger import record_view
from ews.people.roles import ROLES
from ews.settings import Settings
from ews.store import Store, Transaction, open_store
from ews.store.prepared import Prepared
from ews.store.sight_tables import circumstances, teaching
from ews.store.tables import caseloads, ledger, placements, run_students

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)
OKAFOR = Principal("okafor", "Denise Okafor", "counselor", staff_id="S1")
EMPTY_HANDED = Principal("new", "New Counselor", "counselor", staff_id="")  # the roster has an empty id too
BAPTISTE = Principal("baptiste", "L. Baptiste", "school_administrator", school_ids=("101",))
ZHAO = Principal("zhao", "Wen Zhao", "district_analyst")
ROOT = Principal("root", "Root", "system_administrator")
ONE_SCHOOL = Principal("client-1", "Aeries", "client", school_ids=("201",), scopes=frozenset({"scores.read"}))
EVERY_SCHOOL = Principal("client-2", "Aeries", "client")
ROY = Principal("roy", "Kavita Roy", "teacher", staff_id="T1", school_ids=("101",))
CASE = Principal("case", "A Case Manager", "case_manager", staff_id="S2")
TEAM = Principal("team", "Grace Lindgren", "support_team", school_ids=("101",))
LEE = Principal("lee", "Samuel Lee", "attendance_coordinator", school_ids=("201",))
NO_SCHOOL = Principal("lost", "Lost", "attendance_coordinator")
MENDOZA = Principal("mendoza", "Pilar Mendoza", "learner_coordinator", staff_id="S1", school_ids=("201",))
LIAISON_HERE = Principal("here", "Liaison", "liaison", school_ids=("201",))
LIAISON = Principal("everywhere", "Jerome Whitfield", "liaison")
EQUITY = Principal("equity", "Carla Fuentes", "equity_reviewer", school_ids=("101",))
AUDITOR = Principal("auditor", "Ruth Adeyemi", "auditor", school_ids=("101",))
STRANGER = Principal("stranger", "Nobody", "janitor", staff_id="S1", school_ids=("101",))

CASELOAD, SCHOOL, CLASS = "on the caseload", "in the school", "in a class they teach"
ANALYSIS, SYSTEM = "district analysis, without names", "student information system"
SHELL = "at the server's command line"
LEARNER = "English learner in the school"
FORMER = "former English learner on the caseload, in monitoring"
FOSTER, HOMELESS = "foster youth, support in force", "without a fixed home, support in force"

TABLE = [
    # who         Maribel        Ana            Linh           nobody
    (OKAFOR, CASELOAD, None, CASELOAD, None),
    (EMPTY_HANDED, None, None, None, None),
    (CASE, None, CASELOAD, None, None),
    (ROY, CLASS, None, None, None),
    (BAPTISTE, SCHOOL, None, SCHOOL, None),
    (TEAM, SCHOOL, None, SCHOOL, None),
    (LEE, None, SCHOOL, None, None),
    (NO_SCHOOL, None, None, None, None),
    (MENDOZA, None, LEARNER, FORMER, None),
    (LIAISON, FOSTER, None, HOMELESS, None),
    (LIAISON_HERE, None, None, None, None),
    (ZHAO, ANALYSIS, ANALYSIS, ANALYSIS, ANALYSIS),
    (EQUITY, None, None, None, None),
    (AUDITOR, None, None, None, None),
    (ROOT, None, None, None, None),
    (STRANGER, None, None, None, None),
    (ONE_SCHOOL, None, SYSTEM, None, None),
    (EVERY_SCHOOL, SYSTEM, SYSTEM, SYSTEM, SYSTEM),
    (operator("root"), SHELL, SHELL, SHELL, SHELL),
]


def filled(store: Store) -> None:
    """Maribel (101, Ms. Okafor's, Ms. Roy's class, foster youth), Ana (201, learner), Linh (101, was one)."""
    schools = {"maribel": "101", "ana": "201", "linh": "101"}
    with store.begin() as tx:
        tx.execute(placements.insert(), [{"student_id": k, "school_id": v} for k, v in schools.items()])
        tx.execute(
            caseloads.insert(),
            [
                {"staff_id": "S1", "student_id": "maribel", "role": "counselor"},
                {"staff_id": "S1", "student_id": "maribel", "role": "case_manager"},
                {"staff_id": "S1", "student_id": "linh", "role": "counselor"},
                {"staff_id": "S2", "student_id": "ana", "role": "counselor"},
                {"staff_id": "", "student_id": "ana", "role": "unassigned"},
            ],
        )
        tx.execute(teaching.insert(), [{"staff_id": "T1", "student_id": "maribel"}])
        kinds = (
            ("maribel", "foster"), ("linh", "homeless"), ("linh", "former_learner"), ("ana", "learner"),
        )  # fmt: skip
        tx.execute(circumstances.insert(), [{"student_id": who, "kind": kind} for who, kind in kinds])


def test_who_of_all_may_see_a_student_is_one_question_with_the_same_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [one for one, *_ in TABLE]
    asked: list[Prepared] = []
    answer = Prepared.rows

    def counted(self: Prepared, tx: Transaction, **values: Any) -> list[tuple[Any, ...]]:
        asked.append(self)
        return answer(self, tx, **values)

    with open_store(settings) as store:
        filled(store)
        with store.read() as tx:
            alone = {
                student: [one for one in everybody if why_may_see(tx, one, student)]
                for student in ("maribel", "ana", "linh")
            }
            monkeypatch.setattr(Prepared, "rows", counted)
            for student, those in alone.items():
                asked.clear()
                assert who_may_see(tx, everybody, student) == those
                assert len(asked) == 1
            assert who_may_see(tx, everybody, "nobody") == who_may_see(tx, [], "maribel") == []
            crowd = [replace(OKAFOR, name=f"n{number}") for number in range(AT_ONCE + 1)]
            assert len(who_may_see(tx, crowd, "maribel")) == AT_ONCE + 1


@pytest.mark.parametrize(
    ("principal", "maribel", "ana", "linh", "nobody"), TABLE, ids=lambda one: getattr(one, "name", "")
)
def test_who_may_see_whom_and_why(
    settings: Settings,
    principal: Principal,
    maribel: str | None,
    ana: str | None,
    linh: str | None,
    nobody: str | None,
) -> None:
    with open_store(settings) as store:
        filled(store)
        with store.read() as tx:
            assert why_may_see(tx, principal, "maribel") == maribel
            assert why_may_see(tx, principal, "ana") == ana
            assert why_may_see(tx, principal, "linh") == linh
            assert why_may_see(tx, principal, "nobody") == nobody
            listed = tx.execute(scoped(principal, select(placements.c.student_id), placements.c.student_id))
            seen = {"maribel": maribel, "ana": ana, "linh": linh}
            assert set(listed.scalars()) == {name for name, reason in seen.items() if reason}


def test_every_role_stands_in_the_table() -> None:
    assert set(ROLES) <= {row[0].role for row in TABLE}


def test_a_look_at_many_is_written_with_the_reason_that_is_true_of_each(settings: Settings) -> None:
    with open_store(settings) as store:
        filled(store)
        with store.begin() as tx:
            for looker in (LIAISON, OKAFOR):
                record_view(tx, looker, action="list", students=["maribel", "linh"], fields=("name",), at=NOW)
            rows = tx.execute(select(ledger.c.who, ledger.c.reason, ledger.c.students).order_by("entry"))
            assert [tuple(row) for row in rows] == [
                ("everywhere", FOSTER, '["maribel"]'),
                ("everywhere", HOMELESS, '["linh"]'),
                ("okafor", CASELOAD, '["linh","maribel"]'),
            ]


def test_who_left_since_an_earlier_list_is_written_down_too(settings: Settings) -> None:
    with open_store(settings) as store:
        filled(store)
        with store.read() as tx:
            reasons = students_by_reason(tx, LIAISON, ["maribel", "gone"])
    assert reasons == {FOSTER: ["maribel"], why(LIAISON): ["gone"]}


@pytest.mark.parametrize("table", [placements, caseloads, run_students])
def test_the_rule_holds_in_a_statement_over_any_table(settings: Settings, table: Table) -> None:
    with open_store(settings) as store:
        filled(store)
        for principal in (OKAFOR, BAPTISTE):
            with store.read() as tx:
                seen = tx.execute(scoped(principal, select(table.c.student_id), table.c.student_id))
                assert "ana" not in seen.scalars().all()


def test_two_roles_on_one_caseload_do_not_double_a_student(settings: Settings) -> None:
    with open_store(settings) as store:
        filled(store)
        with store.read() as tx:
            seen = tx.execute(scoped(OKAFOR, select(placements.c.student_id), placements.c.student_id))
            assert sorted(seen.scalars()) == ["linh", "maribel"]


def test_whoever_sees_everybody_or_nobody_needs_no_question_to_the_database() -> None:
    nobody = Principal("s.ines", "S. Ines", "a role that is no more")
    assert reasons_unasked(nobody, ["ana"]) == {}
    assert reasons_unasked(operator("sam"), ["ana"]) == {"ana": "at the server's command line"}
    assert reasons_unasked(OKAFOR, ["ana"]) is None and reasons_unasked(ONE_SCHOOL, ["ana"]) is None


def test_a_thousand_ids_are_judged_at_once(settings: Settings) -> None:
    with open_store(settings) as store:
        filled(store)
        with store.read() as tx:
            asked = [f"s{n}" for n in range(1000)] + ["ana"]
            assert reasons_to_see(tx, ONE_SCHOOL, asked) == {"ana": "student information system"}
