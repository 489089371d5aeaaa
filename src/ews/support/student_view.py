"""A student's page: strengths first, then this week's change, the record, how sure, and who has looked.

The same answer feeds the page, its JSON and ``ews explain``. It is None for a student of others and for
one who does not exist alike, and in the ledger before it returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from ews.features.learner_catalogue import DESCRIBED
from ews.people.access import Principal, scoped, why
from ews.people.ledger import View, record_view, viewers
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.store.tables import run_schools, run_students, scores
from ews.support.actions import NOTHING, Action, Standing, notes_on, standings
from ews.support.contact_log import LoggedContact, contacts_of
from ews.support.facts import (
    BESIDE_THE_LIST,
    CAME_ABOUT,
    DOMAIN_TITLES,
    DOMAINS,
    OF_LEARNERS,
    OTHERWISE,
    Reason,
    Run,
    Through,
    range_in_words,
    reason_of,
    sentence_of,
)
from ews.support.levels import LEVEL_WORDS, LISTED, NOT_ENOUGH_DATA, NOT_SCORED
from ews.support.risk_list import ListRow, list_row, of_run, through_of, with_our_contacts
from ews.support.run_files import FEATURES as FEATURES_FILE
from ews.support.run_files import LEARNERS, WEEKS, read_student
from ews.support.runs import shown_run

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
BAND_WORDS = {"low": "low", "watch": "watch", "elevated": "elevated", "high": "high"}
FACTS = {
    "attendance": ("absence_rate_year", "absence_rate_last_20", "tardies_last_20"),
    "grades": ("fs_now", "lowest_mark", "standards_mark", "missing_work"),
    "behavior": ("incidents_last_45", "suspensions_year"),
    "grade9_on_track": ("credits_short", "core_fs_now", "fs_last_term"),
    OF_LEARNERS: ("learner_level", "learner_years", "learner_results_at_level"),
}
ONLY_IF_ANY = ("tardies_last_20", "missing_work", "suspensions_year")  # not worth a line when there is none
WEEKLY = {"attendance": "days_missed", "grades": "marks_mean", "behavior": "incidents"}
WIDE = 0.30  # a range wider than this is called less sure
WELL_COVERED = 0.80  # share of a model's features on record from which a score is called fairly sure
MOST_REASONS = 3


@dataclass(frozen=True)
class Week:
    """One school week on a card's chart: its Monday, what was counted or averaged, and the days expected."""

    starts_on: date
    value: float | None
    expected: float | None


@dataclass(frozen=True)
class Term:
    """A term mark of the charts."""

    label: str
    starts_on: date


@dataclass(frozen=True)
class ScoreFacts:
    """One domain's score as it was stored. ``drivers`` are dicts as INTERFACES has them."""

    domain: str
    title: str
    status: str
    probability: float | None
    band: str | None
    data_coverage: float
    drivers: tuple[Mapping[str, Any], ...]
    note: str | None
    why_not: str | None
    model_version: str
    range_low: float | None
    range_high: float | None


@dataclass(frozen=True)
class Card:
    """One domain's card. ``band`` None: not scored; then ``why_not`` says why, if it is known."""

    domain: str
    title: str
    band: str | None
    status: str
    facts: tuple[Reason, ...]
    reasons: tuple[Reason, ...]
    going_well: tuple[Reason, ...]
    weeks: tuple[Week, ...]
    note: str | None
    why_not: str | None


@dataclass(frozen=True)
class Sureness:
    """How sure a domain's score is, in words; ``frequency`` and ``out_of_ten`` where a range is known.

    ``frequency`` is a sentence about 100 students; ``out_of_ten`` (at least, up to) are its ten circles.
    """

    domain: str
    title: str
    word: str
    why: str
    frequency: str | None = None
    out_of_ten: tuple[int, int] | None = None


