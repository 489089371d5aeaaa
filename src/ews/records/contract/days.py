"""The calendar, and what happened on its days: attendance and everything that follows from it."""

from __future__ import annotations

from ews.records.contract.definition import Table, code, columns, day, decimal, flag, ident, text, whole
from ews.records.contract.people import SCHOOL, STUDENT

PRESENCE = (
    "present absent_excused absent_unexcused absent_unverified suspended_out suspended_in independent_study"
    " home_hospital tardy left_early partial exempt unknown"
)
ATTENDANCE_LAG = "known.attendance_lag_days"

TABLES = (
    Table(
        "calendar_days",
        "R",
        ("school_id", "calendar_id", "date"),
        columns(
            ident("school_id", required=True),
            ident("calendar_id", required=True),
            day("date", required=True),
            flag("is_instructional", required=True),
            decimal("day_weight", 0, 1, unit="days", about="1 when empty."),
        ),
        parents=SCHOOL,
        plan=True,
        window="date",
        about="Which days are school days. When absent the denominator is estimated from the terms.",
    ),
    Table(
        "terms",
        "R",
        ("term_id",),
        columns(
            ident("term_id", required=True),
            ident("school_id"),
            whole("school_year", 1990, 2100, required=True),
            code("term_type", "year semester trimester quarter grading_period progress", required=True),
            whole("seq", 0, 100),
            day("start_date", required=True),
            day("end_date", required=True),
            whole("instructional_days", 0, 366, unit="days"),
            ident("parent_term_id"),
        ),
        parents=SCHOOL,
        plan=True,
        window="start_date",
        about="Years, semesters, quarters and grading periods.",
    ),
    Table(
        "attendance",
        "R",
        ("student_id", "school_id", "date"),
        columns(
            ident("student_id", required=True),
            ident("school_id", required=True),
            day("date", required=True),
            code("status", PRESENCE, required=True),
            decimal(
                "absent_fraction",
                0,
                1,
                unit="days",
                about="When empty: 1 for absent_* and suspended_out, 0 for tardy and suspended_in.",
            ),
            whole("minutes_late", 0, 1440, unit="minutes"),
            code("reason", "illness medical family truancy other"),
        ),
        event_date=("date",),
        lag=ATTENDANCE_LAG,
        parents=STUDENT | SCHOOL,
        within="school",
        happened=True,
        about="One row a student and day, or only the exceptions (negative attendance, see the manifest).",
    ),
    Table(
        "attendance_period",
        "O",
        ("student_id", "section_id", "date", "period"),
        columns(
            ident("student_id", required=True),
            ident("section_id", required=True),
            day("date", required=True),
            ident("period", required=True),
            code("status", PRESENCE, required=True),
            whole("minutes_missed", 0, 1440, unit="minutes"),
        ),
        event_date=("date",),
        lag=ATTENDANCE_LAG,
        parents=STUDENT | {"section_id": "sections"},
        within="any",
        happened=True,
        about="Attendance by class period.",
    ),
    Table(
        "attendance_notices",
        "S",
        ("student_id", "notice_date", "kind"),
        columns(
            ident("student_id", required=True),
            day("notice_date", required=True),
            code("kind", "truancy_1 truancy_2 truancy_3 excessive_excused sart sarb", required=True),
        ),
        event_date=("notice_date",),
        parents=STUDENT,
        happened=True,
        about="Letters and hearings about attendance.",
    ),
    Table(
        "attendance_recovery",
        "O",
        ("student_id", "date"),
        columns(
            ident("student_id", required=True),
            day("date", required=True),
            decimal("fraction", 0, 1, unit="days"),
        ),
        event_date=("date",),
        lag=ATTENDANCE_LAG,
        parents=STUDENT,
        happened=True,
        about="Days made up (California EC 46211), kept apart from attendance.",
    ),
    Table(
        "activities",
        "O",
        ("student_id", "activity", "begin_date"),
        columns(
            ident("student_id", required=True),
            ident("activity", required=True),
            day("begin_date", required=True),
            day("end_date", event_date="end_date"),
            ident("section_id", about="The class it belongs to, if any."),
            whole("times", 0, about="How often, counted up to the begin_date."),
        ),
        event_date=("begin_date",),
        parents=STUDENT,
        about="Clubs, teams, service: strengths and connection.",
    ),
    Table(
        "surveys",
        "O",
        ("student_id", "survey_code", "taken_on"),
        columns(
            ident("student_id", required=True),
            ident("survey_code", required=True),
            day("taken_on", required=True),
            text("scale_scores", about="scale=value pairs, separated by semicolons."),
            flag("consent"),
        ),
        event_date=("taken_on",),
        parents=STUDENT,
        happened=True,
        about="What students say of themselves.",
    ),
)
