"""Who may sign in, which systems may ask, and whether the ledger is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from ews.commands.terminal import AsJson, answer, now, say, warn
from ews.settings import read_settings

accounts_app = typer.Typer(help="The people who may sign in.", no_args_is_help=True)
clients_app = typer.Typer(help="The information systems that may ask for scores.", no_args_is_help=True)
ledger_app = typer.Typer(help="The record of who looked at whom.", no_args_is_help=True)


@accounts_app.command("add")
def accounts_add(
    name: Annotated[str, typer.Argument(help="The sign-in name, such as an e-mail address.")],
    role: Annotated[
        str,
        typer.Option(
            help="counselor, teacher, school_administrator, support_team or another; all in the docs."
        ),
    ],
    staff_id: Annotated[str | None, typer.Option(help="The person's id in the roster.")] = None,
    school: Annotated[
        list[str] | None, typer.Option(help="A school of theirs, by id; may be given again.")
    ] = None,
) -> None:
    """Let a person sign in; prints a one-time first password."""
    from ews.people.accounts import add_account, not_on_roster
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        password = add_account(tx, name, role=role, staff_id=staff_id, schools=school or [], now=now())
        warning = not_on_roster(tx, staff_id)
    say(f"{name} may sign in once with: {password}")
    if warning:
        warn(warning)


@accounts_app.command("list")
def accounts_list(as_json: AsJson = False) -> None:
    """Who may sign in."""
    from ews.people.accounts import list_accounts
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        rows = list_accounts(tx)
    answer(as_json, rows, [f"{row['name']:32} {row['role']:24} {row['state']}" for row in rows])


@accounts_app.command("disable")
def accounts_disable(name: str) -> None:
    """End a person's access at once."""
    from ews.people.accounts import disable_account
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        disable_account(tx, name, now=now())
    say(f"{name} is disabled; every session of theirs has ended.")


@accounts_app.command("password")
def accounts_password(name: str) -> None:
    """A new one-time password for a person."""
    from ews.people.accounts import reset_password
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        password = reset_password(tx, name, now=now())
    say(f"{name} may sign in once with: {password}")


@clients_app.command("add")
def clients_add(
    name: str,
    scope: Annotated[list[str], typer.Option(help="What it may do: scores.compute, to ask for scores.")],
    school: Annotated[
        list[str] | None, typer.Option(help="Only this school, by id; may be given again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let an information system ask for scores; shows its secret once."""
    from ews.people.clients import add_client
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        client = add_client(tx, name, scopes=scope, schools=school or [], now=now())
    answer(
        as_json,
        {"client_id": client.client_id, "client_secret": client.secret},
        [f"client_id     {client.client_id}", f"client_secret {client.secret}   (shown this once)"],
    )


@clients_app.command("list")
def clients_list(as_json: AsJson = False) -> None:
    """Which information systems may ask."""
    from ews.people.clients import list_clients
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        rows = list_clients(tx)
    answer(
        as_json, rows, [f"{row['client_id']:28} {row['name']:24} {' '.join(row['scopes'])}" for row in rows]
    )


@clients_app.command("revoke")
def clients_revoke(client_id: str) -> None:
    """End a client's access at once."""
    from ews.people.clients import revoke_client
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        revoke_client(tx, client_id, now=now())
    say(f"{client_id} is revoked; its tokens have ended.")


@ledger_app.command("verify")
def ledger_verify() -> None:
    """Whether the ledger is whole: every entry in its place, none altered, none missing.

    Says, too, how many alarms on mass reading nobody has acknowledged.
    """
    from ews.people.client_reading import watch_clients
    from ews.people.ledger import verify
    from ews.people.mass_reading import open_alarms
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        entries = verify(tx, store.ledger_key)
        watch_clients(tx, now=now())
        alarms = open_alarms(tx)
    say(f"The ledger is whole: {entries:,} {'entry' if entries == 1 else 'entries'}.")
    if alarms:
        say(f"Alarms on mass reading that nobody has acknowledged: {len(alarms):,}. They stand over /ledger.")
