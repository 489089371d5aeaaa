"""OULAD as contract tables: real students, any presentations of the dataset, in one folder.

Kuzilek, Hlosta and Zdrahal, Scientific Data 4:170171 (2017), CC BY 4.0. A presentation of a module (BBB
in 2013J) becomes a school, a term and a section of its own, called BBB-2013J: its students, its days
and its end are its own. Days are relative to a presentation's start, which the dataset gives as a month
(B is February, J October); day 0 stands on the first of that month.

Work turned in is known on its day; its score only ``known.assignments_lag_days`` later, since someone
has to mark it. A result carried over (``is_banked``) was marked long ago. Region, education, deprivation,
age and disability have no place in the contract and are not read; sex is kept for the audit.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from ews.records.drop import Drop, drop_of
from ews.records.problems import Problem, errors, listed
from ews.records.sources.oulad_files import MODULE, VISITS, read_files
from ews.school_year import school_year_of
from ews.settings import Settings

DISTRICT = "OU"
AFTER_GRADE_12 = 13
CONTRACT_FILE = "oulad: {table}"


def read_oulad(path: Path, settings: Settings) -> Drop:
    """What the OULAD folder at ``path`` says in the contract's tables; problems go into the drop."""
    files, problems = read_files(path)
    if not errors(problems):
        problems += unknown_references(files)
    if errors(problems):
        return Drop(problems=problems)
    registered, undated = registrations(files)
    lag = timedelta(days=settings["known.assignments_lag_days"])
    tables = {
        **presentations(files),
        "students": students(files),
        "enrollments": enrollments(registered),
        "section_enrollments": section_enrollments(registered),
        "assignments": assignments(files),
        "assignment_results": results(files, registered, lag),
        "activities": visits(files),
        "outcomes": outcomes(registered),
    }
    filled = {name: rows for name, rows in tables.items() if rows}
    drop = drop_of(filled, settings.timezone, CONTRACT_FILE)
    drop.problems = problems + undated + drop.problems
    return drop


def first_day(presentation: str) -> date:
    """Day 0 of a presentation: the first of the month that its letter names.

    >>> first_day("2013B"), first_day("2013J")
    (datetime.date(2013, 2, 1), datetime.date(2013, 10, 1))
    """
    return date(int(presentation[:4]), "ABCDEFGHIJKL".index(presentation[4]) + 1, 1)


def section_of(rows: pd.DataFrame) -> pd.Series:
    """The id that a presentation of a module has as a school, a term and a section."""
    return rows["code_module"] + "-" + rows["code_presentation"]


def days_of(starts: pd.Series, days: pd.Series) -> list[date | None]:
    """Relative ``days`` as dates; None where the day is missing."""
    return [
        None if pd.isna(day) else start + timedelta(days=int(day))
        for start, day in zip(starts, days, strict=True)
    ]


def known(value: Any) -> Any:
    """``value``, or None where a file left it out."""
    return None if pd.isna(value) else value


def unknown_references(files: dict[str, pd.DataFrame]) -> list[Problem]:
    """Rows that name a presentation without a length, or a student without a final result."""
    known = set(section_of(files["courses.csv"]))
    problems: list[Problem] = []
    for name in ("assessments.csv", "studentInfo.csv"):
        rows = files[name]
        found = rows[~section_of(rows).isin(known)]
        where = list(zip(found["line"], section_of(found), strict=True))
        problems += listed(
            name, "code_presentation", where, "not in courses.csv", "Add it to courses.csv.", "error"
        )
    return problems


def registrations(files: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, list[Problem]]:
    """(one row a student and presentation with its dates and result, what was left out and why).

    ``withdrawn_on`` is the day of unregistration; a student who withdrew without one counts as
    registered to the end, as the registry itself saw it. A row without a date of registration is left
    out: nobody can say whether the student was registered on a day.
    """
    rows = files["studentRegistration.csv"].merge(
        files["studentInfo.csv"].drop(columns="line"), on=[*MODULE, "id_student"]
    )
    rows = rows.merge(files["courses.csv"].drop(columns="line"), on=list(MODULE))
    undated = rows[rows["date_registration"].isna()]
    problems = listed(
        "studentRegistration.csv",
        "date_registration",
        [(int(line), None) for line in undated["line"]],
        "no date of registration; the row is left out",
        "Fill it in, if it is known.",
        "warning",
    )
    rows = rows[rows["date_registration"].notna()].copy()
    rows["section_id"] = section_of(rows)
    rows["start"] = rows["code_presentation"].map(first_day)
    rows["end"] = days_of(rows["start"], rows["module_presentation_length"])
    rows["registered_on"] = days_of(rows["start"], rows["date_registration"])
    rows["withdrawn_on"] = days_of(rows["start"], rows["date_unregistration"])
    rows["school_year"] = rows["start"].map(school_year_of)
    return rows.sort_values(["section_id", "id_student"]), problems


