"""A drop on its way into the lake: read, judged, compared with what is known, published in one step.

``check_drop`` goes as far as the comparison. ``load_drop`` writes what changed and then puts it in force
all at once. Bad data raises nothing: the report says what is wrong and where.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ews.errors import UsageError
from ews.records.contract import CONTRACT
from ews.records.coverage import COVERAGE, COVERAGE_SCHEMA, coverage_changes, coverage_said
from ews.records.delta import read_version, replace_rows, write_versions
from ews.records.drop import Drop
from ews.records.gates import doubtful
from ews.records.held import surprises
from ews.records.judge import without_repeats
from ews.records.load_log import keep_report
from ews.records.lock import one_load_at_a_time
from ews.records.plan import END_OF_TIME, Plan, Terms, in_order, plan_table
from ews.records.problems import Problem, errors
from ews.records.published import Published, publish, read_published
from ews.records.report import LoadReport, TableReport
from ews.records.sources import SOURCES
from ews.records.standing import Standing
from ews.records.waiting import FOLDER, read_waiting, same_rows
from ews.settings import Settings

NEEDED = ("orgs", "students")
"""Without these nothing can be loaded."""


def check_drop(settings: Settings, path: Path, source: str, *, now: datetime | None = None) -> LoadReport:
    """What loading the drop at ``path`` would do; nothing is written.

    Without ``now`` no day counts as still to come.
    """
    moment = now or END_OF_TIME
    drop = read_drop(settings, path, source)
    report, _ = judged(drop, Terms(settings, moment, moment), read_published(settings.lake))
    return report


def load_drop(
    settings: Settings,
    path: Path,
    source: str,
    known_at: datetime | None = None,
    accept_held: bool = False,
    history: bool = False,
    *,
    now: datetime,
) -> LoadReport:
    """Loads the drop at ``path``: all of it or nothing, and nothing new when it was loaded before.

    ``known_at`` is when its news became known, ``now`` by default. ``history``: rows without
    ``recorded_at`` count as known since their own day plus the usual lag. Its report is kept
    (``load_log``), whatever became of the drop. UsageError when another load
    is running or there is nothing at ``path``.
    """
    with one_load_at_a_time(settings.lake):
        published = read_published(settings.lake)
        terms = Terms(settings, known_at or now, now, history)
        drop = read_drop(settings, path, source)
        report, plan = judged(drop, terms, published)
        if report.status == "held" and accept_held:
            report.status = "loaded"
        if report.status == "loaded":
            state = written(settings.lake, published, plan, drop, terms)
            report.published = put_in_force(settings.lake, published, state)
        with suppress(OSError):  # what is in force stays so: a full disk must not say that the load failed
            name = Path(path).name
            keep_report(settings.home, report, at=now, source=source, drop=name, accepted=accept_held)
    return report


def read_drop(settings: Settings, path: Path, source: str) -> Drop:
    """The drop at ``path`` as its source reads it."""
    if source not in SOURCES:
        raise UsageError(f"There is no source {source}.", f"The sources are {', '.join(SOURCES)}.")
    return SOURCES[source](Path(path), settings)


def judged(drop: Drop, terms: Terms, published: Published) -> tuple[LoadReport, Plan]:
    """What is wrong with the drop, and what loading it would change."""
    plan, standing = Plan(), Standing(terms.settings.lake, published)
    tables = {name: TableReport(read=handed.rows.num_rows) for name, handed in drop.tables.items()}
    problems = drop.problems + missing_tables(drop, published) + each_key_once(drop)
    if errors(problems):
        return LoadReport("rejected", tables, problems), plan
    for name in in_order({*drop.tables, *published.waiting}):
        read = tables.get(name, TableReport()).read
        done, found = plan_table(CONTRACT[name], drop, standing, terms, plan)
        tables[name] = replace(done, read=read)
        problems += found
    problems += doubtful(drop.tables.get("attendance"), standing)
    difference = surprises(drop, standing, plan.facts, terms.today, terms.settings)
    return LoadReport("held" if difference else "loaded", tables, problems, difference), plan


def missing_tables(drop: Drop, published: Published) -> list[Problem]:
    """The tables without which nothing can be loaded, when neither drop nor lake has them."""
    failed = errors(drop.problems)
    if failed and not drop.tables:
        return []
    told = {Path(problem.file).stem.casefold() for problem in failed}
    fix = "Add it: a drop needs orgs and students until they have been loaded once."
    return [
        Problem(f"{name}.csv", None, None, None, "This table is missing.", fix)
        for name in NEEDED
        if name not in drop.tables and name not in published.tables and name not in told
    ]


def each_key_once(drop: Drop) -> list[Problem]:
    """Leaves out rows that are there twice; answers the problems of keys that say two things."""
    problems: list[Problem] = []
    for name, handed in drop.tables.items():
        drop.tables[name], found = without_repeats(CONTRACT[name], handed)
        problems += found
    return problems


def written(lake: Path, published: Published, plan: Plan, drop: Drop, terms: Terms) -> Published:
    """Writes what changes, table by table; answers the state that names it all, not yet in force."""
    tables, waiting = dict(published.tables), dict(published.waiting)
    for name, changes in plan.changes.items():
        if changes.any or name not in tables:
            tables[name] = write_versions(
                lake / name, tables.get(name), CONTRACT[name].key, changes.added, changes.closed
            )
        before = read_waiting(lake, published, name)
        if not same_rows(plan.waiting[name], before):
            waiting[name] = replace_rows(lake / FOLDER / name, waiting.get(name), plan.waiting[name])
    write_coverage(lake, published, drop, terms, tables)
    return replace(published, tables=tables, waiting=waiting, drops={**published.drops, **plan.facts})


def write_coverage(
    lake: Path, published: Published, drop: Drop, terms: Terms, tables: dict[str, int]
) -> None:
    """Writes what the manifest says about the schools' attendance, where it says something new."""
    if not drop.coverage:
        return
    standing = Standing(lake, replace(published, tables=tables))
    versions = (
        read_version(lake / COVERAGE, tables[COVERAGE])
        if COVERAGE in tables
        else COVERAGE_SCHEMA.empty_table()
    )
    added, closed = coverage_changes(coverage_said(drop.coverage, standing), versions, terms.at)
    if added.num_rows:
        tables[COVERAGE] = write_versions(lake / COVERAGE, tables.get(COVERAGE), ["school_id"], added, closed)


def put_in_force(lake: Path, published: Published, state: Published) -> bool:
    """Publishes ``state`` unless it is the one in force; answers whether it did."""
    if state == published:
        return False
    publish(lake, replace(state, loads=published.loads + 1))
    return True
