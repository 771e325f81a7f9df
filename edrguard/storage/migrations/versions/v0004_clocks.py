"""Deadlines: which clocks of cases run, and who was told."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables. Cases that are there keep the place that the request's own deadline gave them."""
    op.create_table(
        "clocks",
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("keep", sa.Boolean, nullable=False),
        sa.Column("warn_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("case_id", "name", name="pk_clocks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_clocks_case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_clocks_warn_at", "clocks", ["warn_at"])
