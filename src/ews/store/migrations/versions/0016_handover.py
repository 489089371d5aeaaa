"""Caseloads that changed hands."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds one table."""
    op.create_table(
        "caseload_moves",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("moved_on", sa.Date(), nullable=False),
        sa.Column("from_staff_id", sa.String(length=64), nullable=False),
        sa.Column("from_name", sa.Text(), nullable=False),
        sa.Column("to_staff_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "moved_on"),
    )
