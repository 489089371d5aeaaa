"""What lies ahead of an as-of date: the next 45 school days, and when their label is frozen.

A label reads what happened after the as-of date up to the horizon, as known ten school days later:
whatever is entered or corrected after that does not change it any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import ibis

from ews.features.kept import kept
from ews.features.known import Moments
from ews.features.snapshots import Snapshots

FREEZE_SCHOOL_DAYS = 10
FREEZE_DAYS = 14
"""Calendar days until the freeze where the school year has no ten school days left."""


@dataclass(frozen=True)
class Closing:
    """The windows of labels and the ground as it was known when they closed.

    ``windows``: moment, calendar, the columns that say the window, closes_on, and ``close``: the moment
    of ``ground`` at which the label of this window is frozen.
    """

    windows: ibis.Table
    ground: Snapshots


def frozen_on(ground: Snapshots, windows: ibis.Table, end: str) -> ibis.Table:
    """``windows`` (moment, calendar, ...) with ``closes_on``: ten school days after their date ``end``."""
    days = ground.school_days.select("moment", "calendar", "date")
    keys = windows.select("moment", "calendar", end).distinct()
    after = keys.join(days, ["moment", "calendar"])
    after = after.filter(after.date > after[end])
    place = ibis.row_number().over(group_by=["moment", "calendar", end], order_by="date")
    after = after.mutate(place=place)
    tenth = after.filter(after.place == FREEZE_SCHOOL_DAYS - 1).select(
        "moment", "calendar", end, tenth="date"
    )
    rows = windows.left_join(tenth, ["moment", "calendar", end], rname="{name}_of_tenth")
    otherwise = rows[end] + ibis.interval(days=FREEZE_DAYS)
    return rows.mutate(closes_on=rows.tenth.coalesce(otherwise.cast("date"))).select(
        *windows.columns, "closes_on"
    )


def closing(ground: Snapshots, windows: ibis.Table, end: str, frozen_by: date | None) -> Closing:
    """The windows that end on their date ``end``, and what was known when each of them closed.

    Windows that close after ``frozen_by`` stay, with ``close`` null.
    """
    return closed(ground, frozen_on(ground, windows, end), frozen_by)


def closed(ground: Snapshots, windows: ibis.Table, frozen_by: date | None) -> Closing:
    """The same for windows that say themselves when they are frozen (``closes_on``)."""
    windows = kept(windows)
    days = windows.select("closes_on").distinct().to_pyarrow()["closes_on"].to_pylist()
    moments = Moments.of(
        [
            as_date(day)
            for day in days
            if day is not None and (frozen_by is None or as_date(day) <= frozen_by)
        ],
        ground.moments.timezone,
    )
    later = Snapshots(ground.records, moments, ground.settings, ground.asked)
    places = moments.table.select("moment", "as_of").rename(close="moment", closes_on="as_of")
    windows = windows.left_join(places, "closes_on").drop("closes_on_right")
    return Closing(kept(windows), later)


def as_date(day: Any) -> date:
    """A date that may have come back with a time of day."""
    return day.date() if hasattr(day, "date") else day


def days_ahead(ground: Snapshots) -> ibis.Table:
    """moment, calendar, as_of, horizon_end, horizon_days: the next 45 school days; none without any."""
    windows = ground.windows
    windows = windows.filter(windows.horizon_end.notnull())
    windows = windows.join(ground.moments.table.select("moment", "as_of"), "moment")
    return windows.select("moment", "calendar", "as_of", "horizon_end", "horizon_days")


def enrolled_ahead(ground: Snapshots, horizon: Closing) -> ibis.Table:
    """moment, student, days_ahead: school days of the horizon on which the student was still enrolled.

    Known when the label was frozen; a change of school within the district does not end it.
    """
    rows = ground.cohort.join(horizon.windows.drop("as_of"), ["moment", "calendar"])
    spans = horizon.ground.enrolled
    stays = rows.select("moment", "student", "calendar", "as_of", "horizon_end", "close").join(
        spans.select("student", "entry_date", "exit_date", "first", "last"), "student"
    )
    stays = stays.filter(
        stays.close.between(stays["first"], stays["last"]),
        stays.entry_date <= stays.horizon_end,
        stays.exit_date.isnull() | (stays.exit_date > stays.as_of),
    )
    until = ibis.least(stays.exit_date.coalesce(stays.horizon_end), stays.horizon_end)
    stays = stays.group_by("moment", "student", "calendar", "as_of").agg(until=until.max())
    spans_ahead = stays.select("moment", "calendar", "as_of", "until").distinct()
    days = spans_ahead.join(ground.school_days.select("moment", "calendar", "date"), ["moment", "calendar"])
    days = days.filter(days.date > days.as_of, days.date <= days.until)
    counted = days.group_by("moment", "calendar", "until").agg(days_ahead=days.count().cast("int32"))
    stays = stays.join(counted, ["moment", "calendar", "until"])
    return stays.select("moment", "student", "days_ahead")
