"""An attachment as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What could be read of one attachment without trusting it."""

    part: str  #: ParsedMessage.parts path
    filename: str | None
    declared: str  #: declared content type
    sniffed: str  #: by its first bytes: pdf, docx, zip, exe, html, image, text, unknown, ...
    size: int
    sha256: str
    encrypted: bool = False
    macros: bool = False
    risky: tuple[
        str, ...
    ] = ()  #: executable, script, html-form, double-extension, encrypted-archive, macro, type-mismatch
    producer: str | None = None
    author: str | None = None
    created: datetime | None = None
    modified: datetime | None = None
    text: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
