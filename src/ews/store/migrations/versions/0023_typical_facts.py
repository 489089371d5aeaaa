"""What is typical of a grade for the facts on a student's cards, as of each run."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds one table."""
    op.create_table(
        "run_typical_facts",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("grade_level", sa.Integer(), nullable=False),
        sa.Column("feature", sa.String(length=40), nullable=False),
        sa.Column("low", sa.Float(), nullable=False),
        sa.Column("high", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"]),
        sa.PrimaryKeyConstraint("run_id", "grade_level", "feature"),
    )
