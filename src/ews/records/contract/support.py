"""Behavior, programs, English-learner history and support given."""

from __future__ import annotations

from ews.records.contract.definition import Table, code, columns, day, decimal, flag, ident, text, whole
from ews.records.contract.people import SCHOOL, STUDENT

INCIDENTS_LAG = "known.incidents_lag_days"

TABLES = (
    Table(
        "incidents",
        "S",
        ("incident_id",),
        columns(
            ident("incident_id", required=True),
            ident("school_id", required=True),
            day("occurred_on", required=True),
            text("location", length=100),
        ),
        event_date=("occurred_on",),
        lag=INCIDENTS_LAG,
        parents=SCHOOL,
        happened=True,
        about="Something that was written up, once, whoever took part.",
    ),
    Table(
        "student_incidents",
        "S",
        ("incident_id", "student_id", "behavior_code"),
        columns(
            ident("incident_id", required=True),
            ident("student_id", required=True),
            ident("behavior_code", required=True, about="The district's own code."),
            code("role", "offender other", about="Only offenders are counted."),
            whole("severity", 1, 3, about="1 minor, 2 moderate, 3 major (reportable to the state)."),
            text("ec_code", length=50),
        ),
        event_date=("incidents.occurred_on",),
        lag=INCIDENTS_LAG,
        parents=STUDENT | {"incident_id": "incidents"},
        within="any",
        happened=True,
        about="Who took part in it, and how.",
    ),
    Table(
        "discipline_actions",
        "S",
        ("action_id",),
        columns(
            ident("action_id", required=True),
            ident("student_id", required=True),
            ident("incident_id"),
            code("action", "none conference restorative detention class_removal iss oss expulsion other"),
            day("start_date", required=True),
            day("end_date", event_date="end_date"),
            decimal("length_days", 0, 366, unit="days"),
            decimal("actual_days", 0, 366, unit="days", event_date="end_date"),
        ),
        event_date=("start_date",),
        lag=INCIDENTS_LAG,
        parents=STUDENT | {"incident_id": "incidents"},
        about="What the school did about it. actual_days is a fact only once the action is over (end_date).",
    ),
    Table(
        "el_status",
        "S",
        ("student_id", "start_date"),
        columns(
            ident("student_id", required=True),
            day("start_date", required=True),
            code("elas", "EO IFEP EL RFEP TBD"),
            day("end_date", event_date="end_date"),
            day("first_us_school_date"),
        ),
        event_date=("start_date",),
        parents=STUDENT,
        about="English-language acquisition status; a row RFEP starts on the day of reclassification.",
    ),
    Table(
        "programs",
        "S",
        ("student_id", "program", "begin_date"),
        columns(
            ident("student_id", required=True),
            code(
                "program",
                "sped s504 frpm_free frpm_reduced homeless foster migrant gate title1 alt_ed eld_service"
                " other",
                required=True,
            ),
            day("begin_date", required=True),
            day("end_date", event_date="end_date"),
            text("detail", about="Disability or setting. Restricted.", length=200),
        ),
        event_date=("begin_date",),
        parents=STUDENT,
        about="Programs a student takes part in.",
    ),
    Table(
        "interventions",
        "S",
        ("intervention_id",),
        columns(
            ident("intervention_id", required=True),
            ident("student_id", required=True),
            whole("tier", 1, 3),
            text("kind", length=100),
            code("target", "attendance academic behavior sel el"),
            day("begin_date", required=True),
            day("end_date", event_date="end_date"),
            decimal("planned_minutes_week", 0, 10080, unit="minutes a week"),
            code("outcome", "met partial not_met ongoing", event_date="end_date"),
            ident("triggered_by_score_id"),
        ),
        event_date=("begin_date",),
        parents=STUDENT,
        about="Support a student was given.",
    ),
    Table(
        "intervention_sessions",
        "S",
        ("intervention_id", "date"),
        columns(
            ident("intervention_id", required=True),
            day("date", required=True),
            decimal("minutes", 0, 1440, unit="minutes"),
            flag("attended"),
        ),
        event_date=("date",),
        parents={"intervention_id": "interventions"},
        happened=True,
        about="One meeting of an intervention.",
    ),
)
