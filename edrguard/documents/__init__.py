"""The room ``documents``: an attachment's octets to facts, without trusting them. Pure, bounded, total.

``examine.examine`` is the room's act. It is not imported here: a process of its own (``reader``) reads files, and a
node that only starts that process need not hold every reader of files in memory.
"""

from edrguard.documents.anchors import load_anchors
from edrguard.documents.dated import written_date

__all__ = ["load_anchors", "written_date"]
