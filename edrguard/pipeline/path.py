"""The way a message came, hop by hop, and where belief in it ends (RFC 5321 4.4, RFC 5598 3).

Each host puts its Received field on top, so the topmost are the newest. Belief goes down from the wire: a field counts
only if a host of ours or of our gateway wrote it, and all fields above it count as well. The last of them is the
*border*: the client that it names is the real one. What stands below, or says so from outside, is a claim.

    wire       who connected: our own MTA (trace.trusted_hosts), the gateway (gateway.networks), or a stranger
    ours       fields by our own hosts; the last may name the gateway as its client
    gateway    fields by the gateway, down to the first by an edge host, or the first whose client is not inside

Laws: an address decides whether a hop stays inside, never the name given in HELO; a stranger's connection makes every
field a claim; nothing is guessed: where the border names no client, there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from edrguard.model.message import ParsedMessage, TraceHop
from edrguard.model.path import MailPath, PathStep
from edrguard.model.wire import Session
from edrguard.pipeline.trust import TrustedTrace, named, never_leaves

FORGED = 20  #: claims below the border that are named


@dataclass(frozen=True, slots=True)
class Reading:
    """What was made of the trace. ``client``: the hop that names the real client, where there is one."""

    path: MailPath
    border: TraceHop | None = None
    client: TraceHop | None = None
    behind: bool = False  #: the wire's client is a host of ours or the gateway: who it is must come from the trace


def read_path(session: Session, message: ParsedMessage, trust: TrustedTrace) -> Reading:
    """Walk down from the wire. Total."""
    return _Walk(session, message, trust).run()


class _Walk:
    def __init__(self, session: Session, message: ParsedMessage, trust: TrustedTrace) -> None:
        self._session, self._message, self._trust = session, message, trust
        self._gateway = trust.gateway
        self._places = [n for n, f in enumerate(message.fields) if f.name.lower() == "received"]
        self._steps: list[PathStep] = []
        self._through = False  #: the gateway handed it over
        self._marked = self._gateway is None or self._gateway.marked(message)

    def run(self) -> Reading:
        hops, session, trust = self._message.received, self._session, self._trust
        start, why_not = self._wire()
        if why_not:
            return self._end(Reading(MailPath()), 0, why_not)
        behind = session.client_ip is not None
        repeated = bool(hops) and hops[0].from_ip == session.client_ip and not self._known(hops)
        if behind and repeated and session.via not in ("peer", "milter"):
            # Our own MTA tells the same by XFORWARD as in the field that it has just put on top. (To a milter it shows
            # no field of its own.)
            self._step(0, hops[0], True, "your own MTA wrote what it told us as well")
            start = 1
        border: int | None = None
        client: int | None = None
        reason = "not written by a host of yours or of your gateway: nothing from here on is believed"
        for number in range(start, len(hops)):
            hop = hops[number]
            ours = trust.wrote(hop)
            if not ours and not (trust.gateway_wrote(hop) and self._may_speak()):
                reason = self._why_unbelieved(hop)
                break
            if not ours and self._gateway is not None and number - start >= self._gateway.hops:
                reason = f"more than {self._gateway.hops} hops of the gateway (gateway.hops)"
                break
            border = number
            if not ours:
                self._through = True
            ended = self._ends(hop, ours)
            if ended:
                client = number
                self._step(number, hop, True, ended)
                reason = "below the border: only a claim of whoever sent it"
                break
            self._step(number, hop, True, "handed on inside your gateway" if not ours else "one of your own hosts")
        place = self._places[border] if border is not None and border < len(self._places) else None
        reading = Reading(
            MailPath(border=place),
            hops[border] if border is not None else None,
            hops[client] if client is not None else None,
            behind,
        )
        return self._end(reading, len(self._steps) - 1, reason)

    def _wire(self) -> tuple[int, str]:
        """What the connection itself proves: (first hop to look at, why no field is believed or "")."""
        session, trust = self._session, self._trust
        seen = _shown(session.client_ip, session.helo, session.tls)
        if session.client_ip is None:
            if session.via == "milter":
                # The MTA's own Received is not in the message: the topmost field may be the sender's own work.
                self._wire_step(seen, False, "your MTA did not tell the client: no field can be believed")
                return 0, "the client is not known"
            self._wire_step(seen, True, "nothing is known of the connection: the topmost fields tell")
            if not self._marked:
                return 0, self._unmarked()
            return 0, ""
        if trust.gateways(session.client_ip):
            assert self._gateway
            if not self._marked:
                self._wire_step(seen, False, f"an address of {self._gateway.name}, but {self._unmarked()}")
                return 0, self._unmarked()
            self._through = True
            self._wire_step(seen, True, f"an address of {self._gateway.name} (gateway.networks)")
            return 0, ""
        if trust.ours(session.client_ip):
            self._wire_step(seen, True, "one of your own hosts (trace.trusted_hosts)")
            return 0, ""
        self._wire_step(seen, True, "the client itself: it is no host of yours, so the trace below is only its claim")
        return 0, "the client is a stranger: what it brought is only a claim"

    def _may_speak(self) -> bool:
        """The gateway's fields count once it is known to have handed the message over; a stored message, of whose
        connection nothing is known, is taken to come from one's own mailbox."""
        return self._marked and (self._through or self._session.client_ip is None)

    def _known(self, hops: Sequence[TraceHop]) -> bool:
        return self._trust.wrote(hops[0]) or self._trust.gateway_wrote(hops[0])

    def _ends(self, hop: TraceHop, ours: bool) -> str:
        """Why the hop is the last of ours; "" where it stays inside."""
        trust = self._trust
        if ours and trust.gateways(hop.from_ip):
            if not self._marked:
                return self._unmarked()
            self._through = True
            return ""
        if not ours and self._gateway and named(hop.by, self._gateway.edge):
            return "your gateway's outermost host: its client is the real one"
        if hop.from_ip is None and hop.from_name is None:
            return ""  # handed over inside one host (Google, local delivery)
        if never_leaves(hop.from_ip) or (trust.ours if ours else trust.inside)(hop.from_ip):
            return ""
        return "the last host that you trust: its client is the real one"

    def _why_unbelieved(self, hop: TraceHop) -> str:
        if self._trust.gateway_wrote(hop):
            return "it names your gateway, but your gateway did not hand it over: only a claim"
        return "not written by a host of yours or of your gateway: nothing from here on is believed"

    def _unmarked(self) -> str:
        field = self._gateway.mark[0] if self._gateway and self._gateway.mark else ""
        return f"without the mark of your own tenant ({field}): somebody else may use the same service"

    def _wire_step(self, client: str, believed: bool, why: str) -> None:
        self._steps.append(PathStep(writer="edrguard", client=client, believed=believed, why=why))

    def _step(self, number: int, hop: TraceHop, believed: bool, why: str) -> None:
        place = self._places[number] if number < len(self._places) else None
        shown = _shown(hop.from_ip, hop.from_name, hop.tls)
        self._steps.append(PathStep(writer=hop.by or "nobody", client=shown, believed=believed, why=why, field=place))

    def _end(self, reading: Reading, done: int, reason: str) -> Reading:
        """The rest as claims, and what follows from it all."""
        hops = self._message.received
        for number in range(done, len(hops)):
            self._step(number, hops[number], False, reason)
        path = replace(
            reading.path,
            steps=tuple(self._steps),
            gateway=self._through,
            bypassed=self._bypassed(reading),
            forged=self._forged(),
        )
        if reading.behind and reading.client is None:
            path = replace(path, unread=self._unread(reading))
        return replace(reading, path=path)

    def _forged(self) -> tuple[int, ...]:
        """Claims to be a host of ours or of the gateway's, where no other sender could honestly bear such a name: of a
        service that others use as well, their mail shows the same hosts below the border."""
        gateway = self._gateway
        if gateway is None or self._session.client_ip is None:
            return ()
        exact = {name for name in self._trust.hosts | gateway.hosts | gateway.edge if not name.startswith("*")}
        spoke = {step.writer.lower() for step in self._steps if step.believed}
        names = frozenset() if gateway.shared and self._through else frozenset(exact | spoke) - {"nobody"}
        claims = [step for step in self._steps if not step.believed and step.field is not None]
        found = [step for step in claims if named(step.writer, names)]
        if not self._through and claims and named(claims[0].writer, gateway.hosts):
            found = [claims[0], *(step for step in found if step is not claims[0])]
        return tuple(step.field for step in found[:FORGED] if step.field is not None)

    def _bypassed(self, reading: Reading) -> str:
        """The gateway is configured, the client is known, and the gateway had no part in it."""
        gateway, session = self._gateway, self._session
        if gateway is None or (self._through and self._marked) or session.client_ip is None:
            return ""
        client = reading.client.from_ip if reading.client else session.client_ip
        if self._trust.gateways(client):
            return self._unmarked()
        if reading.client is None and self._trust.ours(session.client_ip):
            return ""  # one of our own hosts, which tells nothing: that is "unread"
        return f"{client} is no address of {gateway.name}"

    def _unread(self, reading: Reading) -> str:
        if reading.border is not None:
            return f"{reading.border.by} names no client outside"
        return "no Received field on top is by a host of yours or of your gateway"


def _shown(ip: str | None, name: str | None, tls: str | None) -> str:
    words = [name or "", f"[{ip}]" if ip else "", f"over {tls}" if tls else ""]
    return " ".join(word for word in words if word) or "not told"
