"""What a person or a program reads: lines on stdout, everything else on stderr."""

import sys
from collections.abc import Collection, Iterable
from typing import Any

from edrguard.model.words import Disposition
from edrguard.node.jsonline import json_line


def emit(obj: object) -> None:
    """One JSON value on a line of stdout."""
    sys.stdout.write(json_line(obj))


def note(text: str) -> None:
    """A line for a person, out of the way of the output."""
    print(text, file=sys.stderr)


def printable(text: str) -> str:
    """Text from a message, safe for a terminal: control characters could move its cursor or rename its window."""
    return "".join(c if c.isprintable() else " " for c in text)


def verdict_lines(verdict: dict[str, Any], verbose: bool) -> Iterable[str]:
    """A verdict for a person: what, why, then who was authenticated (ux.md)."""
    urgent = "  URGENT" if verdict["urgent"] else ""
    yield printable(
        f"{verdict['disposition']:<10} risk {verdict['risk']:5.1f}{urgent}  {verdict['path'] or verdict['id']}"
    )
    if verdict["error"]:
        yield f"    could not be judged: {printable(verdict['error'])}"
    for rule in verdict["rules"]:
        yield printable(f"    {rule['because']}")
    for finding in verdict["findings"] if verbose else ():
        yield printable(f"    {finding['weight']:+6.1f} {finding['symbol']}: {finding['says']}")
        for piece in finding["evidence"]:
            expected = f" (expected {piece['expected']})" if piece["expected"] else ""
            yield printable(f"             {piece['where']}: {piece['observed']}{expected}")
    yield printable("    " + authentication_line(verdict["authentication"], verdict["not_evaluated"]))


def path_lines(verdict: dict[str, Any]) -> Iterable[str]:
    """The way of a message in words, from us outwards: who wrote what, and whether it is believed (``--explain``)."""
    trace, gateway = verdict["trace"], verdict["authentication"]["gateway"]
    yield "    the way it came, from here outwards:"
    for hop in trace["hops"]:
        told = "knows" if hop["writer"] == "edrguard" else "says"
        yield printable(f"    {'+' if hop['believed'] else '-'} {hop['writer']} {told}: from {hop['client']}")
        yield printable(f"        {'believed' if hop['believed'] else 'not believed'}: {hop['why']}")
    client = trace["client_ip"] or "not known, so SPF and iprev are not evaluated"
    yield printable(f"    the real client: {client}" + (f" as {trace['helo']}" if trace["helo"] else ""))
    if trace["rewritten_by_gateway"]:
        before = trace["reverse_path"] or "not known, so its SPF is not evaluated"
        yield printable(f"    return address: {before} (the gateway made it {trace['rewritten_by_gateway']})")
    for word in ("bypassed", "unread"):
        if trace[word]:
            yield printable(f"    {word}: {trace[word]}")
    for one in gateway["results"]:
        about = f" for {one['domain']}" if one["domain"] else ""
        why = f" (reason {one['reason']})" if one["reason"] else ""
        ours = "the author's organisation" if one["aligned"] else "no proof of the author"
        yield printable(f"    by the gateway: {one['by']} found {one['method']} {one['result']}{about}{why}: {ours}")
    if gateway["dmarc"]["result"]:
        yield printable(f"    by the gateway's findings: dmarc {gateway['dmarc']['result']} (gateway.dmarc)")


def authentication_line(auth: dict[str, Any], not_evaluated: Collection[str] = ()) -> str:
    """One line: ``spf pass · dkim pass (d) · dmarc pass, policy reject``; what was not evaluated says so."""

    def word(result: str | None) -> str:
        return result or "not evaluated"

    spf = ", ".join(f"{s['scope']} {word(s['result'])}" for s in auth["spf"]) or "not evaluated"
    dkim = ", ".join(f"{d['domain']} {word(d['result'])}" for d in auth["dkim"])
    dkim = dkim or ("not evaluated" if "dkim" in not_evaluated else "none")
    dmarc = auth["dmarc"]
    policy = f", policy {dmarc['policy']}" if dmarc["policy"] else ""
    return f"spf {spf} · dkim {dkim} · dmarc {word(dmarc['result'])}{policy}"


def gravest(dispositions: Iterable[str]) -> int:
    """The exit code of ``check --exit-code``."""
    return max((Disposition(d).gravity for d in dispositions), default=0)
