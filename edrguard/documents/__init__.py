"""The room ``documents``: an attachment's octets to facts, without trusting them. Pure, bounded, total."""

from edrguard.documents.anchors import load_anchors
from edrguard.documents.dated import written_date
from edrguard.documents.examine import examine
from edrguard.documents.found import Outside

__all__ = ["Outside", "examine", "load_anchors", "written_date"]
