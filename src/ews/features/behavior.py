"""Incidents that a student took part in, and suspensions. Where none were handed over, nothing is said.

One incident counts once a student, with its gravest severity. Witnesses and victims are not counted.
"""

from __future__ import annotations

import ibis

from ews.features.known import at_each_moment, both_known, known_between, limited
from ews.features.snapshots import Snapshots

MAJOR = 3
SUSPENSIONS = ("iss", "oss", "expulsion")


def incidents_of(ground: Snapshots) -> ibis.Table:
    """Runs of a student's part in an incident: student, incident_id, occurred_on, severity."""
    parts = ground.known("student_incidents", years=1)
    parts = parts.filter(parts.role == "offender").select(
        "student", "incident_id", "severity", "first", "last"
    )
    happened = known_between(ground.records, "incidents", ground.moments)
    return both_known(parts, happened.select("incident_id", "occurred_on", "first", "last"), ["incident_id"])


def suspensions_of(ground: Snapshots) -> ibis.Table:
    """Runs of suspensions and expulsions: student, action_id, start_date."""
    actions = ground.known("discipline_actions", years=1)
    return actions.filter(actions.action.isin(SUSPENSIONS)).select(
        "student", "action_id", "start_date", "first", "last"
    )


def incident_counts(ground: Snapshots) -> ibis.Table:
    """moment, student: incidents of the last 20 and 45 school days, of this year and of the last."""
    rows = at_each_moment(incidents_of(ground))
    rows = rows.group_by("moment", "student", "incident_id").agg(
        occurred_on=rows.occurred_on.min(), severity=rows.severity.max()
    )
    cohort = ground.cohort.join(ground.windows, ["moment", "calendar"])
    rows = rows.join(cohort.drop("calendar"), ["moment", "student"])
    this_year = rows.occurred_on >= ibis.date(rows.this_year - 1, 7, 1)
    return rows.group_by("moment", "student").agg(
        last_20=rows.count(where=rows.occurred_on >= rows.start_20),
        last_45=rows.count(where=rows.occurred_on >= rows.start_45),
        in_year=rows.count(where=this_year),
        major=rows.count(where=this_year & (rows.severity >= MAJOR)),
        last_year=rows.count(where=~this_year),
    )


def suspension_counts(ground: Snapshots) -> ibis.Table:
    """moment, student: suspensions that began this school year and in the last."""
    rows = ground.at_each_moment(suspensions_of(ground))
    this_year = rows.start_date >= ibis.date(rows.this_year - 1, 7, 1)
    return rows.group_by("moment", "student").agg(
        suspensions=rows.action_id.nunique(where=this_year),
        suspensions_last_year=rows.action_id.nunique(where=~this_year),
    )


def enrolled_last_year(ground: Snapshots) -> ibis.Table:
    """moment, student, was_here (always true): who was enrolled at some time in the year before."""
    rows = ground.at_each_moment(
        limited(
            ground.enrolled,
            first=ground.moments.from_year_of(ground.enrolled.entry_date),
            last=ground.moments.until_year_after(ground.enrolled.entry_date, 1),
        )
    )
    rows = rows.filter(rows.school_year == rows.this_year - 1)
    return rows.select("moment", "student", was_here=ibis.literal(True)).distinct()


def behavior_features(ground: Snapshots) -> ibis.Table:
    """moment, student and every feature and fact of behavior.

    0 for a student without incidents where incidents are handed over; null where they are not, and for
    last year where the student was not here then.
    """
    rows = ground.cohort.select("moment", "student")
    for part in (enrolled_last_year(ground), incident_counts(ground), suspension_counts(ground)):
        rows = rows.left_join(part, ["moment", "student"]).drop("moment_right", "student_right")
    records = ground.records
    written_up = ibis.literal(records.has("incidents") and records.has("student_incidents"))
    acted_on = ibis.literal(records.has("discipline_actions"))
    here = rows.was_here.fill_null(False)
    return rows.select(
        "moment",
        "student",
        incidents_last_20=written_up.ifelse(rows.last_20.fill_null(0), None),
        incidents_last_45=written_up.ifelse(rows.last_45.fill_null(0), None),
        major_incidents_year=written_up.ifelse(rows.major.fill_null(0), None),
        suspensions_year=acted_on.ifelse(rows.suspensions.fill_null(0), None),
        incidents_last_year=(written_up & here).ifelse(rows.last_year.fill_null(0), None),
        suspensions_last_year=(acted_on & here).ifelse(rows.suspensions_last_year.fill_null(0), None),
        fact_incidents_year=written_up.ifelse(rows.in_year.fill_null(0), None),
    )
