"""Which columns features and outcomes may read. What is not named here cannot reach a model.

Never among them: race and ethnicity, sex, birth date and place, home language, first US school date,
address, health, free text, family income; English-learner status, disability, foster care and
homelessness are for the audit and for eligibility only. ``known_by`` hands out nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

from ews.errors import OurFault

ALLOWED: dict[str, tuple[str, ...]] = {
    "orgs": ("org_id", "school_level"),
    "enrollments": (
        "student_id",
        "school_id",
        "entry_date",
        "exit_date",
        "grade_level",
        "is_primary",
        "calendar_id",
        "school_year",
    ),
    "calendar_days": ("school_id", "calendar_id", "date", "is_instructional", "day_weight"),
    "terms": (
        "term_id",
        "school_id",
        "school_year",
        "term_type",
        "start_date",
        "end_date",
        "instructional_days",
    ),
    "attendance": ("student_id", "school_id", "date", "status", "absent_fraction"),
    "attendance_coverage": ("school_id", "mode", "complete_through"),
    "attendance_period": ("student_id", "section_id", "date", "period", "status"),
    "sections": ("section_id", "school_id", "term_id", "course_title", "is_core", "a_g", "credits_possible"),
    "section_enrollments": (
        "student_id",
        "section_id",
        "begin_date",
        "end_date",
        "attempts_before",
        "credits_studied",
    ),
    "marks": (
        "student_id",
        "section_id",
        "term_id",
        "mark_type",
        "as_of_date",
        "letter",
        "percent",
        "gpa_points",
        "is_passing",
        "credits_earned",
        "excluded_from_gpa",
    ),
    "assignments": (
        "assignment_id",
        "section_id",
        "category",
        "assigned_date",
        "due_date",
        "points_possible",
        "weight",
    ),
    "assignment_results": (
        "student_id",
        "assignment_id",
        "status",
        "is_late",
        "is_banked",
        "points_earned",
        "submitted_at",
        "scored_at",
        "event_on",
    ),
    "assessments": (
        "student_id",
        "assessment_code",
        "subject",
        "administered_on",
        "family",
        "released_on",
        "level",
        "percentile",
        "valid",
    ),
    "incidents": ("incident_id", "school_id", "occurred_on"),
    "student_incidents": ("incident_id", "student_id", "behavior_code", "role", "severity"),
    "discipline_actions": ("action_id", "student_id", "action", "start_date"),
    "interventions": ("student_id", "begin_date", "end_date"),
    "activities": ("student_id", "activity", "begin_date", "section_id", "times"),
    "outcomes": ("student_id", "school_id", "school_year", "outcome", "occurred_on", "value"),
}

FORBIDDEN = frozenset(
    {
        "sex",
        "race_ethnicity",
        "birth_date",
        "home_language",
        "first_us_school_date",
        "elas",
        "program",
        "detail",
        "language",
        "interpreter",
        "given_name",
        "family_name",
        "preferred_name",
        "name",
        "email",
        "reason",
        "location",
        "scale_scores",
        "source_code",
        "exit_type",
    }
)
"""Columns of the contract that no feature may ever read, whatever table they stand in; but for ``elas``,
which says who belongs to the English learners' own model, and nothing else anywhere."""

TESTS_OF_GROUPS = ("elpac_sum", "elpac_init", "alt_elpac", "caa", "sel_screener")
"""Test families that only some groups of students take: having a result would tell the group."""

ALLOWED_FOR_LEARNERS: dict[str, tuple[str, ...]] = {
    "el_status": ("student_id", "start_date", "elas", "end_date"),
    "assessments": (*ALLOWED["assessments"], "scale_score", "domain_scores"),
}
"""What the English learners' own model may read besides. Only ``ews.features.english_learners`` opens this
door (a test holds it to that), and nothing that comes through it is in the matrix of the other models."""


def allowed_columns(table: str, allowed: Mapping[str, tuple[str, ...]] = ALLOWED) -> tuple[str, ...]:
    """The columns of ``table`` that features may read; OurFault when there are none."""
    if table not in allowed:
        raise OurFault(
            f"No feature may read the table {table}.",
            "ALLOWED in ews/features/allowed.py lists what may be read.",
        )
    return allowed[table]
