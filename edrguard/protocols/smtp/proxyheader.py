"""The PROXY header (versions 1 and 2, as HAProxy's proxy-protocol.txt defines them), without any I/O.

A load balancer in front opens every connection with it, and says who its client really is. The header is believed as a
whole or not at all: who may send one is decided before it is read.

Laws: a parser that accepts or raises ProxySyntax; what follows the header is none of its business and is left alone;
no header costs more than ``limit`` octets.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from edrguard.model.errors import MailSyntax
from edrguard.protocols.smtp.xforward import canonical_ip

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"  #: of version 2
V1_OCTETS = 107  #: longest header of version 1, with CRLF (section 2.1)
V2_FIXED = 16  #: signature, version and command, family and transport, length (section 2.2)

_V1 = re.compile(
    rb"PROXY (?:(UNKNOWN)(?: [ -~]*)?|(TCP4|TCP6) ([0-9A-Fa-f:.]+) ([0-9A-Fa-f:.]+) ([0-9]+) ([0-9]+))\r\n\Z"
)
_PORT = re.compile(rb"(?:0|[1-9][0-9]{0,4})\Z")
_LOCAL, _PROXY = 0x0, 0x1
#: section 2.2: (family and transport) -> octets of addresses. Datagrams are no connection.
_UNSPEC, _TCP4, _TCP6, _UNIX = 0x00, 0x11, 0x21, 0x31
_ADDRESSES = {_UNSPEC: 0, _TCP4: 12, _TCP6: 36, _UNIX: 216}


class ProxySyntax(MailSyntax):
    """No PROXY header, or one that must not be believed."""


@dataclass(frozen=True, slots=True)
class ProxyHeader:
    """Who connected to the proxy. ``octets``: the header's own length.

    ``local``: nobody did, the proxy speaks for itself (a health check): the connection is what it seems. Else
    ``client_ip`` None: the proxy does not know, or its client has no IP address (a UNIX socket).
    """

    octets: int
    local: bool = False
    client_ip: str | None = None


def parse_proxy_header(data: bytes, limit: int) -> ProxyHeader | None:
    """The header at the beginning of ``data``; None: more octets are needed. Raises ProxySyntax."""
    if data[:12] == SIGNATURE[: len(data)]:
        return _version_2(data, limit)
    if data[:6] == b"PROXY "[: len(data)]:
        return _version_1(data)
    raise ProxySyntax("no PROXY header")


def _version_1(data: bytes) -> ProxyHeader | None:
    end = data.find(b"\n", 0, V1_OCTETS) + 1
    if not end:
        if len(data) >= V1_OCTETS:
            raise ProxySyntax("PROXY line too long")
        return None
    match = _V1.match(data[:end])
    if match is None:
        raise ProxySyntax("not a PROXY line")
    if match[1]:
        return ProxyHeader(end)
    kind = IPv4Address if match[2] == b"TCP4" else IPv6Address
    try:
        client, _ = (kind(text.decode("ascii")) for text in (match[3], match[4]))
    except ValueError:
        raise ProxySyntax("not an address of its family") from None
    if any(not _PORT.match(port) or int(port) > 65535 for port in (match[5], match[6])):
        raise ProxySyntax("not a port")
    return ProxyHeader(end, client_ip=canonical_ip(str(client)))


def _version_2(data: bytes, limit: int) -> ProxyHeader | None:
    if len(data) < V2_FIXED:
        return None
    version, command, family = data[12] >> 4, data[12] & 0xF, data[13]
    length = int.from_bytes(data[14:16], "big")
    if version != 2 or command not in (_LOCAL, _PROXY):
        raise ProxySyntax("neither version 2 nor a command of it")
    if V2_FIXED + length > limit:
        raise ProxySyntax("PROXY header too long")
    if command == _PROXY:
        if family not in _ADDRESSES:
            raise ProxySyntax("not a family and transport of a connection")
        if length < _ADDRESSES[family]:
            raise ProxySyntax("PROXY header too short for its addresses")
    octets = V2_FIXED + length
    if len(data) < octets:
        return None
    # What follows the addresses are TLVs (section 2.2.1): nothing here needs them.
    if command == _LOCAL:
        return ProxyHeader(octets, local=True)
    if family == _TCP4:
        return ProxyHeader(octets, client_ip=canonical_ip(str(IPv4Address(data[16:20]))))
    if family == _TCP6:
        return ProxyHeader(octets, client_ip=canonical_ip(str(IPv6Address(data[16:32]))))
    return ProxyHeader(octets)
