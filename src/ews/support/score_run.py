"""One run: everyone enrolled on a day scored, explained, given a level, and stored, all or nothing.

The features are written beside the database and settled on the disk; then one transaction stores the
run. Killed at any moment, either the whole run is there or nothing of it. A second run of the same day
replaces nothing: the latest finished one is shown.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ews.errors import BadData, NoModel, UsageError
from ews.people.client_reading import LOOKED_BACK, watch_clients
from ews.people.ledger import keep_checkpoint
from ews.school_year import school_year_of
from ews.settings import Settings
from ews.store.store import Store, open_store
from ews.support.freshness import days_behind, held_back, school_facts, stamp, taken_through
from ews.support.hit_rate import band_rates, hit_rate
from ews.support.levels import LEVEL_WORDS, Lines
from ews.support.owners import let_go
from ews.support.roster import Roster, read_roster
from ews.support.run_content import run_content
from ews.support.run_files import (
    FEATURES,
    LEARNERS,
    WEEKS,
    new_run_id,
    only_run,
    remove_orphans,
    write_run_files,
)
from ews.support.run_store import Told, all_runs, standings_before, store_run, store_shadow
from ews.support.savable import read_savable
from ews.support.states import open_for_listed
from ews.support.typical_facts import typical_facts
from ews.support.typical_weeks import typical_weeks

if TYPE_CHECKING:
    import pandas as pd

    from ews.records.lake import Records
    from ews.risk.bundle import Bundle
    from ews.risk.scoring import Score

WEEKS_KEPT = 36


@dataclass(frozen=True)
class RunReport:
    """What a run did. status: scored, or no_model when only the ABC rules could be stored."""

    run_id: str
    as_of: date
    status: str
    students: int
    scores: int
    levels: Mapping[str, int]
    models: Mapping[str, str]
    notes: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """Every field by name."""
        return asdict(self) | {"as_of": self.as_of.isoformat()}

    def lines(self) -> list[str]:
        """The same for a person at the terminal."""
        levels = ", ".join(f"{word} {self.levels.get(level, 0):,}" for level, word in LEVEL_WORDS.items())
        return [
            f"run {self.run_id}: {self.students:,} students, {self.scores:,} scores in {self.seconds:.1f} s",
            levels,
            *self.notes,
        ]


@dataclass(frozen=True)
class Scored:
    """What a run is made of: the day's features, the weeks behind the charts, who is who, the scores.

    models: domain -> version, empty when none is in service. notes: for the people running it.
    shadow: what models say that the gate refused; it is stored, and shown to nobody. learners: the English
    learners' own features, None where no model is asked about them.
    days_behind: school -> school days of attendance that are wanting; from 5 it raises no new names.
    told: what the students' pages tell beside the scores.
    """

    matrix: pd.DataFrame
    weeks: pd.DataFrame
    roster: Roster
    scores: Sequence[Score]
    models: Mapping[str, str]
    lake_versions: Mapping[str, int]
    hit_rate: str | None = None
    band_rates: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    shadow: Sequence[Mapping[str, Any]] = ()
    learners: pd.DataFrame | None = None
    days_behind: Mapping[str, int | None] = field(default_factory=dict)
    told: Told = field(default_factory=Told)

    @property
    def files(self) -> dict[str, pd.DataFrame]:
        """What is kept beside the database, by file name."""
        kept = {FEATURES: self.matrix, WEEKS: self.weeks}
        return kept if self.learners is None else kept | {LEARNERS: self.learners}


def score_run(settings: Settings, as_of: date, *, now: datetime, allow_rules_only: bool = False) -> RunReport:
    """Scores everyone enrolled on ``as_of`` and stores the run.

    ``allow_rules_only``: with no model in service, store who meets the ABC rules. Errors: NoModel
    without it, BadData when nobody is enrolled that day, UsageError while another run goes on, or for a
    day to come: its run would stand as the latest until then.
    """
    if as_of > now.astimezone(settings.timezone).date():
        raise UsageError(f"{as_of} is still to come.", "Score as of today or an earlier day.")
    clock = Stopwatch(now)
    bundles = _in_service(settings, allow_rules_only)
    with only_run(settings.home), open_store(settings) as store:
        scored = scored_as_of(settings, as_of, bundles)
        return keep_run(settings, store, as_of, scored, clock)


def scored_as_of(settings: Settings, as_of: date, bundles: Mapping[str, Bundle]) -> Scored:
    """Everything that the records and the models say of ``as_of``; BadData when nobody is enrolled."""
    from ews.features.english_learners import english_records
    from ews.features.matrix import feature_matrix
    from ews.features.weekly import weekly_record
    from ews.records.lake import open_lake
    from ews.risk.what_moves import what_moves

    records = open_lake(settings)
    matrix = feature_matrix(records, [as_of], settings=settings)
    if matrix.empty:
        raise BadData(f"Nobody is enrolled on {as_of}.", "Check the day, and what was loaded.")
    behind = days_behind(records, as_of, taken_through(matrix))
    learners = _learners(bundles, records, matrix, settings)
    scores, notes = _scores(bundles, matrix, learners, settings)
    shadow, of_shadows = _shadow(bundles, records, matrix, settings)
    weeks = weekly_record(records, as_of, weeks=WEEKS_KEPT, settings=settings)
    return Scored(
        matrix=matrix,
        weeks=weeks,
        roster=replace(read_roster(records, as_of), savable=read_savable(records, as_of, settings)),
        scores=held_back(scores, behind),
        models={name: bundle.version for name, bundle in bundles.items()},
        lake_versions=records.versions,
        hit_rate=hit_rate(bundles, settings["list.capacity_share"], settings["list.first_share"]),
        band_rates=band_rates(bundles, settings),
        notes=(*notes, *of_shadows),
        shadow=shadow,
        learners=learners,
        days_behind=behind,
        told=Told(
            english=english_records(records, as_of, settings=settings),
            steps=what_moves(bundles, matrix, scores, settings),
            typical_weeks=typical_weeks(weeks, matrix),
            typical_facts=typical_facts(bundles, matrix),
        ),
    )


def keep_run(settings: Settings, store: Store, as_of: date, scored: Scored, clock: Stopwatch) -> RunReport:
    """Gives every student a level and stores the run: first its files, then all of it in one transaction."""
    with store.read() as tx:
        remove_orphans(settings.home, all_runs(tx))
        before = standings_before(tx, as_of)
    content = run_content(scored.matrix, scored.scores, scored.weeks, scored.roster, before, settings)
    schools = school_facts(content.schools, scored.days_behind)
    late = stamp((row["name"], row["days_behind"]) for row in schools if row["days_behind"] is not None)
    run_id = new_run_id(as_of)
    files = write_run_files(settings.home, run_id, scored.files)
    lines = asdict(Lines.of(settings)) | {
        "minimum_days": settings["list.minimum_days"],
        "first_list": before.first_list,
        "band_rates": scored.band_rates,
        "d_counts": settings["grades.a_g_minimum_is_c"],
        "proficient_level": settings["english_learners.proficient_level"],
        "alternate_proficient_level": settings["english_learners.alternate_proficient_level"],
    }
    run = _run(run_id, as_of, scored, files, lines, clock)
    with store.begin() as tx:
        store_run(tx, run, replace(content, schools=schools), scored.scores, scored.roster, scored.told)
        store_shadow(tx, run_id, scored.shadow)
        let_go(tx)
        open_for_listed(tx, run_id, as_of, now=clock.began.astimezone(settings.timezone))
        watch_clients(tx, now=clock.began, days=LOOKED_BACK)
    with store.read() as tx:
        keep_checkpoint(tx)
    return RunReport(
        run_id=run_id,
        as_of=as_of,
        status=run["status"],
        students=len(content.students),
        scores=len(scored.scores),
        levels=Counter(student["level"] for student in content.students),
        models=scored.models,
        notes=(*scored.notes, *([late] if late else [])),
        seconds=clock.seconds,
    )


class Stopwatch:
    """How long it has been since ``began``, whose moment came from the command line."""

    def __init__(self, began: datetime) -> None:
        self.began = began
        self._ticks = time.perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since it began."""
        return time.perf_counter() - self._ticks

    @property
    def moment(self) -> datetime:
        """This moment."""
        return self.began + timedelta(seconds=self.seconds)


