"""The second step: a code of the authenticator, once each; recovery codes; a secret that is sealed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from ews.people import accounts as accounts_module
from ews.people.accounts import SignedIn, SignInRefused, add_account, reset_password, sign_in
from ews.people.second_step import (
    begin_second_step,
    confirm_second_step,
    has_second_step,
    passes_second_step,
    secret_begun,
    turn_off,
)
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.sign_in_tables import recovery_codes, second_steps

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)
NAME = "d.okafor@tworivers.example"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same hash with less work."""
    from argon2 import PasswordHasher

    monkeypatch.setattr(accounts_module, "_hasher", lambda: PasswordHasher(1, 64, 1))


def set_up(store: Store) -> tuple[str, str, list[str]]:
    """Ms. Okafor's password, her authenticator's secret, and her recovery codes."""
    with store.begin() as tx:
        password = add_account(tx, NAME, role="counselor", staff_id="S0001", now=NOW)
        secret = begin_second_step(tx, 1, now=NOW)
        codes = confirm_second_step(tx, 1, pyotp.TOTP(secret).at(NOW), now=NOW)
    assert codes is not None
    return password, secret, codes


def enter(store: Store, password: str, code: str, seconds: float = 60) -> SignedIn:
    later = NOW + timedelta(seconds=seconds)
    return sign_in(store, NAME, password, address="10.0.0.1", now=later, hours=10, code=code)


def code_at(secret: str, seconds: float) -> str:
    return pyotp.TOTP(secret).at(NOW + timedelta(seconds=seconds))


def test_with_a_second_step_the_password_alone_lets_nobody_in(settings: Settings) -> None:
    with open_store(settings) as store:
        password, secret, _ = set_up(store)
        for wrong in ("", "000000", "no code", "１２３４５６", "9" * 500):
            with pytest.raises(SignInRefused, match="code"):
                enter(store, password, wrong)
        right = code_at(secret, 900)
        assert enter(store, password, f"{right[:3]} {right[3:]}", 900).token


def test_a_code_is_taken_once_and_a_clock_may_be_half_a_minute_off(settings: Settings) -> None:
    with open_store(settings) as store:
        password, secret, _ = set_up(store)
        with pytest.raises(SignInRefused):  # it has confirmed already
            enter(store, password, code_at(secret, 0), 5)
        enter(store, password, code_at(secret, 60), 85)
        with pytest.raises(SignInRefused):
            enter(store, password, code_at(secret, 60), 88)
        with pytest.raises(SignInRefused):
            enter(store, password, code_at(secret, 120), 240)


def test_a_recovery_code_works_once(settings: Settings) -> None:
    with open_store(settings) as store:
        password, _, codes = set_up(store)
        assert len(set(codes)) == 8
        enter(store, password, codes[3].upper())
        with pytest.raises(SignInRefused):
            enter(store, password, codes[3])
        enter(store, password, codes[4])


def test_nothing_that_lets_somebody_in_is_stored_as_it_is(settings: Settings) -> None:
    with open_store(settings) as store:
        _, secret, codes = set_up(store)
        with store.read() as tx:
            kept = str(tx.execute(select(second_steps)).all()) + str(tx.execute(select(recovery_codes)).all())
    files = b"".join(path.read_bytes() for path in settings.home.glob("ews.db*"))
    for word in (secret, *codes):
        assert word not in kept and word.encode() not in files


def test_it_is_on_only_after_a_first_code_and_off_again(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        add_account(tx, NAME, role="counselor", staff_id="S0001", now=NOW)
        secret = begin_second_step(tx, 1, now=NOW)
        assert confirm_second_step(tx, 1, "000000", now=NOW) is None
        assert not has_second_step(tx, 1) and passes_second_step(tx, 1, "", now=NOW)
        assert secret_begun(tx, 1, now=NOW) == secret
        confirm_second_step(tx, 1, pyotp.TOTP(secret).at(NOW), now=NOW)
        assert has_second_step(tx, 1) and secret_begun(tx, 1, now=NOW) is None
        assert confirm_second_step(tx, 1, code_at(secret, 60), now=NOW + timedelta(seconds=60)) is None
        turn_off(tx, 1)
        assert passes_second_step(tx, 1, "", now=NOW)


def test_one_that_was_begun_and_left_is_over_after_ten_minutes(settings: Settings) -> None:
    later = NOW + timedelta(minutes=10)
    with open_store(settings) as store, store.begin() as tx:
        add_account(tx, NAME, role="counselor", staff_id="S0001", now=NOW)
        secret = begin_second_step(tx, 1, now=NOW)
        assert secret_begun(tx, 1, now=later) is None
        assert confirm_second_step(tx, 1, pyotp.TOTP(secret).at(later), now=later) is None


def test_a_new_one_time_password_is_the_way_in_for_a_lost_telephone(settings: Settings) -> None:
    with open_store(settings) as store:
        set_up(store)
        with store.begin() as tx:
            password = reset_password(tx, NAME, now=NOW)
        assert enter(store, password, "").principal.must_change
