"""Pieces that many stories share: a mail domain's DNS, directory entries, and runs of everyday requests."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from tests.support.signing import key_record
from tests.support.story import Label, Mail, Zone


def domain(
    name: str,
    ip: str,
    *,
    spf: str | None = None,
    dmarc: str | None = "reject",
    selectors: Sequence[str] = ("s1",),
    helo: str = "",
    key: str = "rsa",
    ptr: bool = True,
) -> Zone:
    """The zone of a mail domain whose one server is ``ip``; ``dmarc`` None publishes no policy."""
    helo = helo or f"mail.{name}"
    zone: Zone = {
        name: {"MX": [[10, helo]], "A": [ip], "TXT": [spf or f"v=spf1 ip4:{ip} -all"]},
        helo: {"A": [ip]},
    }
    if dmarc:
        zone[f"_dmarc.{name}"] = {"TXT": [f"v=DMARC1; p={dmarc}; rua=mailto:dmarc@{name}"]}
    for selector in selectors:
        zone[f"{selector}._domainkey.{name}"] = {"TXT": [key_record(key)]}
    if ptr:
        zone |= reverse(ip, helo)
    return zone


def reverse(ip: str, host: str) -> Zone:
    """The PTR record of an IPv4 address."""
    return {".".join(reversed(ip.split("."))) + ".in-addr.arpa": {"PTR": [host]}, host: {"A": [ip]}}


def agency(id_: str, name: str, country: str, domains: Sequence[str], phone: str = "", **more: Any) -> dict[str, Any]:
    """A directory entry; ``phone`` becomes its switchboard."""
    entry: dict[str, Any] = {"id": id_, "name": name, "country": country, "kind": "police", "domains": list(domains)}
    if phone:
        contact = {"kind": "phone", "value": phone, "role": "switchboard", "source": "official site"}
        entry["contacts"] = [{**contact, "checked": "2026-10-01"}]
    return {**entry, "source": "official site", **more}


def everyday(
    count: int,
    start: str,
    days: float,
    template: Mail,
    bodies: Sequence[tuple[str, str]],
    *,
    prefix: str = "h",
    called_back: Sequence[int] = (),
    hours: int = 26,
) -> list[Mail | Label]:
    """``count`` earlier messages like ``template``, every ``days`` days from ``start``, texts taken in turn
    ("{n}" is the running number); those numbered in ``called_back`` were confirmed by telephone ``hours`` later."""
    from dataclasses import replace

    lines: list[Mail | Label] = []
    begin = datetime.fromisoformat(start)
    for n in range(1, count + 1):
        # a working day's scatter, the same on every run
        at = begin + timedelta(days=(n - 1) * days, minutes=(n * 37) % 300)
        subject, body = bodies[(n - 1) % len(bodies)]
        mail_id = f"{prefix}{n:02d}"
        lines.append(
            replace(
                template,
                id=mail_id,
                at=at.isoformat().replace("+00:00", "Z"),
                subject=subject.format(n=100 + n),
                body=body.format(n=100 + n),
            )
        )
        if n in called_back:
            later = (at + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
            lines.append(Label(mail_id, later, "genuine"))
    return lines


def merge(*zones: Zone) -> Zone:
    """Zones joined; a name in two of them has the records of both."""
    out: Zone = {}
    for zone in zones:
        for name, records in zone.items():
            out[name] = {**out.get(name, {}), **records}
    return out
