"""Which rows of a drop can be taken now, and which must wait for something (CONTRACT's severities).

A row waits for a correction (a value in it is impossible), for a parent (an orphan), for an enrollment
(its day lies outside), or for its day to come. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.contract import CONTRACT, Table
from ews.records.drop import Handed
from ews.records.keys import key_codes, say_the_same
from ews.records.problems import Problem, listed
from ews.records.standing import Standing

CORRECTION, PARENT, ENROLLMENT, ITS_DAY = "a correction", "a parent", "an enrollment", "its day"
NEVER = 2**31 - 1
SPANS = (("entry_date", "exit_date"), ("begin_date", "end_date"), ("start_date", "end_date"))
ONE_OF = {"marks": ("letter", "percent")}


@dataclass
class Verdict:
    """For each row whether it is taken; if not, what it waits for and why."""

    taken: np.ndarray
    waits_for: np.ndarray
    reasons: np.ndarray

    @classmethod
    def on(cls, rows: int) -> Verdict:
        """Nothing found against any of so many rows."""
        return cls(np.ones(rows, bool), np.full(rows, None, object), np.full(rows, None, object))

    def set_aside(self, rows: np.ndarray, waits_for: str, reason: str) -> np.ndarray:
        """Sets aside those of ``rows`` (a mask) that nothing was found against yet; answers where."""
        found = rows & self.taken
        self.taken[found] = False
        self.waits_for[found], self.reasons[found] = waits_for, reason
        return np.flatnonzero(found)


def without_repeats(table: Table, handed: Handed) -> tuple[Handed, list[Problem]]:
    """The rows with each key once. The same row twice is a warning, the same key otherwise an error."""
    (codes,) = key_codes([handed.rows], table.key)
    order = np.argsort(codes, kind="stable")
    repeated = np.flatnonzero(np.diff(codes[order], prepend=-1) == 0)
    if not len(repeated):
        return handed, []
    firsts = np.maximum.accumulate(np.where(np.diff(codes[order], prepend=-1) != 0, np.arange(len(order)), 0))
    rows, first = order[repeated], order[firsts[repeated]]
    full_key = np.asarray(_all_valid(handed.rows, table.key))[rows]
    rows, first = rows[full_key], first[full_key]
    same = say_the_same(handed.rows.take(rows), handed.rows.take(first), table.names)
    same &= np.asarray(handed.deleted)[rows] == np.asarray(handed.deleted)[first]
    name, key = handed.file.name, ", ".join(table.key)
    fix = f"Send each {key} once."
    problems = listed(
        name,
        table.key[0],
        [
            (int(handed.lines[row]), f"also on line {handed.lines[other]}")
            for row, other in _sorted(rows[~same], first[~same])
        ],
        "The same key twice with different values.",
        fix,
        "error",
    )
    again = [(int(handed.lines[row]), None) for row in np.sort(rows[same])]
    problems += listed(name, table.key[0], again, "The same row twice.", fix, "warning")
    keep = np.ones(len(codes), bool)
    keep[rows[same]] = False
    return chosen(handed, keep), problems


def _sorted(rows: np.ndarray, first: np.ndarray) -> Iterator[tuple[int, int]]:
    order = np.argsort(rows)
    return zip(rows[order].tolist(), first[order].tolist(), strict=True)


def _all_valid(rows: pa.Table, names: tuple[str, ...]) -> pa.Array:
    valid = pa.repeat(True, rows.num_rows)
    for name in names:
        valid = pc.and_(valid, rows[name].combine_chunks().is_valid())
    return valid


def chosen(handed: Handed, keep: np.ndarray) -> Handed:
    """Only the rows where ``keep`` is true."""
    mask = pa.array(keep)
    return Handed(
        handed.rows.filter(mask),
        handed.lines[keep],
        handed.deleted.filter(mask),
        handed.reasons.filter(mask),
        handed.file,
    )


def judge_values(table: Table, handed: Handed, verdict: Verdict) -> list[Problem]:
    """Sets aside the rows whose values cannot be: those the reader marked, partial ones, reversed dates."""
    marked = np.asarray(handed.reasons.is_valid())
    for reason in pc.unique(handed.reasons.drop_null()).to_pylist():
        verdict.set_aside(
            np.asarray(pc.fill_null(pc.equal(handed.reasons, reason), False)), CORRECTION, reason
        )
    problems: list[Problem] = []
    one_of = [handed.rows[name].is_null() for name in ONE_OF.get(table.name, ())]
    if one_of and not marked.all():
        empty = np.logical_and.reduce([np.asarray(column) for column in one_of])
        empty &= ~np.asarray(handed.deleted)
        names = " and ".join(ONE_OF[table.name])
        problems += _told(
            handed, verdict, empty, CORRECTION, names, "Neither is given.", "Give at least one."
        )
    for begin, end in SPANS:
        if begin in table.names and end in table.names:
            reversed_ = np.asarray(pc.fill_null(pc.less(handed.rows[end], handed.rows[begin]), False))
            if "exit_type" in table.names:
                reversed_ &= ~np.asarray(pc.fill_null(pc.equal(handed.rows["exit_type"], "no_show"), False))
            fix = "Correct one of the dates."
            problems += _told(handed, verdict, reversed_, CORRECTION, end, f"It lies before {begin}.", fix)
    return problems


def judge_circumstances(
    table: Table, handed: Handed, event_on: pa.Array, standing: Standing, today: date, verdict: Verdict
) -> list[Problem]:
    """Sets aside events to come, orphans, and events outside the student's enrollment."""
    problems: list[Problem] = []
    if table.happened:
        later = np.asarray(pc.fill_null(pc.greater(event_on, pa.scalar(today)), False))
        fix = "It is taken by itself once that day has come."
        problems += _told(handed, verdict, later, ITS_DAY, table.window_date, "A day still to come.", fix)
    for column, parent in table.parents.items():
        problems += _orphans(handed, verdict, standing, column, parent)
    if table.within:
        outside = ~enrolled(table, handed.rows, event_on, standing)
        fix = "It is taken by itself once an enrollment covers that day."
        found = "The student is not enrolled there on that day."
        problems += _told(handed, verdict, outside, ENROLLMENT, table.window_date, found, fix)
    return problems


