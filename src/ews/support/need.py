"""How many need what in every school of a run, and which of these numbers may be shown.

The numbers of all schools are counted and judged at once, and alike for everybody who looks: so nothing is
had by laying a school's page beside the district's, or one person's page beside another's. What is hidden
is None from here on; no page and no JSON ever holds the number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, and_, case, distinct, func, or_, select

from ews.risk.small_cells import Named, Sum, hidden_among
from ews.store.store import Transaction
from ews.store.tables import caseloads, run_students, scores
from ews.support.facts import DOMAINS, Run
from ews.support.levels import FIRST, LISTED, NEXT
from ews.support.list_filters import beyond_places

ANY = "any"
OF_NEED = (*DOMAINS, ANY)
FLAGGED = ("elevated", "high")
RULES = {"attendance": "A", "grades": "C", "behavior": "B"}  # the hand-set rule of each domain
ON_LIST, BEYOND = "on_list", "beyond"
NOBODY = ""  # in place of a counselor where a student has none
DISTRICT: Named = ("district",)

Grade = tuple[str, int]
"""A school and one of its grades."""


@dataclass(frozen=True)
class Numbers:
    """Every number that may be asked for, by its place and what is counted; ``hidden`` are not to be had."""

    counts: Mapping[Named, int]
    hidden: frozenset[Named]

    def at(self, place: Named, *what: str) -> int | None:
        """The number of ``what`` at ``place``; None where it is hidden, or not asked for."""
        cell = (*place, *what)
        return None if cell in self.hidden else self.counts.get(cell)

    def has(self, place: Named, *what: str) -> bool:
        """Whether ``what`` is asked for at ``place`` at all."""
        return (*place, *what) in self.counts


@dataclass(frozen=True)
class Counted:
    """What was counted in a run: students of each grade, those flagged in it, who has a place and who not.

    asked: grades and the domains asked for in them at all: no model looks at marks below grade 6.
    levels: school, level and ``on_list`` or ``beyond`` to students; counselors: the same by counselor.
    """

    students: Mapping[Grade, int]
    asked: frozenset[tuple[int, str]]
    flagged: Mapping[tuple[Grade, str, str], int]
    levels: Mapping[tuple[str, str, str], int]
    counselors: Mapping[tuple[str, str, str], int]

    def grades_of(self, school_id: str) -> list[int]:
        """The grades that a school has students in."""
        return sorted(grade for school, grade in self.students if school == school_id)

    @property
    def schools(self) -> list[str]:
        """The schools that have students."""
        return sorted({school for school, _ in self.students})

    def needs_in(self, grade: Grade) -> list[str]:
        """The domains that are asked for in a grade."""
        return [domain for domain in OF_NEED if (grade[1], domain) in self.asked]


def school_place(school_id: str) -> Named:
    """A school, as a place of ``Numbers``."""
    return ("school", school_id)


def grade_place(school_id: str, grade: int) -> Named:
    """A grade of a school, as a place of ``Numbers``."""
    return ("grade", school_id, str(grade))


def numbers_of(tx: Transaction, run: Run) -> tuple[Counted, Numbers]:
    """The numbers of a run, those hidden among them that are too small or would tell of one that is."""
    flagged = flagged_by_rule if run.status == "no_model" else flagged_by_band
    counted = Counted(
        students_by_grade(tx, run),
        asked_for(tx, run),
        flagged(tx, run),
        by_level(tx, run),
        by_counselor(tx, run),
    )
    counts = dict(all_counts(counted))
    return counted, Numbers(counts, hidden_among(counts, list(all_sums(counted, counts))))


# ---- counting ---------------------------------------------------------------------------------------


def students_by_grade(tx: Transaction, run: Run) -> dict[Grade, int]:
    """The students of each grade."""
    of = run_students.c
    statement = select(of.school_id, of.grade_level, func.count().label("students"))
    found = tx.execute(statement.where(of.run_id == run.run_id).group_by(of.school_id, of.grade_level))
    return {(row.school_id, row.grade_level): row.students for row in found}


def asked_for(tx: Transaction, run: Run) -> frozenset[tuple[int, str]]:
    """Grade and domain, where any student of that grade in the district was asked about; rules ask all."""
    of, said = run_students.c, scores.c
    grades = select(of.grade_level).where(of.run_id == run.run_id).distinct()
    everywhere = OF_NEED if run.status == "no_model" else (ANY,)
    found = {(row.grade_level, domain) for row in tx.execute(grades) for domain in everywhere}
    pairs = (
        select(of.grade_level, said.domain)
        .join(scores, and_(said.run_id == of.run_id, said.student_id == of.student_id))
        .where(of.run_id == run.run_id, said.domain.in_(DOMAINS))
        .distinct()
    )
    return frozenset(found | {(row.grade_level, row.domain) for row in tx.execute(pairs)})


def flagged_by_band(tx: Transaction, run: Run) -> dict[tuple[Grade, str, str], int]:
    """The students of each grade in band elevated, and in band high, by domain and in any."""
    return flagged_by_grade(tx, run) | any_flagged(tx, run)


def flagged_by_rule(tx: Transaction, run: Run) -> dict[tuple[Grade, str, str], int]:
    """Without a model: the students of each grade who meet a hand-set rule, none of them in band high."""
    of = run_students.c
    meets = {domain: of.rules.contains(letter) for domain, letter in RULES.items()} | {ANY: of.rules != ""}
    sums = [func.sum(case((rule, 1), else_=0)).label(domain) for domain, rule in meets.items()]
    statement = select(of.school_id, of.grade_level, *sums).where(of.run_id == run.run_id)
    return {
        ((row.school_id, row.grade_level), domain, "elevated"): getattr(row, domain)
        for row in tx.execute(statement.group_by(of.school_id, of.grade_level))
        for domain in meets
    }


def flagged_by_grade(tx: Transaction, run: Run) -> dict[tuple[Grade, str, str], int]:
    """The students of each grade in band elevated, and in band high, by domain."""
    of, said = run_students.c, scores.c
    statement = (
        select(of.school_id, of.grade_level, said.domain, said.band, func.count().label("students"))
        .join(scores, and_(said.run_id == of.run_id, said.student_id == of.student_id))
        .where(of.run_id == run.run_id, said.domain.in_(DOMAINS), said.band.in_(FLAGGED))
        .group_by(of.school_id, of.grade_level, said.domain, said.band)
    )
    found = tx.execute(statement)
    return {((row.school_id, row.grade_level), row.domain, row.band): row.students for row in found}


def any_flagged(tx: Transaction, run: Run) -> dict[tuple[Grade, str, str], int]:
    """The students of each grade who are flagged in any domain, by the severest of their bands."""
    of, said = run_students.c, scores.c
    severe = func.count(distinct(case((said.band == "high", of.student_id)))).label("severe")
    statement = (
        select(of.school_id, of.grade_level, func.count(distinct(of.student_id)).label("students"), severe)
        .join(scores, and_(said.run_id == of.run_id, said.student_id == of.student_id))
        .where(of.run_id == run.run_id, said.domain.in_(DOMAINS), said.band.in_(FLAGGED))
        .group_by(of.school_id, of.grade_level)
    )
    found: dict[tuple[Grade, str, str], int] = {}
    for row in tx.execute(statement):
        grade = (row.school_id, row.grade_level)
        found |= {(grade, ANY, "high"): row.severe, (grade, ANY, "elevated"): row.students - row.severe}
    return found


def by_level(tx: Transaction, run: Run) -> dict[tuple[str, str, str], int]:
    """Students of each school with a place on the list and beyond it, by the level or line they stand at."""
    school = run_students.c.school_id
    return {
        (row.school_id, level, side): getattr(row, f"{level}_{side}")
        for row in listed_rows(tx, run, run_students, school)
        for level, side in SIDES
    }


def by_counselor(tx: Transaction, run: Run) -> dict[tuple[str, str, str], int]:
    """The same by the counselor who has the student, whatever the level."""
    theirs = (
        select(caseloads.c.student_id, func.min(caseloads.c.staff_id).label("staff_id"))
        .where(caseloads.c.role == "counselor")
        .group_by(caseloads.c.student_id)
        .subquery()
    )
    who = func.coalesce(theirs.c.staff_id, NOBODY).label("staff_id")
    tables = run_students.outerjoin(theirs, theirs.c.student_id == run_students.c.student_id)
    found: Counter[tuple[str, str, str]] = Counter()
    for row in listed_rows(tx, run, tables, run_students.c.school_id, who):
        for level, side in SIDES:
            found[row.school_id, row.staff_id, side] += getattr(row, f"{level}_{side}")
    return found


SIDES = ((FIRST, ON_LIST), (NEXT, ON_LIST), (FIRST, BEYOND), (NEXT, BEYOND))


def listed_rows(tx: Transaction, run: Run, tables: FromClause, *by: ColumnElement[str]) -> Sequence[Row[Any]]:
    """For each of ``by``: how many stand at each level of the list, and how many beyond at each line."""
    of = run_students.c
    severe = func.coalesce(of.urgency, 0.0) >= run.lines["high"]
    rules = (
        of.level == FIRST,
        of.level == NEXT,
        and_(beyond_places(run), severe),
        and_(beyond_places(run), ~severe),
    )
    sums = [
        func.sum(case((rule, 1), else_=0)).label(f"{level}_{side}")
        for (level, side), rule in zip(SIDES, rules, strict=True)
    ]
    reached = or_(of.level.in_(LISTED), beyond_places(run))
    statement = select(*by, *sums).select_from(tables).where(of.run_id == run.run_id, reached)
    return tx.execute(statement.group_by(*by)).all()


# ---- what adds up to what -----------------------------------------------------------------------------


def all_counts(counted: Counted) -> Iterator[tuple[Named, int]]:
    """Every number by its name, those of schools and the district added up."""
    totals: Counter[Named] = Counter()
    for (school, grade), students in counted.students.items():
        here = dict(counts_of_grade(counted, (school, grade), students))
        yield from ((grade_place(school, grade) + what, count) for what, count in here.items())
        for place in (school_place(school), DISTRICT):
            totals.update({place + what: count for what, count in here.items()})
    for school in counted.schools:
        places = dict(counts_of_places(counted, school))
        for place in (school_place(school), DISTRICT):
            totals.update({place + what: count for what, count in places.items()})
        for (where, staff, side), count in counted.counselors.items():
            if where == school:
                yield ("counselor", school, staff, side), count
    yield from totals.items()


def counts_of_grade(counted: Counted, grade: Grade, students: int) -> Iterator[tuple[Named, int]]:
    """The students of a grade, and in each domain those in band high, elevated, either and neither."""
    yield ("students",), students
    for domain in counted.needs_in(grade):
        high, elevated = (counted.flagged.get((grade, domain, band), 0) for band in ("high", "elevated"))
        yield (domain, "high"), high
        yield (domain, "elevated"), elevated
        yield (domain, "flagged"), high + elevated
        yield (domain, "rest"), students - high - elevated
        yield (domain, "asked"), students


def counts_of_places(counted: Counted, school: str) -> Iterator[tuple[Named, int]]:
    """Of a school: who has a place and who stands beyond, by level and together, and everyone else."""
    students = sum(count for (where, _), count in counted.students.items() if where == school)
    reached = 0
    for side in (ON_LIST, BEYOND):
        each = {level: counted.levels.get((school, level, side), 0) for level in LISTED}
        yield from (((level, side), count) for level, count in each.items())
        yield (side,), sum(each.values())
        reached += sum(each.values())
    yield ("above",), reached
    yield ("below",), students - reached


def all_sums(counted: Counted, counts: Mapping[Named, int]) -> Iterator[Sum]:
    """Everything that adds up: bands to flagged, grades to schools, schools to the district."""
    schools = [school_place(school) for school in counted.schools]
    grades = [grade_place(school, grade) for school, grade in counted.students]
    for school in counted.schools:
        own = [grade_place(school, grade) for grade in counted.grades_of(school)]
        yield from added_up(school_place(school), own, NEEDS, counts)
        for side in (ON_LIST, BEYOND):
            staff = sorted({who for where, who, _ in counted.counselors if where == school})
            if staff:
                each = tuple(("counselor", school, who, side) for who in staff)
                yield Sum((*school_place(school), side), each)
    yield from added_up(DISTRICT, schools, (*NEEDS, *PLACES), counts)
    for place in (*grades, *schools, DISTRICT):
        yield from sums_of_need(place, counts)
    for place in (*schools, DISTRICT):
        yield from sums_of_places(place)


NEEDS: tuple[Named, ...] = (
    ("students",),
    *((domain, what) for domain in OF_NEED for what in ("high", "elevated", "flagged", "rest", "asked")),
)
PLACES: tuple[Named, ...] = (*SIDES, (ON_LIST,), (BEYOND,), ("above",), ("below",))


def added_up(
    whole: Named, parts: Sequence[Named], what: Sequence[Named], counts: Mapping[Named, int]
) -> Iterator[Sum]:
    """The numbers of ``whole`` as sums of those of ``parts``, where they are asked for."""
    for one in what:
        own = tuple(part + one for part in parts if part + one in counts)
        if own:
            yield Sum(whole + one, own)


def sums_of_need(place: Named, counts: Mapping[Named, int]) -> Iterator[Sum]:
    """What adds up at one place; ``asked`` are the students of the grades that a domain is asked for in."""
    for domain in OF_NEED:
        if (*place, domain, "flagged") in counts:
            bands = ((*place, domain, "high"), (*place, domain, "elevated"))
            yield Sum((*place, domain, "flagged"), bands)
            yield Sum((*place, domain, "asked"), ((*place, domain, "flagged"), (*place, domain, "rest")))
            if place[0] == "grade":
                yield Sum((*place, "students"), ((*place, domain, "asked"),))


def sums_of_places(place: Named) -> Iterator[Sum]:
    """How levels, the list and what is beyond it add up at one place."""
    for side in (ON_LIST, BEYOND):
        yield Sum((*place, side), tuple((*place, level, side) for level in LISTED))
    yield Sum((*place, "above"), ((*place, ON_LIST), (*place, BEYOND)))
    yield Sum((*place, "students"), ((*place, "above"), (*place, "below")))
