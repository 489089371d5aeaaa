"""School days as they were planned as of a date: from the school's calendar, else from its terms.

Terms and calendars are plans: days to come are known. What counts is the version of the plan that
stood at the moment. Without a calendar every weekday of a term is a school day, weighing
instructional_days / weekdays, and the denominator is marked as estimated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from ews.features.known import Moments, at_each_moment, known_between, limited, listed
from ews.school_year import first_day, last_day

if TYPE_CHECKING:
    from ews.records.lake import Records

WHOLE_DAY = 10_000
"""Days are added up in ten-thousandths, as whole numbers: sums do not depend on their order."""

COARSEST = ("year", "semester", "trimester", "quarter", "grading_period")


def year_of(day: Any) -> Any:
    """The school year of a date column, as int32."""
    return (day.year() + (day.month() >= 7).cast("int32")).cast("int32")


def days_at_each_moment(records: Records, moments: Moments, calendars: ibis.Table) -> ibis.Table:
    """moment, calendar, date, school_year, weight (ten-thousandths), ordinal (from 1), estimated.

    Days of the moment's school year and of the one before. A school's calendar without a name has, of each
    school year, the days of its calendar with the most; without any, the weekdays of its terms.
    """
    planned = from_calendar(records, moments)
    guessed = from_terms(records, moments)
    has_calendar = planned.select("moment", "school_id", "school_year").distinct()
    guessed = guessed.anti_join(has_calendar, ["moment", "school_id", "school_year"])
    usual = calendars.filter(calendars.is_default).drop("is_default", "calendar_id")
    nameless = calendars.filter(calendars.calendar_id == "").drop("is_default", "calendar_id")
    days = planned.join(calendars.drop("is_default"), ["school_id", "calendar_id"]).drop(
        "school_id", "calendar_id"
    )
    guessed = guessed.join(usual, "school_id").drop("school_id")
    fullest = fullest_of_year(planned).join(nameless, "school_id").drop("school_id", "calendar_id")
    days = days.union(guessed.select(*days.columns), fullest.select(*days.columns))
    order = ibis.row_number().over(group_by=["moment", "calendar", "school_year"], order_by="date")
    return days.mutate(ordinal=(order + 1).cast("int32"))


def fullest_of_year(planned: ibis.Table) -> ibis.Table:
    """``planned`` with one calendar a moment, school and school year: that with the most days."""
    keys = ["moment", "school_id", "school_year"]
    sizes = planned.group_by([*keys, "calendar_id"]).agg(size=planned.count())
    order = ibis.row_number().over(group_by=keys, order_by=[ibis.desc("size"), "calendar_id"])
    chosen = sizes.mutate(place=order).filter(lambda rows: rows.place == 0)
    return planned.semi_join(chosen, [*keys, "calendar_id"])


def from_calendar(records: Records, moments: Moments) -> ibis.Table:
    """The instructional days of every calendar, at each moment."""
    days = known_between(records, "calendar_days", moments)
    days = limited(
        days.filter(days.is_instructional),
        first=moments.from_year_of(days.date),
        last=moments.until_year_after(days.date, 1),
    )
    days = at_each_moment(days)
    return days.select(
        "moment",
        "school_id",
        "calendar_id",
        "date",
        school_year=year_of(days.date),
        weight=whole(days.day_weight.fill_null(1.0)),
        estimated=ibis.literal(False),
    )


def from_terms(records: Records, moments: Moments) -> ibis.Table:
    """The weekdays of each school's coarsest terms, at each moment."""
    terms = known_between(records, "terms", moments)
    terms = terms.filter(terms.school_id.notnull(), terms.term_type.isin(COARSEST))
    terms = limited(
        terms,
        first=moments.from_year_of(terms.start_date),
        last=moments.until_year_after(terms.start_date, 1),
    )
    terms = at_each_moment(terms)
    coarse = terms.term_type.cases(*[(kind, place) for place, kind in enumerate(COARSEST)]).cast("int32")
    terms = terms.mutate(coarse=coarse)
    best = terms.coarse.min().over(group_by=["moment", "school_id", "school_year"])
    terms = terms.mutate(best=best).filter(lambda t: t.coarse == t.best)
    days = weekdays(moments)
    days = terms.join(days, (days.date >= terms.start_date) & (days.date <= terms.end_date))
    count = days.date.count().over(group_by=["moment", "term_id"])
    share = ibis.ifelse(days.instructional_days.isnull(), 1.0, days.instructional_days / count)
    days = days.mutate(share=ibis.least(1.0, share))
    return days.group_by("moment", "school_id", "date").agg(
        school_year=days.school_year.max(), weight=whole(days.share).max(), estimated=ibis.literal(True)
    )


def weekdays(moments: Moments) -> ibis.Table:
    """date: every Monday to Friday of the moments' school years and of the years before them."""
    if not moments.days:
        return listed([], {"date": "date"})
    first, last = first_day(min(moments.school_years) - 1), last_day(max(moments.school_years))
    days = ibis.range(0, (last - first).days + 1).unnest().name("day").as_table()
    days = days.select(date=(ibis.literal(first) + days.day.as_interval("D")).cast("date"))
    return days.filter(days.date.day_of_week.index() < 5)


def whole(days: Any) -> Any:
    """Days, a decimal, as a whole number of ten-thousandths (int64)."""
    return (days * WHOLE_DAY).round().cast("int64")


HORIZON = 45
"""How far ahead outcomes look, in school days (METHOD)."""

FIRST_OF_LAST = {"start_20": 19, "start_30": 29, "start_45": 44}


def windows_of(days: ibis.Table, moments: Moments) -> ibis.Table:
    """moment, calendar, year_start, week, horizon_days, horizon_end, start_20, start_30, start_45.

    The last 20 school days up to and with the as-of date begin on ``start_20`` (30 and 45 alike), in
    this school year at the earliest. ``week`` counts the weeks with a school day so far.
    ``horizon_days`` is how many of the next 45 school days are left in the year; ``horizon_end`` is the
    last of them, null when none is.
    """
    days = days.join(moments.table.rename(this_year="school_year"), "moment")
    days = days.filter(days.school_year == days.this_year)
    past = days.date <= days.as_of
    reached = days.mutate(reached=past.cast("int32").sum().over(group_by=["moment", "calendar"]))
    ahead = reached.ordinal.between(reached.reached + 1, reached.reached + HORIZON)
    return reached.group_by("moment", "calendar").agg(
        year_start=reached.date.min(),
        week=week_of(reached.date).nunique(where=reached.date <= reached.as_of).cast("int32"),
        horizon_days=reached.count(where=ahead).cast("int32"),
        horizon_end=reached.date.max(where=ahead),
        **{
            name: reached.date.min(where=reached.ordinal >= reached.reached - back)
            for name, back in FIRST_OF_LAST.items()
        },
    )


def week_of(day: Any) -> Any:
    """The Monday of the week of a date column."""
    return day.truncate("W")
