"""What waits on one person: the one queue that the list shows under *Waiting on me*, and that is counted.

Students nobody has seen yet, those a colleague named, reviews, plans without a session, what a team decided,
what families asked for, letters for a second look, students who come back; for a teacher, the questions to
answer. Counselors find their own students here; a school's administrators, who lead its team, also find
whoever has been waiting for ten school days or more, and what is past its day, whosever it is.

It is read in one question, whatever it finds: each kind is a part of a union, and says its own rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from textwrap import shorten
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    CompoundSelect,
    Date,
    Integer,
    Row,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    true,
    union_all,
)

from ews.people.access import Principal, author_shown, scoped
from ews.people.roles import SCHOOL_ADMINISTRATOR, Act
from ews.store.family_tables import (
    dispute_steps,
    disputes,
    letter_reviews,
    letters,
    record_requests,
    records_given,
)
from ews.store.meeting_tables import meeting_decisions
from ews.store.question_tables import answers, question_teachers, questions
from ews.store.store import Transaction
from ews.store.tables import accounts, actions, staff
from ews.store.work_tables import follow_ups, plan_events, plans
from ews.support.actions import ACKNOWLEDGED, NOT_NOW
from ews.support.decisions import is_done
from ews.support.disputed import RESOLVED
from ews.support.disputes import ABOUT, MET
from ews.support.hearing import may_hear
from ews.support.letters import RETURNED, is_taken_back, is_written_anew
from ews.support.nominations import NOMINATED, unanswered
from ews.support.owners import came_back, is_mine, without_owner
from ews.support.plan_record import SESSION
from ews.support.questions import may_answer
from ews.support.shown import sees_domain
from ews.support.standing import SEEN_WITHIN, TOLD_AT, days_waited, follow_ups_told
from ews.support.states import CLOSED, MONITORING, NEW, SEEN_BY

TOLD, NAMED, TO_SEE, LOOK_AGAIN, REVIEW, NO_SESSION, DECIDED, RECORD, DISPUTE, LETTER, QUESTION, BACK = (
    "told", "named", "to_see", "look_again", "review", "no_session", "decided", "record", "dispute", "letter",
    "question", "back",
)  # fmt: skip
NO_OWNER, CAME_BACK, LETTER_BACK = "no_owner", "came_back", "letter_back"
SOON = timedelta(days=7)
"""What has a day is told of a week before."""
SESSION_WITHIN = timedelta(days=14)
MOST_LETTERS = 160  # of what a person wrote; all of it stands where it was written
LATEST = 1_000  # days left of what has no day of its own
WHO, HELPS = accounts.alias("who"), accounts.alias("helps")  # apart from those that tell whose it is


@dataclass(frozen=True)
class Wait:
    """One thing that waits: what it is in words, by when, whether that day is over, and with whom.

    kind: as above. owner: with whom it is, where that is somebody else. about: the number of the plan,
    the letter or the meeting that it is about.
    """

    kind: str
    words: str
    due: date | None
    overdue: bool
    owner: str
    about: int | None


@dataclass(frozen=True)
class Waiting:
    """Everything that waits on one person, by student, the most pressing first. urgency: student to days
    left, less than nothing for what is overdue; those alike stand in the order of the list. just_seen: whom
    they have acknowledged and who wait no more: they keep their place, so that it can be undone there.
    """

    of: Mapping[str, tuple[Wait, ...]]
    urgency: Mapping[str, int]
    just_seen: frozenset[str] = frozenset()

    @property
    def overdue(self) -> tuple[str, ...]:
        """The students with whom something is past its day."""
        return tuple(student for student, waits in self.of.items() if any(one.overdue for one in waits))


NOTHING_WAITS = Waiting({}, {})


def leads(principal: Principal) -> bool:
    """Whether this person leads the team of their schools, and is told what waits too long."""
    return principal.role == SCHOOL_ADMINISTRATOR


def has_queue(principal: Principal) -> bool:
    """Whether anything can wait on this person: on nobody who only looks, and not on the command line."""
    acts = principal.does(Act.FOLLOW_UP) or principal.does(Act.ANSWER_QUESTIONS)
    return acts and bool(principal.account_id or principal.staff_id)


def what_waits(
    tx: Transaction, principal: Principal, *, today: date, seen_since: datetime | None = None
) -> Waiting:
    """What waits on ``principal``. The caller writes into the ledger whom of them it shows.

    seen_since: from when on whoever they acknowledged keeps their place; None where nobody does.
    """
    question = _question(principal, today, seen_since)
    if question is None:
        return NOTHING_WAITS
    found: dict[str, list[tuple[int, Wait]]] = {}
    rows = tx.execute(question).all()
    named = {row.student_id for row in rows if row.kind == NAMED}
    seen = {row.student_id: _days_left(row, today) for row in rows if row.kind == ACKNOWLEDGED}
    for row in rows:
        if row.kind == ACKNOWLEDGED:
            continue
        told = _told(row, principal, today, named)
        if told is not None:
            found.setdefault(row.student_id, []).append(told)
    for waits in found.values():
        waits.sort(key=lambda told: told[0])
    urgency = seen | {student: waits[0][0] for student, waits in found.items()}
    order = sorted(found, key=lambda student: (urgency[student], student))
    of = {student: tuple(one for _, one in found[student]) for student in order}
    return Waiting(of, urgency, frozenset(seen.keys() - found.keys()))


def by_urgency(waiting: Waiting, student: ColumnElement[str]) -> ColumnElement[int]:
    """The order of the queue, as a column to sort by."""
    return case(dict(waiting.urgency), value=student, else_=LATEST) if waiting.urgency else literal(0)


# ---- each kind and its rule: whose student, since when, until when --------------------------------------


@lru_cache(maxsize=256)
def _question(principal: Principal, today: date, seen_since: datetime | None) -> CompoundSelect[Any] | None:
    """All parts as one question; put together once a person and day, since every page of the list asks it."""
    parts = _parts(principal, today, seen_since) if has_queue(principal) else []
    return union_all(*parts) if parts else None


def _parts(principal: Principal, today: date, seen_since: datetime | None) -> list[Select[Any]]:
    """The parts of the union that are for this person."""
    parts: list[Select[Any]] = []
    if principal.does(Act.FOLLOW_UP):
        parts += [
            _follow_ups(principal, today, seen_since),
            _named(principal),
            _came_back(principal),
            _reviews(principal, today),
            _put_off(principal, today),
            _without_session(principal, today),
            _decided(principal, today),
        ]
    if leads(principal):
        parts.append(_without_owner(principal))
    if may_hear(principal):
        parts += [_records(principal, today), _disputes(principal, today)]
    if principal.does(Act.RELEASE_LETTERS):
        parts.append(_letters(principal))
    if principal.does(Act.WRITE_HOME):
        parts.append(_letters_returned(principal))
    if may_answer(principal):
        parts.append(_questions(principal, today))
    return parts


def _part(
    student: ColumnElement[str],
    kind: ColumnElement[str] | str,
    *,
    day: Any = None,
    words: Any = "",
    person: Any = None,
    role: Any = None,
    about: Any = None,
    days: Any = None,
    has_calendar: Any = None,
    mine: Any = True,
) -> Select[Any]:
    """One part of the union: the same columns in every part, of the same types."""

    def typed(value: Any, type_: Any) -> ColumnElement[Any]:
        return cast(null() if value is None else value, type_)

    return select(
        student.label("student_id"),
        typed(kind, Text).label("kind"),
        (day if day is not None else cast(null(), Date)).label("day"),
        typed(words, Text).label("words"),
        typed(person, Text).label("person"),
        typed(role, Text).label("role"),
        typed(about, Integer).label("about"),
        typed(days, Integer).label("days"),
        (has_calendar if has_calendar is not None else cast(null(), Boolean)).label("has_calendar"),
        (true() if mine is True else mine).label("mine"),
    )


def _follow_ups(principal: Principal, today: date, seen_since: datetime | None) -> Select[Any]:
    """Students whom nobody has seen, and those who are monitored; for whoever leads, all in their sight.
    And those whom this person has acknowledged since a moment.

    ``day`` is the day of the next look at a monitored one, and the first day shown of the others.
    """
    whose = true() if leads(principal) else is_mine(principal)
    of = (
        follow_ups_told(principal, today)
        .where(whose, follow_ups.c.left_on.is_(None))
        .subquery("follow_ups_in_sight")
    )
    monitored = of.c.state == MONITORING
    waits = or_(of.c.state == NEW, and_(monitored, of.c.returns_on <= today + SOON))
    told = waits if seen_since is None else or_(waits, _acknowledged(principal, of.c.student_id, seen_since))
    return _part(
        of.c.student_id,
        case((waits, of.c.state), else_=ACKNOWLEDGED),
        day=case((monitored, of.c.returns_on), else_=of.c.shown_on),
        person=of.c.owner,
        role=of.c.owner_role,
        days=of.c.days,
        has_calendar=of.c.has_calendar,
        mine=of.c.mine,
    ).where(told)


def _acknowledged(principal: Principal, student: ColumnElement[str], since: datetime) -> ColumnElement[bool]:
    """The condition under which this person has acknowledged a student since a moment."""
    return exists().where(
        actions.c.student_id == student,
        actions.c.kind == ACKNOWLEDGED,
        actions.c.account_id == principal.account_id,
        actions.c.undone_at.is_(None),
        actions.c.at >= since,
    )


def _came_back(principal: Principal) -> Select[Any]:
    """Students who are one's own again, since whoever had them no longer can."""
    statement = _part(follow_ups.c.student_id, CAME_BACK).where(
        follow_ups.c.student_id.in_(came_back(principal))
    )
    return scoped(principal, statement, follow_ups.c.student_id)