def presentations(files: dict[str, pd.DataFrame]) -> dict[str, list[dict[str, Any]]]:
    """Each presentation as a school of the university, a term and a section."""
    orgs: list[dict[str, Any]] = [{"org_id": DISTRICT, "org_type": "district", "name": "The Open University"}]
    terms: list[dict[str, Any]] = []
    sections: list[dict[str, Any]] = []
    for row in files["courses.csv"].itertuples():
        start, name = first_day(row.code_presentation), f"{row.code_module}-{row.code_presentation}"
        orgs.append({"org_id": name, "org_type": "school", "name": name, "parent_org_id": DISTRICT})
        terms.append(
            {
                "term_id": name,
                "school_id": name,
                "school_year": school_year_of(start),
                "term_type": "semester",
                "start_date": start,
                "end_date": start + timedelta(days=int(row.module_presentation_length)),
            }
        )
        sections.append(
            {
                "section_id": name,
                "school_id": name,
                "term_id": name,
                "course_code": row.code_module,
                "course_title": row.code_module,
                "subject": "other",
            }
        )
    return {"orgs": orgs, "terms": terms, "sections": sections}


def students(files: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Each student once, however many presentations they were in."""
    rows = files["studentInfo.csv"].drop_duplicates("id_student").sort_values("id_student")
    sex = rows["gender"].str.lower().where(rows["gender"].isin(["F", "M"]), None)
    return [
        {"student_id": student, "sex": None if pd.isna(value) else value}
        for student, value in zip(rows["id_student"], sex, strict=True)
    ]


def last_day_of(row: Any) -> date:
    """The last day a student was registered: the day before withdrawing, else the presentation's end."""
    return row.end if row.withdrawn_on is None else row.withdrawn_on - timedelta(days=1)


def enrollments(registered: pd.DataFrame) -> list[dict[str, Any]]:
    """Each registration as an enrollment in its presentation."""
    return [
        {
            "student_id": row.id_student,
            "school_id": row.section_id,
            "entry_date": row.registered_on,
            "exit_date": last_day_of(row),
            "exit_type": "year_end" if row.withdrawn_on is None else "other",
            "grade_level": AFTER_GRADE_12,
            "is_primary": True,
            "school_year": row.school_year,
        }
        for row in registered.itertuples()
    ]


def section_enrollments(registered: pd.DataFrame) -> list[dict[str, Any]]:
    """Each registration as a seat in the section, with earlier attempts and credits studied."""
    return [
        {
            "student_id": row.id_student,
            "section_id": row.section_id,
            "begin_date": row.registered_on,
            "end_date": last_day_of(row),
            "attempts_before": known(row.num_of_prev_attempts),
            "credits_studied": known(row.studied_credits),
        }
        for row in registered.itertuples()
    ]


def assignments(files: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Each assessment with its due date (none when the dataset gives none), weight and kind."""
    rows = files["assessments.csv"]
    due = days_of(rows["code_presentation"].map(first_day), rows["date"])
    return [
        {
            "assignment_id": row.id_assessment,
            "section_id": section,
            "category": row.assessment_type,
            "due_date": day,
            "points_possible": 100.0,
            "weight": known(row.weight),
        }
        for row, section, day in zip(rows.itertuples(), section_of(rows), due, strict=True)
    ]


def results(files: dict[str, pd.DataFrame], registered: pd.DataFrame, lag: timedelta) -> list[dict[str, Any]]:
    """Each submission, recorded on its day, its score seen ``lag`` later.

    A carried-over result is seen at once, but not before the student registered.
    """
    plans = files["assessments.csv"].drop(columns="line")
    rows = files["studentAssessment.csv"].merge(plans, on="id_assessment")
    entered = registered[[*MODULE, "id_student", "registered_on"]]
    rows = rows.merge(entered, on=[*MODULE, "id_student"], how="left")
    rows["submitted_on"] = days_of(rows["code_presentation"].map(first_day), rows["date_submitted"])
    found: list[dict[str, Any]] = []
    for row in rows.itertuples():
        banked = row.is_banked == 1
        day = row.submitted_on
        if banked and isinstance(row.registered_on, date):
            day = max(day, row.registered_on)
        found.append(
            {
                "student_id": row.id_student,
                "assignment_id": row.id_assessment,
                "status": "submitted",
                "is_late": None if banked or pd.isna(row.date) else row.date_submitted > row.date,
                "is_banked": banked,
                "points_earned": known(row.score),
                "submitted_at": day,
                "scored_at": None if pd.isna(row.score) else day if banked else day + lag,
                "recorded_at": day,
            }
        )
    return found


def visits(files: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """How often each student looked at the course's site by the day before it started, if that is told."""
    if VISITS not in files:
        return []
    rows = files[VISITS]
    return [
        {
            "student_id": row.id_student,
            "activity": f"course_site:{section}",
            "begin_date": first_day(row.code_presentation) - timedelta(days=1),
            "section_id": section,
            "times": int(row.pre_course_clicks),
        }
        for row, section in zip(rows.itertuples(), section_of(rows), strict=True)
    ]


def outcomes(registered: pd.DataFrame) -> list[dict[str, Any]]:
    """Each final result: withdrawn on its day, failed or passed on the presentation's last day."""
    return [
        {
            "student_id": row.id_student,
            "school_id": row.section_id,
            "school_year": row.school_year,
            "outcome": "withdrawn" if row.final_result == "Withdrawn" else "course_not_passed",
            "occurred_on": row.withdrawn_on
            if row.final_result == "Withdrawn" and row.withdrawn_on is not None
            else row.end,
            "value": float(row.final_result in ("Withdrawn", "Fail")),
            "source": "declared",
        }
        for row in registered.itertuples()
    ]
