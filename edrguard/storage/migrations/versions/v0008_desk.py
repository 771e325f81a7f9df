"""What a confirmation by call-back covers, and who hears a page.

Nobody was asked for a scope until now, so confirmations that stand are of the narrower one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("labels", sa.Column("scope", sa.Text, nullable=False, server_default="request"))
    op.add_column("pages", sa.Column("line", sa.Integer, nullable=False, server_default="0"))
