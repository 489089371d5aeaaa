"""The page of what is still savable: courses of one's own students, as the newest run reckoned them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, select

from ews.people.access import Principal, scoped
from ews.people.ledger import record_view
from ews.people.roles import Act, Field
from ews.store.schedule_tables import class_sections, savable_courses, section_teachers
from ews.store.store import Transaction
from ews.store.tables import run_schools, run_students, staff
from ews.support.facts import Reason, Run
from ews.support.runs import shown_run
from ews.support.savable import EDGE, NO_FIGURE, NOT_ENOUGH, PASSES
from ews.support.student_cards import strengths_seen

MOST_ROWS = 200  # a table; the filters find the rest
MARK_WORDS = {
    "current": "current mark",
    "progress": "progress mark",
    "grading_period": "mark of the grading period",
    "semester": "semester mark",
    "final": "final mark",
}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True)
class Filter:
    """What of it is asked for. Empty: everything. teacher is a staff id."""

    course: str = ""
    teacher: str = ""
    school: str = ""

    @property
    def count(self) -> int:
        """How many are set."""
        return sum(map(bool, (self.course, self.teacher, self.school)))


@dataclass(frozen=True)
class Teaches:
    """Who teaches a class, and in which period."""

    staff_id: str
    name: str
    period: str | None


@dataclass(frozen=True)
class NotIn:
    """One assignment that is not in."""

    category: str
    due: date
    points: float | None


@dataclass(frozen=True)
class SavableRow:
    """One course of one student. sentence: the mark, what is not in, and about what it could be.

    why_no_figure: the sentence that stands in the place of a figure where none is honest.
    """

    student_id: str
    display_name: str
    grade_level: int
    school_id: str
    school_name: str
    course: str
    teachers: tuple[Teaches, ...]
    percent: float
    mark: str
    mark_on: date
    work: tuple[NotIn, ...]
    would_be: int | None
    why_no_figure: str | None
    sentence: str
    going_well: Reason | None
    term_ends: date
    school_days_left: int | None


@dataclass(frozen=True)
class SavableView:
    """The page. passes: over the line with the work turned in; edge: above it already, with work not in;
    no_figure: below it, where the points on record do not say how much the work would count.
    not_enough: how many more courses the missing work alone would not bring over the line.
    """

    run: Run | None
    filter: Filter
    passing: float = 60.0
    late_days: int = 45
    passes: tuple[SavableRow, ...] = ()
    edge: tuple[SavableRow, ...] = ()
    no_figure: tuple[SavableRow, ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    not_enough: int = 0
    courses: tuple[str, ...] = ()
    teachers: tuple[Teaches, ...] = ()
    schools: tuple[tuple[str, str], ...] = ()


def savable_view(
    tx: Transaction,
    principal: Principal,
    filter: Filter,
    *,
    now: datetime,
    passing: float = 60.0,
    late_days: int = 45,
) -> SavableView:
    """What is savable of the students in sight, written into the ledger: ``tx`` must be able to write."""
    run = shown_run(tx)
    if run is None:
        return SavableView(None, filter)
    found = tx.execute(scoped(principal, _courses(run), savable_courses.c.student_id)).all()
    teachers = teachers_of(tx, {row.section_id for row in found})
    asked = [row for row in found if _asked(row, teachers, filter)]
    shown = {
        kind: sorted((_row(row, principal, teachers) for row in asked if row.kind == kind), key=_order)
        for kind in (PASSES, EDGE, NO_FIGURE)
    }
    tables = {kind: tuple(rows[:MOST_ROWS]) for kind, rows in shown.items()}
    named = {row.student_id for rows in tables.values() for row in rows}
    if named:
        record_view(
            tx,
            principal,
            action="savable",
            students=named,
            fields=("name", "grade", "marks", "work", "strengths"),
            at=now,
            model_version=run.model_version,
        )
    return SavableView(
        run=run,
        filter=filter,
        passing=passing,
        late_days=late_days,
        passes=tables[PASSES],
        edge=tables[EDGE],
        no_figure=tables[NO_FIGURE],
        totals={kind: len(rows) for kind, rows in shown.items()},
        not_enough=sum(row.kind == NOT_ENOUGH for row in asked),
        courses=tuple(sorted({row.title for row in found})),
        teachers=_all_of(teachers.values()),
        schools=tuple(sorted({(row.school_id, row.school_name) for row in found}, key=lambda one: one[1])),
    )


def savable_of(tx: Transaction, principal: Principal, run: Run, student_id: str) -> tuple[SavableRow, ...]:
    """The courses of one student (whom the caller may see) with an honest figure; of the newest run alone."""
    newest = shown_run(tx)
    if newest is None or newest.run_id != run.run_id or not principal.does(Act.FOLLOW_UP):
        return ()
    theirs = _courses(run).where(
        savable_courses.c.student_id == student_id, savable_courses.c.kind.in_((PASSES, EDGE))
    )
    found = tx.execute(scoped(principal, theirs, savable_courses.c.student_id)).all()
    if not found:
        return ()
    teachers = teachers_of(tx, {row.section_id for row in found})
    return tuple(sorted((_row(row, principal, teachers) for row in found), key=_order))


def teachers_of(tx: Transaction, sections: Iterable[str]) -> dict[str, tuple[Teaches, ...]]:
    """Section to who teaches it, by name; a section without a teacher on record has no key."""
    wanted = set(sections)
    rows = tx.execute(
        select(section_teachers, staff.c.name).join(
            staff, staff.c.staff_id == section_teachers.c.staff_id, isouter=True
        )
    )
    found: dict[str, list[Teaches]] = {}
    for row in rows:
        if row.section_id in wanted:
            found.setdefault(row.section_id, []).append(
                Teaches(row.staff_id, row.name or row.staff_id, row.period)
            )
    return {section: tuple(sorted(who, key=lambda one: one.name)) for section, who in found.items()}


def sentence(course: str, percent: float, pieces: int, would_be: int | None) -> str:
    """What is said of one course.

    >>> sentence("Algebra 1", 57.0, 2, 64)
    'Algebra 1 at 57, two assignments not in; both turned in, about 64.'
    >>> sentence("Algebra 1", 58.5, 1, 62)
    'Algebra 1 at 58.5, one assignment not in; turned in, about 62.'
    """
    count = NUMBERS[pieces] if pieces < len(NUMBERS) else str(pieces)
    out = f"{course} at {percent:g}, {count} assignment{'' if pieces == 1 else 's'} not in"
    if would_be is None:
        return f"{out}."
    together = {1: "turned in", 2: "both turned in"}.get(pieces, f"all {count} turned in")
    return f"{out}; {together}, about {would_be}."


def _courses(run: Run) -> Select[Any]:
    """Courses with the student as the run shows them, the class's title and the school's name."""
    return (
        select(
            savable_courses,
            class_sections.c.title,
            run_students.c.display_name,
            run_students.c.sort_name,
            run_students.c.grade_level,
            run_students.c.going_well,
            run_students.c.school_id,
            run_schools.c.name.label("school_name"),
        )
        .join(class_sections, class_sections.c.section_id == savable_courses.c.section_id)
        .join(
            run_students,
            and_(
                run_students.c.student_id == savable_courses.c.student_id,
                run_students.c.run_id == run.run_id,
            ),
        )
        .join(
            run_schools,
            and_(run_schools.c.school_id == run_students.c.school_id, run_schools.c.run_id == run.run_id),
        )
    )


def _asked(row: Row, teachers: Mapping[str, tuple[Teaches, ...]], filter: Filter) -> bool:
    return (
        filter.course in ("", row.title)
        and filter.school in ("", row.school_id)
        and (
            not filter.teacher
            or any(one.staff_id == filter.teacher for one in teachers.get(row.section_id, ()))
        )
    )


def _row(row: Row, principal: Principal, teachers: Mapping[str, tuple[Teaches, ...]]) -> SavableRow:
    figure = None if row.would_be is None else round(row.would_be)
    work = tuple(NotIn(one["category"], date.fromisoformat(one["due"]), one["points"]) for one in row.work)
    return SavableRow(
        student_id=row.student_id,
        display_name=row.display_name if principal.sees(Field.NAMES) else f"Student {row.student_id}",
        grade_level=row.grade_level,
        school_id=row.school_id,
        school_name=row.school_name,
        course=row.title,
        teachers=teachers.get(row.section_id, ()),
        percent=row.percent,
        mark=MARK_WORDS[row.mark_type],
        mark_on=row.mark_on,
        work=work,
        would_be=figure,
        why_no_figure=row.why_no_figure,
        sentence=sentence(row.title, row.percent, len(work), figure),
        going_well=next(iter(strengths_seen(principal, row.going_well)), None),
        term_ends=row.term_ends,
        school_days_left=row.school_days_left,
    )


def _order(row: SavableRow) -> tuple[Any, ...]:
    """By the days that are left, then the mark nearest to passing, then the name."""
    return row.term_ends, -row.percent, row.display_name.casefold(), row.course


def _all_of(groups: Iterable[tuple[Teaches, ...]]) -> tuple[Teaches, ...]:
    """Everyone in ``groups`` once, by name."""
    known = {one.staff_id: Teaches(one.staff_id, one.name, None) for group in groups for one in group}
    return tuple(sorted(known.values(), key=lambda one: one.name))
