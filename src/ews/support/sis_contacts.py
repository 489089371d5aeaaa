"""The contacts that the student system has: of this school year and the one before, read at a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ews.people.access import Principal
from ews.people.roles import Field
from ews.store.record_tables import sis_contacts
from ews.store.store import Transaction

if TYPE_CHECKING:
    from ews.records.lake import Records

MOST_SHOWN = 8
NOBODY_NAMED = "the school"


@dataclass(frozen=True)
class SisContact:
    """One contact of the student system: when, which way (out or in), how, about what, by whom."""

    on: date
    direction: str | None
    channel: str
    reason: str | None
    who: str
    system: str | None


def contacts_on_record(
    rows: Iterable[Mapping[str, Any]], staff: Mapping[str, Mapping[str, Any]], records: Records, since: date
) -> list[dict[str, Any]]:
    """The rows of ``sis_contacts``: those of ``since`` or later."""
    found = []
    for row in rows:
        day = row["occurred_at"].astimezone(records.timezone).date()
        if day >= since:
            person = staff.get(row["by_staff_id"] or "", {}).get("name")
            found.append(
                {
                    "contact_id": row["contact_id"],
                    "student_id": row["student_id"],
                    "contact_on": day,
                    "direction": row["direction"],
                    "channel": row["channel"],
                    "reason": row["reason"],
                    "who": person or row["system"] or NOBODY_NAMED,
                    "system": row["system"],
                }
            )
    return found


def sis_contacts_of(
    tx: Transaction, principal: Principal, student_id: str, as_of: date
) -> tuple[SisContact, ...]:
    """The newest contacts of a student as of a day, the newest first; none for who may see no contacts.

    What a contact was about is left out for who sees no discipline: it may tell of it.
    """
    if not principal.sees(Field.CONTACTS):
        return ()
    of = sis_contacts.c
    statement = select(sis_contacts).where(of.student_id == student_id, of.contact_on <= as_of)
    found = tx.execute(statement.order_by(of.contact_on.desc(), of.contact_id.desc()).limit(MOST_SHOWN))
    return tuple(
        SisContact(
            on=row.contact_on,
            direction=row.direction,
            channel=row.channel or "contact",
            reason=row.reason if principal.sees(Field.DISCIPLINE) else None,
            who=row.who,
            system=row.system,
        )
        for row in found
    )
