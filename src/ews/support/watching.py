"""`ews watch`: whether what the models say still holds, and whether their data still come in.

It reads what earlier runs stored, joins what has happened since, and compares this week with the same
week a year before. The report is kept in the database, so that the pages show the latest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlalchemy import select

from ews.errors import UsageError
from ews.records.lake import Records, open_lake
from ews.risk.answers import answers_of
from ews.risk.bundle import Bundle, bundles_in_service
from ews.risk.known_rows import known_rows
from ews.risk.logistic import sigmoid
from ews.risk.matured import said_now, with_outcomes
from ews.risk.monitoring import (
    GREY,
    Check,
    acknowledged,
    calibration_check,
    calibration_in_the_large,
    churn,
    drift_of_features,
    drift_of_scores,
    freshness,
    missing_features,
    volumes,
    worst,
)
from ews.risk.populations import ByPopulation
from ews.risk.repair import RepairReport, repair
from ews.risk.shadow_checks import shadow_check
from ews.settings import Settings
from ews.store.store import Transaction, open_store
from ews.store.tables import actions, run_schools, run_students, runs, scores, shadow_scores
from ews.support.freshness import days_behind
from ews.support.levels import LISTED
from ews.support.run_store import A_WEEK
from ews.support.runs import NEWEST_FIRST
from ews.support.watches import keep_watch

if TYPE_CHECKING:
    import numpy as np

A_YEAR = timedelta(weeks=52)  # the same weekday of the same school week
FOUR_WEEKS = timedelta(weeks=4)
SOONEST = timedelta(days=25)  # no label is frozen sooner after its run
MOST_RUNS = 24
A_TERM = timedelta(weeks=6)
IN_TIME = timedelta(days=8)  # five school days after a Friday's list, in any timezone
ANSWERS = ("acknowledged", "not_now")
STORED = ("student_id", "as_of", "domain", "probability", "model_version")


@dataclass(frozen=True)
class WatchReport:
    """What a watch found. ``colour`` is the worst of its checks; ``run_as_of`` the run it looked at."""

    as_of: date
    run_as_of: date
    colour: str
    checks: tuple[Check, ...]
    models: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        """For machines, and as it is kept."""
        return {
            "as_of": self.as_of.isoformat(),
            "run_as_of": self.run_as_of.isoformat(),
            "colour": self.colour,
            "models": dict(self.models),
            "checks": [check.as_json() for check in self.checks],
        }

    def lines(self) -> list[str]:
        """For a person at the terminal."""
        told = [f"Watched as of {self.as_of}, on the run of {self.run_as_of}: {self.colour}."]
        for check in self.checks:
            told.append(f"{check.colour.upper():5}  {check.title}: {check.told}")
            if check.to_do:
                told.append(f"       To do: {check.to_do}")
        return told


@dataclass(frozen=True)
class Kept:
    """What earlier runs left: the newest run, every score that was stored, the list and the one before.

    answered: of new_names of the last weeks, those whom somebody acknowledged or put off in time.
    """

    run_id: str
    run_as_of: date
    stored: pd.DataFrame
    shadow: pd.DataFrame
    listed: frozenset[str]
    listed_before: frozenset[str] | None
    schools: Mapping[str, str]
    answered: int
    new_names: int
    any_answer: bool


def watch(settings: Settings, as_of: date, *, now: datetime) -> WatchReport:
    """Look at everything as it stood on ``as_of``, and keep what was found.

    Errors: UsageError when nothing was scored by then.
    """
    records = open_lake(settings)
    bundles = bundles_in_service(settings.models)
    with open_store(settings) as store:
        with store.read() as tx:
            kept = kept_by_runs(tx, as_of)
        checks = (
            *calibration_checks(records, bundles, kept, settings, as_of),
            *checks_of_data(records, bundles, kept, settings, as_of),
            churn(kept.listed, kept.listed_before),
            answers_of_people(kept),
            *shadow_checks(records, bundles, kept, settings, as_of),
        )
        colour = worst(check.colour for check in checks)
        versions = {name: bundle.version for name, bundle in bundles.items()}
        report = WatchReport(as_of, kept.run_as_of, colour, checks, versions)
        with store.begin() as tx:
            keep_watch(tx, as_of, now, colour, report.as_json())
    return report


def repair_model(settings: Settings, name: str, as_of: date) -> RepairReport:
    """The first remedy: a candidate of ``name`` with its intercept shifted on what matured by ``as_of``.

    Errors: UsageError when it does not serve or nothing was scored; BadData with too few labels.
    """
    bundles = bundles_in_service(settings.models)
    if name not in bundles:
        raise UsageError(f"No {name} is in service.", f"In service: {', '.join(bundles) or 'nothing'}.")
    with open_store(settings) as store, store.read() as tx:
        kept = kept_by_runs(tx, as_of)
    said = said_now(bundles, name, kept.stored)
    matured = with_outcomes(open_lake(settings), said, bundles[name].card["outcome"], settings, as_of)
    return repair(settings, bundles[name], matured, as_of)


# ---- what earlier runs left ------------------------------------------------------------------------


def kept_by_runs(tx: Transaction, as_of: date) -> Kept:
    """What the database has of the runs up to ``as_of``: of each day the run that was shown."""
    scored = select(runs.c.run_id, runs.c.as_of).where(runs.c.status == "scored", runs.c.as_of <= as_of)
    shown: dict[date, str] = {}
    for row in tx.execute(scored.order_by(*NEWEST_FIRST)):
        shown.setdefault(row.as_of, row.run_id)
    if not shown:
        raise UsageError(f"Nothing was scored by {as_of}.", "Score a day first: `ews score --as-of DATE`.")
    newest = next(iter(shown))
    weekly = next((day for day in shown if day <= newest - A_WEEK and newest - day < FOUR_WEEKS), None)
    answered, new = answers_in_time(
        tx, {day: run for day, run in shown.items() if as_of - day < A_TERM}, as_of
    )
    old_enough = [run for day, run in shown.items() if day <= as_of - SOONEST][:MOST_RUNS]
    return Kept(
        shown[newest],
        newest,
        rows_of(tx, scores, old_enough),
        rows_of(tx, shadow_scores, old_enough),
        names_listed(tx, shown[newest]),
        None if weekly is None else names_listed(tx, shown[weekly]),
        {
            row.school_id: row.name
            for row in tx.execute(
                select(run_schools.c.school_id, run_schools.c.name).where(
                    run_schools.c.run_id == shown[newest]
                )
            )
        },
        answered,
        new,
        tx.execute(select(actions.c.action_id).where(actions.c.kind.in_(ANSWERS)).limit(1)).first()
        is not None,
    )


def answers_in_time(tx: Transaction, shown: Mapping[date, str], as_of: date) -> tuple[int, int]:
    """(new names that were acknowledged or put off within IN_TIME, new names whose time is over)."""
    answered = new = 0
    of, act = run_students.c, actions.c
    for day, run in shown.items():
        if day + IN_TIME >= as_of:
            continue
        names = set(
            tx.execute(
                select(of.student_id).where(of.run_id == run, of.is_new, of.level.in_(LISTED))
            ).scalars()
        )
        done = tx.execute(
            select(act.student_id, act.at).where(
                act.as_of == day, act.kind.in_(ANSWERS), act.undone_at.is_(None)
            )
        )
        new += len(names)
        answered += len(names & {row.student_id for row in done if row.at.date() <= day + IN_TIME})
    return answered, new


def rows_of(tx: Transaction, table: Any, run_ids: Sequence[str]) -> pd.DataFrame:
    """STORED of every probability of those runs."""
    found = tx.execute(
        select(
            table.c.student_id,
            runs.c.as_of,
            table.c.domain,
            table.c.probability,
            table.c.model_version,
        )
        .join(runs, runs.c.run_id == table.c.run_id)
        .where(table.c.run_id.in_(run_ids), table.c.probability.is_not(None))
    )
    return pd.DataFrame(found.fetchall(), columns=list(STORED))


def names_listed(tx: Transaction, run_id: str) -> frozenset[str]:
    """Who stood on the list of a run."""
    of = run_students.c
    found = tx.execute(select(of.student_id).where(of.run_id == run_id, of.level.in_(LISTED), ~of.waiting))
    return frozenset(found.scalars())


# ---- the checks ------------------------------------------------------------------------------------


def answers_of_people(kept: Kept) -> Check:
    """Whether new names are answered in time."""
    return acknowledged(kept.answered, kept.new_names, recorded=kept.any_answer)


def calibration_checks(
    records: Records, bundles: Mapping[str, Bundle], kept: Kept, settings: Settings, as_of: date
) -> list[Check]:
    """The first alarm, for each model in service."""
    if not bundles:
        return [Check("calibration", "Calibration on matured labels", GREY, "No model is in service.")]
    return [calibration_of(records, bundles, name, kept, settings, as_of) for name in sorted(bundles)]


def calibration_of(
    records: Records,
    bundles: Mapping[str, Bundle],
    name: str,
    kept: Kept,
    settings: Settings,
    as_of: date,
) -> Check:
    """What the model in service said, or would say since its repair; else what its predecessors said."""
    bundle = bundles[name]
    outcome, repaired = bundle.card["outcome"], bundle.card.get("repaired")
    matured = with_outcomes(records, said_now(bundles, name, kept.stored), outcome, settings, as_of)
    since = f"scores of {bundle.version}"
    if repaired is not None:
        matured = matured[closed_after(matured, date.fromisoformat(repaired["as_of"]))]
        since = f"labels that closed after the repair of {repaired['as_of']}"
    elif matured.empty:
        earlier = kept.stored[kept.stored["domain"] == name]
        matured = with_outcomes(records, earlier, outcome, settings, as_of)
        since = "scores of the versions before"
    gap = calibration_in_the_large(
        matured["label"].to_numpy(dtype=float),
        matured["probability"].to_numpy(dtype=float),
        matured["student_id"].to_numpy(dtype=str),
    )
    return calibration_check(name, gap, matured["as_of"].nunique(), since)


def closed_after(matured: pd.DataFrame, day: date) -> pd.Series:
    """Which labels closed after ``day``: the repair was not learned from them."""
    return matured["closes_on"] > day


def checks_of_data(
    records: Records, bundles: Mapping[str, Bundle], kept: Kept, settings: Settings, as_of: date
) -> list[Check]:
    """Freshness, rows by table, missing features, and drift against the same week a year before."""
    from ews.features.matrix import feature_matrix

    now = feature_matrix(records, [kept.run_as_of], settings=settings)
    before = feature_matrix(records, [kept.run_as_of - A_YEAR], settings=settings)
    everyone = ByPopulation.of(bundles).everyone
    features = sorted({name for bundle in everyone.values() for name in bundle.features})
    found = [feeds(records, kept, settings, as_of), weeks_of_rows(records, as_of)]
    if not features:
        return found
    said_before = {} if before.empty else probabilities(everyone, before, settings)
    return [
        *found,
        missing_features(before, now, features),
        drift_of_scores(said_before, probabilities(everyone, now, settings)),
        drift_of_features(before, now, features),
    ]


def feeds(records: Records, kept: Kept, settings: Settings, as_of: date) -> Check:
    """How far each school's attendance is behind on ``as_of``, and how old the newest run is."""
    from ews.features.freshness import through_by_school

    through = {
        school: day
        for school, day in through_by_school(records, as_of, settings).items()
        if school in kept.schools
    }
    behind = days_behind(records, as_of, through)
    named = {kept.schools[school]: days for school, days in sorted(behind.items())}
    since = days_behind(records, as_of, dict.fromkeys(through, kept.run_as_of))
    return freshness(named, max((days or 0 for days in since.values()), default=0))


