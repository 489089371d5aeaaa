"""The second step of signing in, for whoever wants one: codes of an authenticator, and codes for a lost one.

The authenticator's secret is stored sealed, under a key made from the one that is kept outside the
database. No code is taken twice. Recovery codes are shown once, stored hashed, and each works once.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, select, update

from ews.people.secret_words import hashed, one_time_password
from ews.store.sign_in_tables import recovery_codes, second_steps
from ews.store.store import Transaction

if TYPE_CHECKING:
    from cryptography.fernet import Fernet

HALF_MINUTE = 30
BEGUN_FOR = timedelta(minutes=10)
DRIFT = 1  # half minutes that a telephone's clock may be off
RECOVERY_CODES = 8
LONGEST_CODE = 32
SECOND_STEP, TURNED_ON = "second_step", "turned on"
"""What the ledger says of it."""


def begin_second_step(tx: Transaction, account_id: int, *, now: datetime) -> str:
    """A new secret for the authenticator of an account; it asks for nothing until a code was tried."""
    import pyotp

    secret = pyotp.random_base32()
    turn_off(tx, account_id)
    sealed = _seal(tx).encrypt(secret.encode()).decode()
    tx.execute(second_steps.insert().values(account_id=account_id, sealed=sealed, made_at=now))
    return secret


def secret_begun(tx: Transaction, account_id: int, *, now: datetime) -> str | None:
    """The secret that was begun just now and not yet tried; None when there is none."""
    row = _row(tx, account_id)
    return _opened(tx, row) if row is not None and _is_begun(row, now) else None


def confirm_second_step(tx: Transaction, account_id: int, code: str, *, now: datetime) -> list[str] | None:
    """Turns the second step on with a first code; the recovery codes, or None for a wrong code."""
    row = _row(tx, account_id)
    step = _step_of(tx, row, code, now) if row is not None and _is_begun(row, now) else None
    if step is None:
        return None
    mine = second_steps.c.account_id == account_id
    tx.execute(update(second_steps).where(mine).values(confirmed_at=now, last_step=step))
    codes = [one_time_password() for _ in range(RECOVERY_CODES)]
    rows = [{"code_hash": _hash_of(account_id, one), "account_id": account_id} for one in codes]
    tx.execute(recovery_codes.insert(), rows)
    return codes


def has_second_step(tx: Transaction, account_id: int) -> bool:
    """Whether signing in to this account takes a code."""
    row = _row(tx, account_id)
    return row is not None and row.confirmed_at is not None


def passes_second_step(tx: Transaction, account_id: int, code: str, *, now: datetime) -> bool:
    """Whether ``code`` lets this account in now: of the authenticator, or a recovery code; neither twice."""
    row = _row(tx, account_id)
    if row is None or row.confirmed_at is None:
        return True
    step = _step_of(tx, row, code, now)
    if step is not None:
        newer = second_steps.c.last_step < step
        mine = second_steps.c.account_id == account_id
        return tx.execute(update(second_steps).where(mine, newer).values(last_step=step)).rowcount == 1
    unused = (recovery_codes.c.code_hash == _hash_of(account_id, code)) & recovery_codes.c.used_at.is_(None)
    return tx.execute(update(recovery_codes).where(unused).values(used_at=now)).rowcount == 1


def turn_off(tx: Transaction, account_id: int) -> None:
    """Signing in takes no code any more; recovery codes end with it."""
    tx.execute(delete(second_steps).where(second_steps.c.account_id == account_id))
    tx.execute(delete(recovery_codes).where(recovery_codes.c.account_id == account_id))


def _row(tx: Transaction, account_id: int) -> Row | None:
    mine = second_steps.c.account_id == account_id
    return tx.execute(select(second_steps).where(mine)).one_or_none()


def _is_begun(row: Row, now: datetime) -> bool:
    """Whether it waits for its first code: whoever finds the browser open later begins anew."""
    return row.confirmed_at is None and row.made_at > now - BEGUN_FOR


def _step_of(tx: Transaction, row: Row | None, code: str, now: datetime) -> int | None:
    """The half minute that ``code`` belongs to; None when it is no code of about now."""
    import pyotp

    digits = code.replace(" ", "")
    if row is None or not digits.isascii() or not digits.isdecimal() or len(digits) != 6:
        return None
    totp, step = pyotp.TOTP(_opened(tx, row)), int(now.timestamp()) // HALF_MINUTE
    near = range(step - DRIFT, step + DRIFT + 1)
    return next((at for at in near if hmac.compare_digest(totp.at(at * HALF_MINUTE), digits)), None)


def _hash_of(account_id: int, code: str) -> str:
    return hashed(f"{account_id} {code.strip().lower()[:LONGEST_CODE]}")


def _opened(tx: Transaction, row: Row) -> str:
    return str(_seal(tx).decrypt(row.sealed.encode()).decode())


def _seal(tx: Transaction) -> Fernet:
    """What seals and opens the secrets, under a key of its own made from the store's."""
    from cryptography.fernet import Fernet

    key = hmac.digest(tx.ledger_key, b"ews second step", "sha256")
    return Fernet(base64.urlsafe_b64encode(key))
