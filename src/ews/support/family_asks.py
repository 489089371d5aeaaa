"""What a family may ask of the school: to see the whole record, and to have a fact or an inference mended.

Each has a clock. The record is given within five business days of the request (EC 49069.7). On a challenge
the school meets the family within 30 days (EC 49070); a score is an inference, so it can be challenged like
a fact. A challenge stands above the facts until it is resolved, with what came of it in words.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select

from ews.errors import UsageError
from ews.people.access import Principal, rule, scoped, why_may_see
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import Act, Field
from ews.store.family_tables import dispute_steps, disputes, record_requests, records_given
from ews.store.store import Transaction
from ews.support.actions import once
from ews.support.disputed import FACT, INFERENCE, RESOLVED, Disputed, disputed
from ews.support.facts import DOMAIN_TITLES
from ews.support.families import guardians_of, is_of_age
from ews.support.letter_text import language_name
from ews.support.pupil import Pupil, pupil_of
from ews.support.recipients import why_no_record
from ews.support.runs import shown_run
from ews.support.shown import sees_domain
from ews.support.words_written import words_written

BUSINESS_DAYS = 5
MEETING_WITHIN = timedelta(days=30)
SATURDAY = 5
ASKED_BY = {"guardian": "a parent or guardian", "student": "the student"}
KINDS = {FACT: "A fact on record", INFERENCE: "A score, a level or a reason"}
ABOUT = {
    **{domain: title for domain, title in DOMAIN_TITLES.items() if domain not in ("course", "overall")},
    "overall": "The suggested level",
    "other": "Something else",
}
MET = "met"
SHOWN = ("name", "grade", "family")
OUTCOMES = {
    "corrected": "Corrected in the records",
    "set_aside": "The score or level is set aside",
    "stands": "It stands, with the family’s words beside it",
    "withdrawn": "The family took it back",
}


@dataclass(frozen=True)
class RecordRequest:
    """A family asked for the record. days_left counts to due_on; negative when it is overdue."""

    request_id: int
    student_id: str
    asked_on: date
    due_on: date
    asked_by: str
    who: str
    given_on: date | None
    days_left: int

    @property
    def overdue(self) -> bool:
        """Whether it should have been given by now."""
        return self.given_on is None and self.days_left < 0


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


@dataclass(frozen=True)
class Reader:
    """A guardian, and whether the record may be given to them: ``why_not`` is empty when it may."""

    guardian_id: str
    language: str
    why_not: str


@dataclass(frozen=True)
class AsksView:
    """One student's requests and disputes, latest first. readers: who may get the record."""

    pupil: Pupil
    why: str
    readers: tuple[Reader, ...]
    of_age: bool
    requests: tuple[RecordRequest, ...]
    disputes: tuple[Dispute, ...]


@dataclass(frozen=True)
class OpenAsks:
    """What is open among a person's students, the soonest due first, each with the student."""

    requests: tuple[tuple[RecordRequest, Pupil], ...]
    disputes: tuple[tuple[Dispute, Pupil], ...]


def business_days_after(day: date, number: int) -> date:
    """The day so many weekdays later. Holidays count here as days of business: the earlier end is kept.

    >>> business_days_after(date(2025, 11, 14), 5).isoformat()
    '2025-11-21'
    """
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < SATURDAY
    return day


# ---- looking -----------------------------------------------------------------------------------------


def asks_view(tx: Transaction, principal: Principal, student_id: str, *, now: datetime) -> AsksView | None:
    """A student's requests and disputes; None when the student is not theirs, or these are not."""
    run = shown_run(tx)
    reason = _reason(tx, principal, student_id)
    pupil = pupil_of(tx, run, student_id) if run and reason else None
    if reason is None or pupil is None:
        return None
    record_view(tx, principal, action="family_asks", students=[student_id], fields=SHOWN, at=now)
    return AsksView(
        pupil,
        reason,
        readers_of(tx, student_id),
        is_of_age(tx, student_id),
        requests_of(tx, record_requests.c.student_id == student_id, now.date()),
        seen_by(principal, disputes_of(tx, disputes.c.student_id == student_id, now.date())),
    )


def readers_of(tx: Transaction, student_id: str) -> tuple[Reader, ...]:
    """The guardians of a student, and to whom of them the record may be given."""
    return tuple(
        Reader(one.guardian_id, language_name(one.language), why_no_record(one))
        for one in guardians_of(tx, student_id)
    )


def open_asks(tx: Transaction, principal: Principal, *, now: datetime) -> OpenAsks:
    """What is open among the students whom ``principal`` may see, the soonest due first."""
    run = shown_run(tx)
    if run is None or not may_hear(principal):
        return OpenAsks((), ())
    asked = requests_of(tx, rule(principal, record_requests.c.student_id), now.date())
    raised = disputes_of(tx, rule(principal, disputes.c.student_id), now.date())
    waiting = sorted((one for one in asked if one.given_on is None), key=lambda one: one.due_on)
    unsolved = sorted(
        (one for one in seen_by(principal, raised) if one.open),
        key=lambda one: (one.met is not None, one.meet_by),
    )
    of_them = {one.student_id for one in waiting} | {one.student_id for one in unsolved}
    pupils = {student: pupil for student in of_them if (pupil := pupil_of(tx, run, student))}
    found = OpenAsks(
        tuple((one, pupils[one.student_id]) for one in waiting if one.student_id in pupils),
        tuple((one, pupils[one.student_id]) for one in unsolved if one.student_id in pupils),
    )
    record_view(tx, principal, action="family_asks", students=pupils, fields=SHOWN, at=now)
    return found


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


