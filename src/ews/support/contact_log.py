"""The contact log: who spoke with a student or a family, when, how; one entry for one or a whole group.

Our entries stand beside the contacts that the student information system handed over: the last contact of
a student is the newer of the two. An entry is never changed; its writer can take it back, and that stays
on it and in the ledger. The same form sent twice writes one entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, exists, func, select, update

from ews.errors import UsageError
from ews.people.access import Principal, all_in_sight, author_shown, scoped
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import Field
from ews.store.contact_tables import contact_log, contact_students
from ews.store.store import Transaction
from ews.store.tables import accounts, staff
from ews.support.actions import as_written, may_act, once
from ews.support.facts import Contact
from ews.support.words_written import words_written

CHANNELS = {
    "phone": "phone",
    "in_person": "in person",
    "text": "text message",
    "email": "e-mail",
    "video": "video call",
    "portal": "portal",
    "mail": "letter",
    "home_visit": "home visit",
}
OUT, IN = "out", "in"
DIRECTIONS = {OUT: "We reached out", IN: "They came to us"}
STUDENT, FAMILY = "student", "family"
WHOM = {FAMILY: "the family", STUDENT: "the student"}
MOST_STUDENTS = 200  # in one entry
MOST_SHOWN = 20


@dataclass(frozen=True)
class LoggedContact:
    """One entry of the log as a student's page tells it. together: how many students it is about.

    whom: family or student. mine: written by the person who looks.
    """

    contact_id: int
    on: date
    at: datetime
    who: str
    mine: bool
    channel: str
    direction: str
    whom: str
    words: str
    together: int


def log_contact(
    tx: Transaction,
    principal: Principal,
    student_ids: Iterable[str],
    *,
    on: date,
    channel: str,
    direction: str,
    words: str,
    form_id: str,
    now: datetime,
    whom: str = FAMILY,
) -> int:
    """One entry about one or many students; gives its number, or 0 when not all of them are theirs.

    A whole group is written or nobody. Errors: UsageError for a day to come, a way, direction or person
    that there is not, no student or too many.
    """
    students = sorted(set(student_ids))
    _hold(on, channel, direction, whom, students, now)
    told = words_written(words, None)
    if not may_act(principal) or not all_in_sight(tx, principal, students):
        return 0
    record_view(tx, principal, action="contact", students=students, fields=("contact",), at=now)
    form_id = once(form_id, on.isoformat(), channel, direction, whom, told, *students)
    mine = contact_log.c.account_id == principal.account_id
    form_id, stands = as_written(tx, contact_log, form_id, mine)
    if stands:
        sent = select(contact_log.c.contact_id).where(contact_log.c.form_id == form_id, mine)
        return int(tx.execute(sent).scalar_one())
    made = tx.execute(
        contact_log.insert().values(
            contact_on=on,
            channel=channel,
            direction=direction,
            whom=whom,
            words=told,
            at=now,
            account_id=principal.account_id,
            form_id=form_id,
        )
    )
    contact_id = int(made.inserted_primary_key[0])  # type: ignore[index]
    tx.execute(contact_students.insert(), [{"student_id": one, "contact_id": contact_id} for one in students])
    return contact_id


def take_contact_back(tx: Transaction, principal: Principal, contact_id: int, *, now: datetime) -> bool:
    """Take one's own entry back, for everybody in it and once; False when it is not one's own."""
    mine = (contact_log.c.contact_id == contact_id) & (contact_log.c.account_id == principal.account_id)
    found = tx.execute(select(contact_log.c.undone_at).where(mine)).one_or_none()
    if found is None or not may_act(principal):
        return False
    if found.undone_at is not None:
        return True
    of_it = contact_students.c.contact_id == contact_id
    students = tx.execute(select(contact_students.c.student_id).where(of_it)).scalars().all()
    record_view(tx, principal, action="contact_undone", students=students, fields=("contact",), at=now)
    tx.execute(update(contact_log).where(mine).values(undone_at=now))
    return True


# ---- what is shown of it ----------------------------------------------------------------------------


def contacts_of(tx: Transaction, principal: Principal, student_id: str) -> tuple[LoggedContact, ...]:
    """Our entries on one student, latest first; none for whoever may not see the student or contacts."""
    if not principal.sees(Field.CONTACTS):
        return ()
    others = contact_students.alias()
    together = (
        select(func.count(others.c.student_id))
        .where(others.c.contact_id == contact_log.c.contact_id)
        .scalar_subquery()
        .label("together")
    )
    statement = scoped(
        principal,
        _told(together).where(contact_students.c.student_id == student_id),
        contact_students.c.student_id,
    )
    latest = contact_log.c.contact_on.desc(), contact_log.c.contact_id.desc()
    return tuple(_logged(row, principal) for row in tx.execute(statement.order_by(*latest).limit(MOST_SHOWN)))


def last_logged(tx: Transaction, principal: Principal, students: Iterable[str]) -> Mapping[str, Contact]:
    """Student to our newest entry, for those of ``students`` (whom the caller may see) who have one."""
    statement = _told(contact_students.c.student_id).where(contact_students.c.student_id.in_(list(students)))
    rows = tx.execute(statement.order_by(contact_log.c.contact_on, contact_log.c.contact_id))
    return {
        row.student_id: Contact(
            author_shown(principal, row.person, row.by_role), row.contact_on, CHANNELS[row.channel]
        )
        for row in rows
    }


def with_last_logged(statement: Select[Any], student: ColumnElement[str]) -> Select[Any]:
    """``statement`` over students, each row with our newest entry: for ``last_in``, without a second look."""
    last, who, on_roster = contact_log.alias("last"), accounts.alias("last_by"), staff.alias("last_on_roster")
    newest = (
        select(contact_log.c.contact_id)
        .join(contact_students, contact_students.c.contact_id == contact_log.c.contact_id)
        .where(contact_students.c.student_id == student, contact_log.c.undone_at.is_(None))
        .order_by(contact_log.c.contact_on.desc(), contact_log.c.contact_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return (
        statement.add_columns(
            last.c.contact_on.label("logged_on"),
            last.c.channel.label("logged_how"),
            func.coalesce(on_roster.c.name, who.c.name).label("logged_by"),
            who.c.role.label("logged_role"),
        )
        .join(last, last.c.contact_id == newest, isouter=True)
        .join(who, who.c.account_id == last.c.account_id, isouter=True)
        .join(on_roster, on_roster.c.staff_id == who.c.staff_id, isouter=True)
    )


def last_in(row: Row, principal: Principal) -> Contact | None:
    """Our newest entry in a row of ``with_last_logged``; None where there is none."""
    if row.logged_on is None:
        return None
    who = author_shown(principal, row.logged_by, row.logged_role)
    return Contact(who, row.logged_on, CHANNELS[row.logged_how])


def newer(theirs: Contact | None, ours: Contact | None) -> Contact | None:
    """The last contact: the newer of the student system's and ours; of the same day ours."""
    if theirs is None or ours is None:
        return ours or theirs
    return ours if ours.on >= theirs.on else theirs


