"""What happened after an as-of date: the labels that models learn from and are judged by.

Each label reads events after the as-of date up to its horizon, as known when it was frozen (ten school
days after the horizon). Where it cannot be told the label is empty and ``censored`` says why: a
student who left is neither present nor absent.

Targets (METHOD): attendance: absent 10 % or more of the next 45 school days. grades: an F, or a D in
an A-G course, among the marks at the end of the current term. behavior: two or more major incidents or
a suspension in the next 45 school days. grade9_on_track: fewer credits than promotion needs, or more than one
semester F in a core course, at the end of grade 9. el_progress: an English learner not meeting the next
annual step, or newly long-term or at risk of it. overall: attendance or grades. course: failing the course
or withdrawing from it, for sources with dated assessments, such as OULAD.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis

from ews.errors import UsageError
from ews.features.attendance import attendance_days
from ews.features.behavior import MAJOR, incidents_of, suspensions_of
from ews.features.calendar import WHOLE_DAY
from ews.features.course_outcome import course_outcomes
from ews.features.courses import FINAL, HUNDREDTHS, read_marks, sections_of, terms_of
from ews.features.freshness import taken_through
from ews.features.grade9_outcome import (
    FEW_CREDITS,
    GRADE,
    PERSON,
    grade9_students,
    stayed,
    year_ends,
    year_results,
)
from ews.features.horizon import Closing, closing, days_ahead, enrolled_ahead
from ews.features.kept import kept
from ews.features.known import at_each_moment
from ews.features.learner_outcome import NO_TEST, NO_TEST_BEFORE, NOT_A_LEARNER, learner_results
from ews.features.matrix import in_memory
from ews.features.snapshots import Snapshots

if TYPE_CHECKING:
    import pandas as pd

    from ews.records.lake import Records
    from ews.settings import Settings

MINIMUM_DAYS = 15
"""Expected school days that must lie in the horizon (METHOD)."""

ABSENT_SHARE_IN_TENTHS = 1
MAJOR_INCIDENTS = 2
GRADES = {
    "attendance": (-1, 12),
    "grades": (6, 12),
    "behavior": (4, 12),
    "grade9_on_track": (GRADE, GRADE),
    "el_progress": (-1, 12),
}
LATE_DAYS = 3
"""A school's records may end so many days before the horizon and the label still be read."""

NOT_CLOSED = "not closed yet"
"""Why a label is empty whose horizon is not over, or not on record, by the freeze."""
OTHER_GRADE = "another grade"
FEW_DAYS = "fewer than 15 school days ahead"
LEFT = "left, or fewer than 15 days on record"
NO_TERM = "no term under way"
NO_MARK = "no mark"
NO_RECORDS = "no incidents handed over"

COLUMNS = ("student_id", "as_of", "label", "censored", "closes_on")


def outcomes(
    records: Records,
    as_of: Sequence[date],
    target: str,
    *,
    settings: Settings,
    frozen_by: date | None = None,
) -> pd.DataFrame:
    """The labels of everyone enrolled on each date, sorted by (as_of, student_id).

    Columns: student_id, as_of, label (1.0, 0.0 or NaN), censored (None, or why there is no label),
    closes_on (the day the label is frozen; None where there is no horizon). Labels that close after
    ``frozen_by`` are censored. For the target ``course`` a row is a student in a section, and has
    section_id too. UsageError for an unknown target.
    """
    if target == "course":
        return course_outcomes(records, as_of, settings=settings, frozen_by=frozen_by)
    if target == "overall":
        return overall(records, as_of, settings=settings, frozen_by=frozen_by)
    if target not in TARGETS:
        raise UsageError(
            f"There is no outcome {target}.", f"Outcomes are {', '.join([*TARGETS, 'overall', 'course'])}."
        )
    ground = Snapshots.of(records, as_of, settings)
    rows = TARGETS[target](ground, frozen_by)
    lowest, highest = GRADES[target]
    fits = rows.grade_level.between(lowest, highest)
    censored = ibis.ifelse(fits, rows.censored, OTHER_GRADE)
    rows = rows.mutate(censored=censored, label=ibis.ifelse(censored.isnull(), rows.label, None))
    return as_frame(rows.join(ground.students, "student").select(*COLUMNS))


def as_frame(rows: ibis.Table) -> pd.DataFrame:
    """The labels in memory, in their types and in order."""
    frame = in_memory(rows.mutate(label=rows.label.cast("float64")))
    frame["censored"] = frame["censored"].astype(object).where(frame["censored"].notna(), None)
    return frame