def seen_by(principal: Principal, found: Iterable[Dispute]) -> tuple[Dispute, ...]:
    """Those disputes that are about nothing that is kept from this principal."""
    return tuple(one for one in found if sees_domain(principal, one.about))


def disputed_by(standing: Collection[Dispute]) -> Disputed | None:
    """The mark on a student of whom these disputes are open."""
    since = min((one.raised_on for one in standing), default=None)
    return disputed(since, max((one.kind for one in standing), default=None))


def requests_of(tx: Transaction, which: ColumnElement[bool], today: date) -> tuple[RecordRequest, ...]:
    """Requests for the record, latest first."""
    statement = (
        by_whom(select(record_requests, records_given.c.given_on), record_requests.c.account_id)
        .join(records_given, records_given.c.request_id == record_requests.c.request_id, isouter=True)
        .where(which)
        .order_by(record_requests.c.request_id.desc())
    )
    return tuple(
        RecordRequest(
            row.request_id,
            row.student_id,
            row.asked_on,
            row.due_on,
            ASKED_BY.get(row.asked_by, row.asked_by),
            row.person,
            row.given_on,
            (row.due_on - today).days,
        )
        for row in tx.execute(statement)
    )


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


# ---- writing -----------------------------------------------------------------------------------------


def ask_for_record(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    *,
    asked_on: date,
    asked_by: str,
    now: datetime,
    form_id: str,
) -> bool:
    """A family asked for the record on that day; its clock runs. False when the student is not theirs."""
    if _reason(tx, principal, student_id) is None:
        return False
    _hold_day(asked_on, now)
    if asked_by not in ASKED_BY:
        raise UsageError("Who asked is missing.", "A parent or guardian, or the student.")
    values = {
        "asked_on": asked_on,
        "due_on": business_days_after(asked_on, BUSINESS_DAYS),
        "asked_by": asked_by,
    }
    form = once(form_id, student_id, asked_on.isoformat(), asked_by)
    return _add(tx, principal, record_requests, student_id, values, "record_asked", now, form)


def give_record(
    tx: Transaction, principal: Principal, request_id: int, *, given_on: date, now: datetime
) -> str | None:
    """The record was given; gives the student's id, or None when the request is not there for them."""
    row = _theirs(tx, principal, record_requests, record_requests.c.request_id == request_id)
    if row is None:
        return None
    before = select(records_given.c.request_id).where(records_given.c.request_id == request_id)
    if tx.execute(before).first() is not None:
        return str(row.student_id)
    if not row.asked_on <= given_on <= now.date():
        raise UsageError("That is no day on which it can have been given.", "Choose the day it was given.")
    record_view(tx, principal, action="record_given", students=[row.student_id], fields=SHOWN, at=now)
    if tx.execute(before).first() is not None:  # again, now that nobody else can write
        return str(row.student_id)
    tx.execute(
        records_given.insert().values(
            request_id=request_id, given_on=given_on, account_id=principal.account_id, at=now
        )
    )
    return str(row.student_id)


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
    if _reason(tx, principal, student_id) is None:
        return False
    _hold_day(raised_on, now)
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
    return _add(tx, principal, disputes, student_id, values, "dispute_raised", now, form)


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
    row = _theirs(tx, principal, disputes, disputes.c.dispute_id == dispute_id)
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


# ---- what all of them share --------------------------------------------------------------------------


def may_hear(principal: Principal) -> bool:
    """Whether this person takes what families ask for."""
    return (
        principal.does(Act.HEAR_FAMILIES)
        and principal.sees(Field.FAMILY)
        and principal.account_id is not None
    )


def _reason(tx: Transaction, principal: Principal, student_id: str) -> str | None:
    return why_may_see(tx, principal, student_id) if may_hear(principal) else None


def _theirs(tx: Transaction, principal: Principal, table: Any, which: ColumnElement[bool]) -> Any:
    """The row of ``table``, if it is about a student whom this person may see."""
    if not may_hear(principal):
        return None
    return tx.execute(scoped(principal, select(table).where(which), table.c.student_id)).one_or_none()


def _hold_day(day: date, now: datetime) -> None:
    if not now.date() - timedelta(days=366) <= day <= now.date():
        raise UsageError("That day cannot be.", "Choose the day on which the family asked, not after today.")


def _add(
    tx: Transaction,
    principal: Principal,
    table: Any,
    student_id: str,
    values: dict[str, Any],
    action: str,
    now: datetime,
    form_id: str,
) -> bool:
    """One row and its entry in the ledger; nothing when this form was sent before."""
    sent = select(table.c.student_id).where(
        (table.c.form_id == form_id) & (table.c.account_id == principal.account_id)
    )
    if tx.execute(sent).first() is not None:
        return True
    record_view(tx, principal, action=action, students=[student_id], fields=SHOWN, at=now)
    if tx.execute(sent).first() is not None:  # again, now that nobody else can write
        return True
    tx.execute(
        table.insert().values(
            student_id=student_id, account_id=principal.account_id, at=now, form_id=form_id, **values
        )
    )
    return True
