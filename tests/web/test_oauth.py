"""Tokens for information systems: who gets one, for what, and how long; and who is slowed down."""

from __future__ import annotations

import base64

import httpx
import pytest
from calling import ALL, NOW, Caller, Calling

from ews.people.clients import SCOPES, NewClient, revoke_client
from ews.settings import Settings
from ews.web import oauth
from ews.web.app import open_inside
from ews.web.routes import Address


@pytest.fixture
def call(calling: Calling) -> Caller:
    return calling(oauth.addresses)


def ask(call: Caller, client: NewClient, **more: str) -> httpx.Response:
    """A client asks for a token in a form."""
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": client.secret}
    return call("POST", "/oauth/token", data=form | more)


def test_a_client_with_its_secret_gets_a_token_for_an_hour_and_all_its_scopes(call: Caller) -> None:
    answer = ask(call, call.client())
    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 3600, " ".join(ALL))
    assert len(token["access_token"]) >= 43  # 256 bits
    assert answer.headers["cache-control"] == "no-store"


def test_every_scope_that_can_be_given_opens_an_address(settings: Settings) -> None:
    inside = open_inside(settings)
    asked = {route.policy.scope for route in inside.addresses.routes if isinstance(route, Address)}
    inside.close()
    assert asked - {None} == set(SCOPES)


def test_a_token_may_carry_fewer_scopes(call: Caller) -> None:
    holder = call.client(scopes=("scores.read", "scores.compute"))
    assert ask(call, holder, scope="scores.compute").json()["scope"] == "scores.compute"


def test_basic_is_as_good_as_a_form(call: Caller) -> None:
    client = call.client()
    pair = base64.b64encode(f"{client.client_id}:{client.secret}".encode()).decode()
    answer = call(
        "POST",
        "/oauth/token",
        data={"grant_type": "client_credentials"},
        headers={"authorization": f"Basic {pair}"},
    )
    assert answer.status_code == 200


def test_an_unknown_client_and_a_wrong_secret_look_the_same(call: Caller) -> None:
    client = call.client()
    wrong = ask(call, NewClient(client.client_id, "wrong", NOW))
    unknown = ask(call, NewClient("client-nobody", client.secret, NOW))
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")
    assert wrong.content == unknown.content
    assert wrong.headers["www-authenticate"].startswith("Basic")


def test_a_revoked_client_gets_nothing(call: Caller) -> None:
    client = call.client()
    with call.inside.store.begin() as tx:
        revoke_client(tx, client.client_id, now=NOW)
    assert ask(call, client).status_code == 401


def test_a_scope_that_was_not_given_is_refused(call: Caller) -> None:
    answer = ask(call, call.client(scopes=("scores.read",)), scope="scores.compute")
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_guessing_is_slowed_down_for_that_client_only(call: Caller) -> None:
    client, other = call.client(), call.client()
    guess = NewClient(client.client_id, "guess", NOW)
    statuses = [ask(call, guess).status_code for _ in range(oauth.MOST_FAILURES + 1)]
    assert statuses == [401] * oauth.MOST_FAILURES + [429]
    held = ask(call, client)
    assert held.status_code == 429
    assert 1 <= int(held.headers["retry-after"]) <= oauth.WAIT
    assert ask(call, other).status_code == 200


UNREADABLE = {
    "no body": (b"", {}, 400, "unsupported_grant_type"),
    "another grant": (b"grant_type=password&username=a", {}, 400, "unsupported_grant_type"),
    "JSON in place of a form": (b'{"grant_type": 1}', {}, 400, "malformed"),
    "bytes that are no text": (b"grant_type=\xff\xfe", {}, 400, "malformed"),
    "a field twice": (b"grant_type=client_credentials&scope=a&scope=b", {}, 400, "malformed"),
    "no client": (b"grant_type=client_credentials", {}, 401, "invalid_client"),
    "Basic that is not base64": (
        b"grant_type=client_credentials",
        {"authorization": "Basic %%%"},
        401,
        "invalid_client",
    ),
}


@pytest.mark.parametrize("title", UNREADABLE)
def test_what_cannot_be_read_is_refused_in_our_form(call: Caller, title: str) -> None:
    body, headers, status, error = UNREADABLE[title]
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = call("POST", "/oauth/token", content=body, headers=form | headers)
    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert set(answer.json()) == {"error", "detail", "fix"}
