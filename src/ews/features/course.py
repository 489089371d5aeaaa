"""The matrix of a course: one row a student, section and day, as known on that day.

For courses with dated assessments, such as OULAD's. The same door (``known_by``) and the same rules as
for the school-year matrix; what differs is that a student may be in several sections, and that each
section counts days from its own start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import pandas as pd

from ews.features.course_catalogue import COURSE_FEATURES
from ews.features.course_work import (
    MILLION,
    STUDENT,
    compared,
    marks_so_far,
    standing,
    turned_in,
    turning_in,
    work_due,
)
from ews.features.known import Moments, known_by
from ews.school_year import school_year_of

if TYPE_CHECKING:
    from ews.records.lake import Records
    from ews.settings import Settings

SECTION = ("moment", "section_id")
LONG_AGO = 10_000
AFTER_GRADE_12 = 13
IN_THE_MIDDLE = {
    "mark_standing": 0.5,
    "mark_standing_latest": 0.5,
    "mark_standing_lowest": 0.5,
    "mark_above_class": 0.0,
    "mark_latest_change": 0.0,
    "course_standing": 0.5,
    "lateness_standing": 0.5,
}
"""Where a student stands as long as nobody in the class has such a value: to have none says nothing then."""

STANDINGS = (
    "mark_standing",
    "mark_standing_latest",
    "mark_standing_lowest",
    "course_standing",
    "lateness_standing",
    "silence_standing",
    "site_visits_standing",
)

COUNTED = (
    "fact_marks",
    "fact_average_before",
    "fact_class_average",
    "fact_class_missing",
    "fact_class_turned_in",
)


def course_matrix(
    records: Records, as_of: Sequence[date], *, settings: Settings, students: Sequence[str] | None = None
) -> pd.DataFrame:
    """Every student in a running section on each day of ``as_of``, with the features of COURSE_FEATURES.

    Sorted by (as_of, student_id, section_id). Index columns: student_id, school_id, section_id, course,
    as_of (date), course_day (days since the section's first day), school_year, week, grade_level, and
    what scoring asks of every matrix: expected_days_year, has_history, horizon_days (days left),
    marks_through and attendance_through (last day anybody turned in work, in the section and anywhere:
    how fresh the records are; None for never). Features are float64, NaN where nothing is on record;
    ``fact_`` columns serve sentences. ``students`` narrows the rows, never the
    classmates they are compared with.
    """
    moments = Moments.of(as_of, settings.timezone)
    here = classmates(records, moments)
    work = compared(turned_in(records, moments))
    rows = here
    for part in (marks_so_far(work), turning_in(work), work_due(records, moments, here, work)):
        rows = with_columns(rows, part, STUDENT)
    rows = with_columns(rows, site_visits(records, moments), STUDENT)
    rows = before_anybody(in_class(rows))
    if students is not None:
        rows = rows.filter(rows.student_id.isin(list(students)))
    return finished(rows.to_pyarrow().to_pandas())


def with_columns(rows: ibis.Table, part: ibis.Table, on: Sequence[str]) -> ibis.Table:
    """``rows`` with the other columns of ``part``; null where it has no row."""
    joined = rows.left_join(part, list(on))
    return joined.select(*rows.columns, *(name for name in part.columns if name not in on))


def running_sections(records: Records, moments: Moments) -> ibis.Table:
    """Each section on each day of its term: its school, its course, its day and the days left."""
    terms = known_by(records, "terms", moments).select("moment", "term_id", "start_date", "end_date")
    sections = known_by(records, "sections", moments)
    rows = sections.join(terms, ["moment", "term_id"])
    rows = rows.filter(rows.start_date <= rows.as_of, rows.as_of <= rows.end_date)
    return rows.select(
        *SECTION,
        "as_of",
        "school_id",
        "start_date",
        course="course_title",
        course_day=rows.as_of.delta(rows.start_date, unit="day").cast("int64"),
        days_left=rows.end_date.delta(rows.as_of, unit="day").cast("int64"),
    )


def classmates(records: Records, moments: Moments) -> ibis.Table:
    """Who sits in each running section at each moment: registered, and not known to have left."""
    seats = known_by(records, "section_enrollments", moments)
    seats = seats.filter(seats.end_date.isnull() | (seats.end_date >= seats.as_of))
    seats = seats.group_by(*STUDENT).agg(
        begin_date=seats.begin_date.min(),
        attempts_before=seats.attempts_before.max(),
        credits_studied=seats.credits_studied.max(),
    )
    rows = seats.join(running_sections(records, moments), list(SECTION))
    return rows.mutate(
        days_registered_before_start=rows.start_date.delta(rows.begin_date, unit="day").cast("int64"),
    ).drop("begin_date", "start_date")


def site_visits(records: Records, moments: Moments) -> ibis.Table:
    """How often each student looked at the course's site before it started, where that was counted."""
    rows = known_by(records, "activities", moments)
    rows = rows.filter(rows.section_id.notnull())
    return rows.group_by(*STUDENT).agg(site_visits=rows.times.sum())


def in_class(rows: ibis.Table) -> ibis.Table:
    """``rows`` with no work told from work not counted, and each student's standing in the class."""
    section = ibis.window(group_by=SECTION)
    counted = rows.site_visits.count().over(section) > 0
    silent = rows.as_of.delta(rows.turned_in_last, unit="day").cast("int64")
    rows = rows.mutate(
        work_turned_in=rows.work_turned_in.fill_null(0),
        site_visits=ibis.ifelse(counted, rows.site_visits.fill_null(0), ibis.null("int64")),
        days_since_turned_in=silent,
        fact_class_missing=rows.work_missing.mean().over(section),
        marks_through=rows.turned_in_last.max().over(section),
        attendance_through=rows.turned_in_last.max().over(ibis.window(group_by="moment")),
    )
    return rows.mutate(
        fact_class_turned_in=rows.work_turned_in.mean().over(section),
        work_missing_beyond_class=rows.work_missing - rows.fact_class_missing,
        work_missing_share=rows.work_missing / rows.work_due,
        course_standing=standing(rows.due_standing, SECTION) / MILLION,
        work_turned_in_standing=standing(rows.work_turned_in, SECTION) / MILLION,
        silence_standing=standing(rows.days_since_turned_in.fill_null(LONG_AGO), SECTION) / MILLION,
        site_visits_standing=standing(rows.site_visits, SECTION) / MILLION,
    )


def before_anybody(rows: ibis.Table) -> ibis.Table:
    """``rows`` with everyone in the middle where nobody has a value yet, and standings told in 100.

    A course that has set nothing by then must not look like a class of students who turned nothing in.
    No sentence speaks of such a standing.
    """
    section = ibis.window(group_by=SECTION)
    rows = rows.mutate(**{f"fact_{name}": rows[name] * 100 for name in STANDINGS})
    return rows.mutate(
        **{
            name: ibis.ifelse(rows[name].count().over(section) == 0, middle, rows[name])
            for name, middle in IN_THE_MIDDLE.items()
        },
        fact_class_average=rows.mark_average - rows.mark_above_class,
    )


@dataclass(frozen=True)
class CourseTerm:
    """When a section runs: its school, its course, its first and its last day."""

    section_id: str
    school_id: str
    course: str
    start: date
    end: date


def course_terms(records: Records) -> list[CourseTerm]:
    """Every section with a term, as planned today, by section_id."""
    sections, terms = records.table("sections"), records.table("terms")
    sections = sections.filter(sections.superseded_at.isnull())
    terms = terms.filter(terms.superseded_at.isnull()).select("term_id", "start_date", "end_date")
    rows = sections.join(terms, "term_id")
    rows = rows.select("section_id", "school_id", "course_title", "start_date", "end_date")
    return sorted(
        (CourseTerm(*row.values()) for row in rows.to_pyarrow().to_pylist()), key=lambda one: one.section_id
    )


def finished(rows: pd.DataFrame) -> pd.DataFrame:
    """``rows`` in their order, with counts where nothing happened, types, and facts for sentences."""
    rows = rows.sort_values(["as_of", "student_id", "section_id"], ignore_index=True)
    as_of = [day.date() if hasattr(day, "date") else day for day in rows["as_of"]]
    matrix = rows[["student_id", "school_id", "section_id", "course"]].assign(as_of=as_of)
    matrix["course_day"] = rows["course_day"].astype(int)
    matrix["school_year"] = [school_year_of(day) for day in as_of]
    matrix["week"] = matrix["course_day"] // 7
    matrix["grade_level"] = AFTER_GRADE_12
    matrix["expected_days_year"] = matrix["course_day"].astype("float64")
    matrix["has_history"] = True
    matrix["horizon_days"] = rows["days_left"].astype("float64")
    for name in ("marks_through", "attendance_through"):
        matrix[name] = pd.Series([dated(day) for day in rows[name]], dtype=object)
    rows = rows.assign(
        course_week=matrix["week"],
        work_due=rows["work_due"].fillna(0),
        work_missing=rows["work_missing"].fillna(0),
        results_carried_over=rows["results_carried_over"].fillna(0),
    )
    features = rows[list(COURSE_FEATURES)].astype("float64")
    return pd.concat([matrix, features, facts(rows)], axis=1)


def facts(rows: pd.DataFrame) -> pd.DataFrame:
    """What sentences say beside the features: counts, class averages, standings in 100, days in words."""
    said = rows[list(COUNTED) + [f"fact_{name}" for name in STANDINGS]].astype("float64")
    said["fact_late_average"] = [late_in_words(days) for days in rows["days_late_average"]]
    said["fact_late_latest"] = [late_in_words(days) for days in rows["days_late_latest"]]
    said["fact_registered"] = [start_in_words(days) for days in rows["days_registered_before_start"]]
    said["fact_silence"] = [silence_in_words(days) for days in rows["days_since_turned_in"]]
    return said


def dated(day: Any) -> date | None:
    """A day as the engine gave it, as a date; None for none."""
    if pd.isna(day):
        return None
    return day.date() if hasattr(day, "date") else day


def days_in_words(days: int) -> str:
    """A number of days.

    >>> days_in_words(1), days_in_words(12)
    ('1 day', '12 days')
    """
    return "1 day" if days == 1 else f"{days} days"


def late_in_words(days: float) -> str | None:
    """How late work was; None when no work had a due day.

    >>> late_in_words(-3.2), late_in_words(0.2), late_in_words(1)
    ('3 days before the due date', 'on the due date', '1 day after the due date')
    """
    if pd.isna(days):
        return None
    whole = round(days)
    if whole == 0:
        return "on the due date"
    return f"{days_in_words(abs(whole))} {'after' if whole > 0 else 'before'} the due date"


def start_in_words(days: float) -> str | None:
    """When a student registered, seen from the first day."""
    if pd.isna(days):
        return None
    if days == 0:
        return "on the first day"
    return f"{days_in_words(abs(int(days)))} {'before' if days > 0 else 'after'} the first day"


def silence_in_words(days: float) -> str:
    """How long ago anything was turned in."""
    return (
        "Nothing turned in so far" if pd.isna(days) else f"Nothing turned in for {days_in_words(int(days))}"
    )
