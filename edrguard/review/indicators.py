"""What peers may be told of a confirmed fraud: addresses, telephones, links and files of whoever forged it.

Laws: nothing before a person said that it is fraud; never whom a request is about, never its words, never what the
agency that was abused really owns; the same case gives the same identifiers, so that sharing twice shares once.
"""

import ipaddress
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from edrguard.model.case import CaseEvent
from edrguard.model.codec import rfc3339
from edrguard.model.errors import NotAllowed
from edrguard.model.facts import Facts
from edrguard.model.request import RequestContact
from edrguard.model.words import AgencyStatus, Label, Result
from edrguard.review.desk import CaseView, Outcome

_SPACE = uuid.UUID("6f1a0c5e-3c57-4d0e-9a53-2d5f0c8f4b1e")  #: of our identifiers (RFC 9562 5.5)
_AMBER = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"  #: TLP:AMBER (STIX 2.1 7.2.1.4)
_RENTED = frozenset({"hosting", "vpn"})  #: networks whose addresses one customer has
_MOST = 100

_STIX = {
    "email": "[email-addr:value = '{}']",
    "domain": "[domain-name:value = '{}']",
    "ip": "[{}-addr:value = '{}']",
    "url": "[url:value = '{}']",
    "sha256": "[file:hashes.'SHA-256' = '{}']",
}
_MISP = {  # kind -> (type, category)
    "email": ("email-src", "Payload delivery"),
    "domain": ("domain", "Network activity"),
    "ip": ("ip-src", "Network activity"),
    "url": ("url", "Network activity"),
    "sha256": ("sha256", "Payload delivery"),
    "phone": ("phone-number", "Other"),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing to look for. ``kind``: email, domain, ip, url, phone or sha256."""

    kind: str
    value: str
    why: str
    owner: bool = False  #: it belongs to somebody honest, and was stolen: tell of it, block nothing


def confirmed_fraud(events: tuple[CaseEvent, ...]) -> CaseEvent | None:
    """The person's word that it is fraud, while no later word takes it back."""
    last = None
    for event in events:
        if event.kind == "label":
            last = event if event.data.get("label") == Label.FRAUD else None
        elif event.kind == "call-back" and event.data.get("outcome") == Outcome.DENIED:
            last = event
        elif event.kind == "call-back" and event.data.get("outcome") == Outcome.CONFIRMED:
            last = None
    return last


def indicators(view: CaseView) -> tuple[Indicator, ...]:
    """What this case gives. Raises NotAllowed unless a person has said that it is fraud."""
    if confirmed_fraud(view.events) is None:
        raise NotAllowed(f"case {view.case.id}: nobody has said that it is fraud: label it, or record a denial, first")
    if view.facts is None:
        return ()
    found = {(one.kind, one.value): one for one in _of(view.facts)}
    return tuple(found[key] for key in sorted(found))[:_MOST]


def _of(facts: Facts) -> Iterator[Indicator]:
    author, match = facts.author, facts.agency
    proven = facts.auth.dmarc.result is Result.PASS
    listed = match is not None and match.status is AgencyStatus.LISTED
    mail = {author.key} if author else set()
    if author is not None and proven and listed:
        yield Indicator("email", author.key, "genuine mailbox in the wrong hands", owner=True)
    elif author is not None and proven:  # without proof, the address is the victim's
        yield Indicator("email", author.key, "sent a forged request")
        if match is not None and not match.freemail and match.restricted_suffix is None:
            how = f"resembles {match.lookalike_domain}" if match.lookalike_domain else "sent a forged request"
            yield Indicator("domain", author.domain.lower(), how)
    home = facts.org(author.domain) if author else ""
    for mailbox in facts.message.reply_to[:10]:
        if mailbox.key not in mail and facts.org(mailbox.domain) != home:
            yield Indicator("email", mailbox.key, "answers were to go there")
    for contact in facts.request.contacts[:20] if facts.request else ():
        if contact.in_directory is not True and contact.kind in ("phone", "email", "url") and contact.value not in mail:
            host = _host(contact)
            if contact.kind != "phone" and listed and (host == home or host.endswith(f".{home}")):
                continue
            yield Indicator(contact.kind, contact.value, "given as a way to answer or to call")
    network = facts.origin_network
    if facts.origin_ip and network is not None and network.kind in _RENTED and _address(facts.origin_ip):
        yield Indicator("ip", facts.origin_ip, f"written from there ({network.kind})")
    if facts.session.client_ip and not proven and facts.network is not None and facts.network.kind in _RENTED:
        yield Indicator("ip", facts.session.client_ip, f"sent from there ({facts.network.kind})")
    for document in facts.documents[:20]:
        yield Indicator("sha256", document.sha256, "attached to a forged request")


def _host(contact: RequestContact) -> str:
    if contact.kind == "email":
        return contact.value.rpartition("@")[2]
    try:
        return urlsplit(contact.value).hostname or ""
    except ValueError:
        return ""


def _address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def stix(view: CaseView, producer: str, now: datetime) -> dict[str, Any]:
    """A STIX 2.1 bundle. Telephone numbers, for which STIX has no observable, are in a note."""
    found, said = indicators(view), confirmed_fraud(view.events)
    created = rfc3339(said.at if said else now).replace("Z", "") + "Z"
    me = f"identity--{uuid.uuid5(_SPACE, f'identity {producer}')}"
    common = {"spec_version": "2.1", "created": created, "modified": created}
    objects: list[dict[str, Any]] = [
        {"type": "identity", "id": me, **common, "name": producer, "identity_class": "organization"}
    ]
    marked = {**common, "created_by_ref": me, "object_marking_refs": [_AMBER]}
    for one in found:
        if one.kind == "phone":
            continue
        objects.append(
            {
                "type": "indicator",
                "id": f"indicator--{_id(producer, view, one)}",
                **marked,
                "name": f"{one.kind} of a forged legal request",
                "description": one.why,
                "indicator_types": ["compromised" if one.owner else "malicious-activity"],
                "pattern": _pattern(one),
                "pattern_type": "stix",
                "valid_from": created,
            }
        )
    for one in (one for one in found if one.kind == "phone"):
        note = {"type": "note", "id": f"note--{_id(producer, view, one)}", **marked}
        told = {"abstract": "telephone number", "content": f"{one.value}: {one.why}", "object_refs": [me]}
        objects.append({**note, **told})
    return {"type": "bundle", "id": f"bundle--{uuid.uuid5(_SPACE, f'{producer} {view.case.id}')}", "objects": objects}


def misp(view: CaseView, producer: str, now: datetime) -> dict[str, Any]:
    """A MISP event, unpublished, for your own organisation until you widen it."""
    found, said = indicators(view), confirmed_fraud(view.events)
    when = said.at if said else now
    attributes = [
        {
            "uuid": _id(producer, view, one),
            "type": _MISP[one.kind][0],
            "category": _MISP[one.kind][1],
            "value": one.value,
            "to_ids": not one.owner,
            "comment": one.why,
            "distribution": "5",
        }
        for one in found
    ]
    return {
        "Event": {
            "uuid": str(uuid.uuid5(_SPACE, f"event {producer} {view.case.id}")),
            "info": "Forged legal request",
            "date": f"{when:%Y-%m-%d}",
            "timestamp": str(int(when.timestamp())),
            "threat_level_id": "2",
            "analysis": "2",
            "distribution": "0",
            "published": False,
            "Orgc": {"name": producer, "uuid": str(uuid.uuid5(_SPACE, f"identity {producer}"))},
            "Tag": [{"name": "tlp:amber"}],
            "Attribute": attributes,
        }
    }


def _id(producer: str, view: CaseView, one: Indicator) -> str:
    return str(uuid.uuid5(_SPACE, f"{producer} {view.case.id} {one.kind} {one.value}"))


def _pattern(one: Indicator) -> str:
    value = one.value.replace("\\", "\\\\").replace("'", "\\'")
    if one.kind == "ip":
        return _STIX["ip"].format(f"ipv{ipaddress.ip_address(one.value).version}", value)
    return _STIX[one.kind].format(value)
