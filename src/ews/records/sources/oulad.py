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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from ews.errors import UsageError
from ews.records.drop import Drop, drop_of
from ews.records.problems import Problem, errors, listed
from ews.records.sources.oulad_files import VISITS, Row, read_files
from ews.school_year import school_year_of
from ews.settings import Settings

Files = Mapping[str, Sequence[Row]]
DISTRICT = "OU"
AFTER_GRADE_12 = 13
SEX = {"F": "f", "M": "m"}


def read_oulad(path: Path, settings: Settings) -> Drop:
    """What the OULAD folder at ``path`` says in the contract's tables; problems go into the drop.

    Errors: UsageError when there is no such folder.
    """
    if not path.is_dir():
        raise UsageError(f"There is no folder {path}.", "Name the folder with OULAD's CSV files.")
    files, problems = read_files(path)
    if not errors(problems):
        problems += unknown_presentations(files)
    if errors(problems):
        return Drop(problems=problems)
    registrations, undated = registrations_of(files)
    tables = {
        **presentations(files),
        "students": students(files),
        "enrollments": [enrollment(one) for one in registrations],
        "section_enrollments": [seat(one) for one in registrations],
        "assignments": [assignment(row) for row in files["assessments.csv"]],
        "assignment_results": results(files, registrations, settings["known.assignments_lag_days"]),
        "activities": [visits(row) for row in files.get(VISITS, ())],
        "outcomes": [outcome(one) for one in registrations],
    }
    filled = {name: rows for name, rows in tables.items() if rows}
    drop = drop_of(filled, settings.timezone, "OULAD as {table}")
    drop.problems = problems + undated + drop.problems
    return drop


def first_day(presentation: str) -> date:
    """Day 0 of a presentation: the first of the month that its letter names.

    >>> first_day("2013B"), first_day("2013J")
    (datetime.date(2013, 2, 1), datetime.date(2013, 10, 1))
    """
    return date(int(presentation[:4]), "ABCDEFGHIJKL".index(presentation[4]) + 1, 1)


def section_of(row: Row) -> str:
    """The id that a presentation of a module has as a school, a term and a section."""
    return f"{row['code_module']}-{row['code_presentation']}"


def dated(row: Row, column: str) -> date | None:
    """The day in ``column``, counted from the presentation's start, as a date; None when missing."""
    day = row[column]
    return None if day is None else first_day(row["code_presentation"]) + timedelta(days=day)


def unknown_presentations(files: Files) -> list[Problem]:
    """Rows that name a presentation whose length is not known."""
    known = {section_of(row) for row in files["courses.csv"]}
    problems: list[Problem] = []
    for name in ("assessments.csv", "studentInfo.csv", "studentRegistration.csv"):
        found = [(row["line"], section_of(row)) for row in files[name] if section_of(row) not in known]
        problems += listed(
            name, "code_presentation", found, "not in courses.csv", "Add it to courses.csv.", "error"
        )
    return problems


@dataclass(frozen=True)
class Registration:
    """One student in one presentation: its days, and what came of it.

    ``withdrawn_on`` is the day of unregistration. A student who withdrew without one counts as
    registered to the end, as the registry itself saw it.
    """

    student: str
    section: str
    start: date
    end: date
    registered_on: date
    withdrawn_on: date | None
    final_result: str
    attempts_before: int | None
    credits_studied: float | None

    @property
    def last_day(self) -> date:
        """The last day registered: the day before withdrawing, else the presentation's last."""
        return self.end if self.withdrawn_on is None else self.withdrawn_on - timedelta(days=1)


def registrations_of(files: Files) -> tuple[list[Registration], list[Problem]]:
    """(registrations with a date and a final result, what was left out and why).

    Without a date of registration nobody can say whether the student was registered on a day.
    """
    ends = {section_of(row): dated(row, "module_presentation_length") for row in files["courses.csv"]}
    told = {(section_of(row), row["id_student"]): row for row in files["studentInfo.csv"]}
    found: list[Registration] = []
    undated: list[tuple[int, str | None]] = []
    unknown: list[tuple[int, str | None]] = []
    for row in files["studentRegistration.csv"]:
        section, registered_on = section_of(row), dated(row, "date_registration")
        info, end = told.get((section, row["id_student"])), ends[section]
        if info is None or end is None:
            unknown.append((row["line"], None))
        elif registered_on is None:
            undated.append((row["line"], None))
        else:
            found.append(registration(row, info, registered_on, end))
    name, left_out = "studentRegistration.csv", "The row is left out; fill it in, if it is known."
    problems = listed(name, "date_registration", undated, "no date of registration", left_out, "warning")
    problems += listed(name, "id_student", unknown, "not in studentInfo.csv", left_out, "warning")
    return found, problems


def registration(row: Row, info: Row, registered_on: date, end: date) -> Registration:
    """One registration, of its row in studentRegistration.csv and its row in studentInfo.csv."""
    return Registration(
        student=row["id_student"],
        section=section_of(row),
        start=first_day(row["code_presentation"]),
        end=end,
        registered_on=registered_on,
        withdrawn_on=dated(row, "date_unregistration"),
        final_result=info["final_result"],
        attempts_before=info["num_of_prev_attempts"],
        credits_studied=info["studied_credits"],
    )


