"""Why staff may see a student beside caseload and school: classes taught and circumstances.

Filled from the records at each run, like the caseloads. Who is in which circumstance is known to the rule
of access and to nobody else: no page reads this.
"""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from ews.store.tables import ID, METADATA

teaching = Table(
    "teaching",
    METADATA,
    Column("staff_id", ID, primary_key=True),
    Column("student_id", ID, primary_key=True),
)
Index("teaching_by_student", teaching.c.student_id)

circumstances = Table(
    "circumstances",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("kind", String(16), primary_key=True),  # foster, homeless, learner or former_learner
)