def _without_owner(principal: Principal) -> Select[Any]:
    """Students who are followed up and are nobody's; for whoever leads, who hands them to somebody."""
    statement = _part(follow_ups.c.student_id, NO_OWNER).where(follow_ups.c.student_id.in_(without_owner()))
    return scoped(principal, statement, follow_ups.c.student_id)


def _named(principal: Principal) -> Select[Any]:
    """One's own students whom a colleague named, until somebody has looked."""
    statement = (
        _part(actions.c.student_id, NAMED, words=actions.c.text, person=_person(), role=WHO.c.role)
        .join(follow_ups, follow_ups.c.student_id == actions.c.student_id)
        .join(WHO, WHO.c.account_id == actions.c.account_id)
        .join(staff, staff.c.staff_id == WHO.c.staff_id, isouter=True)
        .where(
            actions.c.kind == NOMINATED,
            actions.c.undone_at.is_(None),
            actions.c.at >= follow_ups.c.opened_at,
            follow_ups.c.left_on.is_(None),
            is_mine(principal),
            unanswered(actions.c.student_id),
        )
    )
    return scoped(principal, statement, actions.c.student_id)


def _reviews(principal: Principal, today: date) -> Select[Any]:
    """Plans of which this person is the adult or the maker, to be reviewed soon; and everybody's overdue
    ones for whoever leads."""
    whose = _own_plans(principal)
    if leads(principal):
        whose |= plans.c.review_on < today
    statement = _part(
        plans.c.student_id, REVIEW, day=plans.c.review_on, words=plans.c.kind, about=plans.c.plan_id, **ADULT
    )
    statement = _with_adult(statement).where(
        plans.c.ended_on.is_(None), plans.c.review_on <= today + SOON, whose
    )
    return scoped(principal, statement, plans.c.student_id)


