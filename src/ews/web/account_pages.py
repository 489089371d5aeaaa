"""Accounts and clients, for whoever keeps them: who may sign in, which systems may ask.

A password or a secret is shown once, in the answer to the form that made it, and is stored hashed. What was
done to an account stands in the ledger. Nobody ends their own access, so that somebody is always left.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.errors import EwsError, UsageError
from ews.people.accounts import (
    account_name,
    add_account,
    change_account,
    disable_account,
    list_accounts,
    list_schools,
    not_on_roster,
    reset_password,
)
from ews.people.clients import SCOPES, NewClient, add_client, add_secret, list_clients, revoke_client
from ews.people.ledger import record_view
from ews.people.roles import COUNSELOR, ROLES, Act, role_of, who_do
from ews.store.store import Transaction
from ews.support.owners import let_go
from ews.web import cookies, problems
from ews.web.desk import Desk, both_faces
from ews.web.faces import answer
from ews.web.forms import all_said, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import DrawnAgain, Taken, form_endpoint
from ews.web.unsent import unsent

KEEPERS = Policy(Who.staff, roles=who_do(Act.KEEP_ACCOUNTS))
LONGEST_CLIENT_NAME = 100


@dataclass(frozen=True)
class School:
    """A school that an account or a client may be given."""

    school_id: str
    name: str


@dataclass(frozen=True)
class AccountLine:
    """Somebody who may sign in. state: ready, first sign-in or disabled; own: the account of who looks."""

    account_id: int
    name: str
    person: str
    role: str
    role_words: str
    staff_id: str
    schools: tuple[str, ...]
    state: str
    own: bool


@dataclass(frozen=True)
class Typed:
    """What stands in the form: as it begins, or as it was typed and not taken; problem: why not."""

    name: str = ""
    role: str = COUNSELOR
    staff_id: str = ""
    schools: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    problem: str = ""

    @classmethod
    def of(cls, sent: FormData, error: EwsError) -> Typed:
        """What was sent, and why it was not taken."""
        return cls(
            name=said(sent, "name"),
            role=said(sent, "role"),
            staff_id=said(sent, "staff_id"),
            schools=tuple(all_said(sent, "school")),
            scopes=tuple(all_said(sent, "scope")),
            problem=str(error),
        )


@dataclass(frozen=True)
class AccountsPage:
    """Everybody who may sign in, and what an account can be given."""

    accounts: tuple[AccountLine, ...]
    roles: dict[str, str]
    schools: tuple[School, ...]
    typed: Typed


@dataclass(frozen=True)
class AccountPage:
    """One account with the forms that change it."""

    account: AccountLine
    roles: dict[str, str]
    schools: tuple[School, ...]
    typed: Typed


@dataclass(frozen=True)
class ClientLine:
    """An information system that may ask; expires: when its secrets do."""

    client_id: str
    name: str
    scopes: tuple[str, ...]
    schools: tuple[str, ...]
    state: str
    expires: tuple[datetime, ...]


@dataclass(frozen=True)
class ClientsPage:
    """Every client, and what one can be given, in words."""

    clients: tuple[ClientLine, ...]
    scopes: Mapping[str, str]
    schools: tuple[School, ...]
    typed: Typed


@dataclass(frozen=True)
class ShownOnce:
    """What is shown this once: its title, each secret with what it is, what to do with it, the way back."""

    title: str
    secrets: dict[str, str]
    words: str
    back: str


Made = Callable[[Transaction, Request, FormData, datetime], ShownOnce | None]
"""Makes what is shown once; None where the address names nobody."""


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of accounts and clients."""
    account, client = "/accounts/{account_id:int}", "/clients/{client_id}"
    once: dict[str, tuple[Made, DrawnAgain | None]] = {
        "/accounts": (take_new_account, accounts_again),
        f"{account}/password": (take_new_password, None),
        "/clients": (take_new_client, clients_again),
        f"{client}/secret": (take_new_secret, None),
    }
    acts: dict[str, tuple[Taken, DrawnAgain | None]] = {
        f"{account}/change": (take_change, account_again),
        f"{account}/disable": (take_disable, None),
        f"{client}/revoke": (take_revoke, None),
    }
    return [
        *both_faces(desk, "/accounts", show_accounts, KEEPERS),
        *both_faces(desk, account, show_account, KEEPERS),
        *both_faces(desk, "/clients", show_clients, KEEPERS),
        *(
            address(path, once_endpoint(desk, take, again), KEEPERS, ("POST",), name=take.__name__)
            for path, (take, again) in once.items()
        ),
        *(
            address(path, form_endpoint(desk, take, again), KEEPERS, ("POST",), name=take.__name__)
            for path, (take, again) in acts.items()
        ),
    ]


