"""Which days is school? A Californian calendar of 180 days, its terms, and days closed for smoke.

Terms: year > semester > quarter for middle and high schools, six-week progress marks beside them;
trimesters for elementary schools.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa

from ews.district.sizes import School, Size
from ews.district.streams import Array

DAYS_A_YEAR = 180
WEEKS_A_YEAR = 44

SMOKE = {
    2023: (("2022-09-08", "2022-09-09"), ("es", "ms", "hs", "alt")),
    2025: (("2024-09-10",), ("es",)),
    2026: (("2025-10-02",), ("es",)),
}
"""Days closed for wildfire smoke, and at which school levels (filters are weakest where they closed)."""


def monday(year: int, month: int, nth: int) -> date:
    """The nth Monday of a month."""
    first = date(year, month, 1)
    return first + timedelta(days=(7 - first.weekday()) % 7 + 7 * (nth - 1))


def week_of(day: date) -> list[date]:
    """Monday to Friday of the week that holds ``day``."""
    start = day - timedelta(days=day.weekday())
    return [start + timedelta(days=i) for i in range(5)]


def holidays(year: int) -> set[date]:
    """Days without school in the school year ending in ``year``."""
    thanksgiving = monday(year - 1, 11, 1) + timedelta(days=3)
    while thanksgiving.day < 22:
        thanksgiving += timedelta(days=7)
    christmas = week_of(date(year - 1, 12, 25))
    memorial = monday(year, 6, 1) - timedelta(days=7)
    single = [
        monday(year - 1, 9, 1),
        date(year - 1, 11, 11),
        monday(year, 1, 3),
        monday(year, 2, 3),
        memorial,
    ]
    breaks = [*week_of(thanksgiving), *christmas, *week_of(christmas[0] + timedelta(days=7))]
    return {*single, *breaks, *week_of(monday(year, 4, 1))}


@dataclass(frozen=True)
class Term:
    """One term; ``parent`` names the term it is part of, ``None`` at the top."""

    name: str
    term_type: str
    seq: int
    start: date
    end: date
    parent: str | None


@dataclass(frozen=True)
class SchoolYear:
    """The planned school days of one school year and its terms."""

    year: int

    @cached_property
    def first_day(self) -> date:
        return monday(self.year - 1, 8, 3)

    @cached_property
    def days(self) -> Array:
        """The 180 planned school days (datetime64[D])."""
        weekdays = [self.first_day + timedelta(days=i) for i in range(7 * WEEKS_A_YEAR)]
        closed = holidays(self.year)
        open_days = [day for day in weekdays if day.weekday() < 5 and day not in closed]
        return np.array(open_days[:DAYS_A_YEAR], dtype="datetime64[D]")

    @cached_property
    def week_of_day(self) -> Array:
        """Calendar week (0 = the first) of each school day."""
        return ((self.days - self.days[0]).astype(int) // 7).astype(int)

    @cached_property
    def weekday(self) -> Array:
        """0 Monday to 4 Friday of each school day."""
        return np.array([day.weekday() for day in self.days.tolist()])

    @property
    def last_day(self) -> date:
        return self.days[-1].astype(date)

    def position(self, day: date) -> int:
        """How many school days lie before ``day``."""
        return int(np.searchsorted(self.days, np.datetime64(day, "D")))

    @cached_property
    def second_start(self) -> date:
        """The first school day after the winter break."""
        break_start = week_of(date(self.year - 1, 12, 25))[0]
        return self.days[self.position(break_start)].astype(date)

    def friday(self, start: date, weeks: int) -> date:
        """The last school day of the ``weeks``-th week counted from the one of ``start``."""
        end = week_of(start)[4] + timedelta(days=7 * (weeks - 1))
        return self.days[self.position(end + timedelta(days=1)) - 1].astype(date)

    @cached_property
    def secondary_terms(self) -> tuple[Term, ...]:
        """Year, two semesters, four quarters, four progress periods of six weeks."""
        start, end, second = self.first_day, self.last_day, self.second_start
        first_end = self.days[self.position(second) - 1].astype(date)
        q1, q3 = self.friday(start, 9), self.friday(second, 10)
        p1, p2, p3, p4 = (self.friday(a, n) for a, n in ((start, 6), (start, 12), (second, 6), (second, 12)))
        after = timedelta(days=1)
        return (
            Term("Y", "year", 1, start, end, None),
            Term("S1", "semester", 1, start, first_end, "Y"),
            Term("S2", "semester", 2, second, end, "Y"),
            Term("Q1", "quarter", 1, start, q1, "S1"),
            Term("Q2", "quarter", 2, q1 + after, first_end, "S1"),
            Term("Q3", "quarter", 3, second, q3, "S2"),
            Term("Q4", "quarter", 4, q3 + after, end, "S2"),
            Term("P1", "progress", 1, start, p1, "S1"),
            Term("P2", "progress", 2, p1 + after, p2, "S1"),
            Term("P3", "progress", 3, second, p3, "S2"),
            Term("P4", "progress", 4, p3 + after, p4, "S2"),
        )

    @cached_property
    def elementary_terms(self) -> tuple[Term, ...]:
        """Year and three trimesters of sixty days."""
        starts = [self.days[i].astype(date) for i in (0, 60, 120)]
        ends = [self.days[i].astype(date) for i in (59, 119, 179)]
        trimesters = (Term(f"T{i + 1}", "trimester", i + 1, starts[i], ends[i], "Y") for i in range(3))
        return (Term("Y", "year", 1, self.first_day, self.last_day, None), *trimesters)

    def terms_of(self, school: School) -> tuple[Term, ...]:
        return self.elementary_terms if school.level == "es" else self.secondary_terms

    def is_open(self, school: School) -> Array:
        """Per planned day: whether this school held school (not closed for smoke)."""
        closed, levels = SMOKE.get(self.year, ((), ()))
        if school.level not in levels:
            return np.ones(len(self.days), dtype=bool)
        return ~np.isin(self.days, np.array(closed, dtype="datetime64[D]"))


def term_id(org_id: str, year: int, name: str) -> str:
    """``101-2026-Q1``: the term's id, the same in terms, sections and marks."""
    return f"{org_id}-{year}-{name}"


