"""Signatures in a PDF (ISO 32000-1 12.8, PAdES: ETSI EN 319 142-1) and what they cover.

The octets that count are those that the ByteRange names and the signature is what stands in the gap between them: so a
Contents elsewhere, a gap that leaves out more than the signature, and text appended later are all seen.

Laws: total; at most ``MAX_SIGNATURES``; nothing is valid whose ByteRange is not exactly the file without its gap.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from cryptography import x509

from edrguard.documents.cms import CmsError, read_signed_data, stamped, verify
from edrguard.documents.pdf import pdf_date, pdf_text
from edrguard.documents.pdf_revisions import added_after
from edrguard.documents.pdf_scan import PdfScan
from edrguard.model.document import Signature

MAX_SIGNATURES = 10
_MAX_CMS = 1 << 20
_RANGE = re.compile(rb"/ByteRange\s*\[\s*([0-9]{1,10})\s+([0-9]{1,10})\s+([0-9]{1,10})\s+([0-9]{1,10})\s*\]")
_FILTER = re.compile(rb"/SubFilter\s*/([A-Za-z0-9._-]{1,40})")
_WHEN = re.compile(rb"/M\s*(\([^()\\]{1,60}\))")
_HEX = re.compile(rb"[0-9A-Fa-f\s]*")
_KINDS = {
    b"ETSI.CAdES.detached": "pades",
    b"adbe.pkcs7.detached": "pades",
    b"ETSI.RFC3161": "timestamp",
}


def pdf_signatures(scan: PdfScan, anchors: Sequence[x509.Certificate]) -> tuple[Signature, ...]:
    """Every signature in the order of the file; time stamps are among them."""
    found: list[Signature] = []
    for match in scan.matches(_RANGE):
        if len(found) >= MAX_SIGNATURES:
            break
        found += _one(scan, match, anchors)
    return tuple(found)


def _one(scan: PdfScan, match: re.Match[bytes], anchors: Sequence[x509.Certificate]) -> tuple[Signature, ...]:
    data = scan.data
    start, first, second, length = (int(match[n]) for n in range(1, 5))
    end = second + length
    opened = max(data.rfind(b"obj", 0, match.start()), 0)
    closed = data.find(b"endobj", max(match.end(), min(second, len(data))))
    closed = len(data) if closed < 0 else closed
    gap = data[first:second]
    proper = (
        start == 0
        and opened < first < second <= closed <= end <= len(data)
        and gap[:1] == b"<"
        and gap[-1:] == b">"
        and data[opened:first].rstrip().endswith(b"/Contents")
        and _HEX.fullmatch(gap, 1, len(gap) - 1) is not None
    )
    if not proper:
        # A signed file inside this one has ranges of its own that mean nothing here.
        state = "unreadable" if b"/EmbeddedFile" in data else "broken"
        return (Signature(kind="pades", state=state, reason="its range is not the file without the signature"),)
    around = data[opened:first] + data[second:closed]
    named = _FILTER.search(around)
    kind = _KINDS.get(named[1] if named else b"")
    if kind is None:
        words = f"kind {named[1].decode('ascii')}" if named else "of no named kind"
        return (Signature(kind="pades", state="unverified", reason=words),)
    when = _WHEN.search(around)
    said_at = pdf_date(pdf_text(when[1])) if when else None
    checked = _checked(data, gap, (first, second, end), kind, said_at, anchors)
    added = added_after(scan, end)
    whole = not added
    return tuple(replace(one, covers="whole" if whole else "revision", added=added) for one in checked)


def _checked(
    data: bytes,
    gap: bytes,
    places: tuple[int, int, int],
    kind: str,
    said_at: datetime | None,
    anchors: Sequence[x509.Certificate],
) -> tuple[Signature, ...]:
    first, second, end = places
    digits = b"".join(gap[1:-1].split())
    if not digits.strip(b"0"):
        return (Signature(kind=kind, state="unreadable", reason="the place for the signature is empty"),)
    if len(digits) > 2 * _MAX_CMS:
        return (Signature(kind=kind, state="unreadable", reason="the signature is too large"),)
    view = memoryview(data)
    pieces: list[bytes | memoryview] = [view[:first], view[second:end]]
    try:
        signed = read_signed_data(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii")))
        if kind != "timestamp":
            return verify(signed, pieces, kind, anchors, said_at)
        same, at = stamped(signed, pieces)
    except CmsError as error:
        return (Signature(kind=kind, state="unreadable", reason=str(error)),)
    found = verify(signed, None if signed.content is None else [signed.content], kind, anchors, at)
    if same:
        return found
    return tuple(replace(one, state="broken", reason="what was stamped is not what is here") for one in found)
