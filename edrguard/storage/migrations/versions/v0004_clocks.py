"""Deadlines: which clocks of cases run, and who was told; who carried a page; when a person first saw a case."""

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
    op.add_column("pages", sa.Column("carried", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "eyes",
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("calm", sa.Integer, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger),
        sa.Column("acted_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("case_id", name="pk_eyes"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_eyes_case_id"),
    )
