"""An attachment as facts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

NOT_OPENED = "NotOpened"  #: ``details["error"]``: its turn never came; its name and octets were looked at
OUT_OF_TIME = "OutOfTime"  #: ``details["error"]``: the reading ended before the file did


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One electronic signature in or over a document, as far as it could be checked without asking anybody.

    ``state`` is the mathematics only:

    - ``valid``: the digest is that of the signed octets and the signature is that of the certificate's key;
    - ``weak``: the same, with an algorithm that can be forged (MD5, SHA-1, short keys);
    - ``broken``: one of the two does not match;
    - ``unreadable``: it could not be taken apart, or its octets are not all there;
    - ``unverified``: recognised, but not of a kind that we verify (OpenPGP, an unknown algorithm, octets not at hand).

    Anybody can make a valid signature with a certificate of their own: only ``chain`` says who vouches for the name.
    Revocation is never looked up.
    """

    kind: str  #: pades, cades, cades-detached, smime, timestamp, openpgp
    state: str
    reason: str = ""  #: why it is not valid, in words
    signer: str = ""  #: the certificate's subject, RFC 4514
    name: str = ""  #: its common name
    email: str = ""  #: lower case; of the alternative names, else of the subject
    issuer: str = ""
    serial: str = ""  #: of the certificate, lower-case hex
    fingerprint: str = ""  #: SHA-256 of the certificate
    signed_at: datetime | None = None  #: as the signer claims it
    not_before: datetime | None = None
    not_after: datetime | None = None
    in_time: bool | None = None  #: was the certificate valid at ``signed_at``? ``None``: no such time is given
    chain: str = "not evaluated"  #: trusted, untrusted, self-signed, not evaluated (no trust anchors configured)
    covers: str = "whole"  #: whole, revision (the file grew after it)
    added: tuple[str, ...] = ()  #: what was put into the file after it, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One state of a PDF that was saved by appending to it (ISO 32000-1 7.5.6), oldest first."""

    end: int  #: octets of the file up to its end
    modified: datetime | None = None  #: ModDate written in this revision
    adds: tuple[str, ...] = ()  #: what it changed against those before it, in words; empty for the first


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image in or as a document, so that a signature or seal that appears elsewhere can be recognised."""

    sha256: str  #: of the decoded pixels where they were decoded, else of the stored octets
    dhash: str = ""  #: 64 bit difference hash as 16 hex digits, "" where not decoded or without contrast
    width: int = 0
    height: int = 0
    page: int = 0  #: from 1; 0: not on a page


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """A font that a PDF's pages name."""

    name: str  #: BaseFont without a subset's prefix
    embedded: bool = False
    share: float = 0.0  #: of the shown text, 0 to 1, as far as pages were read


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
    family: str = ""  #: of its maker: office, print, library, scanner, phone, court, editor, online, image, ""
    modifier: str | None = None  #: who saved it last
    created_offset: int | None = None  #: minutes east of UTC as written in ``created``; ``None`` where none is written
    modified_offset: int | None = None
    dated: date | None = None  #: the day that its text says it was signed or issued on
    pages: int | None = None
    image_pages: int = 0  #: pages of those read that are a picture without text
    revisions: tuple[Revision, ...] = ()  #: more than one: the file was changed by appending
    signatures: tuple[Signature, ...] = ()
    pictures: tuple[Picture, ...] = ()
    fonts: tuple[Font, ...] = ()
    overlays: tuple[str, ...] = ()  #: things laid over a page, in words
    links: tuple[str, ...] = ()  #: URIs that a click would open
    embedded: tuple[str, ...] = ()  #: names of files inside (PDF attachments, archive members)
    qr: tuple[str, ...] = ()  #: texts of QR and other codes in its pictures
    contradictions: tuple[str, ...] = ()  #: where two places of the file say different things about it
    layout: str = ""  #: hash of how the file is built, without its content: files of one template and tool share it
    ocr: str = ""  #: "" no picture of text, done, late, not installed, due
    text_overlap: float | None = None  #: share of the text layer's words that its pictures show too; ``None``: not seen
