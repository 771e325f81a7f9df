"""What ties messages together, and how often habits change: country, doubt, marks, rates."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add columns to observations, and the tables marks and rates. What was remembered before stays as it is."""
    op.add_column("observations", sa.Column("country", sa.Text, nullable=False, server_default=""))
    op.add_column("observations", sa.Column("doubt", sa.Float, nullable=False, server_default="0"))
    op.create_index("ix_observations_country_received_at_seq", "observations", ["country", "received_at", "seq"])
    op.create_table(
        "marks",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_marks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_marks_mark_at", "marks", ["mark", "at"])
    op.create_table(
        "rates",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("compared", sa.BigInteger, nullable=False),
        sa.Column("new", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_rates"),
        sqlite_with_rowid=False,
    )