@dataclass(frozen=True)
class StudentView:
    """Everything that the page shows, in its order. ``row`` is the student's line of the list.

    ``learner``: the card of an English learner; None for everyone else, and for whoever may not see it.
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
    contacts: tuple[LoggedContact, ...] = ()


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
    if not principal.sees(Field.LEARNERS):
        stored.pop(OF_LEARNERS, None)
    seen_by = tuple(viewers(tx, student_id)) if principal.sees(Field.VIEWERS) else ()
    done = standings(tx, principal, [student_id], as_of=run.as_of, today=now.date())
    notes = notes_on(tx, principal, student_id) if principal.sees(Field.NOTES) else ()
    standing = done.get(student_id, NOTHING)
    view = _view(principal, run, row, school, stored, seen_by, tx.home, standing, notes)
    view = replace(
        view,
        row=with_our_contacts(tx, principal, (view.row,))[0],
        contacts=contacts_of(tx, principal, student_id),
    )
    record_view(
        tx,
        principal,
        action=action,
        reason=why(principal),
        students=[student_id],
        fields=(*FIELDS, "english") if OF_LEARNERS in stored else FIELDS,
        at=now,
        model_version=run.model_version,
    )
    return view


def _scores(tx: Transaction, run: Run, student_id: str) -> dict[str, Row]:
    found = tx.execute(select(scores).where(scores.c.run_id == run.run_id, scores.c.student_id == student_id))
    return {row.domain: row for row in found}


def _view(
    principal: Principal,
    run: Run,
    row: Row,
    school: Row,
    stored: Mapping[str, Row],
    seen_by: tuple[View, ...],
    home: Path,
    standing: Standing,
    notes: tuple[Action, ...],
) -> StudentView:
    line = list_row(row, principal, run, {school.school_id: school.name}, standing)
    features = features_of(home, run, FEATURES_FILE, row.student_id)
    weeks = read_student(home, run.run_id, WEEKS, [row.student_id]).to_dict("records")
    facts = tuple(score_facts(stored[domain]) for domain in in_order(stored))
    sureness = tuple(sureness_of(one) for one in facts if one.domain not in ("overall", OF_LEARNERS))
    return StudentView(
        run=run,
        row=line,
        why=why(principal),
        strengths=tuple(sentence_of(text) for text in row.going_well),
        notes=notes,
        change=change_sentence(row, line, run),
        cards=tuple(
            card_of(domain, stored.get(domain), features, weeks, through_of(row))
            for domain in card_domains(stored)
        ),
        learner=learner_card(stored.get(OF_LEARNERS), run, home, through_of(row)),
        terms=tuple(Term(term["label"], date.fromisoformat(term["starts_on"])) for term in school.terms),
        overall=next((one for one in facts if one.domain == "overall"), None),
        scores=facts,
        sureness=sureness,
        sure=sure_sentence(sureness),
        through=line.through,
        viewers=seen_by,
    )


def score_facts(score: Row) -> ScoreFacts:
    """A stored score."""
    return ScoreFacts(
        domain=score.domain,
        title=DOMAIN_TITLES.get(score.domain, score.domain),
        status=score.status,
        probability=score.probability,
        band=score.band,
        data_coverage=score.data_coverage,
        drivers=tuple(score.drivers),
        note=score.note,
        why_not=score.why_not,
        model_version=score.model_version,
        range_low=score.range_low,
        range_high=score.range_high,
    )


def in_order(domains: Iterable[str]) -> list[str]:
    """The domains in the order of the cards; overall stands last."""
    places = {domain: place for place, domain in enumerate(DOMAINS)}
    return sorted(domains, key=lambda domain: (domain == "overall", places.get(domain, len(places)), domain))


def card_domains(stored: Mapping[str, Row]) -> list[str]:
    """The cards in their order: the three of a school and on-track, or those of another kind of source."""
    others = [domain for domain in stored if domain not in (*DOMAINS, *BESIDE_THE_LIST, "overall")]
    return others or [*DOMAINS, *(name for name in ("grade9_on_track",) if name in stored)]


def features_of(home: Path, run: Run, file: str, student_id: str) -> Mapping[Any, Any]:
    """One student's features in a file of the run; empty when they are not in it."""
    found = read_student(home, run.run_id, file, [student_id]).to_dict("records")
    return found[0] if found else {}


def learner_card(score: Row | None, run: Run, home: Path, through: Through) -> Card | None:
    """The card of an English learner: the state's stage, the way so far, the reasons; None for others."""
    if score is None:
        return None
    features = features_of(home, run, LEARNERS, score.student_id)
    card = card_of(OF_LEARNERS, score, features, (), through)
    stage = features.get("fact_learner_stage")
    if not isinstance(stage, str):  # NaN where the state's definition is not met
        return card
    return replace(card, facts=(Reason(stage, None, None), *card.facts))


