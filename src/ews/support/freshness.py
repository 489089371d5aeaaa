"""How many school days of attendance each school is behind, and the stamp that the list then carries.

From 2 the list says so; from 5 it is stamped, and no new name is raised at that school until its
attendance arrives (METHOD: watching). Days are school days of the school's own calendar, so that a
holiday makes nobody late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from ews.school_year import planned_by_calendar, school_year_of
from ews.support.run_content import as_date

if TYPE_CHECKING:
    import pandas as pd

    from ews.records.lake import Records
    from ews.risk.scoring import Score

LATE, STAMPED = 2, 5  # school days
SATURDAY = 5


def taken_through(matrix: pd.DataFrame) -> dict[str, date | None]:
    """School -> the last day of which its attendance is known; None where none is on record."""
    last = matrix.groupby("school_id")["attendance_through"].first()
    return {str(school): as_date(day) for school, day in last.items()}


def days_behind(records: Records, as_of: date, through: Mapping[str, date | None]) -> dict[str, int | None]:
    """School -> its school days after ``through`` up to ``as_of``; None where no attendance is on record.

    A school without a calendar counts Mondays to Fridays.
    """
    planned: dict[str, set[date]] = {}
    for year in sorted({school_year_of(day) for day in (as_of, *filter(None, through.values()))}):
        for school, days in planned_by_calendar(records, year).items():
            planned.setdefault(school, set()).update(days)
    return {
        school: None if last is None else wanting(planned.get(school), last, as_of)
        for school, last in through.items()
    }


def wanting(planned: set[date] | None, last: date, as_of: date) -> int:
    """The school days after ``last`` up to ``as_of``."""
    if planned is not None:
        return sum(last < day <= as_of for day in planned)
    days = (last + timedelta(days=place) for place in range(1, (as_of - last).days + 1))
    return sum(day.weekday() < SATURDAY for day in days)


def is_stamped(days: int | None) -> bool:
    """Whether a school so far behind raises no new names."""
    return days is None or days >= STAMPED


def held_back(scores: Sequence[Score], days: Mapping[str, int | None]) -> list[Score]:
    """The scores, those of stamped schools marked as stale: they stand, and make nobody a new name."""
    from ews.risk.scoring import SCORED, STALE

    return [
        replace(score, status=STALE)
        if score.status == SCORED and is_stamped(days.get(score.school_id, 0))
        else score
        for score in scores
    ]


def stamp(schools: Iterable[tuple[str, int | None]]) -> str | None:
    """The sentence over a list whose attendance is late, from (name, days behind); None when none is."""
    late = [(name, days) for name, days in schools if days is None or days >= LATE]
    if not late:
        return None
    stamped = [(name, days) for name, days in late if is_stamped(days)]
    if stamped:
        return f"Attendance is late: {told(stamped)}. No new names are raised there until it arrives."
    return f"Attendance is a little late: {told(late)}. The facts below are of the day they name."


def told(schools: Sequence[tuple[str, int | None]]) -> str:
    """``Alder Creek High by 6 school days``; the three furthest behind, and how many more."""
    order = sorted(schools, key=lambda one: (-(one[1] if one[1] is not None else 999), one[0]))
    said = [
        f"{name} has none on record" if days is None else f"{name} by {days} school days"
        for name, days in order[:3]
    ]
    more = [f"{len(order) - 3} more"] if len(order) > 3 else []
    return ", ".join([*said, *more])


def school_facts(rows: Iterable[Mapping[str, Any]], days: Mapping[str, int | None]) -> list[dict[str, Any]]:
    """The rows of ``run_schools`` with how far behind each is."""
    return [{**row, "days_behind": days.get(row["school_id"])} for row in rows]
