"""The students whom somebody may see, counted in one look: by tab, by school, grade and counselor.

A counselor is who the roster says has the student; of several the first by their id.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, func, select

from ews.people.access import Principal, scoped
from ews.store.store import Transaction
from ews.store.tables import caseloads, run_schools, run_students, staff

COUNSELOR = "counselor"


@dataclass(frozen=True)
class Counselor:
    """Somebody with a caseload among the students in sight."""

    staff_id: str
    name: str


@dataclass(frozen=True)
class Caseload:
    """counts: how many students each rule has within the filters; the rest is of everyone in sight.

    schools: the run's row of each of their schools, by name.
    """

    counts: Mapping[str, int]
    schools: tuple[Row, ...]
    grades: tuple[int, ...]
    counselors: tuple[Counselor, ...]


def caseload_of(
    tx: Transaction,
    principal: Principal,
    run_id: str,
    rules: Mapping[str, ColumnElement[bool]],
    within: Sequence[ColumnElement[bool]],
) -> Caseload:
    """Everyone in sight of ``principal`` in a run; ``rules`` are counted ``within`` the filters."""
    of = run_students.c
    flags = [case((and_(rule, *within), 1), else_=0).label(name) for name, rule in rules.items()]
    everyone = scoped(
        principal,
        select(of.school_id, of.grade_level, counselor_id(of.student_id).label("counselor"), *flags).where(
            of.run_id == run_id
        ),
        of.student_id,
    ).subquery()
    by = (everyone.c.school_id, everyone.c.grade_level, everyone.c.counselor)
    sums = [func.sum(everyone.c[name]).label(f"count_{name}") for name in rules]
    groups = select(*by, *sums).group_by(*by).subquery()
    found = tx.execute(
        select(*list(groups.c)[1:], staff.c.name.label("counselor_name"), run_schools)
        .join(staff, staff.c.staff_id == groups.c.counselor, isouter=True)
        .join(run_schools, (run_schools.c.school_id == groups.c.school_id) & (run_schools.c.run_id == run_id))
        .order_by(run_schools.c.name, run_schools.c.school_id)
    ).all()
    counts: Counter[str] = Counter(dict.fromkeys(rules, 0))
    for row in found:
        counts.update({name: int(row._mapping[f"count_{name}"]) for name in rules})
    named = {row.counselor: row.counselor_name or row.counselor for row in found if row.counselor}
    return Caseload(
        counts=counts,
        schools=tuple({row.school_id: row for row in found}.values()),
        grades=tuple(sorted({row.grade_level for row in found})),
        counselors=tuple(
            Counselor(*one) for one in sorted(named.items(), key=lambda item: (item[1], item[0]))
        ),
    )


def counselor_id(student: ColumnElement[str]) -> Any:
    """The counselor of ``student``, as a part of a query."""
    theirs = caseloads.alias()
    return (
        select(func.min(theirs.c.staff_id))
        .where(theirs.c.student_id == student, theirs.c.role == COUNSELOR)
        .scalar_subquery()
    )


def counselor_name(student: ColumnElement[str]) -> Any:
    """What the counselor of ``student`` is called, as a part of a query; null where there is none."""
    theirs, person = caseloads.alias(), staff.alias()
    return (
        select(person.c.name)
        .join(theirs, theirs.c.staff_id == person.c.staff_id)
        .where(theirs.c.student_id == student, theirs.c.role == COUNSELOR)
        .order_by(theirs.c.staff_id)
        .limit(1)
        .scalar_subquery()
    )
