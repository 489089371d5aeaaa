"""Signing in through the district's identity provider: one of our own, and every way it can be wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import delete, select
from support.alder_creek import OKAFOR, TOWN, keep, roomy
from web.calling import NOW, Caller, Calling
from web.identity_provider import CLIENT, SECRET, IdentityProvider, running, unsigned
from web.test_unsent import STUDENT, WORDS, Fields, note_form, notes
from web.visitor import OWN, Visitor, give_account, shown

from ews.errors import UsageError
from ews.people import accounts as accounts_module
from ews.people.accounts import disable_account, reset_password
from ews.people.identities import account_of, account_waiting, link
from ews.settings import Settings
from ews.store import open_store
from ews.store.sign_in_tables import identities, sign_ins_begun
from ews.store.tables import accounts, sessions
from ews.web import pages
from ews.web.provider import SHAPES, provider_of

HERE = "http://127.0.0.1:3100"
DISTRICT = "district-1"
TENANTS = {
    "google": {"hd": DISTRICT, "email": OKAFOR.name, "email_verified": True},
    "microsoft": {"tid": DISTRICT, "preferred_username": OKAFOR.name, "email": "other@elsewhere.example"},
    "clever": {"district": DISTRICT, "email": OKAFOR.name, "user_type": "staff", "email_verified": False},
    "classlink": {"tenantId": DISTRICT, "email": OKAFOR.name},
}


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """Google's likeness, where Ms. Okafor signs in next."""
    likeness = IdentityProvider(NOW.timestamp(), person={"sub": "1066"} | TENANTS["google"])
    with running(likeness) as server:
        yield server


def with_provider(settings: Settings, provider: IdentityProvider, name: str = "google") -> Settings:
    choices = {
        "sign_in.provider": name,
        "sign_in.client_id": CLIENT,
        "sign_in.tenant": DISTRICT,
        "sign_in.issuer": provider.issuer,
    }
    return replace(settings, choices={**settings.choices, **choices}, base_url=HERE, sign_in_secret=SECRET)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash with less work."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(accounts_module, "_hasher", lambda: PasswordHasher(1, 64, 1))


def opened(settings: Settings, calling: Calling) -> Caller:
    """The pages of a district, and an account for Ms. Okafor that waits."""
    caller = calling(pages.routes, of=settings)
    give_account(caller.inside.store, OKAFOR, password=None)
    return caller


@pytest.fixture
def call(settings: Settings, calling: Calling, provider: IdentityProvider) -> Caller:
    """The pages of a district with a provider, nothing scored."""
    return opened(with_provider(settings, provider), calling)


@pytest.fixture
def scored(settings: Settings, calling: Calling, provider: IdentityProvider) -> Caller:
    """The same over a scored town."""
    settings = roomy(with_provider(settings, provider))
    keep(settings, TOWN)
    return opened(settings, calling)


def there(visitor: Visitor, next_: str = "") -> str:
    """The address at which the provider sends a browser back, after signing in there."""
    away = visitor("GET", f"/signin/there{next_}")
    assert away.status_code == 303
    back = httpx.get(away.headers["location"], trust_env=False).headers["location"]
    assert back.startswith(f"{HERE}/signin/callback?")
    return back.removeprefix(HERE)


def test_a_person_signs_in_there_and_needs_no_password_here(scored: Caller) -> None:
    call = scored
    visitor = Visitor(call)
    page = visitor("GET", "/signin?next=/how").text
    assert 'href="/signin/there?next=/how"' in page and "Sign in with Google" in page
    done = visitor("GET", there(visitor, "?next=/how"))
    assert (done.status_code, done.headers["location"]) == (303, "/how")
    assert "Denise Okafor" in shown(visitor("GET", "/list").text)
    with call.inside.store.read() as tx:
        assert [row.subject for row in tx.execute(select(identities))] == ["1066"]
        assert not tx.execute(select(sign_ins_begun)).all()


def test_the_second_step_of_whoever_signs_in_there_is_kept_there(call: Caller) -> None:
    visitor = Visitor(call)
    visitor("GET", there(visitor))
    page = visitor("GET", "/account").text
    assert "a second step is set up there, and none here" in shown(page) and 'name="present"' not in page
    for path in ("/account/second-step", "/account/second-step/off"):
        refused = visitor.send(path, "/account", present="", code="000000")
        assert refused.status_code == 403 and "Your password is not kept here" in shown(refused.text)


def test_after_the_first_time_the_number_there_decides_and_no_address(
    call: Caller, provider: IdentityProvider
) -> None:
    visitor = Visitor(call)
    visitor("GET", there(visitor))
    provider.person |= {"email": "d.married-name@alder.example"}
    assert Visitor(call)("GET", "/list").status_code == 303
    again = Visitor(call)
    assert again("GET", there(again)).headers["location"] == "/"
    provider.person |= {"sub": "somebody else", "email": OKAFOR.name}
    other = Visitor(call)
    assert "No account here yet" in shown(other("GET", there(other)).text)