def presentations(files: Files) -> dict[str, list[Row]]:
    """Each presentation as a school of the university, a term and a section."""
    orgs: list[Row] = [{"org_id": DISTRICT, "org_type": "district", "name": "The Open University"}]
    terms: list[Row] = []
    sections: list[Row] = []
    for row in files["courses.csv"]:
        start, name, module = first_day(row["code_presentation"]), section_of(row), row["code_module"]
        orgs.append({"org_id": name, "org_type": "school", "name": name, "parent_org_id": DISTRICT})
        terms.append(
            {
                "term_id": name,
                "school_id": name,
                "school_year": school_year_of(start),
                "term_type": "semester",
                "start_date": start,
                "end_date": dated(row, "module_presentation_length"),
            }
        )
        sections.append(
            {
                "section_id": name,
                "school_id": name,
                "term_id": name,
                "course_code": module,
                "course_title": module,
                "subject": "other",
            }
        )
    return {"orgs": orgs, "terms": terms, "sections": sections}


def students(files: Files) -> list[Row]:
    """Each student once, however many presentations they were in."""
    sexes = {row["id_student"]: SEX.get(row["gender"]) for row in files["studentInfo.csv"]}
    return [{"student_id": student, "sex": sex} for student, sex in sexes.items()]


def enrollment(one: Registration) -> Row:
    """A registration as an enrollment in its presentation."""
    return {
        "student_id": one.student,
        "school_id": one.section,
        "entry_date": one.registered_on,
        "exit_date": one.last_day,
        "exit_type": "year_end" if one.withdrawn_on is None else "other",
        "grade_level": AFTER_GRADE_12,
        "is_primary": True,
        "school_year": school_year_of(one.start),
    }


def seat(one: Registration) -> Row:
    """A registration as a seat in the section, with earlier attempts and the credits studied."""
    return {
        "student_id": one.student,
        "section_id": one.section,
        "begin_date": one.registered_on,
        "end_date": one.last_day,
        "attempts_before": one.attempts_before,
        "credits_studied": one.credits_studied,
    }


def assignment(row: Row) -> Row:
    """An assessment with its weight, its kind and its due date (none when the dataset gives none)."""
    return {
        "assignment_id": row["id_assessment"],
        "section_id": section_of(row),
        "category": row["assessment_type"],
        "due_date": dated(row, "date"),
        "points_possible": 100.0,
        "weight": row["weight"],
    }


def results(files: Files, registrations: Sequence[Registration], lag_days: int) -> list[Row]:
    """Each submission of a known assessment: recorded on its day, its score seen ``lag_days`` later.

    A result carried over is seen at once, but not before the student registered.
    """
    plans = {row["id_assessment"]: row for row in files["assessments.csv"]}
    entered = {(one.section, one.student): one.registered_on for one in registrations}
    found: list[Row] = []
    for row in files["studentAssessment.csv"]:
        plan = plans.get(row["id_assessment"])
        if plan is not None:
            begun = entered.get((section_of(plan), row["id_student"]))
            found.append(result(row, plan, begun, timedelta(days=lag_days)))
    return found


def result(row: Row, plan: Row, begun: date | None, lag: timedelta) -> Row:
    """One submission: ``row`` of studentAssessment.csv for the assessment ``plan``."""
    banked = row["is_banked"] == 1
    day = first_day(plan["code_presentation"]) + timedelta(days=row["date_submitted"])
    if banked and begun is not None:
        day = max(day, begun)
    scored = day if banked else day + lag
    return {
        "student_id": row["id_student"],
        "assignment_id": row["id_assessment"],
        "status": "submitted",
        "is_late": None if banked or plan["date"] is None else row["date_submitted"] > plan["date"],
        "is_banked": banked,
        "points_earned": row["score"],
        "submitted_at": day,
        "scored_at": None if row["score"] is None else scored,
        "recorded_at": day,
    }


def visits(row: Row) -> Row:
    """How often a student had looked at the course's site by the day before it started."""
    section = section_of(row)
    return {
        "student_id": row["id_student"],
        "activity": f"course_site:{section}",
        "begin_date": first_day(row["code_presentation"]) - timedelta(days=1),
        "section_id": section,
        "times": row["pre_course_clicks"],
    }


def outcome(one: Registration) -> Row:
    """A final result: withdrawn on its day, failed or passed on the presentation's last day."""
    withdrawn = one.final_result == "Withdrawn"
    left_on = one.withdrawn_on if withdrawn else None
    return {
        "student_id": one.student,
        "school_id": one.section,
        "school_year": school_year_of(one.start),
        "outcome": "withdrawn" if withdrawn else "course_not_passed",
        "occurred_on": left_on or one.end,
        "value": 1.0 if one.final_result in ("Withdrawn", "Fail") else 0.0,
        "source": "declared",
    }
