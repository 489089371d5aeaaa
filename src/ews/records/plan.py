"""What a drop would change in one table: its rows and those that waited, judged and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from ews.records.changes import Accepted, Changes, changes_of, first_load, in_window, school_years, vanished
from ews.records.contract import CONTRACT, Table
from ews.records.drop import Drop, Handed
from ews.records.held import facts_of
from ews.records.judge import Verdict, chosen, judge_circumstances, judge_values
from ews.records.keys import are_among, key_codes, positions_in, say_the_same
from ews.records.known import event_days
from ews.records.problems import Problem
from ews.records.report import TableReport
from ews.records.standing import Standing
from ews.records.waiting import joined, noted, nothing_handed, read_waiting, still_wanted
from ews.settings import Settings

END_OF_TIME = datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True)
class Terms:
    """Under which terms a drop is taken: when its news became known, and what day it is.

    Without ``now`` no day is still to come.
    """

    settings: Settings
    at: datetime
    now: datetime
    history: bool = False

    @property
    def today(self) -> date:
        """The later of today and the day the news became known: events after it are still to come."""
        latest = max(self.at, self.now)
        return date.max if latest >= END_OF_TIME else latest.astimezone(self.settings.timezone).date()


@dataclass
class Plan:
    """What a load would write: changes and rows to wait by table, and what to remember of the files."""

    changes: dict[str, Changes] = field(default_factory=dict)
    waiting: dict[str, pa.Table] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass
class Arrived:
    """The rows of one table to be judged: the drop's, then those that waited.

    ``first`` marks rows that count as known since their own day, ``waited`` those of an earlier drop.
    """

    handed: Handed
    event_on: pa.Array
    first: np.ndarray
    waited: np.ndarray


def plan_table(
    table: Table, drop: Drop, standing: Standing, terms: Terms, plan: Plan
) -> tuple[TableReport, list[Problem]]:
    """Plans what the drop changes in one table, and lets ``standing`` know what it takes."""
    handed = drop.tables.get(table.name) or nothing_handed(table.name)
    versions = standing.versions(table.name)
    sent = with_days(table, handed.rows, standing, terms.settings)
    arrived = arrive(table, handed, sent, versions, standing, terms)
    verdict = Verdict.on(arrived.handed.rows.num_rows)
    problems = judge_values(table, arrived.handed, verdict)
    problems += judge_circumstances(table, arrived.handed, arrived.event_on, standing, terms.today, verdict)
    accepted = accept(arrived, verdict.taken)
    ended = vanished(table, versions, sent, handed.file, terms.settings)
    ended |= named(table, versions, handed.rows.filter(handed.deleted))
    changes = changes_of(table, versions, accepted, ended, at=terms.at, settings=terms.settings)
    standing.taken[table.name], standing.ended[table.name] = accepted.rows, changes.ended
    plan.changes[table.name] = changes
    plan.waiting[table.name] = set_aside(arrived, verdict)
    if table.name in drop.tables:
        years = school_years(table, sent, terms.settings)
        before = standing.published.drops.get(table.name)
        plan.facts[table.name] = facts_of(handed, years, drop.extract_at, before)
    return told(handed, arrived, verdict, changes), problems


def with_days(table: Table, rows: pa.Table, standing: Standing, settings: Settings) -> pa.Table:
    """``rows`` with the local day each belongs to."""
    days = event_days(table, rows, parents_of(standing), settings.timezone)
    return rows.append_column("event_on", days)


def parents_of(standing: Standing) -> Callable[[str], pa.Table]:
    """Looks a parent's rows up as they stand with the drop."""
    return lambda name: standing.rows(name)


def arrive(
    table: Table, handed: Handed, sent: pa.Table, versions: pa.Table, standing: Standing, terms: Terms
) -> Arrived:
    """The rows to judge: those handed over and not deleted, and those that still wait."""
    waiting = before = read_waiting(standing.lake, standing.published, table.name)
    known = with_days(
        table, waiting.drop_columns(["waits_for", "waits_because", "from_first"]), standing, terms.settings
    )
    left_out = np.zeros(waiting.num_rows, bool)
    if handed.file.mode == "full" and table.vanished != "kept":
        left_out = in_window(table, known, sent, handed.file, terms.settings)
    waiting = still_wanted(table, waiting, handed.rows, left_out)
    rows = joined(chosen(handed, ~np.asarray(handed.deleted)), waiting)
    dated = with_days(table, rows.rows, standing, terms.settings)
    size = dated.num_rows
    waited = np.arange(size) >= size - waiting.num_rows
    first = first_load(table, versions, dated, terms.settings) | terms.history
    first[waited] |= np.asarray(waiting["from_first"])
    first |= sent_again(table, rows.rows, before)
    return Arrived(rows, dated["event_on"].combine_chunks(), first, waited)


def sent_again(table: Table, rows: pa.Table, waiting: pa.Table) -> np.ndarray:
    """Which ``rows`` are sent again just as they already wait since a first load."""
    again = np.zeros(rows.num_rows, bool)
    waiting = waiting.filter(waiting["from_first"])
    new, old = key_codes([rows, waiting], table.key)
    where = positions_in(new, old)
    matched = np.flatnonzero(where >= 0)
    again[matched] = say_the_same(
        rows.take(pa.array(matched)), waiting.take(pa.array(where[matched])), table.names
    )
    return again


def accept(arrived: Arrived, taken: np.ndarray) -> Accepted:
    """The rows that are taken."""
    mask = pa.array(taken)
    return Accepted(arrived.handed.rows.filter(mask), arrived.event_on.filter(mask), arrived.first[taken])


def set_aside(arrived: Arrived, verdict: Verdict) -> pa.Table:
    """The rows that wait, with what they wait for."""
    waits = ~verdict.taken
    rows = arrived.handed.rows.filter(pa.array(waits))
    return noted(rows, verdict.waits_for[waits], verdict.reasons[waits], arrived.first[waits])


def named(table: Table, versions: pa.Table, rows: pa.Table) -> np.ndarray:
    """Which versions have the key of one of ``rows``."""
    old, new = key_codes([versions, rows], table.key)
    return are_among(old, new)


def told(handed: Handed, arrived: Arrived, verdict: Verdict, changes: Changes) -> TableReport:
    """What happened to the table's rows, counted; the reader counted what was read."""
    taken, waited = verdict.taken, arrived.waited
    return TableReport(
        loaded=int((taken & ~waited).sum()) + int(np.asarray(handed.deleted).sum()),
        quarantined=int((~taken & ~waited).sum()),
        new=changes.added.num_rows - changes.corrected,
        changed=changes.corrected,
        closed=changes.ended.num_rows,
        released=int((taken & waited).sum()),
        waiting=int((~taken).sum()),
    )


def in_order(touched: set[str]) -> list[str]:
    """The tables ``touched``, each after those it refers to."""
    order: list[str] = []

    def visit(name: str) -> None:
        table = CONTRACT[name]
        for before in [*table.parents.values(), *(["enrollments"] if table.within else [])]:
            if before not in order:
                visit(before)
        if name not in order:
            order.append(name)

    for name in CONTRACT:
        visit(name)
    return [name for name in order if name in touched]
