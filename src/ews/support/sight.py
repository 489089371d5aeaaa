"""Why staff may see a student beside caseload and school, from the records: classes taught, circumstances.

Read at each run, as of its day; ``ews.people.access`` alone asks about it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from ews.people.access import FORMER_LEARNER, FOSTER, HOMELESS, LEARNER
from ews.support.known_rows import in_force, known_rows, known_table, table_in_force

if TYPE_CHECKING:
    from ews.records.lake import Records

PROGRAMS = {"foster": FOSTER, "homeless": HOMELESS}
MONITORED_YEARS = 4
"""A reclassified student is monitored so long (5 CCR 11304, 20 U.S.C. 6841)."""

BETWEEN_TERMS = timedelta(days=21)
"""A class without an end of its own goes on so long after its term: over a break its teacher still has it."""


def teaching_of(records: Records, as_of: date) -> frozenset[tuple[str, str]]:
    """Who teaches whom on ``as_of``: (staff_id, student_id) of the sections that both are in."""
    if not (records.has("section_staff") and records.has("section_enrollments")):
        return frozenset()
    teachers = table_in_force(known_table(records, "section_staff", as_of), as_of)
    seats = table_in_force(known_table(records, "section_enrollments", as_of), as_of)
    sections = known_table(records, "sections", as_of).select("section_id", "term_id")
    terms = known_table(records, "terms", as_of).select("term_id", "end_date")
    ends = sections.join(terms, "term_id", how="left").select("section_id", over="end_date")
    open_seats = seats.join(ends, "section_id", how="left")
    going_on = open_seats.filter(
        open_seats.end_date.notnull() | open_seats.over.isnull() | (open_seats.over >= as_of - BETWEEN_TERMS)
    ).select("student_id", "section_id")
    pairs = teachers.select("staff_id", "section_id").join(going_on, "section_id")
    rows = pairs.select("staff_id", "student_id").distinct().to_pyarrow().to_pylist()
    return frozenset((row["staff_id"], row["student_id"]) for row in rows)


def circumstances_of(records: Records, as_of: date) -> frozenset[tuple[str, str]]:
    """The circumstances in force on ``as_of`` that are a reason to see a student: (student_id, kind)."""
    found = {
        (row["student_id"], PROGRAMS[row["program"]])
        for row in known_rows(records, "programs", as_of)
        if row["program"] in PROGRAMS and in_force(row, as_of)
    }
    return frozenset(found | learners_of(records, as_of))


def learners_of(records: Records, as_of: date) -> set[tuple[str, str]]:
    """English learners, and former ones in the years after they were reclassified, by their latest status."""
    latest: dict[str, tuple[date, str]] = {}
    for row in known_rows(records, "el_status", as_of):
        began = row["start_date"]
        over = row["end_date"] is not None and row["end_date"] < as_of
        if began <= as_of and not over and began >= latest.get(row["student_id"], (began, ""))[0]:
            latest[row["student_id"]] = (began, row["elas"])
    found = {(student, LEARNER) for student, (_, status) in latest.items() if status == "EL"}
    return found | {
        (student, FORMER_LEARNER)
        for student, (began, status) in latest.items()
        if status == "RFEP" and as_of < years_after(began, MONITORED_YEARS)
    }


def years_after(day: date, years: int) -> date:
    """The same day some years later; 1 March for a 29 February that there is not."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
