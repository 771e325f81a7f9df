"""The review desk: places in the queue, what cases have in common, accounts and sessions."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables, and give every case that is there its place."""
    _queue()
    _accounts()
    _place_known_cases()


def _queue() -> None:
    op.create_table(
        "standing",
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("waits", sa.Boolean, nullable=False),
        sa.Column("calm", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("unrisk", sa.Float, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("claimed_by", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("agency", sa.Text, nullable=False),
        sa.Column("tie", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("case_id", name="pk_standing"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_standing_case_id"),
    )
    place = ["calm", "due", "unrisk", "opened_at", "case_id"]
    for columns in (["waits", *place], ["opened_at", "case_id"], ["claimed_by"], ["state"]):
        op.create_index(f"ix_standing_{'_'.join(columns)}", "standing", columns)
    op.create_table(
        "case_marks",
        sa.Column("mark", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("mark", "case_id", name="pk_case_marks"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_marks_case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_case_marks_case_id", "case_marks", ["case_id"])


def _accounts() -> None:
    op.create_table(
        "users",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("totp", sa.Text),
        sa.Column("totp_pending", sa.Text),
        sa.Column("totp_step", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", sa.BigInteger),
        sa.Column("disabled_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("name", name="pk_users"),
    )
    op.create_table(
        "sessions",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user", "sessions", ["user"])


def _place_known_cases() -> None:
    # By this version's own code: what is derived may be derived anew by a later migration, so nothing is lost if
    # that code changes. Row by row, since a case may weigh a megabyte.
    from edrguard.storage.standing import place

    connection: Any = op.get_bind()
    known = [row[0] for row in connection.execute(sa.text("SELECT id FROM cases"))]
    for case_id in known:
        row = connection.execute(sa.text("SELECT * FROM cases WHERE id = :id"), {"id": case_id}).mappings().one()
        place(connection, row)
