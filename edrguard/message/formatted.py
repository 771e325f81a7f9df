"""A message's HTML as it was sent, for whoever makes it harmless and shows it. Never a basis of judging."""

from edrguard.message.charsets import decode
from edrguard.message.parse import parse
from edrguard.message.transfer import decode_part
from edrguard.model.limits import Limits

LARGEST = 1 << 20  #: octets that are decoded


def html_part(content: bytes, limits: Limits) -> str | None:
    """The first HTML part that a reader would see inline; None where there is none. Total, bounded by ``limits``."""
    for part in parse(content, limits).parts:
        if part.content_type == "text/html" and not part.attachment:
            return decode(decode_part(content, part, LARGEST), part.charset)[0]
    return None
