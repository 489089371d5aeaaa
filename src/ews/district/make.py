"""Make a district: students, schools and years of records that behave like real ones, and a truth apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from ews.district.acting import acted_on
from ews.district.assignments import assignments_table, missing_share, results_table, work
from ews.district.attendance import Absence, absence, attendance_table, life
from ews.district.attending import Attending, attending
from ews.district.behavior import behavior, behavior_tables
from ews.district.calendar import SchoolYear, calendar_table, terms_table
from ews.district.classes import classes, section_enrollments_table, section_staff_table, sections_table
from ews.district.contacts import contacts_table
from ews.district.drop import joined, known_by, write_drop
from ews.district.engagement import engagement
from ews.district.english_learners import Learners, assessments_table, el_status_table, learners
from ews.district.enrolling import Enrolled, enrol, enrollments_table, orgs_table
from ews.district.families import guardians_table, programs_table
from ews.district.gradebooks import newest_marks
from ews.district.marks import marks_table, percents, quarter_edges
from ews.district.notices import notices_table
from ews.district.sizes import LAST_YEAR, Size, sized
from ews.district.staff import caseload_table, counselors_of_students, habits, staff_table, with_cast
from ews.district.streams import Array
from ews.district.students import Students, student_ids_table, student_names_table, students_table
from ews.district.support import interventions_table, support
from ews.district.telling import told
from ews.district.truth import YearOfTruth, write_truth, year_of_truth
from ews.district.world import DEMO, World, checked

Progress = Callable[[str], None]


@dataclass(frozen=True)
class MadeDistrict:
    """What was made: rows by table, and until when its records go."""

    rows: dict[str, int]
    until: date


def make_district(
    out: Path,
    size: str,
    *,
    students: int | None = None,
    years: int | None = None,
    seed: int = 1,
    world: World = DEMO,
    truth: Path | None = None,
    until: date | None = None,
    progress: Progress | None = None,
) -> MadeDistrict:
    """Write a made-up district's drop to ``out`` and, when asked, its hidden truth to ``truth``.

    ``size`` is tiny (400 students), demo (5,000) or district (12,000 in 24 schools); ``students`` and
    ``years`` change it, ``world`` says what else is true of it. ``until`` cuts the drop at what was known
    by that day: 14 November 2025 for tiny and demo, the end of 2025-26 for district. The same arguments
    give the same bytes.
    UsageError for a size, a number or a folder that cannot be.
    """
    plan = sized(size, students, years)
    checked(world, plan)
    say = progress or (lambda _: None)
    say("Students and where they are enrolled")
    everyone = enrol(plan, seed)
    english = learners(seed, everyone.students)
    counselors = counselors_of_students(plan, everyone)
    lived: list[LivedYear] = []
    last_year = np.full(len(everyone.students), np.nan)
    end = until or plan.until
    for year in plan.school_years:
        say(f"The school year {year - 1}-{year % 100:02d}")
        lived.append(live(seed, plan, world, everyone, english, counselors, year, last_year, end))
        last_year = lived[-1].missed
    tables = {**standing_tables(seed, plan, everyone, english, lived), **yearly_tables(lived)}
    say("Writing")
    known = known_by(told(tables, plan), end)
    rows = write_drop(Path(out), plan, known, end or SchoolYear(LAST_YEAR).last_day)
    if truth is not None:
        write_truth(
            Path(truth),
            seed,
            plan,
            world,
            [year.truth for year in lived],
            teacher_truth(seed, plan, lived),
        )
    return MadeDistrict(rows, end or SchoolYear(LAST_YEAR).last_day)


@dataclass(frozen=True)
class LivedYear:
    """One school year: its tables, the teaching positions there were, what nobody sees, and the share of
    days that each student of the district missed."""

    tables: dict[str, pa.Table]
    teachers: list[str]
    truth: YearOfTruth
    missed: Array


def live(
    seed: int,
    size: Size,
    world: World,
    everyone: Enrolled,
    english: Learners,
    counselors: Mapping[tuple[str, int], str],
    year: int,
    last_year: Array,
    until: date | None,
) -> LivedYear:
    """Everything that happens in one school year, in the order in which one thing leads to the next.

    ``last_year`` (one a student): the share of days missed in the year before, NaN where there was none;
    ``until``: the day of the drop, at which points and marks of the running semester agree.
    """
    students = everyone.students
    here = attending(size, everyone.stays[year], SchoolYear(year))
    engaged = engagement(seed, students, here, len(size.schools), world)
    one = life(seed, size, students, here, engaged, world)
    if world.list_weeks:
        caseload = whose(students, here, counselors)
        given = acted_on(seed, students, engaged, one, caseload, last_year, world)
    else:
        given = support(seed, students, here, engaged, world.strength)
    shift = given.shift(len(here.student))
    conduct = behavior(seed, size, students, here, engaged.latent + shift, world)
    absent = absence(one, engaged.latent, shift, conduct.out)
    seats = classes(seed, size, students, here, english.level_in(students, year))
    grading = habits(seed, size, seats.sections.teacher)
    handed_in = work(seed, size, students, here, seats, engaged, absent.state)
    lacking = missing_share(handed_in, len(seats.row), quarter_edges(here))
    marked = percents(seed, size, students, here, seats, engaged.latent + shift, lacking, grading)
    newest = newest_marks(seed, here, seats, marked, grading, until) if until is not None else None
    positions = seats.sections.teacher
    seats.sections.teacher = with_cast(size, positions)
    attendance = attendance_table(seed, size, students, here, absent.state, world)
    tables = {
        "sections": sections_table(size, seats.sections, year),
        "section_staff": section_staff_table(here, seats.sections),
        "section_enrollments": section_enrollments_table(students, here, seats),
        "attendance": attendance,
        "attendance_notices": notices_table(seed, size, students, here, attendance),
        "assignments": assignments_table(seed, size, here.calendar, seats),
        "assignment_results": results_table(seed, students, here, seats, handed_in, grading, newest),
        "marks": marks_table(seed, size, students, here, seats, marked, grading),
        **behavior_tables(seed, size, students, here, conduct),
        "programs": programs_table(seed, students, here),
        "interventions": interventions_table(students, here, given),
        "contacts": contacts_table(seed, size, students, here, seats, absent, marked, counselors),
    }
    truth = year_of_truth(seed, students, here, engaged, given, absent, one, conduct.out, world)
    return LivedYear(tables, sorted(set(positions)), truth, missed_share(here, absent, len(students)))


def whose(students: Students, year: Attending, counselors: Mapping[tuple[str, int], str]) -> Array:
    """(n,) whose caseload each student of the year is on, at the school of the last stay."""
    keys = zip(students.student_id[year.student], year.home.tolist(), strict=True)
    return np.array([counselors.get(key, "") for key in keys])


def missed_share(year: Attending, absent: Absence, students: int) -> Array:
    """(one a student of the district) the share of the year's days missed; NaN for who was not there."""
    expected = year.expected.sum(axis=1)
    missed = (Absence.missed(absent.state) & year.expected).sum(axis=1)
    found = np.full(students, np.nan)
    found[year.student] = np.where(expected > 0, missed / np.maximum(expected, 1), np.nan)
    return found


