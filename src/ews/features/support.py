"""Support that a student has been given: days on which documented support ran, never which support.

What came before the as-of date belongs to what is known of a student: who has been helped is not like
who has not. What comes after it is no feature: see ``ews.risk.support_ahead``.
"""

from __future__ import annotations

import ibis

from ews.features.known import at_each_moment
from ews.features.snapshots import Snapshots


def support_features(ground: Snapshots) -> ibis.Table:
    """moment, student, support_days: days of support since 45 school days ago, the as-of date among them.

    Days of the calendar; two programs at once count once a day each, up to every day. 0 for a student
    without support where interventions are handed over; null where they are not.
    """
    rows = ground.cohort.select("moment", "student")
    if not ground.records.has("interventions"):
        return rows.mutate(support_days=ibis.null("int64"))
    given = days_given(ground)
    rows = rows.left_join(given, ["moment", "student"], rname="{name}_given")
    return rows.select("moment", "student", support_days=rows.support_days.fill_null(0))


def days_given(ground: Snapshots) -> ibis.Table:
    """moment, student, support_days: for students with any support in those days."""
    runs = at_each_moment(ground.known("interventions", years=1))
    windows = ground.windows.select("moment", "calendar", "start_45")
    cohort = ground.cohort.select("moment", "student", "calendar", "as_of")
    cohort = cohort.join(windows, ["moment", "calendar"])
    rows = runs.join(cohort.drop("calendar"), ["moment", "student"])
    start = ibis.greatest(rows.begin_date, rows.start_45)
    last = ibis.least(rows.end_date.coalesce(rows.as_of), rows.as_of)
    rows = rows.mutate(
        days=last.delta(start, unit="day") + 1, most=rows.as_of.delta(rows.start_45, unit="day") + 1
    )
    rows = (
        rows.filter(rows.days > 0)
        .group_by("moment", "student")
        .agg(days=lambda t: t.days.sum(), most=lambda t: t.most.max())
    )
    return rows.select("moment", "student", support_days=ibis.least(rows.days, rows.most))
