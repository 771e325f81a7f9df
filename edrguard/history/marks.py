"""Marks: what ties messages of different senders together, as keyed hashes.

A campaign uses one address of the network, one telephone, one target, one text under several stolen names. Each of
these leaves a mark with the message, at once and even where the message is held: a mark is evidence against a campaign,
never a habit.
Targets are personal data: only a keyed hash of them is kept, and the key lies outside the database.
"""

import hashlib
import ipaddress
from collections.abc import Iterator

from edrguard.history.texts import bands
from edrguard.model.facts import Facts
from edrguard.model.words import RequestKind

PICTURES = 5  #: of a document
SMALLEST = 40  #: pixels of the shorter side: lines and bullets are everybody's
MOST = 60  #: marks of one message that are kept and looked up
SHARED = frozenset({"mailhost", "office", "gov", "mobile", ""})  #: kinds of network whose addresses many people share


class Keyed:
    """HMAC-like hashes (BLAKE2b, keyed) of what may not be kept in the clear."""

    def __init__(self, key: bytes = b"") -> None:
        self._key = key[:64]

    def __call__(self, kind: str, value: str) -> str:
        """Twelve octets of the hash of ``value``, in hex; the same value of another kind gives another hash."""
        text = f"{kind}\0{value}".encode("utf-8", "surrogateescape")
        return hashlib.blake2b(text, digest_size=12, key=self._key).hexdigest()


def marks(facts: Facts, keyed: Keyed) -> dict[str, str]:
    """mark -> what it was in this message: "target:HASH" -> "+1...". At most ``MOST``, in a stable order."""
    found: dict[str, str] = {}
    for kind, value in _values(facts):
        if len(found) >= MOST:
            break
        found.setdefault(f"{kind}:{keyed(kind, value)}", value)
    return found


def _values(facts: Facts) -> Iterator[tuple[str, str]]:
    network = facts.origin_network
    if facts.origin_ip and network is not None and network.kind not in SHARED and _address(facts.origin_ip):
        yield "origin", facts.origin_ip
    for mailbox in facts.message.reply_to[:5]:
        if facts.author is None or facts.org(mailbox.domain) != facts.org(facts.author.domain):
            yield "email", mailbox.key
    for document in facts.documents[:10]:
        yield "document", document.sha256
        for picture in document.pictures[:PICTURES]:
            if min(picture.width, picture.height) >= SMALLEST:
                yield "picture", picture.sha256
    if facts.request is None:
        return
    if facts.request.kind is not RequestKind.NONE:
        for band in bands(facts.message.text):
            yield "text", band
    for contact in facts.request.contacts[:10]:
        own = facts.author is not None and contact.value == facts.author.key
        if contact.kind in ("phone", "email") and contact.in_directory is not True and not own:
            yield contact.kind, contact.value
    for identifier in facts.request.identifiers:
        yield "target", f"{identifier.kind}:{identifier.value}"


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
