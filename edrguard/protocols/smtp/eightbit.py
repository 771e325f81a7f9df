"""What a message needs of the next hop: octets above 127 (RFC 6152), or UTF-8 in its header fields (RFC 6531, 6532).

Laws: nothing is converted, for a conversion would break signatures and would not be what was judged; what cannot go on
as it is, is refused.
"""

import re
from collections.abc import Iterable, Sequence

_END_OF_HEADER = b"\r\n\r\n"
_MANY_PARTS = re.compile(rb"^content-type[ \t]*:[\s]*(?:multipart|message)/", re.IGNORECASE | re.MULTILINE)


def is_ascii(content: Iterable[bytes | memoryview]) -> bool:
    """May it go over a 7-bit transport? One pass in C."""
    return all(bytes(piece).isascii() for piece in content)


def needs_smtputf8(content: Sequence[bytes | memoryview]) -> bool:
    """Is it an internationalized message (RFC 6532): UTF-8 in a header field? Asked only about messages that claim to
    be one. The header fields of parts count too: where there may be parts and octets above 127, the answer is yes."""
    if is_ascii(content):
        return False
    header = b""
    for piece in content:
        header += bytes(piece)
        end = header.find(_END_OF_HEADER)
        if end >= 0:
            header = header[: end + 2]
            break
    return not header.isascii() or bool(_MANY_PARTS.search(header))
