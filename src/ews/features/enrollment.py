"""Where a student stands: changes of school, time since entry, grade, week of the school year."""

from __future__ import annotations

import ibis

from ews.features.calendar import year_of
from ews.features.known import at_each_moment, known_between, limited
from ews.features.snapshots import Snapshots

SETTLED_AFTER = 14
"""Days after the school's first day from which an entry is a change of school and not a beginning."""


def moves(ground: Snapshots) -> ibis.Table:
    """moment, student, moves: schools entered after the year had begun, this school year and the last."""
    spans = ground.enrolled
    rows = limited(spans, last=ground.moments.until_year_after(spans.entry_date, 1))
    rows = at_each_moment(rows).mutate(year=lambda t: year_of(t.entry_date))
    rows = rows.group_by("moment", "student", "school_id", "calendar", "year").agg(
        entered=rows.entry_date.min()
    )
    days = ground.school_days
    opened = days.group_by("moment", "calendar", year=days.school_year).agg(opened=days.date.min())
    rows = rows.join(opened, ["moment", "calendar", "year"])
    late = rows.entered > rows.opened + ibis.interval(days=SETTLED_AFTER)
    return rows.group_by("moment", "student").agg(moves=rows.count(where=late))


def first_grades(ground: Snapshots) -> ibis.Table:
    """moment, school_id, first_grade: the grade in which a school of this level begins."""
    schools = at_each_moment(known_between(ground.records, "orgs", ground.moments))
    grade = schools.school_level.cases(("es", 0), ("k8", 0), ("k12", 0), ("ms", 6), ("hs", 9), else_=None)
    return schools.select("moment", school_id=schools.org_id, first_grade=grade.cast("int32"))


def enrollment_features(ground: Snapshots) -> ibis.Table:
    """moment, student and every feature of enrollment and of the time of the year."""
    rows = ground.cohort
    rows = rows.left_join(moves(ground), ["moment", "student"]).drop("moment_right", "student_right")
    rows = rows.left_join(first_grades(ground), ["moment", "school_id"]).drop(
        "moment_right", "school_id_right"
    )
    since = rows.as_of.delta(rows.entry_date, unit="day")
    usual = rows.grade_level.isin((0, 6, 9))
    first = ibis.ifelse(rows.first_grade.isnull(), usual, rows.grade_level == rows.first_grade)
    return rows.select(
        "moment",
        "student",
        moves=rows.moves.fill_null(0),
        days_since_entry=since,
        transition_grade=first.cast("int32"),
    )
