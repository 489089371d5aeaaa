"""Who is enrolled on a date: the cohort that is scored.

One row for each student and as-of date: the primary enrollment that was open on that day (the exit
date is the last day enrolled). Of two, the one entered last. An enrollment belongs to one school year
and is over when that year is, whether or not anyone closed it.
"""

from __future__ import annotations

import ibis

from ews.features.calendar import year_of
from ews.features.known import Moments, at_each_moment


def enrolled_on(enrolled: ibis.Table, moments: Moments) -> ibis.Table:
    """moment, student, school_id, calendar, grade_level, entry_date, as_of, this_year."""
    rows = at_each_moment(enrolled).join(moments.table.rename(this_year="school_year"), "moment")
    rows = rows.filter(
        rows.exit_date.isnull() | (rows.exit_date >= rows.as_of),
        rows.school_year.fill_null(year_of(rows.entry_date)) >= rows.this_year,
    )
    latest = ibis.row_number().over(
        group_by=["moment", "student"], order_by=[rows.entry_date.desc(), "school_id"]
    )
    rows = rows.mutate(place=latest)
    return rows.filter(rows.place == 0).select(
        "moment", "student", "school_id", "calendar", "grade_level", "entry_date", "as_of", "this_year"
    )
