"""The student that a page beside the list is about: name, grade and school, as the newest run has them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ews.store.store import Transaction
from ews.store.tables import run_students, schools
from ews.support.facts import Run


@dataclass(frozen=True)
class Pupil:
    """The student that a page of a family is about."""

    student_id: str
    display_name: str
    grade_level: int
    school_id: str
    school_name: str


def pupil_of(tx: Transaction, run: Run, student_id: str) -> Pupil | None:
    """The student as the run names them, at the school where they are placed."""
    row = tx.execute(
        select(
            run_students.c.student_id,
            run_students.c.display_name,
            run_students.c.grade_level,
            run_students.c.school_id,
            func.coalesce(schools.c.name, run_students.c.school_id).label("school_name"),
        )
        .join(schools, schools.c.school_id == run_students.c.school_id, isouter=True)
        .where(run_students.c.run_id == run.run_id, run_students.c.student_id == student_id)
    ).one_or_none()
    if row is None:
        return None
    return Pupil(row.student_id, row.display_name, row.grade_level, row.school_id, row.school_name)
