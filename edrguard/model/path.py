"""The way of a message as far as it is told, and where belief in the telling ends (RFC 5321 4.4)."""

from dataclasses import dataclass

HOPS = 20  #: Received fields of a gateway that are believed at most, where the operator says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class PathStep:
    """One hop. The first step is what the wire itself saw; the others are Received fields, topmost first."""

    writer: str  #: who wrote it: "edrguard", or the name in ``by``
    client: str  #: who handed the message over, as the writer tells it
    believed: bool
    why: str  #: in words
    field: int | None = None  #: index into ParsedMessage.fields; ``None`` for the wire


@dataclass(frozen=True, slots=True, kw_only=True)
class MailPath:
    """Every hop, and what was concluded. Faults are words for a person; "" where there is none."""

    steps: tuple[PathStep, ...] = ()
    border: int | None = None  #: the field of our outermost host; what stands above it is ours, what is below is told
    gateway: bool = False  #: it came through the configured gateway
    bypassed: str = ""  #: it came around the gateway: how that is known
    unread: str = ""  #: the gateway handed it over, and does not tell who gave it to the gateway
    forged: tuple[int, ...] = ()  #: Received fields below the border that claim to be the gateway's
    mark: tuple[int, ...] = ()  #: fields with the gateway's secret mark, or what pretends to be it: they go no further
    rewritten: str = ""  #: the reverse-path before the gateway rewrote it, as far as it tells
    rewritten_by: str = ""  #: the gateway's reverse-path on the wire
