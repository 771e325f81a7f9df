"""From what kind of network, and which country, the message reached us.

Only the address that connected counts; fields of the message can say anything. A mail host serves the world, so its
country says nothing; webmail, travel and VPNs are ordinary, so the rest says little.
"""

from collections.abc import Iterator

from edrguard.checks.base import check
from edrguard.checks.country import agency_country
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding, Symbol
from edrguard.model.words import Need

CLIENT_HOSTING = Symbol("CLIENT_HOSTING")
CLIENT_FOREIGN = Symbol("CLIENT_FOREIGN")
ORIGIN_HIDDEN = Symbol("ORIGIN_HIDDEN")

RENTED = frozenset({"hosting", "vpn", "tor", "proxy"})
HIDING = frozenset({"vpn", "tor", "proxy"})
WORLDWIDE = frozenset({"mailhost", ""})


@check(needs={Need.NETWORKS}, emits={CLIENT_HOSTING})
def client_hosting(facts: Facts) -> Iterator[Finding]:
    """A rented machine, an anonymising network."""
    network = facts.network
    assert network
    if network.kind in RENTED:
        yield CLIENT_HOSTING(Evidence("session:client", f"{network.operator or network.prefix} ({network.kind})"))


@check(needs={Need.MESSAGE}, emits={ORIGIN_HIDDEN})
def origin_hidden(facts: Facts) -> Iterator[Finding]:
    """Written, as the sender's own servers say, behind a network that hides where people are."""
    network = facts.origin_network or facts.network
    if network is not None and network.kind in HIDING:
        shown = f"{network.operator or network.prefix} ({network.kind})"
        yield ORIGIN_HIDDEN(Evidence("trace:origin" if facts.origin_network else "session:client", shown))


@check(needs={Need.AUTHOR, Need.NETWORKS, Need.DIRECTORY}, emits={CLIENT_FOREIGN})
def client_foreign(facts: Facts) -> Iterator[Finding]:
    """Another country than the agency's."""
    network, country = facts.network, agency_country(facts)
    assert network
    if not country or not network.country or network.kind in WORLDWIDE or network.country.upper() == country:
        return
    yield CLIENT_FOREIGN(
        Evidence("session:client", f"{network.operator or network.prefix}: {network.country}", country)
    )
