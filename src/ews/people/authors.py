"""Who did what stands in the records: by their name on the roster, or else by that of their account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func

from ews.store.tables import accounts, staff

ON_ROSTER = staff.c.staff_id == accounts.c.staff_id
PERSON = func.coalesce(staff.c.name, accounts.c.name).label("person")


def by_whom(statement: Select[Any], account: ColumnElement[Any]) -> Select[Any]:
    """``statement``, each row with the ``person`` behind its ``account`` and their role, ``by_role``."""
    return (
        statement.add_columns(PERSON, accounts.c.role.label("by_role"))
        .join(accounts, accounts.c.account_id == account)
        .join(staff, ON_ROSTER, isouter=True)
    )


def by_sign_in(statement: Select[Any], who: ColumnElement[str]) -> Select[Any]:
    """``statement``, each row with the ``person`` who signs in as ``who``; ``who`` itself for a client."""
    return (
        statement.add_columns(func.coalesce(staff.c.name, who).label("person"))
        .join(accounts, accounts.c.name == who, isouter=True)
        .join(staff, ON_ROSTER, isouter=True)
    )
