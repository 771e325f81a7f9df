"""Which traits of history change together, and what a person calls them (shared by checks; no check itself)."""

from edrguard.model.history import Unlike

#: The way to us: what a forwarder changes, too, without anybody being somebody else.
PATH = "path"

#: trait -> (what it changes together with, its name in a sentence). A trait that is not here is a family of its own.
FAMILY = {
    "network": (PATH, "network"),
    "asn": (PATH, "network operator"),
    "operator": (PATH, "network operator"),
    "country": (PATH, "country of the network"),
    "network_kind": (PATH, "kind of network"),
    "helo": (PATH, "server name"),
    "spf_domain": (PATH, "return address"),
    "signer": (PATH, "signature"),
    "selector": (PATH, "signing key"),
    "origin": ("origin", "place of writing"),
    "client": ("program", "mail client"),
    "msgid_host": ("program", "form of the Message-ID"),
    "msgid_shape": ("program", "form of the Message-ID"),
    "structure": ("structure", "make-up of the message"),
    "date_offset": ("time", "time zone"),
    "hour": ("time", "time of day"),
    "day": ("time", "day of the week"),
    "kind": ("request", "kind of request"),
    "language": ("request", "language"),
    "emergency": ("request", "emergency"),
    "reply_to": ("replies", "reply address"),
}


def family(unlike: Unlike) -> str:
    """The family of a trait."""
    return FAMILY.get(unlike.trait, (unlike.trait, ""))[0]


def word(unlike: Unlike) -> str:
    """A trait as a person would call it."""
    return FAMILY.get(unlike.trait, ("", unlike.trait.replace("_", " ").replace("-", " ")))[1]