def once_endpoint(desk: Desk, take: Made, again: DrawnAgain | None = None) -> Callable[[Request], object]:
    """An address that takes a form and answers with a secret, which no other page ever shows.

    ``again`` draws the form anew with what was typed when it says something that cannot be meant.
    """

    async def endpoint(request: Request) -> Response:
        sent = await request.form()
        if not cookies.from_our_page(request, sent, cookies.session_secret(request)):
            if cookies.own_origin(request):  # open since before the last signing in
                return unsent(desk, request, sent, problems.STALE)
            return desk.refuse(request, problems.FORBIDDEN)
        if request.state.principal.must_change:
            return RedirectResponse("/password", 303)
        return await run_in_threadpool(made, desk, request, sent, take, again)

    return endpoint


def made(
    desk: Desk, request: Request, sent: FormData, take: Made, again: DrawnAgain | None = None
) -> Response:
    """The page with the secret; or why there is none, with what was typed."""
    try:
        shown = desk.store.written(lambda tx: take(tx, request, sent, desk.now()))
    except EwsError as error:
        if error.status >= 500 and error.status != 503:
            raise
        drawn = again(desk, request, sent, error) if again and isinstance(error, UsageError) else None
        return drawn or unsent(desk, request, sent, problems.told(error))
    if shown is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "shown_once.html", shown, desk.frame(request, shown.back.strip("/")))


def written_down(tx: Transaction, request: Request, action: str, about: str, now: datetime) -> None:
    """What was done to an account or a client goes into the ledger, which then names no student."""
    principal = request.state.principal
    record_view(tx, principal, action=action, reason=about, students=(), fields=(), at=now)


# ---- accounts ---------------------------------------------------------------------------------------


def show_accounts(desk: Desk, request: Request) -> Response:
    """Everybody who may sign in."""
    return drawn_accounts(desk, request, Typed())


def accounts_again(desk: Desk, request: Request, sent: FormData, error: EwsError) -> Response:
    """The same with what was typed, and why it was not taken."""
    return drawn_accounts(desk, request, Typed.of(sent, error))


def drawn_accounts(desk: Desk, request: Request, typed: Typed) -> Response:
    """Everybody who may sign in, and the form for somebody else."""
    with desk.store.read() as tx:
        page = AccountsPage(account_lines(tx, request), role_choices(), school_choices(tx), typed)
    return answer(request, "accounts.html", page, desk.frame(request, "accounts"), status_of(typed))


def status_of(typed: Typed) -> int:
    """400 for a form that was not taken."""
    return 400 if typed.problem else 200


def show_account(desk: Desk, request: Request) -> Response:
    """One account."""
    return drawn_account(desk, request, None)


def account_again(desk: Desk, request: Request, sent: FormData, error: EwsError) -> Response | None:
    """The same with what was typed, and why it was not taken."""
    own = request.path_params["account_id"] == request.state.principal.account_id
    return None if own else drawn_account(desk, request, Typed.of(sent, error))


def drawn_account(desk: Desk, request: Request, typed: Typed | None) -> Response:
    """One account, with what it has or what was typed."""
    number = request.path_params["account_id"]
    with desk.store.read() as tx:
        found = [line for line in account_lines(tx, request) if line.account_id == number]
        choices = school_choices(tx)
    if not found:
        return desk.refuse(request, problems.NOT_FOUND)
    one = found[0]
    typed = typed or Typed(role=one.role, staff_id=one.staff_id, schools=one.schools)
    page = AccountPage(one, role_choices(), choices, typed)
    return answer(request, "account.html", page, desk.frame(request, "accounts"), status_of(typed))


def account_lines(tx: Transaction, request: Request) -> tuple[AccountLine, ...]:
    """Every account, those that are disabled last."""
    own = request.state.principal.account_id
    lines = [
        AccountLine(
            account_id=row["account_id"],
            name=row["name"],
            person=row["person"] or "",
            role=row["role"],
            role_words=role_of(row["role"]).words or row["role"],
            staff_id=row["staff_id"] or "",
            schools=tuple(row["schools"]),
            state=row["state"],
            own=row["account_id"] == own,
        )
        for row in list_accounts(tx)
    ]
    return tuple(sorted(lines, key=lambda line: (line.state == "disabled", line.person or line.name)))


def role_choices() -> dict[str, str]:
    """Every role by what it is called."""
    return {role: role_of(role).words for role in ROLES}


def school_choices(tx: Transaction) -> tuple[School, ...]:
    """The schools of the newest run."""
    return tuple(School(school_id, name) for school_id, name in list_schools(tx).items())


def take_new_account(tx: Transaction, request: Request, sent: FormData, now: datetime) -> ShownOnce | None:
    """Let somebody sign in."""
    name = said(sent, "name").strip().lower()
    password = add_account(tx, name, now=now, **given(sent))
    written_down(tx, request, "account_added", f"{name} as {said(sent, 'role')}", now)
    return one_time(name, password, not_on_roster(tx, given(sent)["staff_id"]))


def given(sent: FormData) -> dict[str, Any]:
    """What the form gives an account: role, id in the roster, schools."""
    chosen = [value for value in all_said(sent, "school") if value]
    return {"role": said(sent, "role"), "staff_id": said(sent, "staff_id").strip() or None, "schools": chosen}


