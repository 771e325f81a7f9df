"""The text inside an opaque-signed message (RFC 8551 3.5.2): without it, a reviewer's eyes would see what we do not.

Laws: at most ``_MAX`` octets are parsed; at most ``_PARTS`` parts; total.
"""

import email
import email.policy

from edrguard.documents.found import Found
from edrguard.documents.names import name_risks

_MAX = 2 << 20
_PARTS = 50
_DEEP = 200  #: multiparts beyond which the standard library's parser would recurse too far


def read_inner_mail(found: Found, octets: bytes, limit: int) -> None:
    """Put the readable text of a MIME entity into ``found``, and the names of what it carries."""
    octets = octets[:_MAX]
    if octets.lower().count(b"multipart/") > _DEEP:
        found.details["text"] = "unreadable: nested too deeply"
        return
    try:
        message = email.message_from_bytes(octets, policy=email.policy.compat32)
        texts: list[str] = []
        for count, part in enumerate(message.walk()):
            if count >= _PARTS:
                break
            if part.is_multipart():
                continue
            name = part.get_filename()
            if name:
                found.embedded.append(str(name)[:200])
                found.risky += [f"archive-{risk}" for risk in name_risks(str(name))]
            elif part.get_content_type() == "text/plain":
                payload = part.get_payload(decode=True)
                if isinstance(payload, bytes):
                    texts.append(_decoded(payload, part.get_content_charset() or "utf-8"))
        found.text = "\n".join(texts)[:limit]
    except (RecursionError, LookupError, ValueError, TypeError, AttributeError) as error:
        found.details["text"] = f"unreadable: {type(error).__name__}"


def _decoded(payload: bytes, charset: str) -> str:
    try:
        return payload.decode(charset, "replace")
    except LookupError:
        return payload.decode("utf-8", "replace")