def _own_plans(principal: Principal) -> ColumnElement[bool]:
    return (plans.c.adult_id == principal.account_id) | (plans.c.made_by == principal.account_id)


def _without_session(principal: Principal, today: date) -> Select[Any]:
    """One's own plans that go on, without a session on record in two weeks; ``day`` is the last one."""
    last = (
        select(func.max(plan_events.c.on_day))
        .where(
            plan_events.c.plan_id == plans.c.plan_id,
            plan_events.c.kind == SESSION,
            plan_events.c.undone_at.is_(None),
        )
        .scalar_subquery()
    )
    since = func.coalesce(last, plans.c.started_on)
    statement = _part(
        plans.c.student_id, NO_SESSION, day=since, words=plans.c.kind, about=plans.c.plan_id, **ADULT
    )
    statement = _with_adult(statement).where(
        plans.c.started_on.is_not(None),
        plans.c.ended_on.is_(None),
        since < today - SESSION_WITHIN,
        _own_plans(principal),
    )
    return scoped(principal, statement, plans.c.student_id)


ADULT: dict[str, Any] = {"person": plans.c.adult, "role": HELPS.c.role}


def _with_adult(statement: Select[Any]) -> Select[Any]:
    return statement.select_from(plans).join(HELPS, HELPS.c.account_id == plans.c.adult_id, isouter=True)


