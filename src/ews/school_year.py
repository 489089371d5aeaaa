"""School years, school weeks and the days on which snapshots are taken: the only calendar.

A school year is called by the year it ends in and turns on 1 July: 2026 is 2025-26. Days are days in
the district's timezone. A school week is a week, Monday to Sunday, with at least one school day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ews.errors import BadData

if TYPE_CHECKING:
    from ews.records.lake import Records

SNAPSHOT_WEEKS = (3, 4, 6, 8, 10, 12, 16, 20, 24, 28)
"""School weeks whose Fridays models are trained on."""


def school_year_of(day: date) -> int:
    """The school year that ``day`` belongs to.

    >>> school_year_of(date(2025, 6, 30)), school_year_of(date(2025, 7, 1))
    (2025, 2026)
    """
    return day.year + (day.month >= 7)


def first_day(school_year: int) -> date:
    """1 July, on which the school year begins."""
    return date(school_year - 1, 7, 1)


def last_day(school_year: int) -> date:
    """30 June, on which the school year ends."""
    return date(school_year, 6, 30)


def end_of_day(day: date, timezone: ZoneInfo) -> datetime:
    """The UTC instant at which the local ``day`` is over.

    >>> end_of_day(date(2025, 10, 17), ZoneInfo("America/Los_Angeles")).isoformat()
    '2025-10-18T07:00:00+00:00'
    """
    return datetime.combine(day + timedelta(days=1), time(), timezone).astimezone(UTC)


def monday_of(day: date) -> date:
    """The Monday of the week of ``day``."""
    return day - timedelta(days=day.weekday())


def snapshot_dates(records: Records, school_year: int, weeks: Sequence[int] = SNAPSHOT_WEEKS) -> list[date]:
    """The Friday of each of these school weeks of the district, oldest first.

    Weeks count from 1; a week without school is not counted. Weeks that the year does not have are
    left out. BadData when the year has neither calendar days nor terms.
    """
    mondays = school_weeks(records, school_year)
    return [mondays[week - 1] + timedelta(days=4) for week in sorted(weeks) if 0 < week <= len(mondays)]


def school_weeks(records: Records, school_year: int) -> list[date]:
    """The Mondays of the district's school weeks: those in which at least half of its schools meet."""
    met = weeks_by_school(records, school_year)
    if not met:
        raise BadData(
            f"There are no calendar days and no terms for school year {school_year}.",
            "Load calendar_days or terms of that year.",
        )
    every = sorted(set().union(*met.values()))
    return [monday for monday in every if 2 * sum(monday in weeks for weeks in met.values()) >= len(met)]


def weeks_by_school(records: Records, school_year: int) -> dict[str, set[date]]:
    """For each school the Mondays of its weeks with a school day, from calendar days, else from terms."""
    met = planned_by_terms(records, school_year)
    for school, days in planned_by_calendar(records, school_year).items():
        met[school] = {monday_of(day) for day in days}
    return met


def planned_by_calendar(records: Records, school_year: int) -> dict[str, set[date]]:
    """For each school with a calendar its school days of the year, as planned today."""
    table = records.table("calendar_days")
    days = table.filter(
        table.superseded_at.isnull(),
        table.is_instructional,
        table.date.between(first_day(school_year), last_day(school_year)),
    )
    found: dict[str, set[date]] = {}
    for row in days.select("school_id", "date").distinct().to_pyarrow().to_pylist():
        found.setdefault(row["school_id"], set()).add(row["date"])
    return found


def planned_by_terms(records: Records, school_year: int) -> dict[str, set[date]]:
    """For each school with terms the Mondays from its first term's beginning to its last one's end."""
    table = records.table("terms")
    terms = table.filter(
        table.superseded_at.isnull(), table.school_year == school_year, table.school_id.notnull()
    )
    found: dict[str, set[date]] = {}
    for row in terms.select("school_id", "start_date", "end_date").to_pyarrow().to_pylist():
        found.setdefault(row["school_id"], set()).update(mondays_between(row["start_date"], row["end_date"]))
    return found


def mondays_between(first: date, last: date) -> list[date]:
    """The Mondays of all weeks that touch the days from ``first`` to ``last``."""
    weeks = (monday_of(last) - monday_of(first)).days // 7
    return [monday_of(first) + timedelta(weeks=week) for week in range(weeks + 1)]
