"""The second step of this service, for roles that need it: a sign-in that is halfway opens nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select, update
from support.alder_creek import OKAFOR, ZHAO
from web.calling import NOW, Caller, Calling
from web.identity_provider import IdentityProvider, running
from web.test_provider_pages import TENANTS, there, with_provider
from web.visitor import OWN, PASSWORD, Visitor, account_id_of, give_account, shown, token_in

from ews.errors import UsageError
from ews.people import accounts as accounts_module
from ews.people.accounts import disable_account, reset_password
from ews.settings import Settings
from ews.store.sign_in_tables import codes_owed
from ews.store.tables import ledger, sessions
from ews.web import pages

CODE = "/signin/code"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash with less work."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(accounts_module, "_hasher", lambda: PasswordHasher(1, 64, 1))


def needing(settings: Settings, *roles: str) -> Settings:
    return replace(settings, choices={**settings.choices, "sign_in.second_step_roles": list(roles)})


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Iterator[Caller]:
    """A district with a provider, where counselors need a second step; Ms. Okafor signs in there next."""
    likeness = IdentityProvider(NOW.timestamp(), person={"sub": "1066"} | TENANTS["google"])
    with running(likeness) as provider:
        caller = calling(pages.routes, of=needing(with_provider(settings, provider), "counselor"))
        give_account(caller.inside.store, OKAFOR)
        yield caller


def come_back(visitor: Visitor) -> None:
    """As far as the provider brings one."""
    done = visitor("GET", there(visitor, "?next=/how"))
    assert (done.status_code, done.headers["location"]) == (303, CODE)


def authenticator(visitor: Visitor) -> pyotp.TOTP:
    """What a telephone makes of the page."""
    page = visitor("GET", CODE).text
    assert 'src="data:image/svg+xml' in page
    return pyotp.TOTP(re.findall(r"<code>([A-Z2-7 ]+)</code>", page)[0].replace(" ", ""))


def set_up(call: Caller) -> tuple[pyotp.TOTP, list[str], Visitor]:
    """Ms. Okafor's first time: her authenticator, her codes for a lost one, her browser."""
    visitor = Visitor(call)
    come_back(visitor)
    totp = authenticator(visitor)
    done = visitor.send(CODE, CODE, code=totp.at(NOW))
    assert 'href="/how"' in done.text
    return totp, re.findall(r"<code>([^<]+)</code>", done.text), visitor


def test_the_first_time_there_sets_up_the_second_step_here_and_later_ones_take_its_code(call: Caller) -> None:
    totp, codes, first = set_up(call)
    assert len(codes) == 8 and first("GET", "/account").status_code == 200
    assert "and then with a code of your authenticator" in shown(first("GET", "/account").text)
    again = Visitor(call)
    come_back(again)
    page = again("GET", CODE).text
    assert "data:image" not in page and "<code>" not in page, "what was set up is not shown again"
    assert again.send(CODE, CODE, code=totp.at(NOW)).status_code == 401, "no code is taken twice"
    done = again.send(CODE, CODE, code=totp.at(NOW + timedelta(seconds=30)))
    assert (done.status_code, done.headers["location"]) == (303, "/how")
    assert again("GET", "/account").status_code == 200
    lost = Visitor(call)
    come_back(lost)
    assert lost.send(CODE, CODE, code=codes[2]).status_code == 303
    with call.inside.store.read() as tx:
        told = tx.execute(select(ledger.c.reason).where(ledger.c.action == "second_step")).scalars().all()
        assert told == ["turned on"] and not tx.execute(select(codes_owed)).all()


def test_halfway_is_no_session_and_opens_nothing_but_the_form_for_the_code(call: Caller) -> None:
    visitor = Visitor(call)
    come_back(visitor)
    with call.inside.store.read() as tx:
        assert not tx.execute(select(sessions)).all()
    token = {"form_token": token_in(visitor("GET", CODE).text)}
    assert visitor("GET", "/account").headers["location"] == "/signin?next=/account"
    assert visitor("POST", "/account/second-step/confirm", data=token, headers=OWN).status_code == 401
    assert visitor("POST", "/signout", data=token, headers=OWN).status_code == 403
    as_session = {"cookie": f"ews={visitor.cookies['ews-visitor']}"}
    assert call("GET", "/account.json", headers=as_session).status_code == 401


