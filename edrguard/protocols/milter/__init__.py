"""The milter wire: Sendmail's mail filter protocol, version 6, between an MTA (Postfix, Sendmail) and the gate.

The MTA delivers; we tell it what to change, whom to leave out, or what to answer. What it does after our answer cannot
be seen from here: a message that it then loses or refuses has its case and its place in history all the same.
"""

from typing import TYPE_CHECKING, Any

from edrguard.protocols.milter.settings import MilterSettings, TcpAddress, UnixAddress

if TYPE_CHECKING:
    from edrguard.protocols.milter.server import MilterServer

__all__ = ["MilterServer", "MilterSettings", "TcpAddress", "UnixAddress"]


def __getattr__(name: str) -> Any:
    """Load the server when it is first asked for: it brings the pipeline with it."""
    if name == "MilterServer":
        from edrguard.protocols.milter.server import MilterServer

        return MilterServer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
