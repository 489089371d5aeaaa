"""Accounts, clients and the ledger on the pages: added, changed, ended at once, searched, shown once."""

from __future__ import annotations

import asyncio
import json
import re

import pytest
from sqlalchemy import select
from support.alder_creek import ADMIN, MARIBEL, OKAFOR, TOWN, ZHAO, keep, roomy
from web.calling import NOW, Caller, Calling
from web.visitor import OWN, PASSWORD, Visitor, account_id_of, person_in, shown

from ews.errors import Unavailable
from ews.people.access import Principal
from ews.people.clients import issue_token
from ews.people.ledger import record_view
from ews.people.sessions import open_session
from ews.settings import Settings
from ews.store.tables import accounts, ledger
from ews.web import pages

AUDITOR = Principal("auditor@district.example", "Ruth Adeyemi", "auditor")


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages over the scored town."""
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


def signed_in(call: Caller, person: Principal) -> Visitor:
    visitor = Visitor(call)
    with call.inside.store.begin() as tx:
        visitor.cookies["ews"] = open_session(tx, account_id_of(tx, person), now=NOW, hours=1)[0]
    return visitor


def number_of(call: Caller, name: str) -> int:
    with call.inside.store.read() as tx:
        return int(tx.execute(select(accounts.c.account_id).where(accounts.c.name == name)).scalar_one())


def done(call: Caller) -> list[tuple[str, str]]:
    """What the ledger says was done to accounts and clients."""
    with call.inside.store.read() as tx:
        rows = tx.execute(select(ledger.c.action, ledger.c.reason).order_by(ledger.c.entry)).all()
    return [(row.action, row.reason) for row in rows if row.action.startswith(("account", "client"))]


def secrets_in(page: str) -> list[str]:
    return re.findall(r"<code>([^<]+)</code>", page)


def test_an_account_is_added_and_its_password_is_shown_once_and_works_once(call: Caller) -> None:
    keeper = signed_in(call, ADMIN)
    made = keeper.send("/accounts", "/accounts", name="New@Alder.example ", role="teacher", staff_id="t-roy")
    name, password = secrets_in(made.text)
    assert (made.status_code, name) == (200, "new@alder.example")
    assert "The newest roster has no id t-roy" in shown(made.text)
    listed = keeper("GET", "/accounts").text
    assert password not in listed and "Not in the newest roster" in listed
    visitor = Visitor(call)
    assert visitor.sign_in(name, password).headers["location"] == "/"
    assert visitor("GET", "/list").headers["location"] == "/password"
    assert done(call) == [("account_added", "new@alder.example as teacher")]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"role": "counselor"}, "needs an id in the roster"),
        ({"role": "support_team"}, "needs a school"),
        ({"role": "janitor"}, "There is no role"),
        ({"role": "district_analyst", "name": OKAFOR.name}, "has an account already"),
    ],
)
def test_an_account_that_would_see_nobody_is_refused_with_what_to_do(
    call: Caller, given: dict[str, str], told: str
) -> None:
    keeper = signed_in(call, ADMIN)
    signed_in(call, OKAFOR)
    sent = {"name": "new@x"} | given
    answer = keeper.send("/accounts", "/accounts", school="alder" if "needs a" not in told else "", **sent)
    assert answer.status_code == 400 and told in shown(answer.text)
    assert f'value="{sent["name"]}"' in answer.text
    assert ('value="alder" checked' in answer.text) == ("needs a" not in told)


def test_a_form_that_is_not_taken_comes_back_with_what_was_typed(call: Caller) -> None:
    keeper = signed_in(call, ADMIN)
    signed_in(call, OKAFOR)
    page = f"/accounts/{number_of(call, OKAFOR.name)}"
    changed = keeper.send(f"{page}/change", page, role="support_team", staff_id="t-new")
    assert changed.status_code == 400 and "needs a school" in shown(changed.text)
    assert 'value="support_team" selected' in changed.text and 'value="t-new"' in changed.text
    client = {"name": "SIS of Alder", "scope": "scores.compute", "school": "alder"}
    assert keeper.send("/clients", "/clients", **client).status_code == 200
    twice = keeper.send("/clients", "/clients", **client)
    assert twice.status_code == 400 and "may ask already" in shown(twice.text)
    for box in ("scores.compute", "alder"):
        assert f'value="{box}" checked' in twice.text


def test_whoever_is_disabled_is_refused_at_the_next_click(call: Caller) -> None:
    keeper, okafor = signed_in(call, ADMIN), signed_in(call, OKAFOR)
    assert okafor("GET", "/list").status_code == 200
    page = f"/accounts/{number_of(call, OKAFOR.name)}"
    assert keeper.send(f"{page}/disable", page).headers["location"] == "/accounts"
    away = okafor("GET", "/list")
    assert (away.status_code, away.headers["location"]) == (303, "/signin?next=/list")
    assert okafor("GET", "/list.json").status_code == 401
    again = keeper.send(f"{page}/password", page)
    assert Visitor(call).sign_in(*secrets_in(again.text)).status_code == 303
    assert [action for action, _ in done(call)] == ["account_disabled", "account_password"]


def test_another_id_holds_from_the_next_click_and_another_role_once_they_signed_in_anew(call: Caller) -> None:
    keeper, okafor = signed_in(call, ADMIN), signed_in(call, OKAFOR)
    page = f"/accounts/{number_of(call, OKAFOR.name)}"
    keeper.send(f"{page}/change", page, role="counselor", staff_id="t-diaz")
    assert okafor("GET", f"/students/{MARIBEL.student_id}").status_code == 404
    keeper.send(f"{page}/change", page, role="equity_reviewer", staff_id="")
    assert okafor("GET", "/list").headers["location"] == "/signin?next=/list"
    okafor = signed_in(call, OKAFOR)
    assert okafor("GET", f"/students/{MARIBEL.student_id}").status_code == 404
    assert okafor("GET", "/models").status_code == 200


def test_nobody_ends_their_own_access(call: Caller) -> None:
    keeper = signed_in(call, ADMIN)
    page = f"/accounts/{number_of(call, ADMIN.name)}"
    for act in ("disable", "change"):
        assert keeper.send(f"{page}/{act}", "/accounts", role="auditor").status_code == 400
    assert keeper("GET", "/accounts").status_code == 200


def test_a_client_is_added_gets_another_secret_and_is_revoked(call: Caller) -> None:
    keeper = signed_in(call, ADMIN)
    made = keeper.send("/clients", "/clients", name="SIS of Alder", scope="scores.compute", school="alder")
    client_id, first = secrets_in(made.text)[:2]
    _, second = secrets_in(keeper.send(f"/clients/{client_id}/secret", "/clients").text)[:2]
    assert first not in (page := keeper("GET", "/clients").text) and second not in page
    with call.inside.store.begin() as tx:
        for secret in (first, second):
            assert issue_token(tx, client_id, secret, now=NOW, minutes=5).scopes == ("scores.compute",)
    assert keeper.send(f"/clients/{client_id}/revoke", "/clients").headers["location"] == "/clients"
    assert keeper.send(f"/clients/{client_id}/secret", "/clients").status_code == 404
    assert [action for action, _ in done(call)] == ["client_added", "client_secret", "client_revoked"]
    assert keeper.send("/clients", "/clients", name="No scope").status_code == 400
    assert "Ask for scores" in page and "scores.read" not in page
    assert keeper.send("/clients", "/clients", name="Reader", scope="scores.read").status_code == 400


def test_a_client_that_holds_what_no_address_asks_for_is_shown_as_such(call: Caller) -> None:
    call.client(scopes=("scores.read",))
    page = signed_in(call, ADMIN)("GET", "/clients").text
    assert "Nothing by scores.read: no address asks for it" in page


def test_the_ledger_is_searched_by_person_student_day_and_action_and_the_search_is_in_it(
    call: Caller,
) -> None:
    okafor, auditor = signed_in(call, OKAFOR), signed_in(call, AUDITOR)
    okafor("GET", f"/students/{MARIBEL.student_id}")
    okafor("GET", "/list")
    asked = {"who": OKAFOR.name, "student": MARIBEL.student_id, "action": "student", "since": "2025-11-01"}
    onward = auditor.send("/ledger/search", "/ledger", **asked).headers["location"]
    assert onward.startswith(f"/ledger/of/{MARIBEL.student_id}?") and "student=" not in onward
    page = shown(auditor("GET", onward).text)
    assert "1 entry" in page and "on the caseload" in page
    assert MARIBEL.name not in page
    twin = auditor("GET", "/ledger.json").json()["found"]
    assert "ledger_search" in twin["actions"] and twin["total"] >= 4
    assert auditor("GET", "/ledger?since=2030-01-01").status_code == 200
    for day in ("since=yesterday", "since=0001-01-01", "until=9999-12-31"):
        assert auditor("GET", f"/ledger?{day}").status_code == 400


def test_only_those_who_answer_for_it_search_the_ledger_and_keep_accounts(call: Caller) -> None:
    for person, path in ((OKAFOR, "/ledger"), (ADMIN, "/ledger"), (AUDITOR, "/accounts"), (ZHAO, "/clients")):
        assert signed_in(call, person)("GET", path).status_code == 403


def test_the_ledger_is_verified_at_a_click_and_a_broken_one_is_told(call: Caller) -> None:
    auditor = signed_in(call, AUDITOR)
    assert "Nobody has verified it yet" in shown(auditor("GET", "/ledger").text)
    assert auditor.send("/ledger/verify", "/ledger").headers["location"] == "/ledger"
    assert "Whole up to entry" in shown(auditor("GET", "/ledger").text)
    (call.inside.settings.home / "ledger.checkpoint").write_text("99999 aa bb")
    broken = auditor("GET", "/ledger")
    assert broken.status_code == 409 and "checkpoint" in shown(broken.text)


def read_very_many(call: Caller) -> None:
    with call.inside.store.begin() as tx:
        analyst = person_in(tx, ZHAO)
        many = [f"s{n}" for n in range(1001)]
        record_view(tx, analyst, action="list", students=many, fields=("level",), at=NOW)


def test_an_alarm_on_mass_reading_stands_over_every_page_until_it_is_acknowledged(
    call: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "ews")
    auditor, keeper = signed_in(call, AUDITOR), signed_in(call, ADMIN)
    read_very_many(call)
    lines = [json.loads(line) for line in caplog.messages if "mass_reading" in line]
    told = [{name: said for name, said in line.items() if name != "at"} for line in lines]
    assert told == [{"event": "mass_reading", "role": ZHAO.role, "students": 1001}], "before anybody looks"
    alarm = (
        "Many students before one person within a day: zhao@district.example , district analyst, had 1,001"
    )
    first = {visitor("GET", "/").headers["location"] for visitor in (auditor, keeper)}
    for path in (*first, "/settings", "/password"):
        for visitor in (auditor, keeper):
            assert alarm in shown(visitor("GET", path).text), path
    assert "/ledger?who=zhao%40district.example" in auditor("GET", "/models").text
    for person in (OKAFOR, ZHAO):
        other = signed_in(call, person)
        assert "Many students" not in other("GET", "/how").text
        assert other.send("/alarms/1/heard", "/how").status_code == 403
    for _ in range(2):  # a second click finds it seen
        assert auditor.send("/alarms/1/heard", "/models").headers["location"] == "/"
    assert "Many students" not in keeper("GET", "/accounts").text
    page = shown(auditor("GET", "/ledger").text)
    assert "1,001 students. Acknowledged by auditor@district.example" in page
    with call.inside.store.read() as tx:
        heard = tx.execute(select(ledger).where(ledger.c.action == "alarm_heard")).all()
    assert [(row.who, row.reason) for row in heard] == [(AUDITOR.name, ZHAO.name)]


def test_a_system_that_was_answered_far_too_often_is_told_when_the_ledger_is_opened(call: Caller) -> None:
    auditor, keeper = signed_in(call, AUDITOR), signed_in(call, ADMIN)
    sis = call.client()
    with call.inside.store.begin() as tx:
        system = Principal(sis.client_id, "SIS", "client")
        many = [f"s{n}" for n in range(1001)]
        record_view(tx, system, action="score", reason="x", students=many, fields=("band",), at=NOW)
    alarm = "An information system was answered far oftener than usual within a day: SIS of Lupine High"
    assert alarm not in shown(keeper("GET", "/clients").text)
    page = shown(auditor("GET", "/ledger").text)
    assert alarm in page and "1,001 answers. Not acknowledged yet" in page
    told = keeper("GET", "/accounts").text
    assert alarm in shown(told) and '<a href="/clients">Clients</a>' in told


def test_a_page_is_drawn_also_when_the_alarms_cannot_be_read(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = signed_in(call, AUDITOR)

    def gone(*_: object) -> None:
        raise Unavailable("The database does not answer just now.", "Try again.")

    monkeypatch.setattr("ews.web.alarms.open_alarms", gone)
    assert auditor("GET", "/how").status_code == 200


def test_no_refusal_asks_the_database_and_no_page_does_in_the_event_loop(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    auditor = signed_in(call, AUDITOR)
    asked: list[bool] = []  # whether that was in the event loop, where one that hangs would hold everybody

    def hangs(*_: object) -> tuple[()]:
        asked.append(asyncio._get_running_loop() is not None)
        return ()

    monkeypatch.setattr("ews.web.alarms.open_alarms", hangs)
    assert [auditor("GET", path).status_code for path in ("/nowhere", "/meetings")] == [404, 403]
    stale = auditor("POST", "/password", data={"password": "x"}, headers=OWN)
    assert (stale.status_code, asked) == (403, [])
    assert auditor("GET", "/password").status_code == 200
    assert auditor.send("/password", "/password", password="x", again="y").status_code == 422
    assert len(asked) == 3 and not any(asked)


def test_nobody_is_named_below_the_setting(call: Caller) -> None:
    auditor = signed_in(call, AUDITOR)
    assert "Many students" not in shown(auditor("GET", "/ledger").text)
    assert PASSWORD not in auditor("GET", "/ledger").text
