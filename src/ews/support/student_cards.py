"""The cards of a student's page: of each domain band, facts, reasons, what goes well, and the weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from ews.features.definition import Feature
from ews.features.learner_catalogue import DESCRIBED
from ews.people.access import Principal
from ews.risk.sentences import compared
from ews.store.record_tables import run_typical_facts
from ews.store.store import Transaction
from ews.support.facts import (
    BESIDE_THE_LIST,
    DOMAIN_TITLES,
    DOMAINS,
    OF_LEARNERS,
    Reason,
    Run,
    reason_of,
    sentence_of,
)
from ews.support.levels import NOT_SCORED
from ews.support.run_files import LEARNERS, read_student
from ews.support.shown import drivers_shown, sees_domain, sentences_shown

FACTS = {
    "attendance": ("absence_rate_year", "absence_rate_last_20", "tardies_last_20"),
    "grades": ("fs_now", "lowest_mark", "standards_mark", "missing_work"),
    "behavior": ("incidents_last_45", "suspensions_year"),
    "grade9_on_track": ("credits_short", "core_fs_now", "fs_last_term"),
    OF_LEARNERS: ("learner_level", "learner_years", "learner_results_at_level"),
}
ONLY_IF_ANY = ("tardies_last_20", "missing_work", "suspensions_year")  # not worth a line when there is none
WEEKLY = {"attendance": "days_missed", "grades": "marks_mean", "behavior": "incidents"}
MOST_REASONS = 3
MOST_WELL = 3

Typical = Mapping[str, tuple[float, float]]
"""The middle half of a student's grade, by feature."""


@dataclass(frozen=True)
class Week:
    """One school week on a card's chart: its Monday, what was counted or averaged, and the days expected."""

    starts_on: date
    value: float | None
    expected: float | None


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


def drivers_of(principal: Principal, score: Row | None) -> list[Mapping[str, Any]]:
    """The drivers of a score that ``principal`` may see."""
    return drivers_shown(principal, score.drivers if score else [])


def strengths_seen(principal: Principal, texts: Sequence[str]) -> tuple[Reason, ...]:
    """Three things that go well, of those that ``principal`` may see."""
    return tuple(sentence_of(text) for text in sentences_shown(principal, texts)[:MOST_WELL])


def card_domains(principal: Principal, stored: Mapping[str, Row]) -> list[str]:
    """The cards in their order: the three of a school and on-track, or those of another kind of source."""
    others = [domain for domain in stored if domain not in (*DOMAINS, *BESIDE_THE_LIST, "overall")]
    seen = [name for name in DOMAINS if sees_domain(principal, name)]
    return others or [*seen, *(name for name in ("grade9_on_track",) if name in stored)]


def features_of(home: Path, run: Run, file: str, student_id: str) -> Mapping[Any, Any]:
    """One student's features in a file of the run; empty when they are not in it."""
    found = read_student(home, run.run_id, file, [student_id]).to_dict("records")
    return found[0] if found else {}


def typical_in_grade(tx: Transaction, run: Run, grade_level: int) -> Typical:
    """What the facts of a grade are held against, as of a run."""
    of = run_typical_facts.c
    found = tx.execute(
        select(of.feature, of.low, of.high).where(of.run_id == run.run_id, of.grade_level == grade_level)
    )
    return {row.feature: (row.low, row.high) for row in found}


def learner_card(
    score: Row | None,
    run: Run,
    home: Path,
    drivers: Sequence[Mapping[str, Any]],
    principal: Principal,
    typical: Typical,
) -> Card | None:
    """The card of an English learner: the state's stage, the way so far, the reasons; None for others."""
    if score is None:
        return None
    features = features_of(home, run, LEARNERS, score.student_id)
    card = card_of(OF_LEARNERS, score, features, (), drivers, principal, typical)
    stage = features.get("fact_learner_stage")
    if not isinstance(stage, str):  # NaN where the state's definition is not met
        return card
    return replace(card, facts=(Reason(stage, None, None), *card.facts))


def card_of(
    domain: str,
    score: Row | None,
    features: Mapping[Any, Any],
    weeks: Sequence[Mapping[Any, Any]],
    drivers: Sequence[Mapping[str, Any]],
    principal: Principal,
    typical: Typical,
) -> Card:
    """One card: the facts on record, the reasons that raise, what goes well, the weeks of its chart."""
    raising = [one for one in drivers if one["direction"] == "raises" and one["kind"] != "context"]
    raising.sort(key=lambda one: one["kind"] == "background")
    column = WEEKLY.get(domain)
    return Card(
        domain=domain,
        title=DOMAIN_TITLES.get(domain, domain),
        band=score.band if score else None,
        status=score.status if score else NOT_SCORED,
        facts=facts_of(domain, features, typical),
        reasons=tuple(reason_of(driver) for driver in raising[:MOST_REASONS]),
        going_well=strengths_seen(principal, score.going_well if score else []),
        weeks=tuple(week_of(week, column) for week in weeks) if column else (),
        note=score.note if score else None,
        why_not=score.why_not if score else None,
    )


def facts_of(domain: str, features: Mapping[Any, Any], typical: Typical) -> tuple[Reason, ...]:
    """The plain facts of a domain that are on record, whatever the model makes of them."""
    told = (
        fact_of(DESCRIBED[name], features, typical)
        for name in FACTS.get(domain, ())
        if name in features and not (name in ONLY_IF_ANY and features[name] == 0)
    )
    return tuple(fact for fact in told if fact is not None)


def fact_of(feature: Feature, features: Mapping[Any, Any], typical: Typical) -> Reason | None:
    """One fact, beside what is typical of the student's grade where a model in service knows it."""
    text = feature.sentence(features)
    if text is None:
        return None
    held = compared(feature, features, *typical[feature.name]) if feature.name in typical else ""
    return Reason(text, held.strip(" ()") or None, None)


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
