"""Signed mail for measuring: 70 % of 4 to 10 KiB, 25 % of 50 to 300 KiB with a PDF, 5 % of 2 to 5 MiB with a PDF.

The same seed gives the same messages. Twenty fictional domains share one test key under names of their own.
"""

import random
import textwrap
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from tests.support.attachments import Attachment, assemble
from tests.support.signing import Signer, sign
from tests.support.story import INBOX, Zone, attach, join, leaf, lines
from tests.support.world import agency, domain, merge

DOMAINS = [f"agency-{n:02d}.example" for n in range(20)]
SEED = 20261124
WORDS = """account holder subscriber records preserve produce custodian district county court clerk order issued exhibit
date range login history address invoice seller buyer goods shipment complaint statement officer unit desk telephone
letter attached enclosed answer return week month regarding matter number request response portal form page paragraph
the of and to in for with on by from this that any all under within following above please kindly"""
_WORDS = tuple(WORDS.split())


@dataclass(frozen=True, slots=True)
class Loaded:
    """One message and how it is sent."""

    content: bytes
    ip: str
    helo: str
    mail_from: str
    size_class: str  #: S, M or L


def zone() -> Zone:
    """DNS of all senders. Names that are asked for in vain have a record that means nothing: this server sends no SOA,
    so what it denies could not be cached, as it is in life (RFC 2308)."""
    parts: list[Zone] = [domain(name, _ip(n)) for n, name in enumerate(DOMAINS)]
    parts += [{f"mail.{name}": {"TXT": ["v=spf1 a -all"]}} for name in DOMAINS]
    return merge(*parts, {"_dmarc.example": {"TXT": ["nothing"]}})


def directory() -> dict[str, Any]:
    """Every sender is a listed agency: the work is that of honest mail."""
    return {"agencies": [agency(f"bench-{n:02d}", f"Agency {n}", "US", [name]) for n, name in enumerate(DOMAINS)]}


def corpus(count: int, seed: int = SEED) -> list[Loaded]:
    """``count`` messages in the mix above, spread evenly."""
    return [message(n, "SSSMSSSMSSSMSSSMSSML"[n % 20], seed) for n in range(count)]


def acquaintance(seed: int = SEED) -> list[Loaded]:
    """Six small messages of every sender, so that what follows is mail of officers who are known: the common case."""
    return [message(1_000_000 + n, "S", seed, who=n % len(DOMAINS)) for n in range(6 * len(DOMAINS))]


def message(number: int, size_class: str, seed: int = SEED, size: int = 0, who: int | None = None) -> Loaded:
    """One message; ``size`` overrules the class."""
    rng = random.Random(seed * 1_000_003 + number)
    who = rng.randrange(len(DOMAINS)) if who is None else who
    host = DOMAINS[who]
    at = datetime.now(UTC).replace(microsecond=0)
    total = (
        size
        or {
            "S": rng.randint(4096, 10240),
            "M": rng.randint(50 * 1024, 300 * 1024),
            "L": rng.randint(2 << 20, 5 << 20),
        }[size_class]
    )
    head = [
        ("From", f"Officer {who} <officer@{host}>"),
        ("To", f"Legal <{INBOX}>"),
        ("Subject", f"Subpoena {rng.randint(1000, 9999)}, subscriber records"),
        ("Date", format_datetime(at)),
        ("Message-ID", f"<{seed:x}.{number}.{at:%H%M%S}@{host}>"),
        ("MIME-Version", "1.0"),
        ("X-Mailer", "Agency Mail 4.2"),
    ]
    text = _prose(rng, total - 2000 if size_class == "S" else 6000)
    html = "<html><body>" + "".join(f"<p>{p}</p>\r\n" for p in text.split("\r\n\r\n")) + "</body></html>\r\n"
    if size_class == "S":
        half = len(text) // 2
        leaves = [
            _text("plain", text[:half].rstrip("\r") + "\r\n"),
            _text("html", html[: half or 1].rstrip("\r") + "\r\n"),
        ]
        kind = "alternative"
    else:
        scan = Attachment("order.pdf", "application/pdf", _pdf(rng, int((total - 9000) / 1.37)))
        leaves = [_text("plain", text), attach(scan)]
        kind = "mixed"
    boundary = f"=_{rng.getrandbits(64):016x}"
    body = lines([("Content-Type", f'multipart/{kind}; boundary="{boundary}"')]) + b"\r\n" + join(boundary, leaves)
    signed = sign(lines(head) + body, Signer(host), int(at.timestamp()))
    trace = f"from ws{rng.randint(1, 99)}.{host} ([10.20.0.5])\r\n\tby mail.{host} with ESMTPSA id {number:X}"
    content = lines([("Received", f"{trace};\r\n\t{format_datetime(at)}")]) + signed
    return Loaded(content, _ip(who), f"mail.{host}", f"officer@{host}", size_class)


def _ip(n: int) -> str:
    return f"192.0.2.{n + 10}"


def _text(kind: str, body: str) -> bytes:
    return leaf(f"text/{kind}; charset=utf-8", "8bit", body.encode())


def _prose(rng: random.Random, size: int) -> str:
    out: list[str] = []
    have = 0
    while have < size:
        words = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(30, 90)))
        paragraph = "\r\n".join(textwrap.wrap(words.capitalize() + ".", 74))
        out.append(paragraph)
        have += len(paragraph) + 4
    return "\r\n\r\n".join(out) + "\r\n"


def _pdf(rng: random.Random, size: int) -> bytes:
    """A scanned letter: one page, and an image that fills it."""
    pixels = rng.randbytes(max(size - 700, 100))
    image = f"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /Filter /DCTDecode /Length {len(pixels)} >>"
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /Im 4 0 R >> >> >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page.encode(),
        image.encode() + b"\nstream\n" + pixels + b"\nendstream",
    ]
    return assemble(objects)
