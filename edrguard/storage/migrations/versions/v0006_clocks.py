"""Deadlines: which clocks of cases run, and who was told; who carried a page; when cases were seen; bursts; hijacks."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables. Cases that are there keep the place that the request's own deadline gave them."""
    _clocks()
    _incidents()
    _hijacks()


def _clocks() -> None:
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


def _incidents() -> None:
    op.add_column("standing", sa.Column("incident", sa.Integer))
    op.create_index("ix_standing_incident", "standing", ["incident"])
    op.create_table(
        "arrivals",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("subject", "at", "case_id", name="pk_arrivals"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("ended_by", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_incidents_subject_ended_at", "incidents", ["subject", "ended_at"])
    op.create_table(
        "incident_cases",
        sa.Column("incident", sa.Integer, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("life", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("incident", "case_id", name="pk_incident_cases"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name="fk_incident_cases_incident"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_incident_cases_case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_incident_cases_case_id", "incident_cases", ["case_id"])


def _hijacks() -> None:
    op.create_index("ix_cases_opened_at", "cases", ["opened_at"])
    op.create_table(
        "hijacks",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("since", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("cleaned_at", sa.BigInteger),
        sa.Column("cleaned_by", sa.Text, nullable=False),
        sa.Column("watched_until", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_hijacks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hijacks_subject", "hijacks", ["subject"])
