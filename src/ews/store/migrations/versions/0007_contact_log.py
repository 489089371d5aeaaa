"""The contact log: entries for one or many students, beside the contacts of the student system."""

import sqlalchemy as sa
from alembic import op

from ews.store.tables import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables."""
    op.create_table(
        "contact_log",
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("contact_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("whom", sa.String(length=8), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.String(length=64), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.PrimaryKeyConstraint("contact_id"),
        sa.UniqueConstraint("form_id", "account_id"),
    )
    op.create_table(
        "contact_students",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contact_id"], ["contact_log.contact_id"]),
        sa.PrimaryKeyConstraint("student_id", "contact_id"),
    )
    op.create_index("contact_students_by_contact", "contact_students", ["contact_id"])
