"""Mass reading: an alarm that is raised when it happens and stands until somebody has acknowledged it."""

import sqlalchemy as sa
from alembic import op

from ews.store.tables import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables, and the ledger can be asked about one person."""
    op.create_table(
        "readings",
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("students", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("who"),
    )
    op.create_table(
        "mass_readings",
        sa.Column("alarm_id", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("who", sa.String(length=254), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("students", sa.Integer(), nullable=False),
        sa.Column("heard_by", sa.String(length=254), nullable=True),
        sa.Column("heard_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["entry"], ["ledger.entry"]),
        sa.PrimaryKeyConstraint("alarm_id"),
    )
    op.create_index("ledger_by_who", "ledger", ["who", "at"])