def test_whoever_guesses_codes_waits_and_coming_from_the_provider_again_does_not_help(call: Caller) -> None:
    totp, _, _ = set_up(call)
    guesser = Visitor(call)
    come_back(guesser)
    for _ in range(5):
        told = guesser.send(CODE, CODE, code="000000")
        assert told.status_code == 401 and "no code of your authenticator now" in shown(told.text)
    come_back(guesser)
    right = guesser.send(CODE, CODE, code=totp.at(NOW + timedelta(seconds=30)))
    assert right.status_code == 429 and "Too many" in shown(right.text)
    assert guesser("GET", "/account").status_code == 303, "nobody is signed in"


def test_signing_out_halfway_leaves_nothing_and_another_browser_has_nothing(call: Caller) -> None:
    visitor = Visitor(call)
    visitor.cookies["ews-visitor"] = "planted beforehand"
    come_back(visitor)
    assert visitor.cookies["ews-visitor"] != "planted beforehand"
    planter = Visitor(call)
    planter.cookies["ews-visitor"] = "planted beforehand"
    assert "That sign-in is over" in shown(planter("GET", CODE).text)
    kept = dict(visitor.cookies)
    page = visitor("GET", CODE).text
    elsewhere = visitor("POST", CODE, data={"code": "1"}, headers={"origin": "https://elsewhere.example"})
    assert elsewhere.status_code == 403 and "no code of" not in page
    assert visitor.send(CODE, CODE, leave="yes").headers["location"] == "/signin"
    assert "ews-visitor" not in visitor.cookies
    visitor.cookies = kept
    assert visitor("GET", CODE).status_code == 400


def test_a_sign_in_that_is_halfway_ends_with_time_with_the_account_and_with_a_newer_one(call: Caller) -> None:
    older, newer = Visitor(call), Visitor(call)
    come_back(older)
    come_back(newer)
    assert older("GET", CODE).status_code == 400 and newer("GET", CODE).status_code == 200
    with call.inside.store.begin() as tx:
        mine = account_id_of(tx, OKAFOR)
        tx.execute(update(codes_owed).values(begun_at=NOW - timedelta(minutes=10)))
    assert newer("GET", CODE).status_code == 400
    come_back(newer)
    with call.inside.store.begin() as tx:
        disable_account(tx, OKAFOR.name, now=NOW)
        assert not tx.execute(select(codes_owed).where(codes_owed.c.account_id == mine)).all()
    assert newer("GET", CODE).status_code == 400


def test_a_password_alone_lets_nobody_of_that_role_in_either(call: Caller) -> None:
    visitor = Visitor(call)
    assert visitor.sign_in(OKAFOR.name).headers["location"] == CODE
    assert visitor("GET", "/account").status_code == 303
    done = visitor.send(CODE, CODE, code=authenticator(visitor).at(NOW))
    assert "Code 8" in done.text and visitor("GET", "/account").status_code == 200
    give_account(call.inside.store, ZHAO)
    assert Visitor(call).sign_in(ZHAO.name).headers["location"] == "/", "an analyst is not asked here"
    with call.inside.store.begin() as tx:
        one_time = reset_password(tx, OKAFOR.name, now=NOW)
    assert Visitor(call).sign_in(OKAFOR.name, one_time).headers["location"] == CODE


def test_what_was_typed_stays_while_the_second_step_is_set_up_in_another_tab(call: Caller) -> None:
    kept = '["/students/x/notes", [["form_id", "f"], ["note", "Her aunt."]]]'
    told = Visitor(call).send("/signin", "/signin", user=OKAFOR.name, password=PASSWORD, kept=kept)
    assert told.status_code == 401 and "Her aunt." in told.text and "in another tab" in shown(told.text)


def test_a_role_that_there_is_not_stops_the_start(settings: Settings, calling: Calling) -> None:
    with pytest.raises(UsageError, match="names no role: principal"):
        calling(pages.routes, of=needing(settings, "principal"))
    calling(pages.routes, of=needing(settings, "all"))
