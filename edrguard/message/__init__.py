"""The room ``message``: octets to structure and back (RFC 5322, RFC 2045-2049, RFC 8601). Pure and bounded."""

from edrguard.message import authres
from edrguard.message.addresses import parse_mailboxes
from edrguard.message.edit import edit, fold
from edrguard.message.foreign import Said, read_results
from edrguard.message.formatted import html_part
from edrguard.message.html import html_to_text
from edrguard.message.newlines import canonical
from edrguard.message.parse import parse
from edrguard.message.transfer import decode_part, decode_pieces

__all__ = [
    "Said",
    "authres",
    "canonical",
    "decode_part",
    "decode_pieces",
    "edit",
    "fold",
    "html_part",
    "html_to_text",
    "parse",
    "parse_mailboxes",
    "read_results",
]
