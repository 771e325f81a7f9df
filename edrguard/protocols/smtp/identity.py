"""Who the client is, as far as the wire and trusted peers tell: the ``Session`` of one message.

Laws: only a trusted peer's word replaces what the socket says; what a trusted peer does not know is ``None``, never
the peer's own address; the socket's address is kept as ``peer_ip``.
"""

from dataclasses import dataclass, field
from datetime import datetime

from edrguard.model.wire import Session
from edrguard.protocols.smtp.xforward import Attributes


@dataclass(slots=True, kw_only=True)
class Identity:
    """What is known of one connection's client; changes as commands come in."""

    peer_ip: str | None
    proxied: bool = False  #: a proxy stands between; then ``proxied_ip`` is what it knows of its client
    proxied_ip: str | None = None  #: from a PROXY header
    helo: str | None = None
    esmtp: bool = False
    lmtp: bool = False
    tls: str | None = None
    tls_cipher: str | None = None
    xclient: dict[str, str | None] = field(default_factory=dict)
    xforward: dict[str, str | None] = field(default_factory=dict)

    @property
    def ip(self) -> str | None:
        """Who connected: to us, or to the proxy."""
        return self.proxied_ip if self.proxied else self.peer_ip

    def take_xclient(self, attributes: Attributes) -> None:
        """XCLIENT replaces the client and forgets the greeting."""
        self.xclient.update(attributes)
        self.xforward.clear()
        self.helo = self.xclient.get("HELO")
        self.esmtp = False

    def start_again(self, tls: str | None, cipher: str | None) -> None:
        """TLS begins: whatever was said in the clear is forgotten (RFC 3207 4.2)."""
        self.helo, self.esmtp = None, False
        self.xclient.clear()
        self.xforward.clear()
        self.tls, self.tls_cipher = tls, cipher

    def session(self, received_at: datetime) -> Session:
        """The frozen value for one message."""
        protocol = "LMTP" if self.lmtp else "ESMTP" if self.esmtp else "SMTP"
        if self.xforward:
            said = self.xforward
            return Session(
                received_at=received_at,
                client_ip=said.get("ADDR"),
                client_name=said.get("NAME"),
                helo=said.get("HELO"),
                protocol=said.get("PROTO") or protocol,
                tls=self.tls,
                tls_cipher=self.tls_cipher,
                peer_ip=self.peer_ip,
                queue_id=said.get("IDENT"),
                via="xforward",
            )
        if self.xclient:
            return Session(
                received_at=received_at,
                client_ip=self.xclient.get("ADDR", self.ip),
                client_name=self.xclient.get("NAME"),
                helo=self.helo,
                protocol=self.xclient.get("PROTO") or protocol,
                tls=self.tls,
                tls_cipher=self.tls_cipher,
                peer_ip=self.peer_ip,
                via="xclient",
            )
        return Session(
            received_at=received_at,
            client_ip=self.ip,
            helo=self.helo,
            protocol=protocol,
            tls=self.tls,
            tls_cipher=self.tls_cipher,
            peer_ip=self.peer_ip,
            via="proxy" if self.proxied else "peer",
        )
