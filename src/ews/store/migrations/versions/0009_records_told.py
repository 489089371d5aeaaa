"""What a student's page tells from the records: supports, contacts, English, steps, typical weeks."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ID = sa.String(length=64)


def upgrade() -> None:
    """Adds five tables."""
    op.create_table(
        "sis_supports",
        sa.Column("student_id", ID, nullable=False),
        sa.Column("intervention_id", ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=True),
        sa.Column("target", sa.String(length=16), nullable=True),
        sa.Column("begins_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("planned_minutes", sa.Float(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=True),
        sa.Column("sessions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "intervention_id"),
    )
    op.create_table(
        "sis_contacts",
        sa.Column("contact_id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("contact_on", sa.Date(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_index("sis_contacts_by_student", "sis_contacts", ["student_id", "contact_on"])
    op.create_table(
        "english_records",
        sa.Column("student_id", ID, nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("status_since", sa.Date(), nullable=False),
        sa.Column("learner_since", sa.Date(), nullable=True),
        sa.Column("ela_level", sa.Integer(), nullable=True),
        sa.Column("results", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("student_id"),
    )
    op.create_table(
        "run_steps",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("student_id", ID, nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"]),
        sa.PrimaryKeyConstraint("run_id", "student_id"),
    )
    op.create_table(
        "run_typical_weeks",
        sa.Column("run_id", ID, nullable=False),
        sa.Column("grade_level", sa.Integer(), nullable=False),
        sa.Column("signal", sa.String(length=16), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"]),
        sa.PrimaryKeyConstraint("run_id", "grade_level", "signal"),
    )
