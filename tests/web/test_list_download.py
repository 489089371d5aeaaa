"""The list as a CSV file: what the page shows, no formula, no field beyond the role, and in the ledger."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from support.alder_creek import BAPTISTE, MARIBEL, OKAFOR, TOWN, ZHAO, Person, keep, roomy
from web.calling import Caller, Calling
from web.test_pages import signed_in

from ews.people.access import Principal
from ews.settings import Settings
from ews.store.tables import ledger
from ews.support import list_sheet
from ews.support.facts import Contact, Plan
from ews.web import pages

SMITH = Person(
    "=HYPERLINK(1)&Smith",
    MARIBEL.p,
    contact=Contact("+Lee", date(2025, 10, 21), "phone"),
    plan=Plan("check_in", "Targeted", date(2025, 10, 27)),
)


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages over the town, with a student whose name is a formula."""
    keep(roomy(settings), [*TOWN, SMITH])
    return calling(pages.routes, of=settings)


def sheet(call: Caller, person: Principal, query: str = "?tab=all") -> list[dict[str, str]]:
    """The rows of the file that ``person`` downloads."""
    answer = signed_in(call, person)("GET", f"/list.csv{query}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_file_has_the_rows_of_the_page_in_its_order(call: Caller) -> None:
    for query in ("?tab=all", "?tab=all&sort=name&order=desc", "?tab=all&level=listed"):
        rows = signed_in(call)("GET", f"/list.json{query}").json()["rows"]
        told = [row["student_id"].lstrip("'") for row in sheet(call, OKAFOR, query)]
        assert told == [row["student_id"] for row in rows]


def test_a_row_has_level_reasons_strength_contact_plan_and_days(call: Caller) -> None:
    row = next(row for row in sheet(call, OKAFOR) if "Smith" in row["student"])
    assert row["suggested_level"] == "See first"
    assert row["reason_1"].startswith("Missed 4 of the last 10 school days (typical in grade 9: 0 to 1). SIS")
    assert row["going_well"] == "Passing every core course now. SIS, 12 Nov."
    assert (row["last_contact_on"], row["tier"], row["plan"]) == ("2025-10-21", "Targeted", "check in")
    assert (row["data_to"], row["as_of"], row["counselor"]) == ("2025-11-14", "2025-11-14", "Denise Okafor")


def test_no_cell_is_a_formula(call: Caller) -> None:
    row = next(row for row in sheet(call, OKAFOR) if "Smith" in row["student"])
    assert row["student"] == "'=HYPERLINK(1)&Smith"
    assert row["last_contact_by"] == "'+Lee"


def test_a_field_that_the_role_does_not_see_has_no_column(call: Caller) -> None:
    theirs = set(sheet(call, ZHAO)[0])
    assert "student" not in theirs
    assert not {name for name in theirs if "contact" in name or "plan" in name or name == "tier"}
    assert "Maribel" not in signed_in(call, ZHAO)("GET", "/list.csv?tab=all").text
    assert "student" in sheet(call, BAPTISTE)[0]


def test_no_probability_and_no_english_learner_is_in_the_file(call: Caller) -> None:
    for name in sheet(call, OKAFOR)[0]:
        assert not {"probability", "urgency", "band", "learner", "el"} & set(name.split("_")), name


def test_the_download_is_in_the_ledger_as_an_export(call: Caller) -> None:
    rows = sheet(call, OKAFOR)
    with call.inside.store.read() as tx:
        entry = tx.execute(select(ledger).order_by(ledger.c.entry.desc())).first()
    assert entry is not None and entry.action == "export"
    assert all(row["student_id"].lstrip("'") in entry.students for row in rows)
    assert entry.fields.split() == list(rows[0])


def test_more_than_a_file_may_have_is_refused_and_nobody_was_looked_at(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ews.web.list_download.MOST_ROWS", 3)
    answer = signed_in(call)("GET", "/list.csv?tab=all")
    assert answer.status_code == 400
    assert "a download has at most 3" in answer.text
    with call.inside.store.read() as tx:
        assert tx.execute(select(ledger)).first() is None


def test_whoever_may_not_export_has_no_link_and_no_file(call: Caller) -> None:
    teacher = replace(OKAFOR, name="ortiz@alder.example", role="teacher")
    visitor = signed_in(call, teacher)
    assert visitor("GET", "/list.csv").status_code == 403
    assert "/list.csv" not in visitor("GET", "/list?tab=all").text
    assert "/list.csv" in signed_in(call)("GET", "/list?tab=all").text


def test_every_column_of_a_field_names_it() -> None:
    told = {column.name: column.sees for column in list_sheet.COLUMNS}
    for name, sees in told.items():
        if name.startswith(("last_contact", "plan", "tier", "acknowledged", "not_now")) or name == "student":
            assert sees is not None, name
