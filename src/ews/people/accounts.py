"""The people who may sign in: their roles, their passwords, and a slow door for whoever guesses.

There is no default account. A first password is made here, shown once, and marked as one to be
changed. Passwords are hashed with argon2id, at most two at once, so that signing in cannot use up the
machine; an account or an address with many failures has to wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, Table, delete, select, update

from ews.errors import EwsError, UsageError
from ews.people.access import Principal
from ews.people.ledger import record_view
from ews.people.owed_codes import forgive, owe_code, owed
from ews.people.roles import ROLES, Need, role_of
from ews.people.second_step import (
    SECOND_STEP,
    TURNED_ON,
    confirm_second_step,
    has_second_step,
    passes_second_step,
    turn_off,
)
from ews.people.secret_words import new_token, one_time_password
from ews.people.sessions import end_sessions_of, open_session, principal_of_session
from ews.store.sign_in_tables import identities
from ews.store.store import Store, Transaction
from ews.store.tables import accounts, schools, sign_in_failures, staff

if TYPE_CHECKING:
    from argon2 import PasswordHasher

HASHES_AT_ONCE = BoundedSemaphore(2)
FREE_FAILURES = {"account": 5, "address": 20}  # tries before the wait begins; a school shares an address
LONGEST_WAIT = timedelta(minutes=15)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256


class SignInRefused(EwsError):
    """The name or the password is wrong; which of them is not said. HTTP 401."""

    exit_code = 2
    code = "unauthorized"
    status = 401


class CodeOwed(SignInRefused):
    """The password was right, and no session begins: the role needs a second step, and none is set up.

    ``token`` is what the browser holds until it is (``ews.people.owed_codes``).
    """

    def __init__(self, token: str) -> None:
        super().__init__(
            "Your role needs a second step, and you have set up none.",
            "Open the sign-in page in another tab and set it up, then come back to this one.",
        )
        self.token = token


class TooManyTries(EwsError):
    """Too many failures on this account or from this address; ``seconds`` until the next try. HTTP 429."""

    exit_code = 2
    code = "too_many_tries"
    status = 429

    def __init__(self, seconds: int) -> None:
        super().__init__("Too many sign-ins have failed.", f"Wait {seconds} seconds and try again.")
        self.seconds = seconds


@dataclass(frozen=True)
class SignedIn:
    """A session has begun: ``token`` goes into the cookie, and is not stored here."""

    token: str
    principal: Principal
    expires_at: datetime


@dataclass(frozen=True)
class CodeGiven:
    """Who owed a code has a session now. codes: for a lost telephone, where the authenticator is new."""

    signed_in: SignedIn
    wanted: str
    codes: tuple[str, ...]


def add_account(
    tx: Transaction,
    name: str,
    *,
    role: str,
    now: datetime,
    staff_id: str | None = None,
    schools: Sequence[str] = (),
) -> str:
    """Lets a person sign in as ``name``, and gives their one-time first password.

    Errors: UsageError for a name that is taken, an unknown role, or a role without what it sees students by:
    an id in the roster, or a school.
    """
    name = _cleaned(name)
    check_role(role, staff_id=staff_id, schools=schools)
    if has_account(tx, name):
        raise UsageError(f"{name} has an account already.", "Give them a new one-time password instead.")
    password = one_time_password()
    tx.execute(
        accounts.insert().values(
            name=name,
            role=role,
            staff_id=staff_id,
            school_ids=list(schools),
            password_hash=_hash(password),
            must_change=True,
            created_at=now,
        )
    )
    return password


def check_role(role: str, *, staff_id: str | None, schools: Sequence[str]) -> None:
    """UsageError for an unknown role, or one without what it sees students by."""
    if role not in ROLES:
        raise UsageError(f"There is no role {role!r}.", f"Roles are {', '.join(ROLES)}.")
    needs = role_of(role).needs
    if Need.STAFF_ID in needs and not staff_id:
        raise UsageError(
            f"A {role_of(role).words} needs an id in the roster.",
            "Give the id that the student system has for them (--staff-id).",
        )
    if Need.SCHOOL in needs and not schools:
        raise UsageError(f"A {role_of(role).words} needs a school.", "Choose one (--school, with its id).")


def not_on_roster(tx: Transaction, staff_id: str | None) -> str:
    """A sentence where the newest roster has no ``staff_id``: it may come later, or be mistyped."""
    if not staff_id or tx.execute(select(staff.c.staff_id).where(staff.c.staff_id == staff_id)).first():
        return ""
    return f"The newest roster has no id {staff_id}: no student is in sight by it until one has."


def _cleaned(name: str) -> str:
    cleaned = name.strip().lower()
    if not cleaned or len(cleaned) > 254 or not cleaned.isprintable():
        raise UsageError("That is no sign-in name.", "Use an e-mail address, at most 254 characters.")
    return cleaned


def has_account(tx: Transaction, name: str) -> bool:
    """Whether somebody signs in as ``name``, disabled or not."""
    return _account(tx, name) is not None


def _account(tx: Transaction, name: str) -> Row | None:
    return tx.execute(select(accounts).where(accounts.c.name == name.strip().lower())).one_or_none()


def _existing(tx: Transaction, name: str) -> Row:
    account = _account(tx, name)
    if account is None:
        raise UsageError(f"Nobody signs in as {name}.", "`ews accounts list` shows who does.")
    return account


def list_accounts(tx: Transaction) -> list[dict[str, Any]]:
    """Who may sign in: name, person, role, staff_id, schools, state (ready, first sign-in, disabled)."""
    found = tx.execute(
        select(accounts, staff.c.name.label("person"))
        .join(staff, staff.c.staff_id == accounts.c.staff_id, isouter=True)
        .order_by(accounts.c.name)
    )
    return [
        {
            "account_id": row.account_id,
            "name": row.name,
            "person": row.person,
            "role": row.role,
            "staff_id": row.staff_id,
            "schools": row.school_ids,
            "state": _state(row),
        }
        for row in found
    ]


def list_schools(tx: Transaction) -> dict[str, str]:
    """The schools of the newest run, by name: what an account or a client can be given."""
    rows = tx.execute(select(schools.c.school_id, schools.c.name).order_by(schools.c.name))
    return {row.school_id: row.name for row in rows}


def _state(account: Row) -> str:
    if account.disabled_at:
        return "disabled"
    return "first sign-in" if account.must_change else "ready"


def account_name(tx: Transaction, account_id: int) -> str | None:
    """The sign-in name of an account by its number; None when there is none."""
    return tx.execute(select(accounts.c.name).where(accounts.c.account_id == account_id)).scalar()


def change_account(
    tx: Transaction, name: str, *, role: str, staff_id: str | None, schools: Sequence[str], now: datetime
) -> None:
    """Gives an account another role, id or schools; what the person sees is decided anew at the next click.

    With another role they sign in anew: it may need a second step. Errors: UsageError as for ``add_account``.
    """
    check_role(role, staff_id=staff_id, schools=schools)
    account = _existing(tx, name)
    changed = {"role": role, "staff_id": staff_id or None, "school_ids": list(schools)}
    tx.execute(update(accounts).where(accounts.c.account_id == account.account_id).values(changed))
    if role != account.role:
        end_sessions_of(tx, account.account_id, now=now)


def disable_account(tx: Transaction, name: str, *, now: datetime) -> None:
    """Ends a person's access at once: no sign-in, and every session over."""
    account = _existing(tx, name)
    tx.execute(update(accounts).where(accounts.c.account_id == account.account_id).values(disabled_at=now))
    end_sessions_of(tx, account.account_id, now=now)


