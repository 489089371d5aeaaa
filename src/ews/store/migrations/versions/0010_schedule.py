"""The schedule of classes under way, and the courses that work not in would still save."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds four tables that each run fills."""
    op.create_table(
        "class_sections",
        sa.Column("section_id", sa.String(length=64), nullable=False),
        sa.Column("school_id", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("subject", sa.String(length=16), nullable=True),
        sa.Column("is_core", sa.Boolean(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("section_id"),
    )
    op.create_table(
        "section_teachers",
        sa.Column("section_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("period", sa.String(length=50), nullable=True),
        sa.Column("room", sa.String(length=50), nullable=True),
        sa.PrimaryKeyConstraint("section_id", "staff_id"),
    )
    op.create_index("section_teachers_by_staff", "section_teachers", ["staff_id"])
    op.create_table(
        "section_seats",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("section_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "section_id"),
    )
    op.create_index("section_seats_by_section", "section_seats", ["section_id"])
    op.create_table(
        "savable_courses",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("section_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("percent", sa.Float(), nullable=False),
        sa.Column("mark_type", sa.String(length=16), nullable=False),
        sa.Column("mark_on", sa.Date(), nullable=False),
        sa.Column("would_be", sa.Float(), nullable=True),
        sa.Column("why_no_figure", sa.Text(), nullable=True),
        sa.Column("term_ends", sa.Date(), nullable=False),
        sa.Column("school_days_left", sa.Integer(), nullable=True),
        sa.Column("work", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "section_id"),
    )
