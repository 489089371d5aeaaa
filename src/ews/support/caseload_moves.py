"""Whose caseload a student left and whose they joined, noted when a newest run replaces the roster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import delete, select

from ews.store.handover_tables import caseload_moves
from ews.store.store import Transaction
from ews.store.tables import caseloads, staff

COUNSELOR = "counselor"


def note_moves(tx: Transaction, counselors: Mapping[str, str], moved_on: date) -> int:
    """Notes who changed counselor between the roster that stands and the new one; how many they are.

    counselors: student to counselor, as the new roster has it. Call it before the roster is replaced. A
    student who had nobody, or now has nobody, changed no hands.
    """
    of = caseloads.c
    found = tx.execute(
        select(of.student_id, of.staff_id, staff.c.name)
        .join(staff, staff.c.staff_id == of.staff_id, isouter=True)
        .where(of.role == COUNSELOR)
        .order_by(of.staff_id.desc())
    )
    before = {row.student_id: (row.staff_id, row.name or row.staff_id) for row in found}
    moves = [
        {
            "student_id": student,
            "moved_on": moved_on,
            "from_staff_id": before[student][0],
            "from_name": before[student][1],
            "to_staff_id": now,
        }
        for student, now in counselors.items()
        if student in before and before[student][0] != now
    ]
    for move in moves:
        same = caseload_moves.c.student_id == move["student_id"]
        tx.execute(delete(caseload_moves).where(same, caseload_moves.c.moved_on == moved_on))
        tx.execute(caseload_moves.insert().values(**move))
    return len(moves)
