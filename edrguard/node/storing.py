"""Options of what is kept, and of the log that shows that it was not touched."""

from pathlib import Path

from pydantic import Field

from edrguard.node.fields import PathHere, Section
from edrguard.node.identity_options import VaultOptions


class StorageOptions(Section):
    """What is kept, and where."""

    url: str = Field(
        default="sqlite:////var/lib/edrguard/edrguard.db", min_length=1, description="sqlite:////absolute/path"
    )
    spool: PathHere = Field(default=Path("/var/lib/edrguard/spool"), description="folder of the raw messages of cases")
    key_file: PathHere | None = Field(
        default=None, description="key of history's hashes, made by serve; null: history.key beside the database"
    )
    secrets_file: PathHere | None = Field(
        default=None,
        description="key that seals secrets of one-time codes, made by serve; null: secrets.key beside the database",
    )
    vault: VaultOptions = Field(default_factory=VaultOptions, description="raw messages sealed")


class AuditOptions(Section):
    """The audit log: who did, read and configured what, chained and signed."""

    key_file: PathHere | None = Field(
        default=None,
        description="private key (Ed25519) that signs it, made by serve; null: audit.key beside the database",
    )
    checkpoint_file: PathHere | None = Field(
        default=None,
        description="signatures beside the database, better on another disk; null: audit.checkpoints beside it",
    )
    every: float = Field(default=300.0, ge=1, le=86400, description="between two signatures, in seconds")
