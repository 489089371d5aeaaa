"""Whether a student ends grade 9 on track: enough credits, and at most one semester F in a core course.

The definition follows the on-track indicator of Chicago (Allensworth & Easton 2005): credits for promotion,
and not more than one semester F in a core course. How many credits, and how many Fs, the district says.
Only what was earned in the school year of the as-of date counts, as known ten school days after its end (14
days, where the summer has none). Who left before the end of the year, or whose credits on record could not
have sufficed because part of the year was spent elsewhere, has no label.
"""

from __future__ import annotations

import ibis

from ews.features.courses import FINAL, HUNDREDTHS, read_marks, sections_of, terms_of
from ews.features.horizon import Closing
from ews.features.kept import kept
from ews.features.snapshots import Snapshots

GRADE = 9
OF_A_SEMESTER = tuple(kind for kind in FINAL if kind != "grading_period")
EARLY_DAYS = 5
"""Whose last day lies so many days before the last day of school has stayed to the end."""

FEW_CREDITS = "part of the year elsewhere: too few credits on record to judge by"
PERSON = ("student", "close")


def year_ends(ground: Snapshots) -> ibis.Table:
    """moment, calendar, as_of, this_year, year_end, horizon_days: the last school day of each year."""
    moments = ground.moments.table.rename(this_year="school_year")
    days = ground.school_days.select("moment", "calendar", "date", "school_year").join(moments, "moment")
    days = days.filter(days.school_year == days.this_year)
    ends = days.group_by("moment", "calendar", "as_of", "this_year").agg(year_end=days.date.max())
    ahead = ground.windows.select("moment", "calendar", "horizon_days")
    return ends.join(ahead, ["moment", "calendar"])


def grade9_students(ground: Snapshots, horizon: Closing) -> ibis.Table:
    """student, close, this_year, year_end: everyone in grade 9 whose year has closed, once a year."""
    cohort = ground.cohort.filter(ground.cohort.grade_level == GRADE).drop("this_year", "as_of")
    rows = cohort.join(horizon.windows, ["moment", "calendar"])
    rows = rows.filter(rows.close.notnull())
    return kept(rows.select(*PERSON, "this_year", "year_end").distinct())


def stayed(students: ibis.Table, horizon: Closing) -> ibis.Table:
    """student, close: those who were still enrolled in the district when their year ended."""
    spans = horizon.ground.enrolled.select("student", "entry_date", "exit_date", "first", "last")
    rows = students.join(spans, "student")
    until = rows.year_end - ibis.interval(days=EARLY_DAYS)
    rows = rows.filter(
        rows.close.between(rows["first"], rows["last"]),
        rows.entry_date <= rows.year_end,
        rows.exit_date.isnull() | (rows.exit_date >= until.cast("date")),
    )
    return rows.select(*PERSON).distinct()


def year_results(students: ibis.Table, horizon: Closing) -> ibis.Table:
    """student, close, marks, earned, tried (hundredths of a credit), core_fs: of the year's semesters.

    A course over two terms counts once a term. Credits are those handed over; where none are, a pass earns
    what the course is worth.
    """
    later = horizon.ground
    marks = read_marks(later)
    marks = marks.filter(marks.mark_type.isin(OF_A_SEMESTER), marks.standard.isnull())
    rows = marks.join(students.select(*PERSON, "this_year"), "student")
    rows = rows.filter(rows.close.between(rows["first"], rows["last"])).drop("first", "last")
    terms = terms_of(later).select("term_id", "term_year", since="first", until="last")
    rows = rows.join(terms, "term_id")
    rows = rows.filter(rows.close.between(rows.since, rows.until), rows.term_year == rows.this_year)
    newest = ibis.row_number().over(
        group_by=[*PERSON, "section_id", "term_id"],
        order_by=[rows.as_of_date.desc(), rows.official.desc()],
    )
    rows = rows.mutate(place=newest).filter(lambda t: t.place == 0).drop("place", "since", "until")
    sections = sections_of(later)
    sections = sections.select("section_id", "is_core", "credits_possible", since="first", until="last")
    rows = rows.join(sections, "section_id")
    rows = rows.filter(rows.close.between(rows.since, rows.until))
    worth = (rows.credits_possible.fill_null(0) * HUNDREDTHS).round().cast("int64")
    given = (rows.credits_earned * HUNDREDTHS).round().cast("int64")
    earned = given.coalesce(ibis.ifelse(rows.passed, worth, 0))
    return rows.group_by(*PERSON).agg(
        marks=rows.count(),
        earned=earned.sum(),
        tried=ibis.greatest(earned, worth).sum(),
        core_fs=(rows.is_f & rows.is_core.fill_null(False)).cast("int32").sum(),
    )
