"""Every bound on what one message, session or node may cost.

Each name is an option under ``limits:`` in config/edrguard.yml with the same
name and default; a test holds the two against each other. Sizes are octets,
times seconds.
"""

from dataclasses import dataclass

KIB = 1024
MIB = 1024 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds; the comment behind each is its documentation."""

    message_size: int = 50 * MIB  #: largest message accepted and announced by SIZE (RFC 1870); above: 552
    header_size: int = 256 * KIB  #: header block that is still parsed; above: HEADER_TOO_LARGE
    header_field_size: int = 64 * KIB  #: one header field that is still interpreted
    header_fields: int = 1000  #: header fields that are still interpreted
    line_length: int = 64 * KIB  #: longest line accepted on the wire; RFC 5322's 998 is only flagged
    hops: int = 50  #: Received fields; above: 554 5.4.6, a loop
    mime_depth: int = 50  #: nesting of multiparts that is followed
    mime_parts: int = 500  #: leaves that are examined
    text: int = 256 * KIB  #: characters of readable text that are kept and read; above: TEXT_TOO_LONG
    addresses: int = 1000  #: mailboxes read from one field
    links: int = 1000  #: URLs kept
    recipients: int = 100  #: RCPTs in one transaction; above: 452 4.5.3
    document_size: int = 25 * MIB  #: decoded attachment that is still examined
    documents: int = 50  #: attachments opened, the dangerous kinds first; above: ATTACHMENTS_UNREAD
    archive_depth: int = 3  #: archives in archives that are opened
    archive_files: int = 1000  #: files of an attached archive, all levels together; above: archive-bomb
    archive_size: int = 100 * MIB  #: octets that an attached archive may inflate to, likewise
    archive_ratio: int = 100  #: octets inflated from one; above, and above 4 MiB: archive-bomb
    document_seconds: float = 5.0  #: time for all attachments of a message
    document_cpu_seconds: float = 0.5  #: CPU for all attachments up to a MiB, and for each further MiB
    ocr_seconds: float = 6.0  #: more time for text in scanned attachments, where tesseract is installed
    dkim_signatures: int = 10  #: signatures verified, the author's domain first; those above are policy
    dkim_signature_size: int = 16 * KIB  #: a DKIM or ARC field above it is permerror without a look
    dkim_key_bits_min: int = 1024  #: RSA keys below are permerror (RFC 8301 3.2)
    dkim_key_bits_max: int = 4096  #: RSA keys above are permerror: they cost seconds
    arc_sets: int = 50  #: ARC sets parsed (RFC 8617 4.2.1)
    arc_sets_verified: int = 10  #: ARC sets verified; above: the chain is not evaluated
    spf_queries: int = 40  #: DNS questions for one SPF identity; above: permerror
    dns_queries: int = 100  #: DNS questions for one message, cached answers included
    dns_timeout: float = 2.0  #: one DNS question
    auth_seconds: float = 8.0  #: all authentication of one message
    message_seconds: float = 20.0  #: gathering and judging of one message
    history_window: int = 100  #: earlier messages of a subject that are compared
    connections: int = 200  #: SMTP sessions and milter connections at a time; above: 421, or closed
    connections_per_client: int = 50  #: sessions from one IPv4 address or IPv6 /64
    session_errors: int = 20  #: refused commands before 421
    session_commands: int = 1000  #: commands without a message before 421
    proxy_header_size: int = 4 * KIB  #: PROXY header with its extensions (TLVs); above: 421
    proxy_seconds: float = 5.0  #: waiting for a PROXY header
    tls_seconds: float = 30.0  #: a TLS handshake
    in_flight: int = 256 * MIB  #: octets of messages in memory at a time; above: 452
    command_seconds: float = 300.0  #: waiting for a command (RFC 5321 4.5.3.2.7)
    data_seconds: float = 180.0  #: waiting for more of DATA (RFC 5321 4.5.3.2.5), or of the content in a milter
    data_rate: int = 500  #: octets a second below which either is given up, after data_seconds
    next_hop_connect_seconds: float = 10.0  #: TCP connection to the next hop
    next_hop_command_seconds: float = 60.0  #: one reply of the next hop
    next_hop_data_seconds: float = 600.0  #: its reply to the final dot (RFC 5321 4.5.3.2.6)
    drain_seconds: float = 30.0  #: on SIGTERM: finishing what was begun; then connections are dropped
    page_attempts: int = 50  #: tries to deliver one page before it is given up, loudly