def _put_off(principal: Principal, today: date) -> Select[Any]:
    """Students whom this person has put off: until they are back, and then until somebody has looked."""
    later = actions.alias()
    looked = exists().where(
        later.c.student_id == actions.c.student_id,
        later.c.action_id > actions.c.action_id,
        later.c.undone_at.is_(None),
        later.c.kind.in_((*SEEN_BY, CLOSED)),
    )
    statement = _part(actions.c.student_id, BACK, day=actions.c.returns_on, words=actions.c.text).where(
        actions.c.kind == NOT_NOW,
        actions.c.undone_at.is_(None),
        actions.c.account_id == principal.account_id,
        or_(actions.c.returns_on > today, not_(looked)),
    )
    return scoped(principal, statement, actions.c.student_id)


def _decided(principal: Principal, today: date) -> Select[Any]:
    """What a team decided, from a week before its day until somebody says that it is done; with whoever
    wrote it down, and overdue with whoever leads."""
    of = meeting_decisions.c
    whose = of.account_id == principal.account_id
    if leads(principal):
        whose |= of.due_on < today
    statement = _part(
        of.student_id, DECIDED, day=of.due_on, words=of.decided, person=of.adult, about=of.meeting_id
    ).where(of.due_on <= today + SOON, whose, not_(is_done(of.decision_id)))
    return scoped(principal, statement, of.student_id)


def _records(principal: Principal, today: date) -> Select[Any]:
    """Records that a family asked for and has not got; with a counselor, and overdue with whoever leads."""
    of = record_requests.c
    given = exists().where(records_given.c.request_id == of.request_id)
    statement = _part(of.student_id, RECORD, day=of.due_on).where(
        not_(given), of.due_on < today if leads(principal) else true()
    )
    return scoped(principal, statement, of.student_id)


def _disputes(principal: Principal, today: date) -> Select[Any]:
    """What a family challenges, until it is resolved; it has a day until the meeting. With whoever leads,
    those about which nobody has met the family in time."""
    of = disputes.c

    def step(kind: str) -> ColumnElement[bool]:
        return exists().where(dispute_steps.c.dispute_id == of.dispute_id, dispute_steps.c.kind == kind)

    statement = _part(of.student_id, DISPUTE, day=case((step(MET), None), else_=of.meet_by)).where(
        not_(step(RESOLVED)),
        of.about.in_([about for about in ABOUT if sees_domain(principal, about)]),
        and_(not_(step(MET)), of.meet_by < today) if leads(principal) else true(),
    )
    return scoped(principal, statement, of.student_id)


def _letters(principal: Principal) -> Select[Any]:
    """Letters that somebody else wrote, and has not taken back, and that nobody has looked over."""
    of = letters.c
    looked = exists().where(letter_reviews.c.letter_id == of.letter_id)
    statement = (
        _part(of.student_id, LETTER, person=_person(), role=WHO.c.role, about=of.letter_id)
        .join(WHO, WHO.c.account_id == of.account_id)
        .join(staff, staff.c.staff_id == WHO.c.staff_id, isouter=True)
        .where(not_(looked), not_(is_taken_back()), of.account_id != principal.account_id)
    )
    return scoped(principal, statement, of.student_id)


def _letters_returned(principal: Principal) -> Select[Any]:
    """One's own letters that were returned, until they are written anew, or left."""
    of = letters.c
    statement = (
        _part(of.student_id, LETTER_BACK, words=letter_reviews.c.words, person=_person(), role=WHO.c.role,
              about=of.letter_id)
        .join(letter_reviews, letter_reviews.c.letter_id == of.letter_id)
        .join(WHO, WHO.c.account_id == letter_reviews.c.account_id)
        .join(staff, staff.c.staff_id == WHO.c.staff_id, isouter=True)
        .where(
            letter_reviews.c.verdict == RETURNED,
            of.account_id == principal.account_id,
            not_(is_written_anew()),
            not_(is_taken_back()),
        )
    )  # fmt: skip
    return scoped(principal, statement, of.student_id)


