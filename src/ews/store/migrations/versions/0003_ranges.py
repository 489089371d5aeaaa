"""Each score's frequency range: of 100 students with a record like this, about so many."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier scores have no range."""
    for name in ("range_low", "range_high"):
        op.add_column("scores", sa.Column(name, sa.Float(), nullable=True))
