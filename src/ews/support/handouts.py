"""One page a student for a team meeting: the facts, what goes well, and room for the team's own hand.

A page is what the student's own page says, cut to what fits one sheet of paper. No notes stand on it, since
paper is passed round and a note may be for fewer readers. Each page is a look in the ledger, as a printout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from sqlalchemy import select

from ews.people.access import Principal
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.store.tables import caseloads, staff
from ews.support.agenda import Agenda, Entry, agenda
from ews.support.contact_log import CHANNELS
from ews.support.facts import Reason
from ews.support.plans_told import plans_as_tried
from ews.support.roster import COUNSELOR
from ews.support.states import NEW, SEEN
from ews.support.student_view import Card, StudentView, student_view
from ews.support.supports_tried import SupportTried

MOST_FACTS, MOST_STRENGTHS, MOST_SUPPORTS, MOST_CONTACTS = 4, 3, 3, 3
FACTS_OF_A_CARD = 2
ENGLISH, NOT_ON_RECORD = "English", "not on record"
THROUGH = {"attendance": "attendance", "grades": "marks", "grade9_on_track": "marks", "behavior": "incidents"}


@dataclass(frozen=True)
class Fact:
    """One line of the table: the domain, the fact, what is typical, where it is from."""

    domain: str
    fact: str
    typical: str
    source: str


@dataclass(frozen=True)
class Spoken:
    """One contact: when, who, how. What was said stays on the student's page."""

    on: date
    who: str
    how: str


@dataclass(frozen=True)
class Handout:
    """One student's page. state: what people have done so far, in words; of: how many are on the agenda.

    more: something was left out that did not fit one sheet.
    """

    entry: Entry
    of: int
    view: StudentView
    counselor: str
    state: str
    strengths: tuple[Reason, ...]
    facts: tuple[Fact, ...]
    supports: tuple[SupportTried, ...]
    contacts: tuple[Spoken, ...]
    languages: str
    more: bool = False

    @property
    def attendance(self) -> Card | None:
        """The card whose weeks are drawn."""
        return next((card for card in self.view.cards if card.domain == "attendance"), None)


@dataclass(frozen=True)
class Handouts:
    """The pages of a meeting, with its agenda; printed_by and printed_at stand at the foot of each."""

    agenda: Agenda
    pages: tuple[Handout, ...]
    printed_by: str
    printed_at: datetime


def handouts(tx: Transaction, principal: Principal, meeting_id: int, *, now: datetime) -> Handouts | None:
    """A page for each student of a meeting whom ``principal`` may see; None when there is none of them."""
    found = agenda(tx, principal, meeting_id, now=now)
    if found is None:
        return None
    students = [entry.row.student_id for entry in found.entries]
    planned = plans_as_tried(tx, principal, students, found.run.as_of)
    pages = []
    for entry in found.entries:
        view = student_view(tx, principal, entry.row.student_id, now=now, action="printout")
        if view is not None:
            counselor = counselor_of(tx, entry.row.student_id) if principal.sees(Field.NAMES) else ""
            ours = planned.get(entry.row.student_id, ())
            pages.append(_handout(entry, len(found.entries), view, counselor, principal, ours, now))
    return Handouts(found, tuple(pages), principal.display_name, now)


def counselor_of(tx: Transaction, student_id: str) -> str:
    """Whose caseload a student is on; empty when on nobody's."""
    found = tx.execute(
        select(staff.c.name)
        .join(caseloads, caseloads.c.staff_id == staff.c.staff_id)
        .where(caseloads.c.student_id == student_id, caseloads.c.role == COUNSELOR)
        .order_by(staff.c.staff_id)
        .limit(1)
    ).scalar()
    return found or ""


def _handout(
    entry: Entry,
    of: int,
    view: StudentView,
    counselor: str,
    principal: Principal,
    ours: Sequence[SupportTried],
    now: datetime,
) -> Handout:
    return Handout(
        entry=entry,
        of=of,
        view=view,
        counselor=counselor,
        state=state_of(view, ours, now.tzinfo) if principal.sees(Field.PLANS) else "",
        strengths=view.strengths[:MOST_STRENGTHS],
        facts=facts_for_paper(view),
        supports=(*ours, *view.supports)[:MOST_SUPPORTS],
        contacts=contacts_for_paper(view),
        languages=languages_of(view),
    )


def languages_of(view: StudentView) -> str:
    """What the family speaks, where it is on record, may be seen, and is not English alone."""
    told = {
        one.language: one.language + (" (interpreter)" if one.interpreter else "")
        for one in sorted(view.family, key=lambda one: one.interpreter)
        if one.language != NOT_ON_RECORD and not one.order
    }
    return "" if set(told) <= {ENGLISH} else " and ".join(told.values())


def contacts_for_paper(view: StudentView) -> tuple[Spoken, ...]:
    """The latest contacts of both logs, without a word of what was said."""
    ours = [Spoken(one.on, one.who, CHANNELS.get(one.channel, one.channel)) for one in view.contacts]
    theirs = [Spoken(one.on, one.who, one.channel) for one in view.sis_contacts]
    return tuple(sorted([*ours, *theirs], key=lambda one: one.on, reverse=True)[:MOST_CONTACTS])


def state_of(view: StudentView, ours: Sequence[SupportTried], timezone: tzinfo | None) -> str:
    """What people have done so far: ``Seen 17 Nov, no plan yet``."""
    seen = view.row.acknowledged
    begun = f"Seen {_day(seen.at.astimezone(timezone))}" if seen else "Not seen yet"
    if view.work.follow_up is not None and view.work.follow_up.state not in (NEW, SEEN):
        begun = view.work.follow_up.state_word
    planned = view.row.plan or any(one.ends_on is None for one in ours)
    return f"{begun}, {'a plan is open' if planned else 'no plan yet'}"


def _day(value: date) -> str:
    return f"{value.day} {value:%b}"


def facts_for_paper(view: StudentView) -> tuple[Fact, ...]:
    """The facts of the page: from each card the reasons, or what is on record where there is none.

    Background of earlier years is left to the student's page; a card gives two at most.
    """
    told = []
    for card in view.cards:
        reasons = [one for one in card.reasons if not one.background] or list(card.facts)
        told += [_fact(card, one, view) for one in reasons[:FACTS_OF_A_CARD]]
    return tuple(told[:MOST_FACTS])


def _fact(card: Card, reason: Reason, view: StudentView) -> Fact:
    typical = (reason.typical or "").split(": ", 1)[-1]
    kind = THROUGH.get(card.domain)
    through = getattr(view.through, kind) if kind else None
    source = reason.source or (f"SIS, {_day(through)}" if through else "")
    return Fact(card.title, reason.fact, typical, source)
