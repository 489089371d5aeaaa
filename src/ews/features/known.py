"""What was known as of a date: the one door between the records and every feature.

A row is known as of a date when it happened on or before that day and was known before the end of
that local day, in the version that stood then. A column with a date of its own (an enrollment's exit)
reads as null until that date. Only allowed columns come through (``ews.features.allowed``).

Many as-of dates are answered at once. They stand in order as moments 0, 1, 2, ...; since both a row's
day and the time it became known lie on one line, a version is known over one unbroken run of moments:
``known_between`` gives that run as two whole numbers, ``first`` and ``last``. Rows may be joined and
counted by their runs before ``at_each_moment`` unfolds them, which keeps forty snapshots nearly as
cheap as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis

from ews.features.allowed import ALLOWED, allowed_columns
from ews.records.contract import CONTRACT
from ews.school_year import end_of_day, first_day, last_day, school_year_of

if TYPE_CHECKING:
    from ews.records.lake import Records

VERSION = ("known_at", "first", "last")
"""What every run carries beside the table's own columns."""


@dataclass(frozen=True)
class Moments:
    """The as-of dates of one computation, oldest first, each once. A moment is a position in ``days``."""

    days: tuple[date, ...]
    timezone: ZoneInfo

    @classmethod
    def of(cls, days: Iterable[date], timezone: ZoneInfo) -> Moments:
        """The moments of these dates, in whatever order and however often they are named."""
        return cls(tuple(sorted(set(days))), timezone)

    @cached_property
    def cutoffs(self) -> tuple[datetime, ...]:
        """The UTC instants at which the days are over: what is known before counts."""
        return tuple(end_of_day(day, self.timezone) for day in self.days)

    @cached_property
    def school_years(self) -> tuple[int, ...]:
        return tuple(school_year_of(day) for day in self.days)

    @cached_property
    def table(self) -> ibis.Table:
        """moment, as_of, school_year: one row a moment."""
        return listed(
            [
                {"moment": moment, "as_of": day, "school_year": year}
                for moment, (day, year) in enumerate(zip(self.days, self.school_years, strict=True))
            ],
            {"moment": "int32", "as_of": "date", "school_year": "int32"},
        )

    def from_day(self, day: Any) -> Any:
        """The first moment on or after ``day`` (as many as there are moments when none is)."""
        return count_at_most(day, [known + timedelta(days=1) for known in self.days])

    def from_instant(self, instant: Any) -> Any:
        """The first moment whose day ends after ``instant``."""
        return count_at_most(instant, self.cutoffs)

    def from_year_of(self, day: Any) -> Any:
        """The first moment whose school year is that of ``day`` or later."""
        return count_at_most(day, [last_day(year) + timedelta(days=1) for year in self.school_years])

    def until_year_after(self, day: Any, years: int) -> Any:
        """The last moment that is at most ``years`` school years after the school year of ``day``."""
        starts = [first_day(year - years) for year in self.school_years]
        return count_at_most(day, starts, from_end=True)

    def until_day(self, day: Any) -> Any:
        """The last moment on or before ``day``; the last of all when ``day`` is null."""
        last = count_at_most(day, self.days, from_end=True)
        return ibis.ifelse(day.isnull(), len(self.days) - 1, last).cast("int32")

    def until_days_after(self, day: Any, days: int) -> Any:
        """The last moment that is at most ``days`` calendar days after ``day``."""
        return count_at_most(day, [known - timedelta(days=days) for known in self.days], from_end=True)


def count_at_most(value: Any, bounds: Sequence[Any], *, from_end: bool = False) -> Any:
    """How many of the ascending ``bounds`` are at most ``value``, as int32, by halving.

    With ``from_end`` one less: the position of the last of them (-1 when none is).
    """
    return _count(value, list(bounds), -1 if from_end else 0)


def _count(value: Any, bounds: list[Any], low: int) -> Any:
    if not bounds:
        return ibis.literal(low, "int32")
    middle = len(bounds) // 2
    above = _count(value, bounds[middle + 1 :], low + middle + 1)
    below = _count(value, bounds[:middle], low)
    return ibis.ifelse(value >= literal(bounds[middle]), above, below)


def listed(rows: Sequence[Mapping[str, Any]], types: Mapping[str, str]) -> ibis.Table:
    """A few rows written into the query itself, so that every engine can keep what rests on them."""
    kind = ibis.expr.datatypes.Struct.from_tuples(types.items())
    array = ibis.literal([dict(row) for row in rows], ibis.expr.datatypes.Array(kind))
    return array.unnest().name("row").as_table().unpack("row")


def literal(value: date | datetime) -> Any:
    """A day or a UTC instant as the engine knows it."""
    if isinstance(value, datetime):
        return ibis.literal(value, "timestamp('UTC')")
    return ibis.literal(value, "date")


def known_by(records: Records, name: str, moments: Moments) -> ibis.Table:
    """The rows of table ``name`` known as of each moment: its allowed columns, moment and as_of."""
    return at_each_moment(known_between(records, name, moments)).join(
        moments.table.select("moment", "as_of"), "moment"
    )


