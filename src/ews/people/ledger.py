"""The ledger: who looked at whom, why, at what and when; written before anything is shown.

Entries are chained: each seal is an HMAC over the entry and the seal before it, with a key that is
not in the database. Altering, inserting, reordering or removing an entry breaks the chain; cutting
off its end is found by the checkpoint, a file beside the key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Row, select, update

from ews.errors import OurFault
from ews.people.access import Principal, roles_untold, students_by_reason
from ews.people.authors import by_sign_in
from ews.people.mass_reading import watch_reading
from ews.store.prepared import Prepared, given
from ews.store.store import Transaction
from ews.store.tables import ledger, ledger_students, ledger_tail

BEGINNING = ""
AT_ONCE = 2_000
CHECKPOINT = "ledger.checkpoint"
HANDED_OVER = "score_handed_over"
"""The action of scoring rows that a system sent: nothing of ours was shown, so it is no look at a student."""
ABOVE = "; above the day's quota: "
"""Between the rule of access and what was said of an export above the quota (``people/export_quota.py``)."""
WHERE_TO_LOOK = "Compare it with the last backup, and tell whoever answers for student data."

TAIL = Prepared(select(ledger_tail.c.entry, ledger_tail.c.seal).with_for_update())
ADD = Prepared(ledger.insert())
ADD_STUDENT = Prepared(ledger_students.insert())
MOVE_TAIL = Prepared(update(ledger_tail).values(entry=given("new_entry"), seal=given("new_seal")))


@dataclass(frozen=True)
class View:
    """One look at a student's record, as the student's page tells it."""

    at: datetime
    who: str
    role: str
    action: str
    reason: str


def record_view(
    tx: Transaction,
    principal: Principal,
    *,
    action: str,
    students: Iterable[str],
    fields: Sequence[str],
    at: datetime,
    model_version: str = "",
    reason: str | None = None,
    for_what: str = "",
) -> int:
    """Writes down a look at ``students``, before it is shown, and gives the number of the last entry.

    action: list, student, scores, export or score. fields: what of them was shown. reason: why they may be
    seen; None has the rule of access say it, in one entry for each reason that is true of some of them.
    for_what: what the person says it is for, where they were asked. An entry stands once ``tx`` commits;
    when that fails, nothing may be shown. Very many students in a day raise an alarm with it.
    """
    if reason is None:
        by_reason = students_by_reason(tx, principal, list(dict.fromkeys(students)))
    else:
        by_reason = {reason: list(students)}
    entry = read = 0
    for why, seen in sorted(by_reason.items()):
        said = f"{why}{ABOVE}{for_what}" if for_what else why
        entry = _append(tx, principal, action, said, sorted(set(seen)), fields, at, model_version)
        read += len(seen)
    watch_reading(tx, principal, entry=entry, more=read, at=at)
    return entry


def _append(
    tx: Transaction,
    principal: Principal,
    action: str,
    reason: str,
    seen: Sequence[str],
    fields: Sequence[str],
    at: datetime,
    model_version: str,
) -> int:
    """One entry after the last; the tail is locked until ``tx`` ends, so no two writers get one place."""
    entry, before = _locked_tail(tx)
    content: dict[str, object] = {
        "entry": entry + 1,
        "at": at,
        "who": principal.name,
        "role": principal.role,
        "action": action,
        "reason": reason,
        "students": json.dumps(seen, ensure_ascii=False, separators=(",", ":")),
        "fields": " ".join(fields),
        "model_version": model_version,
    }
    seal = sealed(tx.ledger_key, before, content)
    ADD.run(tx, content | {"seal": seal})
    ADD_STUDENT.run(tx, *({"student_id": one, "entry": entry + 1} for one in seen))
    MOVE_TAIL.run(tx, {"new_entry": entry + 1, "new_seal": seal})
    return entry + 1


def _locked_tail(tx: Transaction) -> tuple[int, str]:
    """The last entry and its seal; nobody else can append until ``tx`` ends."""
    if not tx.writes:
        raise OurFault("A look was to be recorded in a transaction that cannot write.", "Use Store.begin().")
    entry, seal = TAIL.rows(tx)[0]
    return entry, seal


def sealed(key: bytes, before: str, content: dict[str, object]) -> str:
    """The seal of an entry: HMAC-SHA256 over the seal before it and every field in a fixed form."""
    said = {name: _said(value) for name, value in content.items() if name != "seal"}
    text = json.dumps([before, said], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _said(value: object) -> object:
    return value.astimezone(UTC).isoformat(timespec="microseconds") if isinstance(value, datetime) else value


def viewers(
    tx: Transaction, student_id: str, *, for_whom: Principal | None = None, most: int = 20
) -> list[View]:
    """Who has looked at this student's record, latest first.

    ``for_whom``: left out are the looks of roles that tell something of the student by looking (a liaison of
    foster youth), where this principal may not see what they tell. The ledger itself leaves nobody out.
    What was said of an export above the quota is the auditor's to read, and is not in it.
    """
    untold = roles_untold(for_whom) if for_whom else frozenset()
    found = tx.execute(
        by_sign_in(select(ledger), ledger.c.who)
        .join(ledger_students, ledger_students.c.entry == ledger.c.entry)
        .where(
            ledger_students.c.student_id == student_id,
            ledger.c.action != HANDED_OVER,
            ledger.c.role.not_in(untold),
        )
        .order_by(ledger.c.entry.desc())
        .limit(most)
    )
    return [View(row.at, row.person, row.role, row.action, row.reason.partition(ABOVE)[0]) for row in found]


def verify(tx: Transaction, key: bytes) -> int:
    """How many entries the ledger has, when it is whole; OurFault names the first that is not.

    A whole ledger is then the new checkpoint.
    """
    kept_entry, kept_seal = _read_checkpoint(tx.home, key)
    count, seal = 0, BEGINNING
    while rows := _entries_after(tx, count):
        named = _named_in(tx, rows[0].entry, rows[-1].entry)
        for row in rows:
            count += 1
            seal = _checked(row, count, seal, key, named[row.entry])
            if count == kept_entry and seal != kept_seal:
                raise OurFault(f"The ledger differs from its checkpoint at entry {count}.", WHERE_TO_LOOK)
    tail = tx.execute(select(ledger_tail.c.entry, ledger_tail.c.seal)).one()
    if count < kept_entry or (tail.entry, tail.seal) != (count, seal):
        raise OurFault(f"The ledger ends at entry {count}, too early.", WHERE_TO_LOOK)
    keep_checkpoint(tx)
    return count


def _entries_after(tx: Transaction, entry: int) -> Sequence[Row]:
    return tx.execute(
        select(ledger).where(ledger.c.entry > entry).order_by(ledger.c.entry).limit(AT_ONCE)
    ).all()


def _named_in(tx: Transaction, first: int, last: int) -> defaultdict[int, list[str]]:
    """The students that the index holds for each entry from ``first`` to ``last``."""
    named: defaultdict[int, list[str]] = defaultdict(list)
    for row in tx.execute(select(ledger_students).where(ledger_students.c.entry.between(first, last))):
        named[row.entry].append(row.student_id)
    return named


def _checked(row: Row, place: int, before: str, key: bytes, named: list[str]) -> str:
    """The seal of the entry at ``place``, if it is what was written there."""
    seal = sealed(key, before, dict(row._mapping))
    if row.entry != place or not hmac.compare_digest(seal, row.seal):
        raise OurFault(f"The ledger is not whole at entry {place}: altered or missing.", WHERE_TO_LOOK)
    if sorted(named) != json.loads(row.students):
        raise OurFault(f"The ledger's index of students was altered at entry {place}.", WHERE_TO_LOOK)
    return seal


def keep_checkpoint(tx: Transaction) -> None:
    """Writes how far the ledger has come into a file beside the key; a ledger cut short is found by it."""
    tail = tx.execute(select(ledger_tail.c.entry, ledger_tail.c.seal)).one()
    mark = hmac.new(tx.ledger_key, f"{tail.entry} {tail.seal}".encode(), hashlib.sha256).hexdigest()
    path = tx.home / CHECKPOINT
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(f"{tail.entry} {tail.seal} {mark}")
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def checkpoint_entry(tx: Transaction) -> int:
    """Up to which entry the ledger was found whole, the last time somebody looked; 0 when nobody has."""
    return _read_checkpoint(tx.home, tx.ledger_key)[0]


def _read_checkpoint(home: Path, key: bytes) -> tuple[int, str]:
    """The entry and the seal of the last checkpoint; the beginning when there is none yet."""
    path = home / CHECKPOINT
    if not path.exists():
        return 0, BEGINNING
    entry, seal, mark = (path.read_text(encoding="ascii", errors="replace").split(" ") + [""] * 3)[:3]
    expected = hmac.new(key, f"{entry} {seal}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(mark, expected):
        raise OurFault(f"The ledger's checkpoint {path} was altered.", WHERE_TO_LOOK)
    return int(entry), seal
