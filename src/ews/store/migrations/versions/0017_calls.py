"""Call slips: who was called out of which period, and the contact that it became."""

import sqlalchemy as sa
from alembic import op

from ews.store.tables import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables."""
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("period", sa.String(length=50), nullable=False),
        sa.Column("clock", sa.String(length=5), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.ForeignKeyConstraint(["contact_id"], ["contact_log.contact_id"]),
        sa.PrimaryKeyConstraint("call_id"),
        sa.UniqueConstraint("form_id"),
    )
    op.create_index("ix_calls_account_id", "calls", ["account_id"])
    op.create_table(
        "call_students",
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"]),
        sa.PrimaryKeyConstraint("call_id", "student_id"),
    )
