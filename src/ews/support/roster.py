"""The people and places around a run: names, schools, staff, caseloads, contacts, plans, terms.

Read from the lake as it was known by the end of a local day. Names never go into features; they are
read here, for display alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ews.school_year import first_day, planned_by_calendar, school_year_of
from ews.support.facts import TIERS, Contact, Plan
from ews.support.families import Families, read_families
from ews.support.known_rows import in_force, known_rows
from ews.support.savable import SavableCourse
from ews.support.schedule import Schedule, read_schedule
from ews.support.sight import circumstances_of, teaching_of
from ews.support.sis_contacts import contacts_on_record
from ews.support.supports_tried import supports_on_record

if TYPE_CHECKING:
    from ews.records.lake import Records

TERM_TYPES = ("grading_period", "quarter", "trimester", "semester")  # the finest that a school has is drawn
TERM_LETTERS = {"grading_period": "P", "quarter": "Q", "trimester": "T", "semester": "S"}
SCHOOL_YEARS_DRAWN = 2
COUNSELOR = "counselor"


@dataclass(frozen=True)
class Name:
    """How a student is shown, and by what they are sorted."""

    shown: str
    sorted_by: str


@dataclass(frozen=True)
class Roster:
    """Who is who as of a day. Keys are ids; what is not on record has no key.

    teaching: (staff, student) of the sections of that day; circumstances: (student, kind) for access.
    """

    names: Mapping[str, Name] = field(default_factory=dict)
    schools: Mapping[str, str] = field(default_factory=dict)
    staff: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    caseloads: tuple[tuple[str, str, str], ...] = ()
    contacts: Mapping[str, Contact] = field(default_factory=dict)
    plans: Mapping[str, Plan] = field(default_factory=dict)
    terms: Mapping[str, list[dict[str, str]]] = field(default_factory=dict)
    school_days: Mapping[str, set[date]] = field(default_factory=dict)
    families: Families = field(default_factory=Families)
    sis_contacts: Sequence[Mapping[str, Any]] = ()
    sis_supports: Sequence[Mapping[str, Any]] = ()
    schedule: Schedule = field(default_factory=Schedule)
    savable: tuple[SavableCourse, ...] = ()
    teaching: frozenset[tuple[str, str]] = frozenset()
    circumstances: frozenset[tuple[str, str]] = frozenset()

    def name_of(self, student_id: str) -> Name:
        """The student's name; by their id where no name was handed over."""
        return self.names.get(student_id) or Name(f"Student {student_id}", student_id)

    def counselors(self) -> dict[str, str]:
        """Student to the counselor whose caseload they are on."""
        return {
            student: staff
            for staff, student, role in sorted(self.caseloads, reverse=True)
            if role == COUNSELOR
        }


def read_roster(records: Records, as_of: date) -> Roster:
    """Everything around the students that was known by the end of ``as_of``."""
    staff = {row["staff_id"]: row for row in known_rows(records, "staff", as_of)}
    schools = known_rows(records, "orgs", as_of)
    contacts = known_rows(records, "contacts", as_of)
    interventions = known_rows(records, "interventions", as_of)
    return Roster(
        names={row["student_id"]: display_name(row) for row in known_rows(records, "student_names", as_of)},
        schools={
            row["org_id"]: row["name"] or row["org_id"] for row in schools if row["org_type"] == "school"
        },
        staff=staff,
        caseloads=tuple(
            (row["staff_id"], row["student_id"], row["role"])
            for row in known_rows(records, "staff_caseload", as_of)
            if in_force(row, as_of)
        ),
        contacts=last_contacts(contacts, staff, records),
        plans=open_plans(interventions, as_of),
        terms=term_marks(known_rows(records, "terms", as_of), as_of),
        school_days=planned_days(records, as_of),
        families=read_families(records, as_of),
        sis_contacts=tuple(contacts_on_record(contacts, staff, records, first_day_drawn(as_of))),
        sis_supports=tuple(
            supports_on_record(interventions, known_rows(records, "intervention_sessions", as_of))
        ),
        schedule=read_schedule(records, as_of),
        teaching=teaching_of(records, as_of),
        circumstances=circumstances_of(records, as_of),
    )


