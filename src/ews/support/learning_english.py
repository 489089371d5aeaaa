"""How an English learner's English grows: stage, levels over the years, what reclassification asks.

Only for those who may see who is an English learner; it makes no level and no place on a list. That
somebody is in their first year of it stands near immigration and is a field of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from ews.features.english_learners import ALTERNATE, LEARNER
from ews.people.access import Principal
from ews.people.roles import Field
from ews.store.record_tables import english_records
from ews.store.store import Transaction

MONITORED_YEARS = 4  # after reclassification, EC 313 and Title III
PROFICIENT, ALTERNATE_PROFICIENT = 4, 3
A_YEAR = 365.25
TESTS = {"elpac_sum": "ELPAC", ALTERNATE: "Alternate ELPAC"}
MET, NOT_MET, NOT_ON_RECORD = "met", "not yet met", "not on record here"


@dataclass(frozen=True)
class EnglishResult:
    """One annual result; ``domains`` (listening, speaking, reading, writing) on the test's own scale."""

    taken_on: date
    test: str
    level: int
    score: float | None
    domains: Mapping[str, float]


@dataclass(frozen=True)
class Criterion:
    """One of the four things that reclassification asks (EC 313 f), how it stands, and what is on record."""

    title: str
    stands: str
    told: str


@dataclass(frozen=True)
class LearningEnglish:
    """A learner's way, or a former learner's. ``newcomer``: in the first year of it, where that may be seen.

    ``criteria``: empty once reclassified; ``monitoring``: the year of it, None for a learner or when over.
    """

    status: str
    since: str
    newcomer: bool
    results: tuple[EnglishResult, ...]
    criteria: tuple[Criterion, ...]
    monitoring: int | None


def learning_english(
    tx: Transaction, principal: Principal, student_id: str, as_of: date, levels: Mapping[str, Any]
) -> LearningEnglish | None:
    """A student's English as of a day; None for who never learned it here, and for who may not see it.

    ``levels``: the run's lines, with the levels that reclassification asks where the settings differ.
    """
    if not principal.sees(Field.LEARNERS):
        return None
    row = tx.execute(
        select(english_records).where(
            english_records.c.student_id == student_id, english_records.c.status_since <= as_of
        )
    ).one_or_none()
    if row is None:
        return None
    results = tuple(result_of(one) for one in row.results if date.fromisoformat(one["taken_on"]) <= as_of)
    learning = row.status == LEARNER
    years = None if row.learner_since is None else years_between(row.learner_since, as_of)
    year = None if learning else 1 + years_between(row.status_since, as_of)
    return LearningEnglish(
        status="Learning English" if learning else "Reclassified as fluent",
        since=since_sentence(learning, row.learner_since, row.status_since, years, year),
        newcomer=learning and years == 0 and principal.sees(Field.NEWCOMER),
        results=results,
        criteria=criteria_of(results, row.ela_level, levels) if learning else (),
        monitoring=year if year is not None and year <= MONITORED_YEARS else None,
    )


def years_between(first: date, last: date) -> int:
    """Whole years from ``first`` to ``last``."""
    return int((last - first).days / A_YEAR)


def since_sentence(
    learning: bool, began: date | None, status_since: date, years: int | None, year: int | None
) -> str:
    """How long it has been, in a sentence."""
    if learning:
        first = began or status_since
        so_far = "in the first year" if not years else f"{years} year{'' if years == 1 else 's'} so far"
        return f"Learning English in school since {first.year}, {so_far}."
    told = f"Reclassified in {status_since.year}."
    if year is not None and year <= MONITORED_YEARS:
        return f"{told} Monitoring year {year} of {MONITORED_YEARS}."
    return told


def result_of(stored: Mapping[str, Any]) -> EnglishResult:
    """A stored result."""
    return EnglishResult(
        taken_on=date.fromisoformat(stored["taken_on"]),
        test=TESTS.get(stored["family"], "annual English test"),
        level=stored["level"],
        score=stored["score"],
        domains=stored["domains"],
    )


def criteria_of(
    results: Sequence[EnglishResult], ela_level: int | None, levels: Mapping[str, Any]
) -> tuple[Criterion, ...]:
    """The four criteria of EC 313 (f), each as far as the records tell: two of them are people's to say."""
    return (
        english_criterion(results, levels),
        Criterion("Teacher evaluation", NOT_ON_RECORD, "the teacher's observation of English in class"),
        Criterion("Parent consultation", NOT_ON_RECORD, "asked in the language of the home"),
        Criterion(
            "Basic skills",
            NOT_ON_RECORD if ela_level is None else "for the district to say",
            "no statewide English language arts result in two years"
            if ela_level is None
            else f"level {ela_level} on the latest statewide English language arts test",
        ),
    )


def english_criterion(results: Sequence[EnglishResult], levels: Mapping[str, Any]) -> Criterion:
    """Whether the latest annual test is at the level that is asked."""
    title = "English proficiency"
    if not results:
        return Criterion(title, NOT_ON_RECORD, "no annual English test on record")
    latest = results[0]
    alternate = latest.test == TESTS[ALTERNATE]
    asked = levels.get("alternate_proficient_level", ALTERNATE_PROFICIENT) if alternate else levels.get(
        "proficient_level", PROFICIENT
    )  # fmt: skip
    told = f"level {latest.level} of the {latest.test} in {latest.taken_on.year}; {asked} is asked"
    return Criterion(title, MET if latest.level >= asked else NOT_MET, told)
