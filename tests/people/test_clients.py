"""Information systems: secrets shown once, scopes, tokens that end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ews.errors import UsageError
from ews.people.clients import (
    ClientRefused,
    ScopeRefused,
    add_client,
    add_secret,
    issue_token,
    list_clients,
    principal_of_token,
    revoke_client,
)
from ews.settings import Settings
from ews.store import open_store
from ews.store.tables import client_secrets, tokens

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)


def test_a_client_gets_a_token_for_its_secret_and_is_known_by_it(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "Aeries", scopes=["scores.compute"], schools=["101"], now=NOW)
        issued = issue_token(
            tx, client.client_id, client.secret, scopes=["scores.compute"], now=NOW, minutes=60
        )
        principal = principal_of_token(tx, issued.token, now=NOW + timedelta(minutes=59))
        assert principal_of_token(tx, issued.token, now=NOW + timedelta(minutes=60)) is None
    assert principal is not None
    assert (principal.name, principal.display_name, principal.role) == (client.client_id, "Aeries", "client")
    assert principal.school_ids == ("101",) and issued.expires_in == 3600
    assert principal.may("scores.compute") and not principal.may("scores.read")


def test_secrets_and_tokens_are_long_and_stored_hashed(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "Aeries", scopes=["scores.compute"], now=NOW)
        issued = issue_token(tx, client.client_id, client.secret, now=NOW, minutes=60)
        kept = str(tx.execute(select(client_secrets)).all()) + str(tx.execute(select(tokens)).all())
    assert len(client.secret) >= 43 and len(issued.token) >= 43
    assert client.secret not in kept and issued.token not in kept


def test_a_token_never_lives_longer_than_an_hour(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "Aeries", scopes=["scores.compute"], now=NOW)
        assert issue_token(tx, client.client_id, client.secret, now=NOW, minutes=600).expires_in == 3600
        assert issue_token(tx, client.client_id, client.secret, now=NOW, minutes=5).expires_in == 300


@pytest.mark.parametrize("wrong", ["unknown", "wrong secret", "secret of another", "expired", "revoked"])
def test_whoever_is_not_the_client_gets_no_token(settings: Settings, wrong: str) -> None:
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "Aeries", scopes=["scores.compute"], now=NOW)
        other = add_client(tx, "Other", scopes=["scores.compute"], now=NOW)
        client_id = "client-0" if wrong == "unknown" else client.client_id
        secret = {"wrong secret": "x", "secret of another": other.secret}.get(wrong, client.secret)
        if wrong == "revoked":
            revoke_client(tx, client.client_id, now=NOW)
        at = NOW + timedelta(days=366 if wrong == "expired" else 0)
        with pytest.raises(ClientRefused):
            issue_token(tx, client_id, secret, now=at, minutes=60)


def test_a_scope_that_was_not_given_is_refused(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "Aeries", scopes=["scores.compute"], now=NOW)
        with pytest.raises(ScopeRefused) as refused:
            issue_token(tx, client.client_id, client.secret, scopes=["ingest.write"], now=NOW, minutes=60)
        assert (refused.value.code, refused.value.status) == ("invalid_scope", 400)


def test_two_secrets_live_during_rotation_and_a_third_ends_the_oldest(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        first = add_client(tx, "Aeries", scopes=["scores.compute"], now=NOW)
        second = add_secret(tx, first.client_id, now=NOW + timedelta(days=1))
        for one in (first, second):
            issue_token(tx, first.client_id, one.secret, now=NOW + timedelta(days=1), minutes=60)
        add_secret(tx, first.client_id, now=NOW + timedelta(days=2))
        with pytest.raises(ClientRefused):
            issue_token(tx, first.client_id, first.secret, now=NOW + timedelta(days=2), minutes=60)


def test_revoking_ends_the_tokens_too(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "Aeries", scopes=["scores.compute"], now=NOW)
        token = issue_token(tx, client.client_id, client.secret, now=NOW, minutes=60).token
        revoke_client(tx, client.client_id, now=NOW)
        assert principal_of_token(tx, token, now=NOW) is None
        assert [row["state"] for row in list_clients(tx)] == ["revoked"]
        with pytest.raises(UsageError, match="no client"):
            revoke_client(tx, "client-0", now=NOW)


@pytest.mark.parametrize(("scopes", "said"), [([], "needs a scope"), (["all"], "Unknown scope all")])
def test_a_client_without_a_known_scope_is_refused(settings: Settings, scopes: list[str], said: str) -> None:
    with open_store(settings) as store, store.begin() as tx, pytest.raises(UsageError, match=said):
        add_client(tx, "Aeries", scopes=scopes, now=NOW)