def attendance(ground: Snapshots, frozen_by: date | None) -> ibis.Table:
    """Absent 10 % or more of the days expected in the next 45 school days."""
    horizon = closing(ground, days_ahead(ground), "horizon_end", frozen_by)
    days = attendance_days(horizon.ground)
    inside = windows_of_days(ground, horizon)
    rows = days.join(inside, ["calendar", "date"])
    rows = rows.filter(rows.close.between(rows["first"], rows["last"]))
    sums = rows.group_by("moment", "student").agg(expected=rows.expected.sum(), absent=rows.absent.sum())
    rows = standing(ground, horizon).left_join(sums, ["moment", "student"], rname="{name}_of_sums")
    enough = (rows.expected >= MINIMUM_DAYS * WHOLE_DAY).fill_null(False)
    return rows.select(
        *STANDING,
        censored=rows.waiting.coalesce(ibis.ifelse(enough, None, LEFT)),
        label=(10 * rows.absent >= ABSENT_SHARE_IN_TENTHS * rows.expected).cast("float64"),
    )


def windows_of_days(ground: Snapshots, horizon: Closing) -> ibis.Table:
    """calendar, date, moment, close: which as-of dates have this school day in their horizon."""
    days = ground.school_days.select("moment", "calendar", "date")
    rows = days.join(horizon.windows.filter(horizon.windows.close.notnull()), ["moment", "calendar"])
    rows = rows.filter(rows.date > rows.as_of, rows.date <= rows.horizon_end)
    return rows.select("calendar", "date", "moment", "close")


STANDING = ("moment", "student", "as_of", "grade_level", "closes_on")


def standing(ground: Snapshots, horizon: Closing) -> ibis.Table:
    """The cohort with its horizon, and ``waiting``: why no label can be read yet, or ever; else null."""
    rows = ground.cohort.left_join(
        horizon.windows.drop("as_of"), ["moment", "calendar"], rname="{name}_of_window"
    )
    through = taken_through(horizon.ground).select("school_id", "through", close="moment")
    rows = rows.left_join(through, ["school_id", "close"], rname="{name}_of_school")
    reached = rows.through >= rows.horizon_end - ibis.interval(days=LATE_DAYS)
    waiting = ibis.cases(
        ((rows.horizon_days < MINIMUM_DAYS) | rows.horizon_end.isnull(), FEW_DAYS),
        (rows.close.isnull() | ~reached.fill_null(False), NOT_CLOSED),
        else_=None,
    )
    return rows.select(*STANDING, "close", "horizon_end", waiting=waiting)


def behavior(ground: Snapshots, frozen_by: date | None) -> ibis.Table:
    """Two or more major incidents, or a suspension, in the next 45 school days."""
    horizon = closing(ground, days_ahead(ground), "horizon_end", frozen_by)
    rows = kept(standing(ground, horizon))
    major = incidents_of(horizon.ground)
    major = major.filter(major.severity >= MAJOR).select(
        "student", "first", "last", what="incident_id", day="occurred_on"
    )
    out = suspensions_of(horizon.ground).select(
        "student", "first", "last", what="action_id", day="start_date"
    )
    counted = rows.left_join(within(rows, major, horizon, "incidents"), KEY, rname="{name}_of_incidents")
    counted = counted.left_join(within(rows, out, horizon, "suspensions"), KEY, rname="{name}_of_actions")
    counted = counted.left_join(enrolled_ahead(ground, horizon), KEY, rname="{name}_of_days")
    records = ground.records
    handed_over = records.has("student_incidents") or records.has("discipline_actions")
    enough = (counted.days_ahead >= MINIMUM_DAYS).fill_null(False)
    happened = (counted.incidents.fill_null(0) >= MAJOR_INCIDENTS) | (counted.suspensions.fill_null(0) > 0)
    return counted.select(
        *STANDING,
        censored=counted.waiting.coalesce(
            ibis.ifelse(enough, None, LEFT), ibis.literal(None if handed_over else NO_RECORDS, "string")
        ),
        label=happened.cast("float64"),
    )


KEY = ("moment", "student")


