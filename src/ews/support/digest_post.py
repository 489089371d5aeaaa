"""Sending the Monday digest: once a person and week, each by itself; a rerun sends only what failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from sqlalchemy import Row, Select, exists, select, update

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.ledger import record_view
from ews.people.sessions import principal_of
from ews.settings import Settings
from ews.store.digest_tables import digests
from ews.store.store import Store
from ews.store.tables import accounts, caseloads, staff
from ews.support.digest import Digest, as_html, as_text, digest_for, monday_of, wants_digest
from ews.support.post import FOR_ALL, NO_ADDRESS, NotSent, PostOffice, post_office, usable
from ews.support.runs import run_of

SENDING, SENT, FAILED = "sending", "sent", "failed"
STILL_SENDING = timedelta(minutes=10)  # an attempt older than this has died


@dataclass(frozen=True)
class Reader:
    """A person with a caseload, and where their mail goes."""

    principal: Principal
    account_id: int
    address: str | None


@dataclass
class Outcome:
    """What came of one go, without a name and without an address."""

    as_of: date
    monday: date
    ready: int = 0
    sent: int = 0
    before: int = 0
    opted_out: int = 0
    not_tried: int = 0
    failed: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, object]:
        """For machines."""
        return {
            "as_of": self.as_of,
            "monday": self.monday,
            "ready": self.ready,
            "sent": self.sent,
            "sent_before": self.before,
            "opted_out": self.opted_out,
            "not_tried": self.not_tried,
            "failed": dict(self.failed),
        }

    def lines(self) -> list[str]:
        """For people."""
        said = [f"Digest of {self.as_of} for the week of {self.monday}:"]
        said += [f"  {self.ready} ready; nothing was sent (add --send)"] if self.ready else []
        said += [f"  {self.sent} sent, {self.before} sent before, {self.opted_out} do not want it"]
        said += [f"  {count} failed: {problem}" for problem, count in sorted(self.failed.items())]
        said += [f"  {self.not_tried} not tried after that; run it again"] if self.not_tried else []
        return said

    @property
    def whole(self) -> bool:
        """Whether everybody who should have a digest has one."""
        return not self.failed and not self.not_tried


def send_digests(settings: Settings, store: Store, as_of: date, *, now: datetime, send: bool) -> Outcome:
    """A digest for each person with a caseload who wants one; with ``send`` False nothing leaves.

    Errors: UsageError when there is no run of ``as_of``, no server, or no address for the links.
    """
    here = now.astimezone(settings.timezone)
    office = _office(settings) if send else None
    with store.read() as tx:
        run_of(tx, as_of)
        readers = list(_readers(tx.execute(_with_caseload())))
    outcome = Outcome(as_of, monday_of(as_of))
    due = [reader for reader in readers if _wanted(store, reader, outcome)]
    for place, reader in enumerate(due):
        if office is None:
            outcome.ready += 1
        elif _sent(settings, store, office, reader, outcome, here) in FOR_ALL:
            outcome.not_tried = len(due) - place - 1
            break
    return outcome


def _office(settings: Settings) -> PostOffice:
    office = post_office(settings)
    if not settings.base_url.startswith(("https://", "http://")):
        raise UsageError(
            "EWS_BASE_URL is not set, so the mail would have no link.",
            "Set it to the address of the pages, such as https://ews.district.example.",
        )
    return office


def _with_caseload() -> Select[Any]:
    theirs = exists().where(caseloads.c.staff_id == accounts.c.staff_id)
    return (
        select(accounts, staff.c.name.label("person"), staff.c.email)
        .join(staff, staff.c.staff_id == accounts.c.staff_id)
        .where(theirs, accounts.c.disabled_at.is_(None))
        .order_by(accounts.c.account_id)
    )


def _readers(rows: Iterable[Row]) -> Iterator[Reader]:
    for row in rows:
        yield Reader(principal_of(row), row.account_id, row.email)


def _wanted(store: Store, reader: Reader, outcome: Outcome) -> bool:
    with store.read() as tx:
        if not wants_digest(tx, reader.account_id):
            outcome.opted_out += 1
            return False
        mine = (digests.c.account_id == reader.account_id) & (digests.c.monday == outcome.monday)
        state = tx.execute(select(digests.c.state).where(mine)).scalar()
    outcome.before += state == SENT
    return state != SENT


def _sent(
    settings: Settings, store: Store, office: PostOffice, reader: Reader, outcome: Outcome, now: datetime
) -> str:
    """Send one digest and write down what came of it; the problem, or nothing."""
    digest = _claimed(settings, store, reader, outcome, now)
    if digest is None:
        return ""
    problem = ""
    try:
        if not usable(reader.address):
            raise NotSent(NO_ADDRESS)
        office.send(message_of(digest, office.sender, str(reader.address), reader.account_id, now))
    except NotSent as failure:
        problem = failure.problem
        outcome.failed[problem] += 1
    else:
        outcome.sent += 1
    mine = (digests.c.account_id == reader.account_id) & (digests.c.monday == outcome.monday)
    with store.begin() as tx:
        state = FAILED if problem else SENT
        tx.execute(update(digests).where(mine).values(state=state, problem=problem))
    return problem


def _claimed(
    settings: Settings, store: Store, reader: Reader, outcome: Outcome, now: datetime
) -> Digest | None:
    """The digest, once it is written down that it goes; None when another process is at it.

    The ledger has the look before anything leaves; its lock lets one process claim at a time.
    """
    mine = (digests.c.account_id == reader.account_id) & (digests.c.monday == outcome.monday)
    with store.begin() as tx:
        record_view(
            tx,
            reader.principal,
            action="digest_sent",
            reason="on the caseload",
            students=(),
            fields=(),
            at=now,
        )
        row = tx.execute(select(digests).where(mine)).one_or_none()
        if row is not None and (row.state == SENT or (row.state == SENDING and now - row.at < STILL_SENDING)):
            outcome.before += 1
            return None
        content = {"state": SENDING, "problem": "", "at": now}
        if row is None:
            tx.execute(
                digests.insert().values(account_id=reader.account_id, monday=outcome.monday, **content)
            )
        else:
            tx.execute(update(digests).where(mine).values(**content))
        return digest_for(tx, reader.principal, base_url=settings.base_url, now=now, as_of=outcome.as_of)


def message_of(digest: Digest, sender: str, address: str, account_id: int, now: datetime) -> EmailMessage:
    """The e-mail, in text and HTML. Its id is the person's and the week's, so that a second copy is known."""
    message = EmailMessage()
    message["Subject"] = digest.subject
    message["From"] = sender
    message["To"] = address
    message["Date"] = format_datetime(now.astimezone(UTC))
    message["Message-ID"] = f"<digest-{account_id}-{digest.monday}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(as_text(digest))
    message.add_alternative(as_html(digest), subtype="html")
    return message
