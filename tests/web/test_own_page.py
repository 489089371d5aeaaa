"""One's own sign-in: sessions seen and ended, a second step set up, used and turned off."""

from __future__ import annotations

import re
from datetime import timedelta

import pyotp
import pytest
from support.alder_creek import ADMIN, OKAFOR, ZHAO, keep, roomy
from web.calling import NOW, Caller, Calling
from web.visitor import PASSWORD, Visitor, account_id_of, give_account, shown

from ews.people import accounts as accounts_module
from ews.people.access import Principal
from ews.people.second_step import begin_second_step, confirm_second_step
from ews.people.sessions import open_session
from ews.settings import Settings
from ews.web import pages


@pytest.fixture
def call(settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The pages over an empty database, with Ms. Okafor's account."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(accounts_module, "_hasher", lambda: PasswordHasher(1, 64, 1))
    caller = calling(pages.routes, of=settings)
    give_account(caller.inside.store, OKAFOR)
    return caller


def entered(call: Caller) -> Visitor:
    visitor = Visitor(call)
    assert visitor.sign_in(OKAFOR.name).status_code == 303
    return visitor


AUDITOR = Principal("auditor@district.example", "Ana Audit", "auditor")
FIRST = {
    "a counselor": (OKAFOR, "/list"),
    "an auditor": (AUDITOR, "/models"),
    "whoever runs it": (ADMIN, "/models"),
}


@pytest.mark.parametrize("title", FIRST)
def test_whoever_signs_in_lands_on_the_first_page_of_their_role_or_goes_back(
    call: Caller, settings: Settings, title: str
) -> None:
    who, first = FIRST[title]
    keep(roomy(settings))
    if who is not OKAFOR:
        give_account(call.inside.store, who)
    visitor = Visitor(call)
    home = visitor.sign_in(who.name).headers["location"]
    assert visitor("GET", home).headers["location"] == first
    assert visitor("GET", first).status_code == 200
    back = Visitor(call).send("/signin", "/signin", user=who.name, password=PASSWORD, next="/how")
    assert back.headers["location"] == "/how"


def test_a_person_sees_their_own_sessions_and_ends_one(call: Caller) -> None:
    here, away = entered(call), entered(call)
    with call.inside.store.begin() as tx:
        open_session(tx, account_id_of(tx, ZHAO), now=NOW, hours=1)
    told = here("GET", "/account.json").json()["sessions"]
    assert len(told) == 2 and [one["this"] for one in told].count(True) == 1
    assert here.cookies["ews"] not in here("GET", "/account").text
    other = next(one["number"] for one in told if not one["this"])
    here.send("/account/sessions/end", "/account", session=other)
    assert away("GET", "/account").headers["location"].startswith("/signin")
    assert here("GET", "/account").status_code == 200


def test_nobody_ends_the_session_of_somebody_else(call: Caller) -> None:
    here, stranger = entered(call), Visitor(call)
    with call.inside.store.begin() as tx:
        stranger.cookies["ews"] = open_session(tx, account_id_of(tx, ZHAO), now=NOW, hours=1)[0]
    number = here("GET", "/account.json").json()["sessions"][0]["number"]
    assert stranger.send("/account/sessions/end", "/account", session=number).status_code == 303
    assert here("GET", "/account").status_code == 200


def test_a_second_step_is_set_up_used_and_turned_off(call: Caller) -> None:
    visitor = entered(call)
    assert visitor("GET", "/account/second-step").status_code == 400
    begun = visitor.send("/account/second-step", "/account", present=PASSWORD)
    assert begun.headers["location"] == "/account/second-step"
    page = visitor("GET", "/account/second-step").text
    assert 'src="data:image/svg+xml' in page
    totp = pyotp.TOTP(re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", ""))
    wrong = visitor.send("/account/second-step/confirm", "/account/second-step", code="000000")
    assert wrong.status_code == 400
    shown_once = visitor.send("/account/second-step/confirm", "/account/second-step", code=totp.at(NOW))
    codes = re.findall(r"<code>([^<]+)</code>", shown_once.text)
    assert len(codes) == 8 and codes[0] not in visitor("GET", "/account").text
    refused = Visitor(call).sign_in(OKAFOR.name)
    assert refused.status_code == 401 and "takes a code of its authenticator" in shown(refused.text)
    later = totp.at(NOW + timedelta(seconds=30))
    again = Visitor(call).send("/signin", "/signin", user=OKAFOR.name, password=PASSWORD, code=later)
    assert again.status_code == 303
    assert (
        visitor.send("/account/second-step", "/account", present=PASSWORD).headers["location"] == "/account"
    )
    visitor.send("/account/second-step/off", "/account", present=PASSWORD, code=codes[0])
    assert Visitor(call).sign_in(OKAFOR.name).status_code == 303


ANOTHER = {"password": "another long password", "again": "another long password"}


def test_another_password_takes_the_present_one(call: Caller) -> None:
    visitor = entered(call)
    page = visitor("GET", "/password").text
    assert "Change your password" in page and 'href="/account"' in page and "one-time" not in page
    for present in ("", "a guess"):
        refused = visitor.send("/password", "/password", present=present, **ANOTHER)
        assert refused.status_code == 422 and "not your present password" in shown(refused.text)
    assert entered(call)("GET", "/account").status_code == 200, "the password is what it was"
    assert visitor.send("/password", "/password", present=PASSWORD, **ANOTHER).headers["location"] == "/"
    assert Visitor(call).sign_in(OKAFOR.name).status_code == 401
    assert Visitor(call).sign_in(OKAFOR.name, ANOTHER["password"]).status_code == 303


def test_whoever_guesses_the_present_password_at_an_open_browser_has_to_wait(call: Caller) -> None:
    visitor = entered(call)
    for _ in range(5):
        visitor.send("/password", "/password", present="a guess", **ANOTHER)
    refused = visitor.send("/password", "/password", present=PASSWORD, **ANOTHER)
    assert refused.status_code == 422 and "Too many" in shown(refused.text)


def with_second_step(call: Caller) -> list[str]:
    """Ms. Okafor's second step is on; its recovery codes."""
    with call.inside.store.begin() as tx:
        mine = account_id_of(tx, OKAFOR)
        totp = pyotp.TOTP(begin_second_step(tx, mine, now=NOW))
        codes = confirm_second_step(tx, mine, totp.at(NOW), now=NOW)
    assert codes is not None
    return codes


SET_UP, OFF = "/account/second-step", "/account/second-step/off"


def test_an_open_browser_alone_sets_up_no_second_step(call: Caller) -> None:
    visitor = entered(call)
    assert 'name="present"' in visitor("GET", "/account").text
    for present in ("", "a guess"):
        refused = visitor.send(SET_UP, "/account", present=present)
        assert refused.status_code == 422 and "not your present password" in shown(refused.text)
    assert visitor("GET", SET_UP).status_code == 400, "nothing was begun"


def test_an_open_browser_and_a_telephone_alone_turn_no_second_step_off(call: Caller) -> None:
    visitor, codes = entered(call), with_second_step(call)
    for present in ("", "a guess"):
        refused = visitor.send(OFF, "/account", present=present, code=codes[0])
        assert refused.status_code == 422 and "not your present password" in shown(refused.text)
    assert visitor("GET", "/account.json").json()["second_step"]
    visitor.send(OFF, "/account", present=PASSWORD, code=codes[0])
    assert not visitor("GET", "/account.json").json()["second_step"], (
        "the code was not used up by the guesses"
    )


@pytest.mark.parametrize(("path", "guess"), [(SET_UP, {}), (OFF, {"code": "000000"})])
def test_whoever_guesses_the_password_at_the_second_step_has_to_wait(
    call: Caller, path: str, guess: dict[str, str]
) -> None:
    visitor = entered(call)
    for _ in range(5):
        visitor.send(path, "/account", present="a guess", **guess)
    refused = visitor.send(path, "/account", present=PASSWORD, **guess)
    assert refused.status_code == 429 and "Too many" in shown(refused.text)


def test_whoever_guesses_codes_to_turn_the_second_step_off_has_to_wait(call: Caller) -> None:
    visitor, codes = entered(call), with_second_step(call)
    for _ in range(5):
        wrong = visitor.send(OFF, "/account", present=PASSWORD, code="000000")
        assert wrong.status_code == 422 and "no code of your authenticator" in shown(wrong.text)
    refused = visitor.send(OFF, "/account", present=PASSWORD, code=codes[0])
    assert refused.status_code == 429 and "Too many" in shown(refused.text)
    assert visitor("GET", "/account.json").json()["second_step"]