def nobody(claims: dict[str, Any]) -> dict[str, Any]:
    return claims | {"sub": "7", "email": "nobody@alder.example"}


WARPED = {
    "another domain (hd)": (lambda claims: claims | {"hd": "elsewhere"}, "Not an account of this district"),
    "no domain at all": (lambda claims: claims | {"hd": None}, "Not an account of this district"),
    "another nonce": (lambda claims: claims | {"nonce": "replayed"}, "does not count"),
    "no nonce": (lambda claims: {k: v for k, v in claims.items() if k != "nonce"}, "does not count"),
    "for another client": (lambda claims: claims | {"aud": "another"}, "does not count"),
    "for several, authorized to another": (
        lambda claims: claims | {"aud": [CLIENT, "another"], "azp": "another"},
        "does not count",
    ),
    "of another issuer": (lambda claims: claims | {"iss": "https://elsewhere.example"}, "does not count"),
    "expired": (lambda claims: claims | {"exp": int(NOW.timestamp()) - 120}, "does not count"),
    "from the future": (lambda claims: claims | {"iat": int(NOW.timestamp()) + 3600}, "does not count"),
    "without a subject": (lambda claims: {k: v for k, v in claims.items() if k != "sub"}, "does not count"),
    "an address that nobody verified": (lambda claims: claims | {"email_verified": False}, "No account here"),
    "somebody without an account": (nobody, "No account here yet"),
}


@pytest.mark.parametrize("title", WARPED)
def test_what_is_not_this_district_s_word_for_this_sign_in_is_refused(
    call: Caller, provider: IdentityProvider, title: str
) -> None:
    provider.warped, told = WARPED[title]
    visitor = Visitor(call)
    answer = visitor("GET", there(visitor))
    assert answer.status_code == 403 and told in shown(answer.text)
    assert visitor("GET", "/list").status_code == 303, "nobody is signed in"
    with call.inside.store.read() as tx:
        assert not tx.execute(select(identities)).all()


def other_key(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, RSAKey.generate_key(2048, {"kid": "first"}))


def shared_secret(claims: dict[str, Any]) -> str:
    key = OctKey.import_key(SECRET * 2)
    return jwt.encode({"alg": "HS256", "kid": "first"}, claims, key, algorithms=["HS256"])


@pytest.mark.parametrize("sign", [unsigned, other_key, shared_secret, lambda claims: "no token"])
def test_only_the_provider_s_own_key_counts(call: Caller, provider: IdentityProvider, sign: Any) -> None:
    provider.sign = sign
    visitor = Visitor(call)
    answer = visitor("GET", there(visitor))
    assert answer.status_code == 403 and "does not count" in shown(answer.text)


def test_a_new_key_there_is_asked_for(call: Caller, provider: IdentityProvider) -> None:
    first = Visitor(call)
    first("GET", there(first))
    provider.change_key()
    second = Visitor(call)
    assert second("GET", there(second)).headers["location"] == "/"
    assert provider.asked.count("/keys") == 2


def test_an_answer_is_taken_once_and_only_from_the_browser_that_asked(scored: Caller) -> None:
    call = scored
    visitor, thief = Visitor(call), Visitor(call)
    back = there(visitor)
    stolen = thief("GET", back)
    assert stolen.status_code == 400 and "That sign-in is over" in shown(stolen.text)
    assert visitor("GET", back).status_code == 400, "who stole it has used it up"
    mine = there(visitor)
    assert visitor("GET", mine).status_code == 303
    assert Visitor(call)("GET", mine).status_code == 400
    for unknown in ("", "?state=x&code=y", "?error=access_denied"):
        assert visitor("GET", f"/signin/callback{unknown}").status_code == 400


def test_a_code_that_the_provider_did_not_give_is_refused(call: Caller, provider: IdentityProvider) -> None:
    visitor = Visitor(call)
    back = there(visitor)
    provider.codes.clear()
    assert visitor("GET", back).status_code == 403


def test_a_disabled_account_is_refused_there_too(call: Caller) -> None:
    visitor = Visitor(call)
    visitor("GET", there(visitor))
    with call.inside.store.begin() as tx:
        disable_account(tx, OKAFOR.name, now=NOW)
    assert visitor("GET", "/list").status_code == 303
    assert "No account here yet" in shown(visitor("GET", there(visitor)).text)


