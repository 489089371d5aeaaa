"""Families: guardians, notices about attendance, who is of age, the languages spoken at home."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds four tables that each run fills."""
    op.create_table(
        "guardians",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("guardian_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=True),
        sa.Column("interpreter", sa.Boolean(), nullable=True),
        sa.Column("education_rights", sa.Boolean(), nullable=True),
        sa.Column("no_contact", sa.Boolean(), nullable=True),
        sa.Column("channel", sa.String(length=16), nullable=True),
        sa.Column("receives_mail", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("student_id", "guardian_id"),
    )
    op.create_table(
        "attendance_notices",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("notice_date", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "notice_date", "kind"),
    )
    op.create_table(
        "of_age",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("student_id"),
    )
    op.create_table(
        "home_languages",
        sa.Column("school_id", sa.String(length=64), nullable=False),
        sa.Column("language", sa.String(length=3), nullable=False),
        sa.Column("students", sa.Integer(), nullable=False),
        sa.Column("enrolled", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("school_id", "language"),
    )
