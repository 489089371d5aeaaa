"""The tables of the schedule: classes under way, who teaches them when and where, who sits in them.

Replaced at each newest run, with the courses in which work that is not in would change a mark.
"""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, Date, Float, Index, Integer, String, Table, Text

from ews.store.tables import ID, METADATA

class_sections = Table(
    "class_sections",
    METADATA,
    Column("section_id", ID, primary_key=True),
    Column("school_id", ID, nullable=False),
    Column("title", Text, nullable=False),  # "A course" where the title would tell something protected
    Column("subject", String(16)),
    Column("is_core", Boolean),
    Column("starts_on", Date),
    Column("ends_on", Date),
)

section_teachers = Table(
    "section_teachers",
    METADATA,
    Column("section_id", ID, primary_key=True),
    Column("staff_id", ID, primary_key=True),
    Column("period", String(50)),
    Column("room", String(50)),
)
Index("section_teachers_by_staff", section_teachers.c.staff_id)

section_seats = Table(
    "section_seats",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("section_id", ID, primary_key=True),
)
Index("section_seats_by_section", section_seats.c.section_id)

savable_courses = Table(
    "savable_courses",
    METADATA,
    Column("student_id", ID, primary_key=True),
    Column("section_id", ID, primary_key=True),
    Column("kind", String(12), nullable=False),  # passes, edge, not_enough or no_figure
    Column("percent", Float, nullable=False),
    Column("mark_type", String(16), nullable=False),
    Column("mark_on", Date, nullable=False),
    Column("would_be", Float),  # null where no honest figure can be given
    Column("why_no_figure", Text),
    Column("term_ends", Date, nullable=False),
    Column("school_days_left", Integer),  # from the run's day to the term's end; null without a calendar
    Column("work", JSON, nullable=False),  # what is not in: category, due, points
)
