"""The certificate of our listeners: read from its two files, and read again when they change.

Laws: connections go on with what they began with; a new certificate that cannot be used changes nothing, and is said
loudly; the files are looked at when a client begins TLS, when told to, and now and then, so that a fault does not wait
for the next client.
"""

import ssl
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509

from edrguard.model.errors import ConfigError
from edrguard.node.log import get_logger

LOOK_SECONDS = 1.0  #: between two looks at the files by clients: a look is no cost, a thousand a second would be
WATCH_SECONDS = 10.0  #: between two looks without any client
SOON = timedelta(days=14)  #: a certificate that ends within it is worth a warning

Seen = tuple[tuple[int, int, int] | None, ...]


class Certificate:
    """Chain and key in PEM. Raises ConfigError where they cannot be used at the start."""

    def __init__(self, chain: Path, key: Path, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.chain, self.key = chain, key
        self._clock = clock
        self._log: Any = get_logger("edrguard.tls")
        self._seen: Seen = ()
        self._looked = 0.0
        self._context = self._load(self._look())

    def context(self) -> ssl.SSLContext:
        """For a handshake that begins now."""
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            self.refresh()
        return self._context

    def use(self, chain: Path, key: Path) -> bool:
        """The files have these names from now on, and are read whether or not they have changed (SIGHUP). False where
        they cannot be used: then everything stays as it was, their names too."""
        old, (self.chain, self.key) = (self.chain, self.key), (chain, key)
        if self._replace(self._look()):
            return True
        self.chain, self.key = old
        return False

    def refresh(self) -> bool:
        """Read the files again if they have changed. False where they cannot be used; said once for each change."""
        seen = self._look()
        return seen == self._seen or self._replace(seen)

    def _replace(self, seen: Seen) -> bool:
        try:
            self._context = self._load(seen)
        except ConfigError as error:
            self._seen = seen
            self._log.error("new TLS certificate refused; the old one stays in use", error=str(error))
            return False
        self._log.info("TLS certificate read", ends=ends(self.chain))
        return True

    def _look(self) -> Seen:
        self._looked = time.monotonic()
        found: list[tuple[int, int, int] | None] = []
        for path in (self.chain, self.key):
            try:
                status = path.stat()
                found.append((status.st_mtime_ns, status.st_size, status.st_ino))
            except OSError:
                found.append(None)
        return tuple(found)

    def _load(self, seen: Seen) -> ssl.SSLContext:
        context = load_context(self.chain, self.key)
        self._seen = seen
        end = expiry(self.chain)
        if end is not None and end - self._clock() < SOON:
            what = "ends soon" if end > self._clock() else "has ended"
            self._log.warning(f"TLS certificate {what}", ends=ends(self.chain))
        return context


def load_context(chain: Path, key: Path) -> ssl.SSLContext:
    """A server's context. Raises ConfigError where chain and key cannot be read or do not belong together."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    context.options |= ssl.OP_NO_RENEGOTIATION
    try:
        # A password would be asked for on the terminal, and the node would stand still.
        context.load_cert_chain(chain, key, password=lambda: b"")
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise ConfigError(f"smtp.tls_certificate: {chain} with {key}: {why}") from error
    return context


def expiry(chain: Path) -> datetime | None:
    """When the first certificate of the file ends; None where it cannot be told."""
    try:
        return x509.load_pem_x509_certificate(chain.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def ends(chain: Path) -> str:
    """``expiry`` in words."""
    end = expiry(chain)
    return "unknown" if end is None else end.strftime("%Y-%m-%dT%H:%M:%SZ")
