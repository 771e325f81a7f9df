"""The SMTP wire: a server in front of the gate (RFC 5321) and a client to the next hop behind it.

Laws: the envelope goes on as it was sent; only CRLF.CRLF ends a message; what one
session may cost is bounded; the sender never reads how a decision was made.
"""

from typing import TYPE_CHECKING, Any

from edrguard.protocols.smtp.settings import Listener, NextHopSettings, SmtpSettings

if TYPE_CHECKING:
    from edrguard.protocols.smtp.relay import SmtpNextHop
    from edrguard.protocols.smtp.server import SmtpServer

__all__ = ["Listener", "NextHopSettings", "SmtpNextHop", "SmtpServer", "SmtpSettings"]


def __getattr__(name: str) -> Any:
    """Load the server and the relay when they are first asked for: aiosmtpd and ssl take a tenth of a second."""
    if name == "SmtpServer":
        from edrguard.protocols.smtp.server import SmtpServer

        return SmtpServer
    if name == "SmtpNextHop":
        from edrguard.protocols.smtp.relay import SmtpNextHop

        return SmtpNextHop
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
