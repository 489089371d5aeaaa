"""Family letters: what was written, who looked it over, what was sent to whom; triggers keep it as it was."""

import sqlalchemy as sa
from alembic import op

from ews.store.tables import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

REFUSAL = "a letter is never changed, and what was sent stays on record"
KEPT = ("letters", "letter_reviews", "letter_sendings")


def upgrade() -> None:
    """Adds three tables whose rows are only ever added."""
    op.create_table(
        "letters",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("fact", sa.JSON(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("english", sa.Text(), nullable=False),
        sa.Column("form_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.PrimaryKeyConstraint("letter_id"),
        sa.UniqueConstraint("form_id", "account_id"),
    )
    op.create_index("ix_letters_student_id", "letters", ["student_id"])
    op.create_table(
        "letter_reviews",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("confirmed", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.letter_id"]),
        sa.PrimaryKeyConstraint("letter_id"),
    )
    op.create_table(
        "letter_sendings",
        sa.Column("letter_id", sa.Integer(), nullable=False),
        sa.Column("guardian_id", sa.String(length=64), nullable=False),
        sa.Column("student_id", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.account_id"]),
        sa.ForeignKeyConstraint(["letter_id"], ["letters.letter_id"]),
        sa.PrimaryKeyConstraint("letter_id", "guardian_id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        keep_on_postgresql()
    else:
        keep_on_sqlite()


def keep_on_sqlite() -> None:
    """UPDATE and DELETE fail."""
    for table in KEPT:
        for change in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )


def keep_on_postgresql() -> None:
    """UPDATE, DELETE and TRUNCATE fail."""
    op.execute(
        "CREATE FUNCTION letters_are_kept() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_kept BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION letters_are_kept()"
        )