def _orphans(handed: Handed, verdict: Verdict, standing: Standing, column: str, parent: str) -> list[Problem]:
    known = standing.rows(parent, CONTRACT[parent].key)[CONTRACT[parent].key[0]]
    given = handed.rows[column]
    lost = np.asarray(pc.and_(given.is_valid(), pc.invert(pc.is_in(given, value_set=known))))
    if not lost.any():
        return []
    fix = f"It is taken by itself once {parent} has it."
    zeros = _lost_zeros(given.filter(pa.array(lost)), known)
    if zeros:
        fix += f" Were leading zeros lost? {parent} has {zeros}."
    return _told(handed, verdict, lost, PARENT, column, f"An orphan: {parent} does not have it.", fix)


def _lost_zeros(given: pa.ChunkedArray, known: pa.ChunkedArray) -> str | None:
    """An identifier of the parent that is the first such orphan but for leading zeros."""
    orphans = set(pc.unique(given).to_pylist()[:1000])
    for identifier in pc.unique(known).to_pylist():
        if identifier.startswith("0") and identifier.lstrip("0") in orphans:
            return f"one that is the same with leading zeros ({len(identifier)} characters)"
    return None


def enrolled(table: Table, rows: pa.Table, event_on: pa.Array, standing: Standing) -> np.ndarray:
    """Whether the student of each row is enrolled on its day, at its school or at any."""
    spans = standing.rows("enrollments", ("student_id", "school_id", "entry_date", "exit_date"))
    key = ("student_id", "school_id") if table.within == "school" else ("student_id",)
    who, span_of = key_codes([rows, spans], key)
    day = np.asarray(pc.fill_null(event_on.cast(pa.int32()), NEVER)).astype(np.int64)
    entry = np.asarray(spans["entry_date"].cast(pa.int32()).combine_chunks()).astype(np.int64)
    leave = spans["exit_date"].cast(pa.int32()).combine_chunks()
    until = np.asarray(pc.fill_null(leave, NEVER)).astype(np.int64)
    return covered(who, day, span_of, entry, until)


def covered(
    who: np.ndarray, day: np.ndarray, span_of: np.ndarray, entry: np.ndarray, until: np.ndarray
) -> np.ndarray:
    """Whether one of the spans of ``who`` holds ``day``; spans may overlap. All are whole numbers."""
    if not len(span_of):
        return np.zeros(len(who), bool)
    order = np.lexsort((entry, span_of))
    span_of, entry, until = span_of[order], entry[order], until[order]
    starts = np.concatenate([[True], span_of[1:] != span_of[:-1]])
    group, people = np.cumsum(starts) - 1, span_of[starts]
    stretch = np.int64(1) << 33
    latest = np.maximum.accumulate(group * stretch + until) - group * stretch
    mine = np.minimum(np.searchsorted(people, who), len(people) - 1)
    last = np.searchsorted(group * stretch + entry, mine * stretch + day, side="right") - 1
    at = np.maximum(last, 0)
    return (people[mine] == who) & (last >= 0) & (group[at] == mine) & (latest[at] >= day)


def _told(
    handed: Handed,
    verdict: Verdict,
    rows: np.ndarray,
    waits_for: str,
    column: str | None,
    found: str,
    fix: str,
) -> list[Problem]:
    where = verdict.set_aside(rows, waits_for, f"{column}: {found}")
    lines = handed.lines[where]
    told = where[lines > 0]
    values = _values(handed, column, told)
    return listed(
        handed.file.name, column, zip(handed.lines[told].tolist(), values, strict=True), found, fix, "warning"
    )


def _values(handed: Handed, column: str | None, rows: np.ndarray) -> list[str | None]:
    if column not in handed.rows.column_names:
        return [None] * len(rows)
    values = handed.rows[column].take(pa.array(rows)).to_pylist()
    return [None if value is None else str(value) for value in values]