def reset_password(tx: Transaction, name: str, *, now: datetime) -> str:
    """A new one-time password for ``name``; their sessions end, and a disabled account is ready again.

    A second step is turned off: whoever lost the telephone gets in by asking the administrator. The link to
    a person at the identity provider ends, so that somebody else there can take the account over.
    """
    account = _existing(tx, name)
    password = one_time_password()
    _store_password(tx, account, password, must_change=True)
    turn_off(tx, account.account_id)
    tx.execute(delete(identities).where(identities.c.account_id == account.account_id))
    tx.execute(update(accounts).where(accounts.c.account_id == account.account_id).values(disabled_at=None))
    end_sessions_of(tx, account.account_id, now=now)
    return password


def choose_password(tx: Transaction, name: str, password: str, *, now: datetime) -> None:
    """Takes the password that a person chose; all their sessions end, so they sign in with it.

    UsageError when it is shorter than 12 characters or longer than 256.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise UsageError("That password has the wrong length.", "Use 12 to 256 characters.")
    account = _existing(tx, name)
    _store_password(tx, account, password, must_change=False)
    end_sessions_of(tx, account.account_id, now=now)


def _store_password(tx: Transaction, account: Row, password: str, *, must_change: bool) -> None:
    tx.execute(
        update(accounts)
        .where(accounts.c.account_id == account.account_id)
        .values(password_hash=_hash(password), must_change=must_change)
    )
    _forget_failures(tx, account.name)


def sign_in(
    store: Store,
    name: str,
    password: str,
    *,
    address: str,
    now: datetime,
    hours: int,
    code: str = "",
    wanted: str = "",
    owing: frozenset[str] = frozenset(),
) -> SignedIn:
    """Opens a session of ``hours`` for whoever knows the password of ``name``.

    An account that was disabled or got another password while this one was hashed is refused. ``owing``: the
    roles that need a second step. Errors: SignInRefused, TooManyTries, CodeOwed.
    """
    account = _proved(store, name, password, address=address, now=now)
    with store.begin() as tx:
        if account is None or not _still(tx, account):
            raise SignInRefused(
                "That name and password do not belong together.", "Try again, or ask for a new one."
            )
        if not passes_second_step(tx, account.account_id, code, now=now):
            raise SignInRefused(
                "This account takes a code of its authenticator, and that was none.",
                "Type the password again, with the code that it shows now.",
            )
        forget_tries(tx, account.name, address)
        halfway = account.role in owing and not has_second_step(tx, account.account_id)
        if not halfway:
            return _signed_in(tx, account.account_id, now=now, hours=hours)
        token = owe_code(tx, account.account_id, wanted, now=now)
    raise CodeOwed(token)


def _signed_in(tx: Transaction, account_id: int, *, now: datetime, hours: int) -> SignedIn:
    token, expires_at = open_session(tx, account_id, now=now, hours=hours)
    principal = principal_of_session(tx, token, now=now)
    if principal is None:
        raise SignInRefused("The session was over before it began.", "Sign in again.")
    return SignedIn(token, principal, expires_at)


def give_code(
    store: Store, token: str, code: str, *, address: str, now: datetime, hours: int
) -> CodeGiven | None:
    """Opens a session for whoever owes a code with ``token``, for that code; None when nobody owes one.

    The first code of a new authenticator turns the second step on. A wrong one counts as a try to sign in.
    Errors: SignInRefused, TooManyTries.
    """
    with store.read() as tx:
        debt = owed(tx, token, now=now)
    if debt is None:
        return None
    count_try(store, debt.name, address=address, now=now)
    with store.begin() as tx:
        debt = owed(tx, token, now=now)
        if debt is None or not forgive(tx, debt.account_id):
            return None
        codes: list[str] | None = []
        if debt.secret:
            codes = confirm_second_step(tx, debt.account_id, code, now=now)
        elif not passes_second_step(tx, debt.account_id, code, now=now):
            codes = None
        if codes is None:
            raise SignInRefused(
                "That is no code of your authenticator now.", "Type the next one that it shows."
            )
        forget_tries(tx, debt.name, address)
        begun = _signed_in(tx, debt.account_id, now=now, hours=hours)
        if codes:
            record_view(
                tx, begun.principal, action=SECOND_STEP, reason=TURNED_ON, students=(), fields=(), at=now
            )
        return CodeGiven(begun, debt.wanted, tuple(codes))


def prove_password(
    store: Store, name: str, password: str, *, address: str, now: datetime, code: str | None = None
) -> None:
    """Whoever is signed in as ``name`` knows the password, too, and has the code where one is asked for.

    A wrong one of either counts as a try to sign in. Errors: SignInRefused, TooManyTries.
    """
    account = _proved(store, name, password, address=address, now=now)
    if account is None:
        raise SignInRefused("That is not your present password.", "Type it again.")
    with store.begin() as tx:
        if code is not None and not passes_second_step(tx, account.account_id, code, now=now):
            raise SignInRefused(
                "That is no code of your authenticator now.", "Type the password again, with the next code."
            )
        forget_tries(tx, account.name, address)


def _proved(store: Store, name: str, password: str, *, address: str, now: datetime) -> Row | None:
    """The account called ``name``, if ``password`` is its password.

    The try is counted before the password is looked at, and hashing happens outside the transaction, so
    that many guesses at once neither slip through nor hold the database. An unknown name takes as long
    as a wrong password.
    """
    cleaned = name.strip().lower()[:254]
    count_try(store, cleaned, address=address, now=now)
    with store.read() as tx:
        account = _account(tx, cleaned)
    return account if _verify(account.password_hash if account else None, password) else None


def _still(tx: Transaction, account: Row) -> bool:
    """Whether the account may sign in and its password is the one that was proved; nobody changes it now."""
    mine = select(accounts).where(accounts.c.account_id == account.account_id).with_for_update()
    found = tx.execute(mine).one()
    return found.disabled_at is None and bool(found.password_hash == account.password_hash)


# ---- the wait ------------------------------------------------------------------------------------


def count_try(store: Store, name: str, *, address: str, now: datetime) -> None:
    """Counts a try against the account and the address, for good, whatever comes of it; else TooManyTries."""
    with store.begin() as tx:
        _count_try(tx, name, address[:254], now)


def forget_tries(tx: Transaction, name: str, address: str) -> None:
    """The last try was right: the account waits for nothing, and its address has failed once less."""
    _forget_failures(tx, name)
    _take_back_try(tx, "address", address[:254])


def _count_try(tx: Transaction, name: str, address: str, now: datetime) -> None:
    """Counts this try against the account and the address; TooManyTries when one of them has to wait.

    Counting locks the row, so that tries at the same moment are judged one after the other. A try that
    has to wait is not counted: its transaction is undone.
    """
    tx.execute(delete(sign_in_failures).where(sign_in_failures.c.last_at < now - LONGEST_WAIT))
    for kind, key in (("account", name), ("address", address)):
        counted = _add_failure(tx, kind, key, now)
        if (seconds := _seconds_to_wait(kind, counted.failures - 1, counted.last_at, now)) > 0:
            raise TooManyTries(seconds)
        tx.execute(update(sign_in_failures).where(*_of(kind, key)).values(last_at=now))


def _of(kind: str, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return sign_in_failures.c.kind == kind, sign_in_failures.c.name == key


def _add_failure(tx: Transaction, kind: str, key: str, now: datetime) -> Row:
    """One failure more, and when the one before it was (now, for the first)."""
    statement = upsert(tx, sign_in_failures).values(kind=kind, name=key, failures=1, last_at=now)
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "name"], set_={"failures": sign_in_failures.c.failures + 1}
    )
    return tx.execute(statement.returning(sign_in_failures.c.failures, sign_in_failures.c.last_at)).one()


def _seconds_to_wait(kind: str, failures: int, last_at: datetime, now: datetime) -> int:
    """The wait doubles with each failure past the free ones: 1, 2, 4 ... seconds, at most 15 minutes."""
    beyond = failures - FREE_FAILURES[kind]
    if beyond < 0:
        return 0
    wait = min(timedelta(seconds=2 ** min(beyond, 10)), LONGEST_WAIT)
    return max(0, round((last_at + wait - now).total_seconds()))


def _take_back_try(tx: Transaction, kind: str, key: str) -> None:
    """A try that succeeded was no failure of its address; the failures of others there stay counted."""
    tx.execute(
        update(sign_in_failures).where(*_of(kind, key)).values(failures=sign_in_failures.c.failures - 1)
    )


def _forget_failures(tx: Transaction, name: str) -> None:
    tx.execute(
        delete(sign_in_failures).where(sign_in_failures.c.kind == "account", sign_in_failures.c.name == name)
    )


def upsert(tx: Transaction, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the words of the database at hand."""
    if tx.dialect == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_postgresql

        return insert_postgresql(table)
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite(table)


# ---- hashing -------------------------------------------------------------------------------------


def _hasher() -> PasswordHasher:
    """argon2id as RFC 9106 advises where memory is short: 64 MiB, three passes, four lanes."""
    from argon2 import PasswordHasher
    from argon2.profiles import RFC_9106_LOW_MEMORY

    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def _hash(password: str) -> str:
    with HASHES_AT_ONCE:
        return _hasher().hash(password)


def unusable_password() -> str:
    """The hash of a password that nobody was told."""
    return _hash(new_token())


def _verify(password_hash: str | None, password: str) -> bool:
    """Whether ``password`` has this hash; with no hash the same work is done, and the answer is no.

    What stands in its place and is no hash is nobody's password.
    """
    from argon2.exceptions import InvalidHashError, VerifyMismatchError

    if password_hash is None or len(password) > LONGEST_PASSWORD:
        _hash("nobody has this password")
        return False
    try:
        with HASHES_AT_ONCE:
            return _hasher().verify(password_hash, password)
    except (VerifyMismatchError, InvalidHashError):
        return False