GIVEN_BY_HAND = (
    "Give it to them by hand or by phone. At the first sign-in they choose a password of their own."
)
UNLINKED = (
    "A second step is off, and a link to the district’s identity provider has ended:"
    " signing in there makes a new one."
)


def one_time(name: str, password: str, more: str = "") -> ShownOnce:
    """A one-time password on its page; ``more`` is what else it changed."""
    return ShownOnce(
        "A one-time password",
        {"User name": name, "One-time password": password},
        " ".join(filter(None, (GIVEN_BY_HAND, more))),
        "/accounts",
    )


def take_new_password(tx: Transaction, request: Request, sent: FormData, now: datetime) -> ShownOnce | None:
    """A new one-time password; a disabled account is ready again."""
    name = account_name(tx, request.path_params["account_id"])
    if name is None:
        return None
    password = reset_password(tx, name, now=now)
    written_down(tx, request, "account_password", name, now)
    return one_time(name, password, UNLINKED)


def take_change(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """Another role, id or schools."""
    name = account_name(tx, request.path_params["account_id"])
    if name is None:
        return False
    others_only(request, "change your own role")
    change_account(tx, name, **given(sent), now=now)
    let_go(tx)
    written_down(tx, request, "account_changed", f"{name} as {said(sent, 'role')}", now)
    return "/accounts"


def take_disable(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """End somebody's access at once."""
    name = account_name(tx, request.path_params["account_id"])
    if name is None:
        return False
    others_only(request, "disable your own account")
    disable_account(tx, name, now=now)
    written_down(tx, request, "account_disabled", name, now)
    return "/accounts"


def others_only(request: Request, what: str) -> None:
    """UsageError when the account is one's own: another administrator has to do it."""
    if request.path_params["account_id"] == request.state.principal.account_id:
        raise UsageError(f"You cannot {what}.", "Ask another system administrator.")


# ---- clients ----------------------------------------------------------------------------------------


def show_clients(desk: Desk, request: Request) -> Response:
    """Every client."""
    return drawn_clients(desk, request, Typed())


def clients_again(desk: Desk, request: Request, sent: FormData, error: EwsError) -> Response:
    """The same with what was typed, and why it was not taken."""
    return drawn_clients(desk, request, Typed.of(sent, error))


def drawn_clients(desk: Desk, request: Request, typed: Typed) -> Response:
    """Every client, and the form for another."""
    with desk.store.read() as tx:
        lines = tuple(
            ClientLine(
                client_id=row["client_id"],
                name=row["name"],
                scopes=tuple(row["scopes"]),
                schools=tuple(row["schools"]),
                state=row["state"],
                expires=tuple(row["expires"]),
            )
            for row in list_clients(tx)
        )
        page = ClientsPage(lines, SCOPES, school_choices(tx), typed)
    return answer(request, "clients.html", page, desk.frame(request, "clients"), status_of(typed))


def take_new_client(tx: Transaction, request: Request, sent: FormData, now: datetime) -> ShownOnce | None:
    """Let an information system ask."""
    name = said(sent, "name").strip()[:LONGEST_CLIENT_NAME]
    if not name:
        raise UsageError("The client has no name.", "Write which system it is.")
    if any(row["name"] == name and row["state"] == "ready" for row in list_clients(tx)):
        raise UsageError(f"{name} may ask already.", "Make it a new secret above, or write another name.")
    schools = [value for value in all_said(sent, "school") if value]
    new = add_client(tx, name, scopes=all_said(sent, "scope"), schools=schools, now=now)
    written_down(tx, request, "client_added", new.client_id, now)
    return secret_page(new)


def secret_page(new: NewClient) -> ShownOnce:
    """A client's secret on its page."""
    return ShownOnce(
        "A client’s secret",
        {"client_id": new.client_id, "client_secret": new.secret},
        f"It works until {new.expires_at:%Y-%m-%d}. A client may hold two at once: put this one in"
        " place before the other ends.",
        "/clients",
    )


def known_client(tx: Transaction, request: Request) -> str | None:
    """The client of the address; None when there is none, or it was revoked."""
    wanted = request.path_params["client_id"]
    ready = [row["client_id"] for row in list_clients(tx) if row["state"] == "ready"]
    return wanted if wanted in ready else None


def take_new_secret(tx: Transaction, request: Request, sent: FormData, now: datetime) -> ShownOnce | None:
    """Another secret beside the one in use."""
    client_id = known_client(tx, request)
    if client_id is None:
        return None
    new = add_secret(tx, client_id, now=now)
    written_down(tx, request, "client_secret", client_id, now)
    return secret_page(new)


def take_revoke(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """End a client's access at once."""
    client_id = known_client(tx, request)
    if client_id is None:
        return False
    revoke_client(tx, client_id, now=now)
    written_down(tx, request, "client_revoked", client_id, now)
    return "/clients"
