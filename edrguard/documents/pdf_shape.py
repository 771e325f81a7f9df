"""How a PDF is built, without what it says: files of one template and one program share it.

Law: linear in the objects looked at, which are bounded.
"""

import hashlib
import re
from itertools import islice

from edrguard.documents.pdf_objects import objects
from edrguard.documents.pdf_scan import PdfScan

_OBJECTS = 400
_NAME = re.compile(rb"/([A-Za-z][A-Za-z]{0,30})")
_VALUE = re.compile(rb"/(?:BaseFont|FontName|FontFamily)\s*/[^\s/<>\[\]()]{1,80}|\((?>(?:[^()\\]|\\.)*)\)", re.DOTALL)


def layout(scan: PdfScan) -> str:
    """16 hex digits of the set of its objects' shapes: the names in each, without numbers, texts and font names."""
    shapes = set()
    for one in islice(objects(scan), _OBJECTS):
        names = _NAME.findall(_VALUE.sub(b"", one.body[:2048]))
        shapes.add(b" ".join(sorted(set(names))) + (b"*" if one.stream else b""))
    return hashlib.sha256(b"\n".join(sorted(shapes))).hexdigest()[:16] if shapes else ""
