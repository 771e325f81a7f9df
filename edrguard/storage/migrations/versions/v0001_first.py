"""The first schema: observations, labels, sent mail, cases, pages, attempts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Serial = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table in an empty database."""
    _history()
    _cases()
    _work()


def _history() -> None:
    op.create_table(
        "observations",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("mail_id", sa.Text, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("mailbox", sa.Text, nullable=False),
        sa.Column("domain", sa.Text, nullable=False),
        sa.Column("agency_id", sa.Text),
        sa.Column("disposition", sa.Text, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("risk", sa.Float, nullable=False),
        sa.Column("client", sa.Text, nullable=False),
        sa.Column("message_id", sa.Text),
        sa.Column("traits", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_observations"),
        sa.UniqueConstraint("mail_id", name="uq_observations_mail_id"),
        sqlite_autoincrement=True,
    )
    for subject in ("mailbox", "domain", "agency_id", "client"):
        op.create_index(f"ix_observations_{subject}_received_at_seq", "observations", [subject, "received_at", "seq"])
    op.create_table(
        "subjects",
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("messages", sa.BigInteger, nullable=False),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("last_seen", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_subjects"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "labels",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("observation", Serial, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_labels"),
        sa.ForeignKeyConstraint(["observation"], ["observations.seq"], name="fk_labels_observation"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_labels_observation_at_seq", "labels", ["observation", "at", "seq"])
    op.create_table(
        "sent",
        sa.Column("message_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("recipients", sa.Text, nullable=False),
        sa.Column("in_reply_to", sa.Text),
        sa.Column("ticket", sa.Text),
        sa.PrimaryKeyConstraint("message_id", name="pk_sent"),
    )


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("mail_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("disposition", sa.Text, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        sa.Column("held", sa.Boolean, nullable=False),
        sa.Column("opened_at", sa.BigInteger, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("agency_id", sa.Text),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("risk", sa.Float, nullable=False),
        sa.Column("spool", sa.Text),
        sa.Column("claimed_by", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("envelope", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("mail_id", name="uq_cases_mail_id"),
    )
    op.create_index("ix_cases_state_urgent_risk", "cases", ["state", "urgent", "risk"])
    op.create_table(
        "case_numbers",
        sa.Column("year", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("year", name="pk_case_numbers"),
    )
    op.create_table(
        "events",
        sa.Column("seq", Serial, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_events"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_events_case_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_case_id_seq", "events", ["case_id", "seq"])


def _work() -> None:
    op.create_table(
        "pages",
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("case_id", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("delivered", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_try", sa.BigInteger),
        sa.Column("sent_at", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.PrimaryKeyConstraint("key", name="pk_pages"),
    )
    op.create_index("ix_pages_next_try", "pages", ["next_try"])
    op.create_table(
        "attempts",
        sa.Column("mail_id", sa.Text, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("mail_id", name="pk_attempts"),
    )
    op.create_table(
        "pulse",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("beats", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pulse"),
    )
