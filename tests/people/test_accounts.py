"""Signing in: one-time passwords, sessions that end at once, and a slow door for whoever guesses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from ews.commands.people import accounts_add
from ews.errors import UsageError
from ews.people import accounts as accounts_module
from ews.people.accounts import (
    SignedIn,
    SignInRefused,
    TooManyTries,
    add_account,
    choose_password,
    disable_account,
    has_account,
    list_accounts,
    prove_password,
    reset_password,
    sign_in,
)
from ews.people.sessions import end_session, principal_of_session
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.tables import accounts, sessions, sign_in_failures, staff

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)
NAME = "d.okafor@tworivers.example"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash with less work, so that a test of many tries takes no minute."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(accounts_module, "_hasher", lambda: PasswordHasher(1, 64, 1))


def okafor(store: Store) -> str:
    with store.begin() as tx:
        tx.execute(staff.insert().values(staff_id="S0001", name="Denise Okafor"))
        return add_account(tx, NAME, role="counselor", staff_id="S0001", now=NOW)


def enter(
    store: Store, password: str, name: str = NAME, address: str = "10.0.0.1", later: float = 0
) -> SignedIn:
    return sign_in(store, name, password, address=address, now=NOW + timedelta(seconds=later), hours=10)


def test_an_id_that_no_roster_has_is_told_since_it_may_be_mistyped(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_store(settings) as store, store.begin() as tx:
        tx.execute(staff.insert().values(staff_id="S0001", name="Denise Okafor"))
    monkeypatch.setattr("ews.commands.people.read_settings", lambda: settings)
    for staff_id, told in (("S0001", ""), ("S1", "The newest roster has no id S1"), (None, "")):
        accounts_add(f"{staff_id}@x", role="counselor" if staff_id else "auditor", staff_id=staff_id)
        said = capsys.readouterr()
        assert (
            "may sign in once with" in said.out and said.err.startswith(told) and bool(said.err) == bool(told)
        )


def test_a_first_password_signs_in_and_is_marked_to_be_changed(settings: Settings) -> None:
    with open_store(settings) as store:
        begun = enter(store, okafor(store), name=" D.Okafor@TwoRivers.example ")
        with store.read() as tx:
            principal = principal_of_session(tx, begun.token, now=NOW + timedelta(hours=9))
    assert principal == begun.principal
    assert (principal.display_name, principal.role) == ("Denise Okafor", "counselor")
    assert principal.staff_id == "S0001"
    assert principal.must_change and begun.expires_at == NOW + timedelta(hours=10)


def test_nothing_that_signs_in_is_stored_as_it_is(settings: Settings) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        token = enter(store, password).token
        with store.read() as tx:
            kept = str(tx.execute(select(accounts)).all()) + str(tx.execute(select(sessions)).all())
    assert password not in kept and token not in kept and "$argon2id$" in kept
    files = b"".join(path.read_bytes() for path in settings.home.glob("ews.db*"))
    assert password.encode() not in files and token.encode() not in files


@pytest.mark.parametrize("later", [timedelta(hours=10), timedelta(days=90)])
def test_a_session_ends_with_its_hours(settings: Settings, later: timedelta) -> None:
    with open_store(settings) as store:
        token = enter(store, okafor(store)).token
        with store.read() as tx:
            assert principal_of_session(tx, token, now=NOW + later) is None


def test_signing_out_and_disabling_end_a_session_at_once(settings: Settings) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        first, second = enter(store, password).token, enter(store, password).token
        with store.begin() as tx:
            end_session(tx, first, now=NOW)
            assert principal_of_session(tx, first, now=NOW) is None
            assert principal_of_session(tx, second, now=NOW) is not None
            disable_account(tx, NAME, now=NOW)
            assert principal_of_session(tx, second, now=NOW) is None
        with pytest.raises(SignInRefused):
            enter(store, password)


def test_a_chosen_password_replaces_the_first_and_ends_every_session(settings: Settings) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        token = enter(store, password).token
        with store.begin() as tx:
            choose_password(tx, NAME, "a long and private sentence", now=NOW)
            assert principal_of_session(tx, token, now=NOW) is None
        assert not enter(store, "a long and private sentence").principal.must_change
        with pytest.raises(SignInRefused):
            enter(store, password)


@pytest.mark.parametrize("password", ["short", "x" * 257])
def test_a_password_too_short_or_too_long_is_refused(settings: Settings, password: str) -> None:
    with open_store(settings) as store:
        okafor(store)
        with store.begin() as tx, pytest.raises(UsageError, match="12 to 256"):
            choose_password(tx, NAME, password, now=NOW)


def test_a_reset_password_is_new_and_makes_a_disabled_account_ready(settings: Settings) -> None:
    with open_store(settings) as store:
        first = okafor(store)
        with store.begin() as tx:
            disable_account(tx, NAME, now=NOW)
            second = reset_password(tx, NAME, now=NOW)
        assert first != second
        enter(store, second)
        with store.read() as tx:
            assert [row["state"] for row in list_accounts(tx)] == ["first sign-in"]


def test_an_unknown_name_and_a_wrong_password_are_refused_in_the_same_words(settings: Settings) -> None:
    with open_store(settings) as store:
        okafor(store)
        said = set()
        for name, password in ((NAME, "wrong"), ("nobody@x", "wrong"), (NAME, "y" * 1000), ("", "")):
            with pytest.raises(SignInRefused) as refused:
                enter(store, password, name=name)
            said.add(str(refused.value))
    assert len(said) == 1


def test_after_five_failures_an_account_waits_longer_each_time_and_the_right_password_too(
    settings: Settings,
) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        for n in range(5):
            with pytest.raises(SignInRefused):
                enter(store, "wrong", address=f"10.0.0.{n}")
        with pytest.raises(TooManyTries) as wait:
            enter(store, password, address="10.0.1.1")
        assert wait.value.seconds == 1 and wait.value.status == 429
        with pytest.raises(SignInRefused):
            enter(store, "wrong", later=2)
        with pytest.raises(TooManyTries) as wait:
            enter(store, "wrong", later=2)
        assert wait.value.seconds == 2
        enter(store, password, later=10)
        enter(store, password, later=10)


@pytest.mark.parametrize("act", [disable_account, reset_password])
def test_what_an_administrator_does_while_a_password_is_hashed_holds(
    settings: Settings, act: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        slow = accounts_module._verify

        def meanwhile(password_hash: str | None, given: str) -> bool:
            with store.begin() as tx:
                act(tx, NAME, now=NOW)
            return slow(password_hash, given)

        monkeypatch.setattr(accounts_module, "_verify", meanwhile)
        with pytest.raises(SignInRefused):
            enter(store, password)
        with store.read() as tx:
            assert not tx.execute(select(sessions).where(sessions.c.ended_at.is_(None))).all()


def test_a_wrong_present_password_counts_as_a_try(settings: Settings) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        prove_password(store, NAME, password, address="10.0.0.1", now=NOW)
        for _ in range(5):
            with pytest.raises(SignInRefused, match="not your present password"):
                prove_password(store, NAME, "a guess", address="10.0.0.1", now=NOW)
        with pytest.raises(TooManyTries):
            prove_password(store, NAME, password, address="10.0.0.1", now=NOW)


def test_an_address_that_fails_on_many_accounts_waits(settings: Settings) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        for n in range(20):
            with pytest.raises(SignInRefused):
                enter(store, "wrong", name=f"somebody{n}@x")
        with pytest.raises(TooManyTries):
            enter(store, password)
        assert enter(store, password, address="10.9.9.9").token


def test_many_guesses_at_once_do_not_slip_past_the_wait(settings: Settings) -> None:
    with open_store(settings) as store:
        okafor(store)
        outcomes: list[str] = []

        def guess(n: int) -> None:
            try:
                enter(store, f"guess {n}", address=f"10.0.0.{n}")
            except (SignInRefused, TooManyTries) as refused:
                outcomes.append(type(refused).__name__)

        threads = [threading.Thread(target=guess, args=(n,)) for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(outcomes) == ["SignInRefused"] * 5 + ["TooManyTries"] * 7


def test_never_more_than_two_hashes_at_once(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    going, most = 0, 0
    counted = threading.Lock()

    class Slow:
        def verify(self, password_hash: str, password: str) -> bool:
            nonlocal going, most
            with counted:
                going += 1
                most = max(most, going)
            threading.Event().wait(0.02)
            with counted:
                going -= 1
            return True

    with open_store(settings) as store:
        okafor(store)
        monkeypatch.setattr(accounts_module, "_hasher", Slow)
        threads = [threading.Thread(target=accounts_module._verify, args=("h", "p")) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert most == 2


def test_failures_are_forgotten_after_a_quarter_of_an_hour(settings: Settings) -> None:
    with open_store(settings) as store:
        password = okafor(store)
        for n in range(5):
            with pytest.raises(SignInRefused):
                enter(store, "wrong", address=f"10.0.0.{n}")
        enter(store, password, later=901)
        with store.read() as tx:
            assert [row.failures for row in tx.execute(select(sign_in_failures))] == [0]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"role": "janitor"}, "no role 'janitor'"),
        ({"role": "counselor"}, "id in the roster"),
        ({"role": "school_administrator"}, "needs a school"),
        ({"role": "district_analyst", "name": ""}, "no sign-in name"),
        ({"role": "district_analyst", "name": "a\nb"}, "no sign-in name"),
    ],
)
def test_an_account_that_would_see_nobody_or_has_no_name_is_refused(
    settings: Settings, given: dict[str, str], said: str
) -> None:
    with open_store(settings) as store, store.begin() as tx, pytest.raises(UsageError, match=said):
        add_account(tx, given.get("name", "new@x"), role=given["role"], now=NOW)


def test_a_name_is_given_once_whatever_its_capitals(settings: Settings) -> None:
    with open_store(settings) as store:
        okafor(store)
        with store.begin() as tx:
            assert has_account(tx, NAME.upper()) and not has_account(tx, "nobody@x")
            with pytest.raises(UsageError, match="already"):
                add_account(tx, NAME.upper(), role="district_analyst", now=NOW)
            with pytest.raises(UsageError, match="Nobody signs in"):
                reset_password(tx, "nobody@x", now=NOW)


def test_what_is_no_hash_is_nobodys_password() -> None:
    assert not accounts_module._verify("nobody knows", "nobody knows")


def test_passwords_are_hashed_with_argon2id_as_the_standard_advises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    hasher = accounts_module._hasher()
    assert (hasher.type.name, hasher.memory_cost, hasher.time_cost) == ("ID", 65536, 3)