def weeks_of_rows(records: Records, as_of: date) -> Check:
    """Rows by table: the last four weeks, the same weeks a year before, the four weeks before."""
    from ews.features.volumes import Window, rows_in

    def ending(day: date) -> Window:
        return Window(day - FOUR_WEEKS + timedelta(days=1), day, day)

    windows = {
        "now": ending(as_of),
        "a_year_before": ending(as_of - A_YEAR),
        "four_weeks_before": ending(as_of - FOUR_WEEKS),
    }
    return volumes(rows_in(records, windows))


def probabilities(
    bundles: Mapping[str, Bundle], matrix: pd.DataFrame, settings: Settings
) -> dict[str, np.ndarray]:
    """What each model in service says of the rows of a matrix that it may score."""
    known = known_rows(bundles, matrix, settings)
    answers = answers_of(known.domains)
    return {name: sigmoid(answer.log_odds[known.domains[name].eligible]) for name, answer in answers.items()}


def shadow_checks(
    records: Records, bundles: Mapping[str, Bundle], kept: Kept, settings: Settings, as_of: date
) -> list[Check]:
    """Each shadow beside what serves, on the same matured labels."""
    found = []
    for name in sorted(set(kept.shadow["domain"]) & set(bundles)):
        own = kept.shadow[kept.shadow["domain"] == name]
        served = kept.stored[kept.stored["domain"] == name]
        both = own.merge(served, on=["student_id", "as_of"], suffixes=("", "_served"))
        matured = with_outcomes(records, both, bundles[name].card["outcome"], settings, as_of)
        found.append(shadow_check(name, matured))
    return found
