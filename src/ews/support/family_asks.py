"""What a family has asked of the school: to see the whole record, to have a fact or an inference mended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ews.people.access import Principal, rule
from ews.people.ledger import record_view
from ews.store.family_tables import disputes, record_requests
from ews.store.store import Transaction
from ews.support.disputes import Dispute, disputes_of, seen_by
from ews.support.families import guardians_of, is_of_age
from ews.support.hearing import SHOWN, may_hear, why_heard
from ews.support.letter_text import language_name
from ews.support.pupil import Pupil, pupil_of
from ews.support.recipients import why_no_record
from ews.support.record_asks import RecordRequest, requests_of
from ews.support.runs import shown_run


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


def asks_view(tx: Transaction, principal: Principal, student_id: str, *, now: datetime) -> AsksView | None:
    """A student's requests and disputes; None when the student is not theirs, or these are not."""
    run = shown_run(tx)
    reason = why_heard(tx, principal, student_id)
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