def planned_days(records: Records, as_of: date) -> dict[str, set[date]]:
    """Each school's school days of this year, by its calendar; without one it has no key."""
    if not records.has("calendar_days"):
        return {}
    return planned_by_calendar(records, school_year_of(as_of))


def display_name(row: Mapping[str, Any]) -> Name:
    """The name that a student goes by, sorted by the family name and then the given one.

    Between them stands what every collation puts before a blank: Aguilar comes before Aguilar Vargas.

    >>> display_name({"given_name": "Guadalupe", "preferred_name": "Lupe", "family_name": "Ríos"}).shown
    'Lupe Ríos'
    """
    given = row["preferred_name"] or row["given_name"] or ""
    family = row["family_name"] or ""
    return Name(f"{given} {family}".strip() or "Name not on record", f"{family}\t{given}".casefold())


def last_contacts(
    rows: Iterable[Mapping[str, Any]], staff: Mapping[str, Mapping[str, Any]], records: Records
) -> dict[str, Contact]:
    """Each student's latest contact: who (the person, or the system that logged it), when, how."""
    last: dict[str, Mapping[str, Any]] = {}
    for row in rows:
        before = last.get(row["student_id"])
        if before is None or (row["occurred_at"], row["contact_id"]) > (
            before["occurred_at"],
            before["contact_id"],
        ):
            last[row["student_id"]] = row
    return {student: contact(row, staff, records) for student, row in last.items()}


def contact(row: Mapping[str, Any], staff: Mapping[str, Mapping[str, Any]], records: Records) -> Contact:
    """One contact as it is told."""
    person = staff.get(row["by_staff_id"] or "", {}).get("name")
    return Contact(
        who=person or row["system"] or "the school",
        on=row["occurred_at"].astimezone(records.timezone).date(),
        how=row["channel"] or "contact",
    )


def open_plans(rows: Iterable[Mapping[str, Any]], as_of: date) -> dict[str, Plan]:
    """Each student's support that is going on: of several the one of the highest tier, then the newest."""
    going_on = [row for row in rows if in_force(row, as_of)]
    going_on.sort(key=lambda row: (row["tier"] or 1, row["begin_date"], row["intervention_id"]))
    return {row["student_id"]: plan(row) for row in going_on}


def plan(row: Mapping[str, Any]) -> Plan:
    """One intervention as a plan."""
    return Plan(row["kind"] or "Support", TIERS[row["tier"] or 1], row["begin_date"], row["target"])


def first_day_drawn(as_of: date) -> date:
    """The first day of the school years that a student's page looks back on."""
    return first_day(school_year_of(as_of) - SCHOOL_YEARS_DRAWN + 1)


def term_marks(rows: Iterable[Mapping[str, Any]], as_of: date) -> dict[str, list[dict[str, str]]]:
    """For each school the terms that a chart marks: label and first day, of this year and the last."""
    since = first_day_drawn(as_of)
    by_school: dict[str, dict[str, list[Mapping[str, Any]]]] = {}
    for row in rows:
        if row["school_id"] and row["term_type"] in TERM_TYPES and since <= row["start_date"] <= as_of:
            by_school.setdefault(row["school_id"], {}).setdefault(row["term_type"], []).append(row)
    marks = {}
    for school, by_type in by_school.items():
        finest = next(kind for kind in TERM_TYPES if kind in by_type)
        terms = sorted(by_type[finest], key=lambda row: row["start_date"])
        marks[school] = [
            {"label": f"{TERM_LETTERS[finest]}{row['seq'] or ''}", "starts_on": row["start_date"].isoformat()}
            for row in terms
        ]
    return marks