def within(rows: ibis.Table, events: ibis.Table, horizon: Closing, name: str) -> ibis.Table:
    """moment, student and, as ``name``, how many different events fell into the horizon, as frozen."""
    happened = at_each_moment(events).rename(close="moment")
    inside = rows.select("moment", "student", "as_of", "horizon_end", "close").join(
        happened, ["student", "close"]
    )
    inside = inside.filter(inside.day > inside.as_of, inside.day <= inside.horizon_end)
    return inside.group_by("moment", "student").agg(**{name: inside.what.nunique()})


def grades(ground: Snapshots, frozen_by: date | None) -> ibis.Table:
    """An F, or a D in an A-G course, among the marks at the end of the finest term under way."""
    horizon = closing(ground, terms_under_way(ground), "end_date", frozen_by)
    marks = kept(final_marks(ground, horizon))
    given = marks.group_by("moment", "calendar", "term_id").agg(marks=marks.count())
    terms = horizon.windows.left_join(given, ["moment", "calendar", "term_id"], rname="{name}_of_marks")
    finest = ibis.row_number().over(
        group_by=["moment", "calendar"],
        order_by=[terms.marks.isnull(), terms.days, terms.term_id],
    )
    terms = terms.mutate(place=finest).filter(lambda t: t.place == 0)
    terms = terms.select("moment", "calendar", "term_id", "closes_on", "close")
    rows = ground.cohort.left_join(terms, ["moment", "calendar"], rname="{name}_of_term")
    failed = marks.group_by("moment", "student", "term_id").agg(failed=marks.failed.max())
    rows = rows.left_join(failed, ["moment", "student", "term_id"], rname="{name}_of_marks")
    rows = rows.left_join(
        ground.windows.select("moment", "calendar", "horizon_days"),
        ["moment", "calendar"],
        rname="{name}_of_windows",
    )
    censored = ibis.cases(
        ((rows.horizon_days < MINIMUM_DAYS).fill_null(True), FEW_DAYS),
        (rows.term_id.isnull(), NO_TERM),
        (rows.close.isnull(), NOT_CLOSED),
        (rows.failed.isnull(), NO_MARK),
        else_=None,
    )
    return rows.select(*STANDING, censored=censored, label=rows.failed.cast("float64"))


def terms_under_way(ground: Snapshots) -> ibis.Table:
    """moment, calendar, term_id, end_date, days: the terms of each school that hold the as-of date."""
    terms = at_each_moment(terms_of(ground)).join(ground.moments.table.select("moment", "as_of"), "moment")
    terms = terms.filter(terms.start_date <= terms.as_of, terms.end_date > terms.as_of)
    terms = terms.join(ground.calendars.select("school_id", "calendar"), "school_id")
    return terms.select(
        "moment",
        "calendar",
        "term_id",
        "end_date",
        days=terms.end_date.delta(terms.start_date, unit="day").cast("int32"),
    )


def final_marks(ground: Snapshots, horizon: Closing) -> ibis.Table:
    """moment, calendar, student, term_id, failed (1 or 0): each course's last mark of the term."""
    later = horizon.ground
    marks = read_marks(later)
    marks = marks.filter(marks.mark_type.isin(FINAL), marks.standard.isnull())
    rows = marks.join(horizon.windows.drop("end_date"), "term_id")
    rows = rows.filter(rows.close.between(rows["first"], rows["last"]))
    cohort = ground.cohort.select("moment", "student", "calendar")
    rows = rows.join(cohort, ["moment", "student", "calendar"])
    newest = ibis.row_number().over(
        group_by=["moment", "student", "term_id", "section_id"],
        order_by=[rows.as_of_date.desc(), rows.official.desc()],
    )
    rows = rows.mutate(place=newest).filter(lambda t: t.place == 0)
    sections = sections_of(later)
    sections = sections.select("section_id", "a_g", since="first", until="last")
    rows = rows.join(sections, "section_id")
    rows = rows.filter(rows.close.between(rows.since, rows.until))
    below_c = rows.is_d & rows.a_g.notnull() & bool(ground.settings["grades.a_g_minimum_is_c"])
    said = rows.percent.notnull() | rows.points.notnull()
    rows = rows.mutate(failed=ibis.ifelse(said, (rows.is_f | below_c).cast("int32"), None))
    return rows.filter(rows.failed.notnull()).select("moment", "calendar", "student", "term_id", "failed")