def known_between(
    records: Records,
    name: str,
    moments: Moments,
    *,
    years: int | None = None,
    allowed: Mapping[str, tuple[str, ...]] = ALLOWED,
) -> ibis.Table:
    """Every version of every row of ``name`` with the run of moments, ``first`` to ``last``, that knows it.

    Only allowed columns, and ``known_at``. A version whose dated columns become visible later comes
    twice: until then with those columns null, from then on with their values. Versions that no moment
    knows are left out.
    With ``years`` a row is forgotten after so many school years (0: it counts in its own year only).
    ``allowed`` is another allow-list only for the English learners' own model.
    """
    rows = records.table(name)
    if years is not None and moments.days:
        rows = rows.filter(rows.event_on >= literal(first_day(moments.school_years[0] - years)))
    first = moments.from_instant(rows.known_at)
    if "event_on" in rows.columns:
        first = ibis.greatest(first, ibis.ifelse(rows.event_on.isnull(), 0, moments.from_day(rows.event_on)))
    last = ibis.ifelse(
        rows.superseded_at.isnull(), len(moments.days), moments.from_instant(rows.superseded_at)
    )
    if years is not None:
        last = ibis.least(last, moments.until_year_after(rows.event_on, years) + 1)
    columns = allowed_columns(name, allowed)
    dated = dated_columns(name)
    extra = [day for day in dated if day not in columns]
    runs = rows.select(*columns, *extra, "known_at", first=first.cast("int32"), last=(last - 1).cast("int32"))
    runs = runs.filter(runs.first <= runs.last)
    table = CONTRACT.get(name)
    for day, names in dated.items():
        otherwise = 0 if table is not None and table.known_from == day else len(moments.days)
        runs = masked_until(runs, day, names, moments, otherwise)
    return runs.select(*columns, *VERSION)


def ever(records: Records, name: str) -> ibis.Table:
    """All versions of all rows of ``name``, whenever known: for identifiers and for how a file is kept.

    Allowed columns and ``known_at``. Never for anything that tells of a student.
    """
    return records.table(name).select(*allowed_columns(name), "known_at")


def dated_columns(name: str) -> dict[str, tuple[str, ...]]:
    """For table ``name``: each column that dates other columns (or itself), with those it dates."""
    dated: dict[str, tuple[str, ...]] = {}
    table = CONTRACT.get(name)
    for column in table.columns if table else ():
        if column.event_date is not None:
            dated[column.event_date] = (*dated.get(column.event_date, ()), column.name)
    return dated


def masked_until(
    runs: ibis.Table, day: str, names: Sequence[str], moments: Moments, otherwise: int
) -> ibis.Table:
    """``runs`` with the columns ``names`` null until their own date ``day`` (a date or an instant).

    Where that date is null they are null until the moment ``otherwise``: for good, since what ends with it
    goes on; from the start, where the date only says when the row became known and was not handed over.
    """
    dates = runs[day]
    since = moments.from_instant(dates) if dates.type().is_timestamp() else moments.from_day(dates)
    since = ibis.ifelse(dates.isnull(), otherwise, since).cast("int32")
    hidden = {name: ibis.null(runs[name].type()) for name in names if name in runs.columns}
    before = runs.mutate(last=ibis.least(runs["last"], since - 1).cast("int32"), **hidden)
    after = runs.mutate(first=ibis.greatest(runs["first"], since).cast("int32"))
    both = before.union(after.select(*before.columns))
    return both.filter(both["first"] <= both["last"])


def both_known(left: ibis.Table, right: ibis.Table, on: Sequence[str]) -> ibis.Table:
    """Two tables of runs joined where they agree on the columns ``on``: known while both are known.

    Columns of both with one run; of columns that both have it is the left one's that stays.
    """
    own = [name for name in right.columns if name in on or name not in left.columns]
    theirs = right.select(*own, first_right="first", last_right="last")
    joined = left.join(theirs, list(on))
    joined = joined.mutate(
        first=ibis.greatest(joined["first"], joined.first_right).cast("int32"),
        last=ibis.least(joined["last"], joined.last_right).cast("int32"),
    ).drop("first_right", "last_right")
    return joined.filter(joined["first"] <= joined["last"])


def limited(runs: ibis.Table, *, first: Any = None, last: Any = None) -> ibis.Table:
    """``runs`` cut down to moments from ``first`` to ``last``; what is left of none goes away."""
    cut = {}
    if first is not None:
        cut["first"] = ibis.greatest(runs["first"], first).cast("int32")
    if last is not None:
        cut["last"] = ibis.least(runs["last"], last).cast("int32")
    shorter = runs.mutate(**cut)
    return shorter.filter(shorter["first"] <= shorter["last"])


def runs_of(rows: ibis.Table, columns: Sequence[str]) -> ibis.Table:
    """Rows at moments folded back into runs: equal ``columns`` over neighbouring moments are one run."""
    order = ibis.row_number().over(group_by=list(columns), order_by="moment")
    placed = rows.mutate(place=order)
    folded = placed.mutate(run=(placed.moment - placed.place).cast("int32"))
    runs = folded.group_by(*columns, "run").agg(first=folded.moment.min(), last=folded.moment.max())
    return runs.drop("run")


def at_each_moment(runs: ibis.Table) -> ibis.Table:
    """``runs`` unfolded: one row for each moment that knows it, with ``moment`` instead of the run."""
    known = ibis.range(runs["first"], (runs["last"] + 1).cast("int32")).cast("array<int32>")
    return runs.mutate(moment=known.unnest()).drop("first", "last")
