"""The room ``documents``: an attachment's octets to facts, without trusting them. Pure, bounded, total."""

from edrguard.documents.examine import examine
from edrguard.documents.found import Outside

__all__ = ["Outside", "examine"]
