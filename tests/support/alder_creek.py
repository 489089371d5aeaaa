"""A few named people of a made-up school, and runs of them without a lake and without a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
from databases import OPENED, with_tables
from kept import kept_once

from ews.features.strengths import FACTS
from ews.people.access import Principal
from ews.risk.scoring import Score
from ews.settings import Settings
from ews.store import Store, open_store
from ews.support.facts import Contact, Plan
from ews.support.roster import Name, Roster
from ews.support.run_files import only_run
from ews.support.run_store import Told
from ews.support.score_run import RunReport, Scored, Stopwatch, keep_run

FRIDAY = date(2025, 11, 14)
LAST_FRIDAY = FRIDAY - timedelta(days=7)
MONDAY_MORNING = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)
HIGH, MIDDLE = "alder", "orchard"
OKAFOR = Principal("okafor@alder.example", "Denise Okafor", "counselor", staff_id="t-okafor")
DIAZ = Principal("diaz@alder.example", "Rafael Diaz", "counselor", staff_id="t-diaz")
BAPTISTE = Principal("baptiste@alder.example", "L. Baptiste", "school_administrator", school_ids=(HIGH,))
ZHAO = Principal("zhao@district.example", "Wen Zhao", "district_analyst")
ADMIN = Principal("admin@district.example", "Sam Root", "system_administrator")


@dataclass(frozen=True)
class Person:
    """One student of a test: who they are, whose caseload they are on, their probability by domain.

    facts: what the record has on what goes well; strength: whether the models name one themselves.
    """

    name: str
    p: Mapping[str, float] = field(default_factory=dict)
    school: str = HIGH
    grade: int = 9
    counselor: str | None = "t-okafor"
    missed: Sequence[float] = (0, 0, 0, 0)
    absence_rate: float = 0.02
    fs: float = 0.0
    facts: Mapping[str, Any] = field(default_factory=dict)
    strength: bool = True
    expected_days: float = 60.0
    has_history: bool = True
    contact: Contact | None = None
    plan: Plan | None = None
    stale: bool = False

    @property
    def student_id(self) -> str:
        return self.name.lower().replace(" ", "-")[:64]  # as long as the contract lets it be


MARIBEL = Person("Maribel Santos", {"attendance": 0.81, "grades": 0.44, "overall": 0.83}, missed=(0, 1, 2, 3))
LINH = Person("Linh Tran", {"attendance": 0.12, "grades": 0.41, "overall": 0.38})
SOFIA = Person("Sofía Herrera", {"attendance": 0.08, "grades": 0.09, "overall": 0.11}, counselor="t-diaz")
NOAH = Person("Noah Kim", {"attendance": 0.05, "grades": 0.04, "overall": 0.05})
XIMENA = Person("Ximena Castillo", {}, expected_days=6.0, has_history=False)
ANA = Person("Ana Reyes", {"attendance": 0.66, "overall": 0.61}, school=MIDDLE, grade=7, counselor=None)
TOWN = (MARIBEL, LINH, SOFIA, NOAH, XIMENA, ANA)
STRANGERS = {
    "not one's own student": (OKAFOR, SOFIA.student_id),
    "another counselor's student": (DIAZ, MARIBEL.student_id),
    "a student of another school": (BAPTISTE, ANA.student_id),
    "nobody": (OKAFOR, "nobody"),
    "an analyst": (ZHAO, MARIBEL.student_id),
    "whoever runs the machines": (ADMIN, MARIBEL.student_id),
}
"""Who asks, and about whom, where nothing is done: by what is wrong with it."""


def matrix_of(people: Sequence[Person], as_of: date) -> pd.DataFrame:
    """The columns of the feature matrix that a run reads."""
    rows = [
        dict.fromkeys(FACTS)
        | {
            "student_id": one.student_id,
            "school_id": one.school,
            "grade_level": one.grade,
            "as_of": as_of,
            "school_year": 2026,
            "week": 13,
            "expected_days_year": one.expected_days,
            "has_history": one.has_history,
            "horizon_days": 45,
            "attendance_through": as_of - timedelta(days=9 if one.stale else 0),
            "marks_through": as_of - timedelta(days=2),
            "incidents_through": None,
            "absence_rate_year": one.absence_rate,
            "incidents_last_45": 0.0,
            "suspensions_year": 0.0,
            "fs_now": one.fs,
            "fact_absent_days_year": one.absence_rate * one.expected_days,
            "fact_expected_days_year": one.expected_days,
            "fact_marks_now": 6.0,
        }
        | dict(one.facts)
        for one in people
    ]
    return pd.DataFrame(rows).sort_values("student_id", ignore_index=True)


def driver(text: str, kind: str = "changeable", direction: str = "raises", **more: Any) -> dict[str, Any]:
    """A driver as the models give it."""
    return {
        "code": "absence_recent",
        "title": "Attendance in recent weeks",
        "text": text,
        "direction": direction,
        "contribution": 0.8,
        "kind": kind,
    } | more


MISSED = driver("Missed 4 of the last 10 school days (typical in grade 9: 0 to 1). SIS, 14 Nov.")
LAST_YEAR = driver(
    "Missed 30 of 180 school days last year. SIS, 14 Nov.", "background", code="absence_before"
)
AN_F = driver("1 F among 6 current marks (typical in grade 9: 0). SIS, 12 Nov.", code="marks_now")
TOO_FEW = "Fewer than 10 school days on record and no earlier year."
WELL = "Passing every core course now. SIS, 12 Nov."


def score_of(person: Person, domain: str, probability: float | None, as_of: date) -> Score:
    """One score with reasons when it is high."""
    return Score(
        student_id=person.student_id,
        school_id=person.school,
        grade_level=person.grade,
        as_of=as_of,
        domain=domain,
        status="not_enough_data" if probability is None else "stale" if person.stale else "scored",
        data_coverage=0.9,
        model_version=f"{domain}-2025-06-30-abcdef0123",
        data_through=as_of,
        probability=probability,
        band=None if probability is None else "high" if probability >= 0.6 else "low",
        drivers=[LAST_YEAR, AN_F if domain == "grades" else MISSED] if (probability or 0) >= 0.3 else [],
        going_well=[WELL] if person.strength and probability is not None else [],
        why_not=TOO_FEW if probability is None else None,
        range_low=None if probability is None else int(20 * probability) / 20,
        range_high=None if probability is None else min(20, int(20 * probability) + 3) / 20,
    )


def scores_of(people: Sequence[Person], as_of: date) -> list[Score]:
    """Every score; a person without probabilities is not scored in attendance and overall."""
    return [
        score_of(one, domain, probability, as_of)
        for one in people
        for domain, probability in (dict(one.p) or {"attendance": None, "overall": None}).items()
    ]


def weeks_of(people: Sequence[Person], as_of: date) -> pd.DataFrame:
    """Four school weeks of everybody."""
    monday = as_of - timedelta(days=as_of.weekday())
    rows = [
        {
            "student_id": one.student_id,
            "week_start": monday - timedelta(weeks=3 - week),
            "days_missed": float(missed),
            "days_expected": 5.0,
            "marks_mean": 78.0,
            "incidents": 0.0,
        }
        for one in people
        for week, missed in enumerate(one.missed)
    ]
    return pd.DataFrame(rows)


def roster_of(people: Sequence[Person]) -> Roster:
    """Names, schools, two counselors and their caseloads."""
    staff = [("t-okafor", "Denise Okafor"), ("t-diaz", "Rafael Diaz")]
    return Roster(
        names={one.student_id: Name(one.name, one.name.split()[-1].casefold()) for one in people},
        schools={HIGH: "Alder Creek High", MIDDLE: "Orchard Bend Middle"},
        staff={
            key: {"staff_id": key, "name": name, "email": None, "role": "counselor", "school_id": HIGH}
            for key, name in staff
        },
        caseloads=tuple((one.counselor, one.student_id, "counselor") for one in people if one.counselor),
        contacts={one.student_id: one.contact for one in people if one.contact},
        plans={one.student_id: one.plan for one in people if one.plan},
        terms={HIGH: [{"label": "Q1", "starts_on": "2025-08-18"}]},
    )


def keep(
    settings: Settings,
    people: Sequence[Person] = TOWN,
    as_of: date = FRIDAY,
    *,
    models: bool = True,
    now: datetime = MONDAY_MORNING,
    behind: Mapping[str, int] | None = None,
    told: Told | None = None,
    **of_roster: Any,
) -> RunReport:
    """A run of ``people``, stored as ``score_run`` stores one; ``behind``: school days by school.

    ``told`` is what their pages tell beside the scores; ``of_roster`` what else the roster has.
    """

    def run() -> RunReport:
        scored = scored_of(people, as_of, models, behind or {}, told or Told(), of_roster)
        with only_run(settings.home), open_store(settings) as store:
            return keep_run(settings, store, as_of, scored, Stopwatch(now))

    if told or of_roster or roster_of.__module__ != __name__:  # a test may have the town told otherwise
        return run()
    return kept_once(settings, repr((people, as_of, models, now, behind, settings.choices)), run)


def scored_of(
    people: Sequence[Person],
    as_of: date,
    models: bool,
    behind: Mapping[str, int],
    told: Told,
    of_roster: Mapping[str, Any],
) -> Scored:
    """What the models would say of ``people`` and what else their run needs."""
    domains = ("attendance", "grades", "behavior", "overall") if models else ()
    learners = [one for one in people if "el_progress" in one.p]
    return Scored(
        matrix=matrix_of(people, as_of),
        weeks=weeks_of(people, as_of),
        roster=replace(roster_of(people), **of_roster),
        scores=scores_of(people, as_of) if models else [],
        models={domain: f"{domain}-2025-06-30-abcdef0123" for domain in domains},
        lake_versions={"attendance": 3},
        learners=learners_of(learners, as_of) if learners else None,
        days_behind=behind,
        told=told,
    )


def learners_of(people: Sequence[Person], as_of: date) -> pd.DataFrame:
    """What the English learners' own model looks at: six years, twice level 2, long-term."""
    told = {
        "learner_level": 2.0,
        "learner_years": 6.0,
        "learner_results_at_level": 2.0,
        "fact_learner_stage": "Long-term English learner by the state's definition",
    }
    return matrix_of(people, as_of).assign(**told)


def roomy(settings: Settings) -> Settings:
    """The same settings with a place for everyone, so that only the lines decide."""
    return replace(
        settings,
        choices={**settings.choices, "list.first_share": 1.0, "list.capacity_share": 1.0},
    )


def opened(settings: Settings) -> Store:
    """The store of these settings, with its tables; closed when the test is over."""
    store = open_store(with_tables(settings))
    OPENED.append(store)
    return store
