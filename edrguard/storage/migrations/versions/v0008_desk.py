"""What a confirmation by call-back covers, who hears a page, and counts for a transparency report.

Nobody was asked for a scope until now, so confirmations that stand are of the narrower one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add what is missing. Messages are counted from now on; when cases were decided, their events tell."""
    op.add_column("labels", sa.Column("scope", sa.Text, nullable=False, server_default="request"))
    op.add_column("pages", sa.Column("line", sa.Integer, nullable=False, server_default="0"))
    op.create_table(
        "tallies",
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("law", sa.Text, nullable=False),
        sa.Column("emergency", sa.Boolean, nullable=False),
        sa.Column("life", sa.Boolean, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("messages", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "kind", "country", "law", "emergency", "life", "outcome", name="pk_tallies"),
        sqlite_with_rowid=False,
    )
    op.add_column("eyes", sa.Column("decided_at", sa.BigInteger))
    op.create_index("ix_eyes_opened_at_seen_at_decided_at", "eyes", ["opened_at", "seen_at", "decided_at"])
    op.execute(
        "UPDATE eyes SET decided_at = (SELECT max(at) FROM events"
        " WHERE events.case_id = eyes.case_id AND events.kind IN ('released', 'refused'))"
        " WHERE case_id IN (SELECT id FROM cases WHERE state IN ('released', 'refused'))"
    )
    op.create_index("ix_audit_kind_seq", "audit", ["kind", "seq"])
    op.add_column("sessions", sa.Column("sid", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "logouts",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("sid", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_logouts"),
        sqlite_with_rowid=False,
    )