def _questions(principal: Principal, today: date) -> Select[Any]:
    """Questions that this teacher was asked and has not answered, while they are open."""
    of = questions.c
    answered = exists().where(
        answers.c.question_id == of.question_id, answers.c.staff_id == principal.staff_id
    )
    statement = (
        _part(of.student_id, QUESTION, day=of.due_on, words=of.text, person=_person(), role=WHO.c.role)
        .join(question_teachers, question_teachers.c.question_id == of.question_id)
        .join(WHO, WHO.c.account_id == of.account_id)
        .join(staff, staff.c.staff_id == WHO.c.staff_id, isouter=True)
        .where(
            question_teachers.c.staff_id == principal.staff_id,
            of.undone_at.is_(None),
            of.due_on >= today,
            not_(answered),
        )
    )
    return scoped(principal, statement, of.student_id)


def _person() -> ColumnElement[str]:
    """Who it was, by their name on the roster where it has one."""
    return func.coalesce(staff.c.name, WHO.c.name)


# ---- what is said of each -------------------------------------------------------------------------------


def _told(row: Row, principal: Principal, today: date, named: Iterable[str]) -> tuple[int, Wait] | None:
    """Days left, and what waits; None for what stands under another kind already."""
    person = author_shown(principal, row.person or "", row.role)
    if row.kind == NEW:
        return _to_see(row, principal, person, today, row.student_id in named)
    due = None if row.kind == NO_SESSION else row.day
    left = (due - today).days if due is not None else LATEST if row.kind == BACK else SEEN_WITHIN
    overdue = left < 0
    if row.kind == MONITORING:
        if not (row.mine or overdue):
            return None
        return left, Wait(
            LOOK_AGAIN, "Monitoring: look again", due, overdue, "" if row.mine else person, None
        )
    if row.kind == BACK and not overdue:
        left += LATEST  # put off on purpose: after all that is to be done
    if row.kind in AT_ONCE:
        left = 0
    words = SAID[row.kind].format(words=shorten(row.words, MOST_LETTERS, placeholder=" …"), who=person)
    owner = person if row.kind in WITH_SOMEBODY and person != principal.display_name else ""
    return left, Wait(row.kind, words, due, overdue, owner, row.about)


def _to_see(row: Row, principal: Principal, person: str, today: date, named: bool) -> tuple[int, Wait] | None:
    """A student whom nobody has seen: one's own, or, after ten school days, anybody's for whoever leads."""
    left = _days_left(row, today)
    days = SEEN_WITHIN - left
    if leads(principal) and days >= TOLD_AT:
        whose = "" if row.mine else person
        return left, Wait(TOLD, since(days), None, True, whose, None)
    overdue = days > SEEN_WITHIN
    if not row.mine or (named and not overdue):
        return None
    return left, Wait(TO_SEE, since(days), None, overdue, "", None)


def _days_left(row: Row, today: date) -> int:
    """The school days left until a student is to be seen, less than nothing once they are over."""
    return SEEN_WITHIN - days_waited(row.day, row.days, row.has_calendar, today)


def since(days: int) -> str:
    """How long a student has waited to be seen, and what was promised: within five school days.

    >>> since(0), since(1)
    ('To see: on the list since today', 'To see: on the list for 1 school day; 4 left')
    >>> since(6)
    'To see: on the list for 6 school days; promised within 5'
    """
    if not days:
        return "To see: on the list since today"
    waited = f"To see: on the list for {days} school day{'s' if days != 1 else ''}"
    return (
        f"{waited}; {SEEN_WITHIN - days} left"
        if days <= SEEN_WITHIN
        else f"{waited}; promised within {SEEN_WITHIN}"
    )


SAID = {
    NO_OWNER: "Needs an owner: with nobody, and on no caseload",
    CAME_BACK: "With you again: whoever had this student no longer can",
    NAMED: "Named by {who}: {words}",
    REVIEW: "{words}: review the plan",
    NO_SESSION: "{words}: no session in two weeks",
    DECIDED: "Decided by the team: {words}",
    RECORD: "The family asked for the record",
    DISPUTE: "The family challenges what is on record",
    LETTER: "A letter home by {who} waits for a second look",
    LETTER_BACK: "Your letter home was returned by {who}: {words}",
    QUESTION: "{who} asks: {words}",
    BACK: "Not now: {words}",
}
"""What waits, in words; ``words`` are the plan's kind, or what a person wrote."""
AT_ONCE = (NO_OWNER, CAME_BACK, NAMED)
WITH_SOMEBODY = (REVIEW, NO_SESSION, DECIDED)
