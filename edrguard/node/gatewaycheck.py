"""What ``doctor`` says of the gateway in front of us: is what stands in the configuration enough to be safe?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from edrguard.model.errors import ConfigError
from edrguard.node.gateway import load_preset, make_gateway
from edrguard.node.options import Config

OLD_DAYS = 365  #: after which a preset's addresses should be looked at again
SEE = "see gateways/README.md"

#: preset -> what to do at the provider first
FIRST = {
    "microsoft365": "an outbound connector to this node (port 25, TLS required), and a mail flow rule that sends the "
    "inbox's mail over it and sets the mark",
    "google": "Apps > Gmail > Hosts: this node; then Routing: the inbox's mail over that host, with a custom header as "
    "the mark",
    "generic": "deliver the inbox's mail from the gateway to this node; fill gateway.networks, hosts and authserv_ids "
    "with what it writes",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report. ``status``: ok, warn or FAIL."""

    name: str
    status: str
    text: str
    fix: str = ""


def examine_gateway(config: Config, today: date | None = None) -> Iterator[Check]:
    """Faults in the order of their weight; one line that says ok where there are none, nothing without a gateway."""
    options = config.gateway
    if options.preset == "none":
        return
    try:
        gateway, preset = make_gateway(options), load_preset(options.preset)
    except ConfigError as error:
        yield Check("gateway", "FAIL", str(error), "correct the file at the place named")
        return
    assert gateway
    found = False
    if gateway.shared and gateway.mark is None:
        found = True
        text = f"anybody with an account at {gateway.name} can deliver to this node as if through yours"
        yield Check("gateway mark", "warn", text, f"set gateway.mark_field and mark_file, {SEE}")
    if not gateway.edge and len(gateway.hosts) > 1 and not gateway.inside:
        found = True
        text = "several hosts, and neither edge nor inside: the first of them ends the path"
        yield Check("gateway path", "warn", text, "name its outermost hosts in gateway.edge")
    if options.dmarc and not (gateway.authserv_ids or gateway.nameless or config.arc.trusted_sealers):
        found = True
        text = "gateway.dmarc is on, but nobody's findings count"
        yield Check("gateway dmarc", "warn", text, "set gateway.authserv_ids or arc.trusted_sealers, or turn it off")
    if preset.checked and ((today or datetime.now(UTC).date()) - date.fromisoformat(preset.checked)).days > OLD_DAYS:
        found = True
        text = f"its addresses were checked on {preset.checked}: mail from newer ones is taken for strangers'"
        yield Check("gateway networks", "warn", text, "compare them with the provider's list; add to gateway.networks")
    if not found:
        marked = ", told apart by your mark" if gateway.mark else ""
        yield Check("gateway", "ok", f"{gateway.name}: {len(gateway.networks)} networks{marked}")


def next_steps(preset: str) -> Iterator[str]:
    """What to do after ``init --gateway``, in words."""
    yield f"gateway: {load_preset(preset).name}; how to wire it: config/gateways/README.md"
    yield f"1. {FIRST[preset]}"
    yield "2. firewall: only the gateway may reach this node's port"
    yield "3. send yourself a message from outside, save it, and look: edrguard check message.eml --explain"