def standing_tables(
    seed: int, size: Size, everyone: Enrolled, english: Learners, lived: list[LivedYear]
) -> dict[str, pa.Table]:
    """Tables that span the years."""
    students = everyone.students
    return {
        "orgs": orgs_table(size),
        "students": students_table(students),
        "student_names": student_names_table(students),
        "student_ids": student_ids_table(students),
        "enrollments": enrollments_table(size, everyone, seed),
        "calendar_days": calendar_table(size),
        "terms": terms_table(size),
        "staff": staff_table(seed, size, teachers_of(lived)),
        "staff_caseload": caseload_table(size, everyone),
        "el_status": el_status_table(everyone, english),
        "assessments": assessments_table(seed, size, everyone, english),
        "guardians": guardians_table(seed, students),
    }


def teachers_of(lived: list[LivedYear]) -> list[str]:
    """Every teaching position of any year."""
    return sorted({teacher for year in lived for teacher in year.teachers})


def teacher_truth(seed: int, size: Size, lived: list[LivedYear]) -> pa.Table:
    """How much higher than others each teacher grades, in percent points."""
    positions = np.array(teachers_of(lived), dtype=object)
    grading = habits(seed, size, positions)
    return pa.table({"staff_id": with_cast(size, positions), "leniency": grading.leniency})


def yearly_tables(lived: list[LivedYear]) -> dict[str, pa.Table]:
    """The years' tables as one each."""
    return {name: joined([year.tables[name] for year in lived]) for name in lived[0].tables}
