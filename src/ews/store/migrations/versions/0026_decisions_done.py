"""That what a team decided is done: who said so, when, and whether they took it back."""

import sqlalchemy as sa
from alembic import op

from ews.store.tables import Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds one table."""
    op.create_table(
        "decisions_done",
        sa.Column("done_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("undone_at", Instant()),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.ForeignKeyConstraint(["decision_id"], ["meeting_decisions.decision_id"]),
        sa.PrimaryKeyConstraint("done_id"),
    )
    op.create_index("ix_decisions_done_decision_id", "decisions_done", ["decision_id"])
