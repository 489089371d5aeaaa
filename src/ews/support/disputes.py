"""A family challenges a fact or an inference: the school meets it within 30 days (EC 49070).

A score is an inference, so it can be challenged like a fact. A challenge stands above the facts until it is
resolved, with what came of it in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select

from ews.errors import UsageError
from ews.people.access import Principal
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import Field
from ews.store.family_tables import dispute_steps, disputes
from ews.store.store import Transaction
from ews.support.actions import once
from ews.support.disputed import FACT, INFERENCE, RESOLVED, Disputed, disputed
from ews.support.facts import DOMAIN_TITLES
from ews.support.hearing import SHOWN, heard_row, hold_day, keep_ask, why_heard
from ews.support.shown import sees_domain
from ews.support.words_written import words_written

MEETING_WITHIN = timedelta(days=30)
KINDS = {FACT: "A fact on record", INFERENCE: "A score, a level or a reason"}
ABOUT = {
    **{domain: title for domain, title in DOMAIN_TITLES.items() if domain not in ("course", "overall")},
    "overall": "The suggested level",
    "other": "Something else",
}
MET = "met"
OUTCOMES = {
    "corrected": "Corrected in the records",
    "set_aside": "The score or level is set aside",
    "stands": "It stands, with the family’s words beside it",
    "withdrawn": "The family took it back",
}


@dataclass(frozen=True)
class DisputeStep:
    """The meeting, or the end of a dispute."""

    on: date
    outcome: str
    words: str
    who: str

    @property
    def outcome_words(self) -> str:
        """What came of it, as a person says it."""
        return OUTCOMES.get(self.outcome, "")


@dataclass(frozen=True)
class Dispute:
    """A fact or an inference that a family challenges, its clock, and what came of it."""

    dispute_id: int
    student_id: str
    kind: str
    about: str
    words: str
    raised_on: date
    meet_by: date
    who: str
    met: DisputeStep | None
    resolved: DisputeStep | None
    days_left: int

    @property
    def about_words(self) -> str:
        """What it is about: ``Attendance``."""
        return ABOUT.get(self.about, ABOUT["other"])

    @property
    def kind_words(self) -> str:
        """``A fact on record``."""
        return KINDS.get(self.kind, "")

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return self.resolved is None

    @property
    def overdue(self) -> bool:
        """Whether the meeting should have been by now."""
        return self.open and self.met is None and self.days_left < 0


def disputes_of(tx: Transaction, which: ColumnElement[bool], today: date) -> tuple[Dispute, ...]:
    """Disputes with their steps, latest first."""
    raised = by_whom(select(disputes), disputes.c.account_id).where(which)
    rows = tx.execute(raised.order_by(disputes.c.dispute_id.desc())).all()
    if not rows:
        return ()
    numbers = [row.dispute_id for row in rows]
    taken = by_whom(select(dispute_steps), dispute_steps.c.account_id)
    steps = {
        (row.dispute_id, row.kind): DisputeStep(row.on, row.outcome, row.words, row.person)
        for row in tx.execute(taken.where(dispute_steps.c.dispute_id.in_(numbers)))
    }
    return tuple(
        Dispute(
            dispute_id=row.dispute_id,
            student_id=row.student_id,
            kind=row.kind,
            about=row.about,
            words=row.words,
            raised_on=row.raised_on,
            meet_by=row.meet_by,
            who=row.person,
            met=steps.get((row.dispute_id, MET)),
            resolved=steps.get((row.dispute_id, RESOLVED)),
            days_left=(row.meet_by - today).days,
        )
        for row in rows
    )


def seen_by(principal: Principal, found: Iterable[Dispute]) -> tuple[Dispute, ...]:
    """Those disputes that are about nothing that is kept from this principal."""
    return tuple(one for one in found if sees_domain(principal, one.about))


def disputes_seen(tx: Transaction, principal: Principal, student_id: str, today: date) -> tuple[Dispute, ...]:
    """What stands in dispute, for the student's page: not of a domain that this principal does not see.

    The family's own words are for those who see the family. Whether the student may be seen is the
    caller's to know.
    """
    standing = disputes_of(tx, disputes.c.student_id == student_id, today)
    seen = (one for one in seen_by(principal, standing) if one.open)
    if principal.sees(Field.FAMILY):
        return tuple(seen)
    return tuple(replace(one, words="") for one in seen)


def disputed_by(standing: Collection[Dispute]) -> Disputed | None:
    """The mark on a student of whom these disputes are open."""
    since = min((one.raised_on for one in standing), default=None)
    return disputed(since, max((one.kind for one in standing), default=None))


# ---- writing -----------------------------------------------------------------------------------------


def raise_dispute(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    *,
    kind: str,
    about: str,
    words: str,
    raised_on: date,
    now: datetime,
    form_id: str,
) -> bool:
    """A family challenges a fact or an inference; its clock runs. False when the student is not theirs."""
    if why_heard(tx, principal, student_id) is None:
        return False
    hold_day(raised_on, now)
    if kind not in KINDS or about not in ABOUT:
        raise UsageError("What is challenged is missing.", "Choose what it is, and what it is about.")
    said = words_written(words, "The family’s own words are missing.")
    values = {
        "kind": kind,
        "about": about,
        "words": said,
        "raised_on": raised_on,
        "meet_by": raised_on + MEETING_WITHIN,
    }
    form = once(form_id, student_id, kind, about, said, raised_on.isoformat())
    return keep_ask(tx, principal, disputes, student_id, values, "dispute_raised", now, form)


def step_dispute(
    tx: Transaction,
    principal: Principal,
    dispute_id: int,
    *,
    kind: str,
    on: date,
    outcome: str,
    words: str,
    now: datetime,
) -> str | None:
    """The meeting was held, or the dispute is resolved; gives the student's id, None when it is not theirs.

    Each of the two is written once: the same form again changes nothing. Errors: UsageError for a
    resolution without outcome or words, or for a day that cannot be.
    """
    row = heard_row(tx, principal, disputes, disputes.c.dispute_id == dispute_id)
    if row is None or kind not in (MET, RESOLVED):
        return None
    done = steps_taken(tx, dispute_id)
    if kind in done:
        return str(row.student_id)
    if RESOLVED in done:
        raise UsageError("This is resolved already.", "Look at it again.")
    if not row.raised_on <= on <= now.date():
        raise UsageError("That is no day on which it can have been.", "Choose the day, not after today.")
    if kind == RESOLVED and outcome not in OUTCOMES:
        raise UsageError("What came of it is missing.", "Choose one of the outcomes.")
    said = words_written(words, "A few words on what was decided are missing." if kind == RESOLVED else None)
    record_view(tx, principal, action=f"dispute_{kind}", students=[row.student_id], fields=SHOWN, at=now)
    if kind in steps_taken(tx, dispute_id):  # again, now that nobody else can write
        return str(row.student_id)
    tx.execute(
        dispute_steps.insert().values(
            dispute_id=dispute_id,
            kind=kind,
            on=on,
            outcome=outcome if kind == RESOLVED else "",
            words=said,
            account_id=principal.account_id,
            at=now,
        )
    )
    return str(row.student_id)


def steps_taken(tx: Transaction, dispute_id: int) -> set[str]:
    """Which of the two steps a dispute has behind it."""
    of_it = dispute_steps.c.dispute_id == dispute_id
    return set(tx.execute(select(dispute_steps.c.kind).where(of_it)).scalars())
