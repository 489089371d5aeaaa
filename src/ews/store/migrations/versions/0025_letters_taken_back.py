"""A letter that its writer has taken back, and what was chosen for it, to write it anew from there."""

import sqlalchemy as sa
from alembic import op

from ews.store.tables import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds one table and two columns."""
    op.create_table(
        "letters_taken_back",
        sa.Column("taking_id", sa.Integer(), nullable=False),
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("undone_at", Instant()),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.letter_id"]),
        sa.PrimaryKeyConstraint("taking_id"),
    )
    op.create_index("ix_letters_taken_back_letter_id", "letters_taken_back", ["letter_id"])
    op.add_column("letters", sa.Column("chosen", sa.JSON()))
    op.add_column("letters", sa.Column("instead_of", sa.Integer()))
