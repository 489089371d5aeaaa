"""Who teaches whom, and the circumstances that are a reason to see a student."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds two tables."""
    op.create_table(
        "teaching",
        sa.Column("staff_id", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("staff_id", "student_id"),
    )
    op.create_index("teaching_by_student", "teaching", ["student_id"])
    op.create_table(
        "circumstances",
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("student_id", "kind"),
    )
