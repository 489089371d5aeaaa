"""How many rows of each table happened in some weeks, as they were known at the end of a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ews.school_year import end_of_day

if TYPE_CHECKING:
    from ews.records.lake import Records

DATED_DAILY = (
    "attendance",
    "attendance_period",
    "marks",
    "assignment_results",
    "student_incidents",
    "discipline_actions",
)
"""The tables that a running school fills every week; others come once or twice a year."""


@dataclass(frozen=True)
class Window:
    """The days from ``first`` to ``last``, as known at the end of ``known_on``."""

    first: date
    last: date
    known_on: date


def rows_in(records: Records, windows: Mapping[str, Window]) -> dict[str, dict[str, int]]:
    """For each table of DATED_DAILY on record, the rows of each named window."""
    found = {}
    for name in DATED_DAILY:
        if records.has(name):
            table = records.table(name)
            found[name] = {
                window: int(
                    table.filter(
                        table.event_on.between(asked.first, asked.last),
                        table.known_at < end_of_day(asked.known_on, records.timezone),
                        table.superseded_at.isnull()
                        | (table.superseded_at >= end_of_day(asked.known_on, records.timezone)),
                    )
                    .count()
                    .to_pyarrow()
                    .as_py()
                )
                for window, asked in windows.items()
            }
    return found
