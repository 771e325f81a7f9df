"""What a reader puts together of one attachment, and what it is told from outside."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from edrguard.documents import names
from edrguard.documents.dated import written_date
from edrguard.documents.pictures import ROOM
from edrguard.model.document import Document, Font, Picture, Revision, Signature
from edrguard.model.limits import Limits
from edrguard.model.message import Part

if TYPE_CHECKING:
    from cryptography import x509

_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Outside:
    """What a reader cannot find in the attachment itself."""

    anchors: tuple[x509.Certificate, ...] = ()  #: certificates that the operator trusts to vouch for signers
    mail: bytes | None = None  #: the part of the message that this attachment signs (RFC 8551 3.5.3), header and all
    others: tuple[tuple[str, bytes], ...] = ()  #: names and octets of the message's other attachments


@dataclass(slots=True)
class Found:
    """The facts so far; ``document`` freezes them."""

    kind: str
    depth: int = 0  #: how many files this one is inside of
    encrypted: bool = False
    macros: bool = False
    risky: list[str] = field(default_factory=list)
    producer: str | None = None
    author: str | None = None
    modifier: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    created_offset: int | None = None
    modified_offset: int | None = None
    text: str = ""
    details: dict[str, str] = field(default_factory=dict)
    family: str = ""
    pages: int | None = None
    image_pages: int = 0
    revisions: tuple[Revision, ...] = ()
    signatures: tuple[Signature, ...] = ()
    pictures: list[Picture] = field(default_factory=list)
    fonts: tuple[Font, ...] = ()
    overlays: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    embedded: list[str] = field(default_factory=list)
    qr: list[str] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    layout: str = ""
    ocr: str = ""
    text_overlap: float | None = None
    budget: list[int] = field(
        default_factory=lambda: [_LIMITS.archive_files, _LIMITS.archive_size, ROOM]
    )  #: files, octets, pixels left for all levels
    archive_depth: int = _LIMITS.archive_depth
    archive_ratio: int = _LIMITS.archive_ratio

    @property
    def archive_bounds(self) -> tuple[int, int, int]:
        """Files, inflated octets and ratio that one archive may still claim."""
        return max(self.budget[0], 0), max(self.budget[1], 0), self.archive_ratio

    def inside(self, kind: str) -> Found:
        """For a file inside this one: under the same bounds, one deeper."""
        return Found(
            kind,
            depth=self.depth + 1,
            budget=self.budget,
            archive_depth=self.archive_depth,
            archive_ratio=self.archive_ratio,
        )

    def recognition(self, installed: bool) -> None:
        """Note that its pictures may hold text, and whether anything here can read it."""
        self.ocr = "due" if installed else "not installed"
        if not installed and not self.text:
            self.details["text"] = "not read: no OCR"

    def left(self) -> int:
        """Octets that may still be inflated; 0 where the files are used up."""
        return max(self.budget[1], 0) if self.budget[0] >= 0 else 0

    def take(self, child: Found, name: str) -> None:
        """Add what was found in a file inside: its text and dangers are this attachment's."""
        self.text = f"{self.text}\n{child.text}".strip() if child.text else self.text
        self.risky += [
            r if r.startswith(("archive-", "encrypted-", "embedded-")) else f"archive-{r}" for r in child.risky
        ]
        if child.macros:
            self.risky.append("archive-macro")
        if child.encrypted:
            self.details["encrypted inside"] = name[:100]
        self.signatures = (*self.signatures, *child.signatures)
        self.pictures += child.pictures[: 40 - len(self.pictures)]
        self.links += child.links
        self.qr += child.qr
        self.embedded += [f"{name[:100]}/{inner}"[:200] for inner in child.embedded[:20]]
        for attribute in ("producer", "author", "created", "modified", "created_offset", "modified_offset"):
            if getattr(self, attribute) is None:
                setattr(self, attribute, getattr(child, attribute))
        self.family = self.family or child.family

    def document(self, part: Part, data: bytes) -> Document:
        """The frozen facts about ``data``, the octets of ``part``."""
        if names.mismatch(part.filename, part.content_type, self.kind):
            self.risky.append("type-mismatch")
        if self.macros:
            self.risky.append("macro")
        return Document(
            part=part.path,
            filename=part.filename,
            declared=part.content_type,
            sniffed=self.kind,
            size=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            encrypted=self.encrypted,
            macros=self.macros,
            risky=tuple(dict.fromkeys(self.risky)),
            producer=self.producer,
            author=self.author,
            created=self.created,
            modified=self.modified,
            text=self.text,
            details=self.details,
            family=self.family,
            modifier=self.modifier,
            created_offset=self.created_offset,
            modified_offset=self.modified_offset,
            dated=written_date(self.text) if self.text else None,
            pages=self.pages,
            image_pages=self.image_pages,
            revisions=self.revisions,
            signatures=self.signatures,
            pictures=tuple(self.pictures),
            fonts=self.fonts,
            overlays=tuple(dict.fromkeys(self.overlays)),
            links=tuple(dict.fromkeys(self.links)),
            embedded=tuple(self.embedded),
            qr=tuple(dict.fromkeys(self.qr)),
            contradictions=tuple(self.contradictions),
            layout=self.layout,
            ocr=self.ocr,
            text_overlap=self.text_overlap,
        )
