"""What a confirmation by call-back covers. Nobody was asked until now, so all that stand are of the narrower scope."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column."""
    op.add_column("labels", sa.Column("scope", sa.Text, nullable=False, server_default="request"))