def logged_since(student: ColumnElement[str], day: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The condition under which we have logged a contact with ``student`` on ``day`` or later."""
    return exists().where(
        contact_students.c.student_id == student,
        contact_log.c.contact_id == contact_students.c.contact_id,
        contact_log.c.undone_at.is_(None),
        contact_log.c.contact_on >= day,
    )


def last_contact_on(student: ColumnElement[str], theirs: ColumnElement[date]) -> ColumnElement[date | None]:
    """The day of the last contact, for sorting: the newer of ``theirs`` and our newest entry."""
    ours = (
        select(func.max(contact_log.c.contact_on))
        .join(contact_students, contact_students.c.contact_id == contact_log.c.contact_id)
        .where(contact_students.c.student_id == student, contact_log.c.undone_at.is_(None))
        .scalar_subquery()
    )
    return case((ours.is_(None), theirs), (theirs.is_(None), ours), (ours > theirs, ours), else_=theirs)


def _told(*more: Any) -> Select[Any]:
    """Entries that stand, each with a student in it and with who wrote it."""
    entries = select(contact_log, *more).join(
        contact_students, contact_students.c.contact_id == contact_log.c.contact_id
    )
    return by_whom(entries, contact_log.c.account_id).where(contact_log.c.undone_at.is_(None))


def _logged(row: Row, principal: Principal) -> LoggedContact:
    return LoggedContact(
        contact_id=row.contact_id,
        on=row.contact_on,
        at=row.at,
        who=author_shown(principal, row.person, row.by_role),
        mine=row.account_id == principal.account_id,
        channel=CHANNELS[row.channel],
        direction=row.direction,
        whom=row.whom,
        words=row.words,
        together=row.together,
    )


# ---- writing ----------------------------------------------------------------------------------------


def _hold(on: date, channel: str, direction: str, whom: str, students: list[str], now: datetime) -> None:
    """UsageError for what cannot be logged."""
    if on > now.date():
        raise UsageError("That day is still to come.", "Log a contact once it has taken place.")
    if channel not in CHANNELS or direction not in DIRECTIONS or whom not in WHOM:
        raise UsageError("There is no such kind of contact.", "Choose from the form's own answers.")
    if not 1 <= len(students) <= MOST_STUDENTS:
        raise UsageError(
            f"A contact is about 1 to {MOST_STUDENTS} students.", "Choose fewer, or choose somebody."
        )
