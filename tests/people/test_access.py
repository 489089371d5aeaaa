"""Access in one place: a table of who may see whom, and why."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Table, select

from ews.people.access import Principal, operator, reasons_to_see, scoped, why_may_see
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.tables import caseloads, placements, run_students

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)
OKAFOR = Principal("okafor", "Denise Okafor", "counselor", staff_id="S1")
EMPTY_HANDED = Principal("new", "New Counselor", "counselor", staff_id="")  # the roster has an empty id too
BAPTISTE = Principal("baptiste", "L. Baptiste", "school_administrator", school_ids=("101",))
ZHAO = Principal("zhao", "Wen Zhao", "district_analyst")
ROOT = Principal("root", "Root", "system_administrator")
ONE_SCHOOL = Principal("client-1", "Aeries", "client", school_ids=("201",), scopes=frozenset({"scores.read"}))
EVERY_SCHOOL = Principal("client-2", "Aeries", "client")
TEACHER = Principal("roy", "Kavita Roy", "teacher", staff_id="S1", school_ids=("101",))

CASELOAD, SCHOOL = "on the caseload", "in the school"
ANALYSIS, SYSTEM = "district analysis, without names", "student information system"
SHELL = "at the server's command line"

TABLE = [
    # who         Maribel (101, S1)  Ana (201, S2)  nobody
    (OKAFOR, CASELOAD, None, None),
    (EMPTY_HANDED, None, None, None),
    (BAPTISTE, SCHOOL, None, None),
    (ZHAO, ANALYSIS, ANALYSIS, ANALYSIS),
    (ROOT, None, None, None),
    (ONE_SCHOOL, None, SYSTEM, None),
    (EVERY_SCHOOL, SYSTEM, SYSTEM, SYSTEM),
    (TEACHER, None, None, None),
    (operator("root"), SHELL, SHELL, SHELL),
]


def filled(store: Store) -> None:
    with store.begin() as tx:
        tx.execute(
            placements.insert(),
            [{"student_id": "maribel", "school_id": "101"}, {"student_id": "ana", "school_id": "201"}],
        )
        tx.execute(
            caseloads.insert(),
            [
                {"staff_id": "S1", "student_id": "maribel", "role": "counselor"},
                {"staff_id": "S1", "student_id": "maribel", "role": "case_manager"},
                {"staff_id": "S2", "student_id": "ana", "role": "counselor"},
                {"staff_id": "", "student_id": "ana", "role": "unassigned"},
            ],
        )


@pytest.mark.parametrize(
    ("principal", "maribel", "ana", "nobody"), TABLE, ids=lambda one: getattr(one, "name", "")
)
def test_who_may_see_whom_and_why(
    settings: Settings, principal: Principal, maribel: str | None, ana: str | None, nobody: str | None
) -> None:
    with open_store(settings) as store:
        filled(store)
        with store.read() as tx:
            assert why_may_see(tx, principal, "maribel") == maribel
            assert why_may_see(tx, principal, "nobody") == nobody
            assert why_may_see(tx, principal, "ana") == ana


@pytest.mark.parametrize("table", [placements, caseloads, run_students])
def test_the_rule_holds_in_a_statement_over_any_table(settings: Settings, table: Table) -> None:
    with open_store(settings) as store:
        filled(store)
        for principal in (OKAFOR, BAPTISTE):
            with store.read() as tx:
                seen = tx.execute(scoped(principal, select(table.c.student_id), table.c.student_id))
                assert "ana" not in seen.scalars().all()


def test_two_roles_on_one_caseload_do_not_double_a_student(on_both: Settings) -> None:
    with open_store(on_both) as store:
        filled(store)
        with store.read() as tx:
            seen = tx.execute(scoped(OKAFOR, select(placements.c.student_id), placements.c.student_id))
            assert seen.scalars().all() == ["maribel"]


def test_a_thousand_ids_are_judged_at_once(on_both: Settings) -> None:
    with open_store(on_both) as store:
        filled(store)
        with store.read() as tx:
            asked = [f"s{n}" for n in range(1000)] + ["ana"]
            assert reasons_to_see(tx, ONE_SCHOOL, asked) == {"ana": "student information system"}
