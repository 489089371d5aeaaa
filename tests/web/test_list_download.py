"""The list as a CSV file: what the page shows, no formula, no field beyond the role, and in the ledger."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import date, timedelta
from urllib.parse import urlencode

import pytest
from sqlalchemy import select
from support.alder_creek import BAPTISTE, MARIBEL, OKAFOR, TOWN, ZHAO, Person, keep, roomy
from web.calling import NOW, Caller, Calling
from web.test_pages import signed_in
from web.visitor import shown

from ews.people.access import Principal
from ews.people.export_quota import taken_out
from ews.people.ledger import record_view
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
AUDITOR = Principal("lee@alder.example", "Jun Lee", "auditor")


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
    return csv_rows(answer.content)


def csv_rows(content: bytes) -> list[dict[str, str]]:
    """The rows of a file."""
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_file_has_the_rows_of_the_page_in_its_order(call: Caller) -> None:
    for query in ("?tab=all", "?tab=all&sort=name&order=desc", "?tab=all&level=listed"):
        rows = signed_in(call)("GET", f"/list.json{query}").json()["rows"]
        told = [row["student_id"].lstrip("'") for row in sheet(call, OKAFOR, query)]
        assert told == [row["student_id"] for row in rows]


def test_a_row_has_level_reasons_strength_contact_plan_and_days(call: Caller) -> None:
    row = next(row for row in sheet(call, OKAFOR) if "Smith" in row["student"])
    assert (row["suggested_level"], row["named_by"]) == ("See first", "")
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


# ---- the day's quota --------------------------------------------------------------------------------


@pytest.fixture
def few(settings: Settings, calling: Calling) -> Caller:
    """The same, where a reason is asked above three students a day."""
    settings = roomy(settings)
    settings = replace(settings, choices={**settings.choices, "exports.students_a_day": 3})
    keep(settings, [*TOWN, SMITH])
    return calling(pages.routes, of=settings)


def exports(call: Caller) -> list[str]:
    """The reasons of the exports in the ledger."""
    with call.inside.store.read() as tx:
        found = tx.execute(
            select(ledger.c.reason).where(ledger.c.action == "export").order_by(ledger.c.entry)
        )
        return list(found.scalars())


def one_student(person: Person) -> str:
    """The address of a file with one student in it."""
    return "/list.csv?" + urlencode({"tab": "all", "name": person.name})


def test_above_the_quota_a_reason_is_asked_and_then_the_file_is_sent(
    few: Caller, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    okafor = signed_in(few)
    for _ in range(5):  # the same student counts once
        assert okafor("GET", one_student(MARIBEL)).headers["content-type"].startswith("text/csv")
    before = exports(few)
    asked = okafor("GET", "/list.csv?tab=all")
    assert asked.status_code == 403 and "text/html" in asked.headers["content-type"]
    page = shown(asked.text)
    assert "you took out the rows of 1 student." in page and "more than 3" in page
    assert MARIBEL.name not in page and exports(few) == before, "nothing was shown or written"
    why = "Room plan for\nthe family evening"
    sent = okafor.send("/list.csv?tab=all", "/list.csv?tab=all", reason=why)
    assert sent.status_code == 200 and sent.headers["content-type"] == "text/csv; charset=utf-8"
    assert MARIBEL.name in sent.text
    assert exports(few)[-1] == "on the caseload; above the day's quota: Room plan for the family evening"
    assert "Room plan" not in okafor("GET", f"/students/{MARIBEL.student_id}").text
    assert "Room plan" not in caplog.text + "".join(capsys.readouterr())
    auditor = signed_in(few, AUDITOR)
    page = shown(auditor("GET", "/ledger").text)
    assert "Downloads above the day’s quota" in page and "“Room plan for the family evening”" in page
    (told,) = auditor("GET", "/ledger.json").json()["found"]["exports"]
    assert told["who"] == OKAFOR.name and told["students"] == len(csv_rows(sent.content))


def test_a_reason_is_for_one_file_however_often_its_form_is_sent(few: Caller) -> None:
    okafor = signed_in(few)
    form = {"form_id": "f1", "reason": "A room plan"}
    whole = "/list.csv?tab=all"
    assert okafor.send(whole, whole, **form).status_code == 200
    written = exports(few)
    for words in ("A room plan", "Another plan"):  # a double click, and the page that the browser kept
        again = okafor.send(whole, whole, **(form | {"reason": words}))
        assert again.status_code == 409 and "was sent already" in shown(again.text)
        assert words in again.text and MARIBEL.name not in again.text
    assert exports(few) == written
    assert okafor.send(whole, whole, **(form | {"form_id": "f2"})).status_code == 200
    assert len(exports(few)) == len(written) + 1


def test_a_form_that_was_refused_is_not_used_up(few: Caller) -> None:
    okafor = signed_in(few)
    whole = "/list.csv?tab=all"
    named = okafor.send(whole, whole, form_id="f1", reason=f"For {MARIBEL.name}")
    assert named.status_code == 400
    assert okafor.send(whole, whole, form_id="f1", reason="A room plan").status_code == 200


def test_a_reason_is_needed_short_and_names_no_student_of_the_file(few: Caller) -> None:
    okafor = signed_in(few)
    for reason, wrong in (
        (" ", "No reason is given"),
        ("x" * 401, "401 characters"),
        (f"For {MARIBEL.name.upper()}", "names a student"),
        (f"For {MARIBEL.student_id}.", "names a student"),
    ):
        answer = okafor.send("/list.csv?tab=all", "/list.csv?tab=all", reason=reason)
        assert answer.status_code == 400 and wrong in answer.text, reason
    elsewhere = {"origin": "https://elsewhere.example"}
    answer = okafor.send("/list.csv?tab=all", "/list.csv?tab=all", elsewhere, reason="A room plan")
    assert answer.status_code == 403
    assert okafor.send("/list.csv?tab=nothing", "/list.csv?tab=all", reason="A plan").status_code == 400
    assert exports(few) == []


def test_yesterdays_files_and_those_of_others_do_not_count(few: Caller) -> None:
    with few.inside.store.begin() as tx:
        for person, at in ((OKAFOR, NOW - timedelta(hours=25)), (BAPTISTE, NOW)):
            others = [f"s{n}" for n in range(9)]
            record_view(tx, person, action="export", students=others, fields=(), at=at, reason="a test")
    assert "text/csv" in signed_in(few)("GET", one_student(MARIBEL)).headers["content-type"]
    with few.inside.store.read() as tx:
        assert taken_out(tx, OKAFOR, now=NOW) == 1
        assert taken_out(tx, BAPTISTE, now=NOW) == 9
