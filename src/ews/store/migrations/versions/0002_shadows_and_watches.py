"""What shadow models said, what each watch found, and how far behind each school's attendance was."""

import sqlalchemy as sa
from alembic import op

from ews.store.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables, and a column that is null for runs made before it."""
    op.add_column("run_schools", sa.Column("days_behind", sa.Integer(), nullable=True))
    op.create_table(
        "shadow_scores",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=16), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"]),
        sa.PrimaryKeyConstraint("run_id", "student_id", "domain"),
    )
    op.create_table(
        "watches",
        sa.Column("watch_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("colour", sa.String(length=16), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("watch_id"),
    )
    op.create_index(op.f("ix_watches_as_of"), "watches", ["as_of"], unique=False)