def test_a_note_outlives_its_session_when_staff_sign_in_there_in_another_tab(scored: Caller) -> None:
    visitor = Visitor(scored)
    visitor("GET", there(visitor))
    sent = note_form(visitor)
    with scored.inside.store.begin() as tx:
        tx.execute(delete(sessions))
    asked = visitor("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
    assert asked.status_code == 401 and "come back to this page" in shown(asked.text)
    assert 'href="/signin/there" target="_blank" rel="noopener"' in asked.text
    start = asked.text.index(f'<form method="post" action="{STUDENT}/notes"')
    save = Fields(asked.text[start : asked.text.index("</form>", start)])
    too_early = visitor("POST", save.action, data=save.said, headers=OWN)
    assert too_early.status_code == 401 and "aunt" in too_early.text
    assert visitor("GET", there(visitor)).status_code == 303
    stale = Fields(visitor("POST", save.action, data=save.said, headers=OWN).text)
    assert stale.said["note"] == WORDS
    assert visitor("POST", stale.action, data=stale.said, headers=OWN).status_code == 303
    assert notes(visitor) == [(WORDS, "leaders")]


def test_whoever_signs_in_there_makes_no_password_here_to_go_round_it(call: Caller) -> None:
    visitor = Visitor(call)
    visitor("GET", there(visitor))
    page = visitor("GET", "/password")
    assert page.status_code == 403 and "Your password is not kept here" in shown(page.text)
    new = {"present": "", "password": "twelve letters", "again": "twelve letters"}
    assert visitor.send("/password", "/account", **new).status_code == 403
    with call.inside.store.begin() as tx:
        one_time = reset_password(tx, OKAFOR.name, now=NOW)
        assert not tx.execute(select(identities)).all(), "the link has ended"
    assert Visitor(call).sign_in(OKAFOR.name, one_time).headers["location"] == "/"
    first = Visitor(call)
    first.sign_in(OKAFOR.name, one_time)
    assert first.send("/password", "/password", **new).headers["location"] == "/"


def test_two_first_sign_ins_at_the_same_moment_are_one_link(settings: Settings) -> None:
    with open_store(settings) as store:
        give_account(store, OKAFOR, password=None)
        with store.begin() as tx:
            mine = account_waiting(tx, "idp", OKAFOR.name)
            assert mine is not None
            link(tx, "idp", "1066", mine, "first", now=NOW)
            link(tx, "idp", "1066", mine, "second", now=NOW)
            link(tx, "idp", "somebody else", mine, "third", now=NOW)
            assert account_of(tx, "idp", "1066") == mine and account_of(tx, "idp", "somebody else") is None
            assert tx.execute(select(accounts.c.password_hash)).scalar() == "first"


@pytest.mark.parametrize("name", TENANTS)
def test_each_provider_s_shape(settings: Settings, calling: Calling, name: str) -> None:
    likeness = IdentityProvider(NOW.timestamp(), person={"sub": "1066"} | TENANTS[name])
    with running(likeness) as provider:
        caller = opened(with_provider(settings, provider, name), calling)
        visitor = Visitor(caller)
        assert visitor("GET", there(visitor)).headers["location"] == "/"
        provider.person |= {SHAPES[name].tenant_claim: "elsewhere"}
        other = Visitor(caller)
        assert "Not an account of this district" in shown(other("GET", there(other)).text)


def test_a_student_of_clever_is_no_staff(settings: Settings, calling: Calling) -> None:
    person = {"sub": "9"} | TENANTS["clever"] | {"user_type": "student"}
    with running(IdentityProvider(NOW.timestamp(), person=person)) as provider:
        caller = opened(with_provider(settings, provider, "clever"), calling)
        visitor = Visitor(caller)
        assert visitor("GET", there(visitor)).status_code == 403


def test_a_provider_that_does_not_answer_is_told(settings: Settings, calling: Calling) -> None:
    silent = IdentityProvider(NOW.timestamp(), issuer="http://127.0.0.1:9")
    caller = calling(pages.routes, of=with_provider(settings, silent))
    answer = Visitor(caller)("GET", "/signin/there")
    assert answer.status_code == 503 and "does not answer" in shown(answer.text)


def test_without_a_provider_there_is_no_such_address_and_nothing_is_called(
    settings: Settings, calling: Calling
) -> None:
    visitor = Visitor(calling(pages.routes, of=settings))
    assert "Sign in with" not in visitor("GET", "/signin").text
    assert visitor("GET", "/signin/there").status_code in (401, 404)


def test_half_a_provider_stops_the_start(settings: Settings) -> None:
    half = replace(settings, choices={**settings.choices, "sign_in.provider": "google"})
    with pytest.raises(UsageError, match=r"client_id, .*tenant, EWS_SIGN_IN_SECRET, EWS_BASE_URL"):
        provider_of(half)
    plain = with_provider(settings, IdentityProvider(0.0, issuer="http://idp.example"))
    with pytest.raises(UsageError, match="no https address"):
        provider_of(plain)