def grade9_on_track(ground: Snapshots, frozen_by: date | None) -> ibis.Table:
    """At the end of grade 9: fewer credits than promotion needs, or more core-course semester Fs than one."""
    horizon = closing(ground, year_ends(ground), "year_end", frozen_by)
    students = grade9_students(ground, horizon)
    rows = ground.cohort.left_join(
        horizon.windows.drop("as_of", "this_year"), ["moment", "calendar"], rname="{name}_of_year"
    )
    there = stayed(students, horizon).mutate(stayed=True)
    rows = rows.left_join(there, list(PERSON), rname="{name}_of_stay")
    rows = rows.left_join(kept(year_results(students, horizon)), list(PERSON), rname="{name}_of_results")
    needed = round(HUNDREDTHS * ground.settings["on_track.credits"])
    fails = rows.core_fs > ground.settings["on_track.core_fs"]
    censored = ibis.cases(
        ((rows.horizon_days < MINIMUM_DAYS).fill_null(True), FEW_DAYS),
        (rows.close.isnull(), NOT_CLOSED),
        (rows.stayed.isnull(), LEFT),
        (rows.marks.isnull(), NO_MARK),
        (rows.tried.between(1, needed - 1), FEW_CREDITS),
        else_=None,
    )
    short = (rows.tried > 0) & (rows.earned < needed)
    return rows.select(*STANDING, censored=censored, label=(fails | short).cast("float64"))


def el_progress(ground: Snapshots, frozen_by: date | None) -> ibis.Table:
    """Of English learners: the next annual step in English not met, or newly long-term or at risk of it."""
    rows = ground.cohort.left_join(learner_results(ground, frozen_by), KEY, rname="{name}_of_results")
    ahead = ground.windows.select("moment", "calendar", "horizon_days")
    rows = rows.left_join(ahead, ["moment", "calendar"], rname="{name}_of_windows")
    open_still = ~rows.reclassified
    censored = ibis.cases(
        (rows.closes_on.isnull(), NOT_A_LEARNER),
        ((rows.horizon_days < MINIMUM_DAYS).fill_null(True), FEW_DAYS),
        (rows.close.isnull(), NOT_CLOSED),
        (open_still & ~rows.tested, NO_TEST),
        (open_still & ~rows.tested_before, NO_TEST_BEFORE),
        else_=None,
    )
    happened = ~rows.reclassified & (rows.missed | rows.reached)
    return rows.select(*STANDING, censored=censored, label=happened.cast("float64"))


TARGETS: dict[str, Callable[[Snapshots, date | None], ibis.Table]] = {
    "attendance": attendance,
    "grades": grades,
    "behavior": behavior,
    "grade9_on_track": grade9_on_track,
    "el_progress": el_progress,
}


def overall(
    records: Records, as_of: Sequence[date], *, settings: Settings, frozen_by: date | None = None
) -> pd.DataFrame:
    """Attendance or grades (and behavior, where its audit has passed): 1 if any is, defined if any is.

    A domain that is still open keeps the whole open. ``closes_on`` is the last of those that count.
    """
    names = domains_of_overall(settings)
    return any_of_domains(
        [outcomes(records, as_of, name, settings=settings, frozen_by=frozen_by) for name in names]
    )


def domains_of_overall(settings: Settings) -> list[str]:
    """The targets that overall is any of."""
    return ["attendance", "grades"] + (["behavior"] if settings["overall.behavior_joins"] else [])


def any_of_domains(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Overall's labels from those of its domains, which have the same rows in the same order."""
    frame = parts[0][["student_id", "as_of"]].copy()
    open_still = any_of([part["censored"] == NOT_CLOSED for part in parts])
    labels = _side_by_side([part["label"] for part in parts]).max(axis=1)
    frame["label"] = labels.mask(open_still)
    reasons = parts[0]["censored"].where(labels.isna(), None)
    frame["censored"] = reasons.mask(open_still, NOT_CLOSED)
    frame["closes_on"] = _latest([part["closes_on"].where(part["label"].notna(), None) for part in parts])
    return frame[list(COLUMNS)]


def any_of(flags: Sequence[Any]) -> Any:
    """Where any of the boolean columns is true."""
    return _side_by_side(flags).any(axis=1)


def _latest(days: Sequence[pd.Series]) -> list[date | None]:
    return [max((day for day in row if day is not None), default=None) for row in zip(*days, strict=True)]


def _side_by_side(columns: Sequence[pd.Series]) -> pd.DataFrame:
    import pandas as pd

    return pd.concat([column.rename(place) for place, column in enumerate(columns)], axis=1)