def _in_service(settings: Settings, allow_rules_only: bool) -> dict[str, Bundle]:
    """The models in service; none only where that is allowed."""
    from ews.risk.bundle import bundles_in_service

    bundles = bundles_in_service(settings.models)
    if not bundles and not allow_rules_only:
        raise NoModel(
            f"No model is in service in {settings.models}.",
            "Run `ews train`, then `ews promote`; or store the ABC rules alone with --rules-only.",
        )
    return bundles


def _learners(
    bundles: Mapping[str, Bundle], records: Records, matrix: pd.DataFrame, settings: Settings
) -> pd.DataFrame | None:
    """The English learners' own features; None where no model in service asks for them."""
    from ews.risk.learner_rows import learners_of

    return learners_of(bundles, records, matrix, settings) if bundles else None


def _scores(
    bundles: Mapping[str, Bundle],
    matrix: pd.DataFrame,
    learners: pd.DataFrame | None,
    settings: Settings,
) -> tuple[list[Score], tuple[str, ...]]:
    """Every student's scores, and notes for the people running it; none with no model in service."""
    from ews.risk.populations import scores_of_all

    if not bundles:
        return [], ("No model is in service: the list shows the ABC rules.",)
    scored = scores_of_all(bundles, matrix, learners, settings=settings)
    return scored.scores, tuple(scored.notes)


def _shadow(
    bundles: Mapping[str, Bundle], records: Records, matrix: pd.DataFrame, settings: Settings
) -> tuple[list[dict[str, Any]], list[str]]:
    """What shadow models say, and notes on those that could not; nothing is read when there is none."""
    from ews.risk.populations import ByPopulation
    from ews.risk.shadows import shadow_scores, shadows

    found, notes = shadows(settings.models)
    apart = ByPopulation.of(found)
    said, failed = shadow_scores(apart.everyone, bundles, matrix, settings)
    learners = _learners(apart.learners, records, matrix, settings)
    if learners is not None and not learners.empty:
        of_learners, also = shadow_scores(apart.learners, bundles, learners, settings)
        said, failed = said + of_learners, failed + also
    return said, notes + failed


def _run(
    run_id: str,
    as_of: date,
    scored: Scored,
    files: Mapping[str, str],
    lines: Mapping[str, Any],
    clock: Stopwatch,
) -> dict[str, Any]:
    """The run's own row."""
    return {
        "run_id": run_id,
        "as_of": as_of,
        "school_year": school_year_of(as_of),
        "status": "scored" if scored.models else "no_model",
        "started_at": clock.began,
        "finished_at": clock.moment,
        "students": len(scored.matrix),
        "models": dict(scored.models),
        "lake_versions": dict(scored.lake_versions),
        "files": dict(files),
        "lines": dict(lines),
        "hit_rate": scored.hit_rate,
    }
