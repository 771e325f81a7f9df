"""Where the recursive resolvers are: from the configuration, or from the system's resolv.conf."""

import contextlib
import ipaddress
from collections.abc import Sequence
from pathlib import Path

from edrguard.model.errors import ConfigError

Server = tuple[str, int]
RESOLV_CONF = Path("/etc/resolv.conf")


def parse_server(text: str) -> Server:
    """``192.0.2.1``, ``192.0.2.1:5353``, ``2001:db8::1`` or ``[2001:db8::1]:53``. Raises ConfigError."""
    host, port = text.strip(), "53"
    if host.startswith("["):
        host, bracket, rest = host[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ConfigError(f"nameserver {text!r}: not ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT")
        port = rest[1:] or "53"
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    try:
        address = str(ipaddress.ip_address(host))
    except ValueError:
        raise ConfigError(f"nameserver {text!r}: {host!r} is not an IP address") from None
    if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
        raise ConfigError(f"nameserver {text!r}: {port!r} is not a port")
    return address, int(port)


def find_servers(configured: Sequence[str]) -> tuple[Server, ...]:
    """The configured servers, else those of /etc/resolv.conf, else the local host, as resolv.conf(5) has it."""
    if configured:
        return tuple(parse_server(text) for text in configured)
    try:
        rows = [row.split() for row in RESOLV_CONF.read_text("utf-8", "replace").splitlines()]
    except OSError:
        rows = []
    servers = []
    for row in rows:
        if len(row) > 1 and row[0] == "nameserver":
            with contextlib.suppress(ValueError):
                servers.append((str(ipaddress.ip_address(row[1])), 53))
    return tuple(servers) or (("127.0.0.1", 53),)