def card_of(
    domain: str,
    score: Row | None,
    features: Mapping[Any, Any],
    weeks: Sequence[Mapping[Any, Any]],
    through: Through,
) -> Card:
    """One card: the facts on record, the reasons that raise, what goes well, the weeks of its chart."""
    drivers = score.drivers if score else []
    raising = [one for one in drivers if one["direction"] == "raises" and one["kind"] != "context"]
    raising.sort(key=lambda one: one["kind"] == "background")
    column = WEEKLY.get(domain)
    return Card(
        domain=domain,
        title=DOMAIN_TITLES.get(domain, domain),
        band=score.band if score else None,
        status=score.status if score else NOT_SCORED,
        facts=facts_of(domain, features),
        reasons=tuple(reason_of(driver) for driver in raising[:MOST_REASONS]),
        going_well=tuple(sentence_of(text) for text in (score.going_well if score else [])),
        weeks=tuple(week_of(week, column) for week in weeks) if column else (),
        note=score.note if score else None,
        why_not=score.why_not if score else None,
    )


def facts_of(domain: str, features: Mapping[Any, Any]) -> tuple[Reason, ...]:
    """The plain facts of a domain that are on record, whatever the model makes of them."""
    told = (
        DESCRIBED[name].sentence(features)
        for name in FACTS.get(domain, ())
        if name in features and not (name in ONLY_IF_ANY and features[name] == 0)
    )
    return tuple(Reason(text, None, None) for text in told if text)


def week_of(week: Mapping[Any, Any], column: str) -> Week:
    """One week of a chart; nothing is counted in a week without school days on record."""
    starts_on = week["week_start"]
    expected = number_of(week.get("days_expected"))
    return Week(
        starts_on=starts_on.date() if hasattr(starts_on, "date") else starts_on,
        value=None if expected == 0 else number_of(week.get(column)),
        expected=expected,
    )


def number_of(value: Any) -> float | None:
    """A number, or None where there is none (None or NaN)."""
    return None if value is None or value != value else float(value)


def change_sentence(row: Row, line: ListRow, run: Run) -> str:
    """This week's change in one sentence."""
    if row.level == NOT_SCORED:
        return "No model is in service, so no level is suggested."
    if row.level == NOT_ENOUGH_DATA:
        return not_enough_sentence(row.expected_days or 0.0, run.lines["minimum_days"])
    because = f": {line.reasons[0].fact}" if line.reasons else ""
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


def sureness_of(score: ScoreFacts) -> Sureness:
    """How sure one domain's score is: how often it came about, what is on record, and what is not."""
    word, why = word_and_why(score)
    return Sureness(
        score.domain, score.title, word, why, frequency=frequency_of(score), out_of_ten=out_of_ten(score)
    )


def word_and_why(score: ScoreFacts) -> tuple[str, str]:
    """``fairly sure``, ``less sure`` or ``cannot say yet``, and the sentence that says why."""
    if score.probability is None:
        return "cannot say yet", score.why_not or "Too little is on record."
    if score.status == "stale":
        return "less sure", "The school's records are late."
    if score.note:
        return "less sure", score.note
    if score.data_coverage < WELL_COVERED:
        return "less sure", f"Only {round(10 * score.data_coverage)} of 10 of what it looks at is on record."
    if (score.range_high or 0.0) - (score.range_low or 0.0) > WIDE:
        return "less sure", "Few earlier students had a record like this."
    return "fairly sure", "What it looks at is on record and up to date."


def frequency_of(score: ScoreFacts) -> str | None:
    """The range as a sentence about students of the past; None where none is known."""
    if score.range_low is None or score.range_high is None:
        return None
    told = CAME_ABOUT.get(score.domain, OTHERWISE)
    among = range_in_words(score.range_low, score.range_high)
    return f"Of 100 students with a record like this, {among} {told}."


def out_of_ten(score: ScoreFacts) -> tuple[int, int] | None:
    """The range in ten circles: so many at least, and up to so many."""
    if score.range_low is None or score.range_high is None:
        return None
    return round(100 * score.range_low) // 10, -(-round(100 * score.range_high) // 10)


def sure_sentence(sureness: Sequence[Sureness]) -> str:
    """``Fairly sure about attendance, less sure about grades``; empty with no score at all."""
    by_word: dict[str, list[str]] = {}
    for one in sureness:
        by_word.setdefault(one.word, []).append(one.title.lower())
    order = ("fairly sure", "less sure", "cannot say yet")
    parts = [f"{word} about {listed_words(by_word[word])}" for word in order if word in by_word]
    said = ", ".join(parts)
    return said[:1].upper() + said[1:]


def listed_words(words: Sequence[str]) -> str:
    """``attendance``, ``attendance and grades``, ``attendance, grades and behavior``."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
