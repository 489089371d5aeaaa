"""Who may read a note, and what somebody says in place of the data."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two columns to what people did; what was written before is read by all who work with a student."""
    op.add_column("actions", sa.Column("readers", sa.String(length=16), nullable=True))
    op.add_column("actions", sa.Column("choice", sa.String(length=16), nullable=True))
