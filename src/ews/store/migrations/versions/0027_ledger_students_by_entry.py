"""The students of an entry are found by the entry: who verifies the ledger reads each of them once."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds one index."""
    op.create_index("ledger_students_by_entry", "ledger_students", ["entry"])
