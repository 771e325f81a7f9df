"""Options of edrguard.yml about what a message is held against: standards, networks, documents, rules."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from edrguard.node.fields import FileHere, PathHere, Section


class DmarcOptions(Section):
    """Which DMARC decides."""

    mode: Literal["rfc9989", "rfc7489", "compare"] = Field(
        default="rfc9989",
        description="rfc9989 (tree walk), rfc7489 (public suffix list), or compare: 9989 decides, both logged",
    )


class NetworksOptions(Section):
    """What is known of address space."""

    file: FileHere | None = Field(default=None, description="tab-separated prefix, asn, operator, country, kind")


class DocumentsOptions(Section):
    """What attachments are held against."""

    anchors: FileHere | None = Field(
        default=None, description="certificates in PEM that you trust to vouch for signers; null: chains not evaluated"
    )


class RulesOptions(Section):
    """Where symbols and rules are read from, in this order."""

    shipped: PathHere | None = Field(
        default=None, description="folder with symbols.yml and rules/; null: the shipped one"
    )
    local: PathHere = Field(default=Path("local.d"), description="your own symbols and rules, merged; may be missing")
    override: PathHere = Field(
        default=Path("override.d"), description="your own, replacing what is shipped; may be missing"
    )