def terms_table(size: Size) -> pa.Table:
    """The table ``terms``."""
    rows = [
        {
            "term_id": term_id(school.org_id, year, term.name),
            "school_id": school.org_id,
            "school_year": year,
            "term_type": term.term_type,
            "seq": term.seq,
            "start_date": term.start,
            "end_date": term.end,
            "instructional_days": instructional_days(SchoolYear(year), school, term),
            "parent_term_id": term.parent and term_id(school.org_id, year, term.parent),
        }
        for year in size.school_years
        for school in size.schools
        for term in SchoolYear(year).terms_of(school)
    ]
    return pa.Table.from_pylist(rows)


def instructional_days(year: SchoolYear, school: School, term: Term) -> int:
    """Days on which this school held school in this term."""
    inside = (year.days >= np.datetime64(term.start)) & (year.days <= np.datetime64(term.end))
    return int((inside & year.is_open(school)).sum())


def calendar_table(size: Size) -> pa.Table:
    """The table ``calendar_days``: every weekday from the first to the last school day."""
    parts = [
        school_calendar(SchoolYear(year), school) for year in size.school_years for school in size.schools
    ]
    return pa.concat_tables(parts)


def school_calendar(year: SchoolYear, school: School) -> pa.Table:
    """One school's weekdays of one year; closed days stand with ``is_instructional`` false."""
    dates = np.arange(year.days[0], year.days[-1] + 1)
    dates = dates[np.is_busday(dates)]
    held = np.isin(dates, year.days[year.is_open(school)])
    return pa.table(
        {
            "school_id": np.full(len(dates), school.org_id),
            "calendar_id": np.full(len(dates), "main"),
            "date": dates,
            "is_instructional": held,
            "day_weight": held.astype(float),
        }
    )
