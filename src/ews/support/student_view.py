"""A student's page: strengths first, then this week's change, the record, how sure, and who has looked.

The same answer feeds the page, its JSON and ``ews explain``. It is None for a student of others and for
one who does not exist alike, and in the ledger before it returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import Row, select

from ews.people.access import Principal, scoped, why, why_may_see
from ews.people.ledger import View, record_view, viewers
from ews.people.roles import Field
from ews.store.record_tables import run_typical_weeks
from ews.store.store import Transaction
from ews.store.tables import run_schools, run_students, scores
from ews.support.actions import NOTHING, Action, Standing, notes_on, standings
from ews.support.contact_log import LoggedContact, contacts_of
from ews.support.decisions import Decision, decided_before
from ews.support.disputes import Dispute, disputed_by, disputes_seen
from ews.support.facts import DOMAINS, OF_LEARNERS, Reason, Run, Through
from ews.support.family_members import FamilyMember, family_members
from ews.support.learning_english import LearningEnglish, learning_english
from ews.support.levels import LEVEL_WORDS, LISTED, NOT_ENOUGH_DATA, NOT_SCORED
from ews.support.list_rows import ListRow, list_row, with_our_contacts
from ews.support.meetings import NO_MEETINGS, StudentMeetings, may_meet, meetings_about
from ews.support.plan_record import tier_now
from ews.support.question_views import Question, questions_about
from ews.support.run_files import FEATURES as FEATURES_FILE
from ews.support.run_files import WEEKS, read_student
from ews.support.runs import of_run, shown_run
from ews.support.savable_view import SavableRow, savable_of
from ews.support.shown import sees_domain
from ews.support.sis_contacts import SisContact, sis_contacts_of
from ews.support.steps import Step, steps_of
from ews.support.student_cards import (
    Card,
    card_domains,
    card_of,
    drivers_of,
    features_of,
    learner_card,
    strengths_seen,
    typical_in_grade,
)
from ews.support.supports_tried import SupportTried, supports_tried
from ews.support.sureness import ScoreFacts, Sureness, score_facts, sure_sentence, sureness_of
from ews.support.work import NO_WORK, Work, work_of

MOST_LOOKS = 200  # the page tells a line a person and day of them
FIELDS = (
    "name",
    "grade",
    "level",
    "rules",
    "record",
    "scores",
    "reasons",
    "strengths",
    "notes",
    "contact",
    "plan",
)


@dataclass(frozen=True)
class Term:
    """A term mark of the charts."""

    label: str
    starts_on: date


@dataclass(frozen=True)
class StudentView:
    """Everything that the page shows, in its order. ``row`` is the student's line of the list.

    ``learner``: the card of an English learner; None for everyone else, and for whoever may not see it.
    ``english``: how their English grew, also once reclassified. ``typical_weeks``: the middle half of the
    grade by signal, for the charts. ``steps``: what could move a score. ``disputes``: what the family
    challenges and is not resolved yet.
    """

    run: Run
    row: ListRow
    why: str
    strengths: tuple[Reason, ...]
    notes: tuple[Action, ...]
    change: str
    cards: tuple[Card, ...]
    learner: Card | None
    terms: tuple[Term, ...]
    overall: ScoreFacts | None
    scores: tuple[ScoreFacts, ...]
    sureness: tuple[Sureness, ...]
    sure: str
    through: Through
    viewers: tuple[View, ...]
    typical_weeks: Mapping[str, tuple[float, float]]
    english: LearningEnglish | None
    steps: tuple[Step, ...]
    supports: tuple[SupportTried, ...]
    sis_contacts: tuple[SisContact, ...]
    contacts: tuple[LoggedContact, ...]
    family: tuple[FamilyMember, ...]
    questions: tuple[Question, ...] = ()
    savable: tuple[SavableRow, ...] = ()
    work: Work = NO_WORK
    meetings: StudentMeetings = NO_MEETINGS
    decided: tuple[Decision, ...] = ()
    disputes: tuple[Dispute, ...] = ()


def student_view(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    *,
    now: datetime,
    as_of: date | None = None,
    action: str = "student",
) -> StudentView | None:
    """One student as of the newest run, or of ``as_of``; None when it is not theirs to see.

    ``tx`` must be able to write, and to commit: the look is in the ledger, or nothing is shown. action:
    what the ledger calls the look; ``printout`` where it goes on paper.
    """
    run = shown_run(tx, as_of)
    if run is None:
        return None
    statement = scoped(principal, of_run(run, run_students), run_students.c.student_id)
    row = tx.execute(statement.where(run_students.c.student_id == student_id)).one_or_none()
    if row is None:
        return None
    school = tx.execute(
        select(run_schools).where(
            run_schools.c.run_id == run.run_id, run_schools.c.school_id == row.school_id
        )
    ).one()
    stored = _scores(tx, run, student_id)
    stored = {domain: score for domain, score in stored.items() if sees_domain(principal, domain)}
    seen_by: tuple[View, ...] = ()
    if principal.sees(Field.VIEWERS):
        seen_by = tuple(viewers(tx, student_id, for_whom=principal, most=MOST_LOOKS))
    done = standings(tx, principal, [student_id], as_of=run.as_of, today=now.date())
    notes = notes_on(tx, principal, student_id) if principal.sees(Field.NOTES) else ()
    standing = done.get(student_id, NOTHING)
    reason = why_may_see(tx, principal, student_id) or why(principal)
    view = _view(tx, principal, run, row, school, stored, seen_by, standing, notes, reason)
    view = replace(view, questions=questions_about(tx, principal, student_id, now=now))
    view = replace(view, savable=savable_of(tx, principal, run, student_id))
    view = replace(view, work=work_of(tx, principal, student_id, now=now))
    view = replace(view, row=replace(view.row, tier=tier_now(view.row.tier, view.work.plans)))
    view = replace(view, meetings=meetings_about(tx, principal, student_id, today=now.date()))
    if may_meet(principal):
        view = replace(view, decided=decided_before(tx, principal, [student_id]).get(student_id, ()))
    view = replace(view, disputes=disputes_seen(tx, principal, student_id, now.date()))
    view = replace(view, row=replace(view.row, disputed=disputed_by(view.disputes)))
    record_view(
        tx,
        principal,
        action=action,
        students=[student_id],
        fields=fields_of(view),
        at=now,
        model_version=run.model_version,
    )
    return view


def _scores(tx: Transaction, run: Run, student_id: str) -> dict[str, Row]:
    found = tx.execute(select(scores).where(scores.c.run_id == run.run_id, scores.c.student_id == student_id))
    return {row.domain: row for row in found}


def fields_of(view: StudentView) -> tuple[str, ...]:
    """What of the student the ledger says was shown."""
    english = view.learner is not None or view.english is not None
    return (*FIELDS, "english") if english else FIELDS


def _view(
    tx: Transaction,
    principal: Principal,
    run: Run,
    row: Row,
    school: Row,
    stored: Mapping[str, Row],
    seen_by: tuple[View, ...],
    standing: Standing,
    notes: tuple[Action, ...],
    reason: str,
) -> StudentView:
    line = list_row(row, principal, run, {school.school_id: school.name}, standing)
    student_id, home = row.student_id, tx.home
    features = features_of(home, run, FEATURES_FILE, student_id)
    weeks = read_student(home, run.run_id, WEEKS, [student_id]).to_dict("records")
    drivers = {domain: drivers_of(principal, stored.get(domain)) for domain in (*stored, *DOMAINS)}
    facts = tuple(score_facts(stored[domain], drivers[domain]) for domain in in_order(stored))
    typical = typical_in_grade(tx, run, row.grade_level)
    d_counts = run.lines.get("d_counts", False)
    told = (one for one in facts if one.domain not in ("overall", OF_LEARNERS))
    sureness = tuple(sureness_of(one, d_counts) for one in told)
    return StudentView(
        run=run,
        row=with_our_contacts(tx, principal, (line,))[0],
        why=reason,
        strengths=strengths_seen(principal, row.going_well),
        notes=notes,
        change=change_sentence(row, line, run),
        cards=tuple(
            card_of(domain, stored.get(domain), features, weeks, drivers[domain], principal, typical)
            for domain in card_domains(principal, stored)
        ),
        learner=learner_card(
            stored.get(OF_LEARNERS), run, home, drivers.get(OF_LEARNERS, []), principal, typical
        ),
        terms=tuple(Term(term["label"], date.fromisoformat(term["starts_on"])) for term in school.terms),
        overall=next((one for one in facts if one.domain == "overall"), None),
        scores=facts,
        sureness=sureness,
        sure=sure_sentence(sureness),
        through=line.through,
        viewers=seen_by,
        typical_weeks=_typical_weeks(tx, run, row.grade_level),
        english=learning_english(tx, principal, student_id, run.as_of, run.lines),
        steps=steps_of(tx, run, student_id),
        supports=supports_tried(tx, principal, student_id, run.as_of),
        sis_contacts=sis_contacts_of(tx, principal, student_id, run.as_of),
        contacts=contacts_of(tx, principal, student_id),
        family=family_members(tx, principal, student_id),
    )


def _typical_weeks(tx: Transaction, run: Run, grade_level: int) -> dict[str, tuple[float, float]]:
    of = run_typical_weeks.c
    found = tx.execute(
        select(of.signal, of.low, of.high).where(of.run_id == run.run_id, of.grade_level == grade_level)
    )
    return {row.signal: (row.low, row.high) for row in found}


def in_order(domains: Iterable[str]) -> list[str]:
    """The domains in the order of the cards; overall stands last."""
    places = {domain: place for place, domain in enumerate(DOMAINS)}
    return sorted(domains, key=lambda domain: (domain == "overall", places.get(domain, len(places)), domain))


def change_sentence(row: Row, line: ListRow, run: Run) -> str:
    """This week's change in one sentence, with the facts that stand in the list."""
    if row.level == NOT_SCORED:
        return "No model is in service, so no level is suggested."
    if row.level == NOT_ENOUGH_DATA:
        return not_enough_sentence(row.expected_days or 0.0, run.lines["minimum_days"])
    facts = "; ".join(reason.fact for reason in line.reasons if not reason.background)
    because = f": {facts}" if facts else ""
    word = LEVEL_WORDS[row.level]
    if row.waiting:
        return f"Would be {word}, and waits for next week: at most {run.lines['new_names']} new names a week."
    if row.changed:
        if row.level not in LISTED:
            because = "; above the line for See next, beyond today's places" if line.beyond else ""
        return f"Moved from {LEVEL_WORDS[row.previous_level]} to {word}{because}."
    if row.is_new:
        return f"New on the list{because}."
    if row.level in LISTED:
        stands = f"{word}, on this year's first list" if run.first_list else f"Still {word}"
        return f"{stands}{because}."
    if line.beyond:
        return "Above the line for See next; beyond today's places."
    return "Not on the list this week."


def not_enough_sentence(days: float, least: int) -> str:
    """Why there is no score: too few school days so far, or too few of them left this year."""
    if days >= least:
        return "No new score: too few school days are left this year."
    return f"Not enough data yet: {days:.0f} of {least} school days."
