"""Records and settings for those who answer for them: problems by line, no secret ever."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from records.test_load_log import BAD
from small_drop import ATTENDANCE, FIRST, SECOND, STUDENTS, load, write_drop
from sqlalchemy import select
from support.alder_creek import ADMIN, BAPTISTE, OKAFOR, ZHAO
from web.calling import Caller, Calling
from web.test_pages import signed_in
from web.visitor import shown

from ews.people.access import Principal
from ews.people.ledger import verify
from ews.records.load_log import kept_loads
from ews.settings import DISTRICT, ENVIRONMENT, Settings, read_settings
from ews.store.tables import ledger
from ews.support.settings_told import settings_told, without_credentials
from ews.web import log, pages

AUDITOR = Principal("auditor@district.example", "A. Uditor", "auditor")
NAMES = [
    {"student_id": "0001", "given_name": "Ana", "family_name": "Reyes"},
    {"student_id": "0001", "given_name": "Anna", "family_name": "Reyes"},
]
FORMULA = [*ATTENDANCE, {"student_id": "0001", "school_id": "S1", "date": "=1+1", "status": "present"}]


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    return calling(pages.routes, of=settings)


@pytest.mark.parametrize("person", [OKAFOR, BAPTISTE], ids=lambda one: one.role)
def test_who_works_with_students_is_not_shown_drops_or_settings(call: Caller, person: Principal) -> None:
    visitor = signed_in(call, person)
    for path in ("/records", "/records.json", "/records/x", "/records/x.csv", "/settings", "/settings.json"):
        assert visitor("GET", path).status_code == 403, path


def test_before_the_first_drop_the_page_says_how_to_load_one(call: Caller) -> None:
    for person in (ZHAO, ADMIN, AUDITOR):
        assert "No drop is on record yet" in shown(signed_in(call, person)("GET", "/records").text)


def test_drops_stand_with_what_became_of_them_and_tables_with_what_waits(
    call: Caller, settings: Settings, tmp_path: Path
) -> None:
    orphan = [
        *ATTENDANCE,
        {"student_id": "0009", "school_id": "S1", "date": "2024-10-14", "status": "present"},
    ]
    load(settings, write_drop(tmp_path / "first", attendance=orphan), now=FIRST)
    load(settings, write_drop(tmp_path / "bad", attendance=BAD), now=SECOND)
    visitor = signed_in(call, ZHAO)
    told = visitor("GET", "/records.json").json()
    assert [one["state"] for one in told["loads"]] == ["rejected", "loaded"]
    assert (told["loads"][1]["quarantined"], told["waiting"]) == (1, 1)
    attendance = next(one for one in told["tables"] if one["name"] == "attendance")
    assert (attendance["waiting"], attendance["last_loaded"]) == (1, FIRST.isoformat())
    said = shown(visitor("GET", "/records").text).replace("\u00a0", " ")
    assert "1 row waits now." in said and "None loaded" in said


def test_a_rejected_drop_names_file_line_column_value_and_fix(
    call: Caller, settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "bad", attendance=BAD))
    (kept,) = kept_loads(settings.home)
    said = shown(signed_in(call, ADMIN)("GET", f"/records/{kept.load_id}").text)
    assert "Nothing of this drop was loaded." in said
    assert "attendance.csv, line 6 date · Error Found 20-Oct" in said


def test_a_held_drop_says_why_and_how_a_person_accepts_it(
    call: Caller, settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "first"), now=FIRST)
    load(settings, write_drop(tmp_path / "fewer", attendance=ATTENDANCE[:1]), now=SECOND)
    newest = next(iter(kept_loads(settings.home)))
    said = shown(signed_in(call, ADMIN)("GET", f"/records/{newest.load_id}").text)
    assert "a person decides" in said and "attendance.csv has 1 rows" in said and "--accept-held" in said


def test_values_of_names_are_shown_to_nobody_here_and_a_look_at_the_others_is_in_the_ledger(
    call: Caller, settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "bad", attendance=BAD, student_names=NAMES))
    (kept,) = kept_loads(settings.home)
    visitor = signed_in(call, ZHAO)
    for ending in ("", ".json", ".csv"):
        answer = visitor("GET", f"/records/{kept.load_id}{ending}").text
        assert "20-Oct" in answer and "Reyes" not in answer and "Anna" not in answer
    with call.inside.store.read() as tx:
        rows = tx.execute(select(ledger.c.who, ledger.c.action, ledger.c.reason)).all()
        assert [tuple(row) for row in rows] == [
            (ZHAO.name, "load_problems", f"problems of the drop {kept.load_id}")
        ] * 3
        assert verify(tx, call.inside.store.ledger_key) == 3


def test_a_drop_without_values_leaves_nothing_in_the_ledger(
    call: Caller, settings: Settings, tmp_path: Path
) -> None:
    load(settings, write_drop(tmp_path / "drop"))
    (kept,) = kept_loads(settings.home)
    assert "No problem was found" in signed_in(call, ZHAO)("GET", f"/records/{kept.load_id}").text
    with call.inside.store.read() as tx:
        assert tx.execute(select(ledger.c.entry)).all() == []


def test_no_spreadsheet_runs_what_a_bad_row_holds(call: Caller, settings: Settings, tmp_path: Path) -> None:
    load(settings, write_drop(tmp_path / "bad", attendance=FORMULA))
    (kept,) = kept_loads(settings.home)
    answer = signed_in(call, ZHAO)("GET", f"/records/{kept.load_id}.csv")
    assert "'=1+1" in answer.text and ",=1+1" not in answer.text
    assert answer.headers["content-disposition"].startswith("attachment")


def test_what_a_drop_is_called_and_holds_is_only_ever_text(
    call: Caller, settings: Settings, tmp_path: Path
) -> None:
    script = [{"student_id": "<script>alert(1)</script>"}, *STUDENTS]
    load(settings, write_drop(tmp_path / "<b>drop", students=script, attendance=BAD))
    (kept,) = kept_loads(settings.home)
    visitor = signed_in(call, ZHAO)
    for path in ("/records", f"/records/{kept.load_id}"):
        page = visitor("GET", path).text
        assert "<script" not in page and "<b>drop" not in page


@pytest.mark.parametrize("load_id", ["20240101T000000000000Z", "x", "..%2Fews", "20240101T000000000000Z%2F"])
def test_a_drop_that_is_not_on_record_is_not_found(call: Caller, load_id: str) -> None:
    visitor = signed_in(call, ZHAO)
    for ending in ("", ".json", ".csv"):
        assert visitor("GET", f"/records/{load_id}{ending}").status_code == 404


def test_no_value_of_a_bad_row_is_in_the_log(
    call: Caller, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = io.StringIO()
    monkeypatch.setattr("sys.stdout", lines)
    monkeypatch.setattr("sys.stderr", lines)
    load(settings, write_drop(tmp_path / "bad", attendance=BAD))
    (kept,) = kept_loads(settings.home)
    signed_in(call, ZHAO)("GET", f"/records/{kept.load_id}")
    log.say("end")
    assert "20-Oct" not in lines.getvalue()


# ---- settings -------------------------------------------------------------------------------------------


def test_every_setting_stands_with_its_default_and_where_it_was_set(tmp_path: Path, calling: Calling) -> None:
    config = tmp_path / "ews.toml"
    config.write_text("[bands]\nhigh = 0.7\n[years]\nleft_out = [2024]\n", encoding="utf-8")
    found = read_settings({"EWS_HOME": str(tmp_path / "data"), "EWS_CONFIG": str(config)})
    told = signed_in(calling(pages.routes, of=found), ADMIN)("GET", "/settings.json").json()
    every = {one["name"]: one for section in told["sections"].values() for one in section}
    assert every.keys() == {one.name for one in (*ENVIRONMENT, *DISTRICT)}
    assert every["bands.high"] | {"help": ""} == {
        "name": "bands.high", "value": "0.7", "default": "0.6", "set_in": str(config), "help": "",
    }  # fmt: skip
    assert every["years.left_out"]["value"] == "2024"
    assert every["bands.elevated"]["set_in"] == "default"
    assert every["EWS_HOME"]["value"] == str(tmp_path / "data")
    assert every["EWS_HOME"]["set_in"] == "the environment"
    assert told["changed"] == 4


def test_no_secret_is_on_the_page_or_in_its_json(settings: Settings, tmp_path: Path) -> None:
    secrets = {
        one.name: f"hidden-{place}"
        for place, one in enumerate(ENVIRONMENT)
        if any(word in one.name for word in ("KEY", "SECRET", "PASSWORD", "TOKEN"))
    }
    assert {"EWS_LEDGER_KEY", "EWS_MAIL_PASSWORD"} <= secrets.keys()
    address = "postgresql://ews:hidden-db@db.example/ews?password=hidden-too"
    found = read_settings(secrets | {"EWS_HOME": str(tmp_path), "EWS_DATABASE_URL": address})
    told = settings_told(replace(found, set_in=found.set_in))
    assert "hidden-" not in json.dumps({name: [vars(one) for one in ones] for name, ones in told.items()})
    values = {one.name: one.value for ones in told.values() for one in ones}
    assert values["EWS_LEDGER_KEY"] == "set, and not shown"
    assert values["EWS_DATABASE_URL"] == "postgresql://db.example/ews"
    unset = {one.name: one.value for ones in settings_told(settings).values() for one in ones}
    assert unset["EWS_LEDGER_KEY"] == "not set"


def test_an_address_loses_user_password_and_query() -> None:
    assert (
        without_credentials("https://me:pw@mail.example:587/path?token=1#x")
        == "https://mail.example:587/path"
    )
    assert without_credentials("postgresql://ews@/name?host=/run") == "postgresql:///name"
