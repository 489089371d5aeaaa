"""The table of caseloads that changed hands: found at each newest run by comparing it with the one before."""

from __future__ import annotations

from sqlalchemy import Column, Date, Table, Text

from ews.store.tables import ID, METADATA

caseload_moves = Table(
    "caseload_moves",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("moved_on", Date, primary_key=True),  # the day of the run that found it
    Column("from_staff_id", ID, nullable=False),
    Column("from_name", Text, nullable=False),  # as it was: the person may have left the roster
    Column("to_staff_id", ID, nullable=False),
)
