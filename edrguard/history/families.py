"""Which traits change together, and how likely each is to betray somebody else.

A new telephone changes the program, the signature block and the greeting; a forwarding rule changes the whole way; an
emergency changes the hour, the address and what is attached. What changes together is one story and counts once.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: family -> its traits, each with the chance that somebody else's value is new to the officer
FAMILIES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "path": {
            "network": 0.95,
            "asn": 0.9,
            "operator": 0.9,
            "country": 0.5,
            "network_kind": 0.4,
            "helo": 0.95,
            "spf_domain": 0.95,
            "server": 0.9,
        },
        "origin": {
            "origin": 0.9,
            "origin_asn": 0.8,
            "origin_country": 0.5,
            "origin_kind": 0.4,
            "origin_told": 0.4,
            "hops": 0.6,
        },
        "signature": {"signer": 0.3, "selector": 0.3},
        "program": {
            "client": 0.7,
            "msgid_host": 0.8,
            "msgid_shape": 0.4,
            "field_order": 0.6,
            "fields": 0.8,
            "encoding": 0.5,
        },
        "structure": {
            "structure": 0.4,
            "file_name": 0.6,
            "producer": 0.7,
            "paper_age": 0.4,
            "paper_layout": 0.6,
            "paper_signer": 0.5,
        },
        "zone": {"date_offset": 0.4},
        "time": {"hour": 0.5, "day": 0.4},
        "name": {"display": 0.3, "display_shape": 0.3},
        "style": {
            "letter_case": 0.2,
            "greeting": 0.7,
            "closing": 0.7,
            "signature": 0.8,
            "last_line": 0.7,
            "subject": 0.8,
        },
        "request": {
            "kind": 0.5,
            "emergency": 0.4,
            "life": 0.4,
            "data": 0.5,
            "targets": 0.4,
            "target_kinds": 0.5,
            "actions": 0.1,
            "missing": 0.4,
            "pressure": 0.2,
        },
        "law": {"law": 0.6, "law_country": 0.3, "reference": 0.6},
        "replies": {"reply_to": 0.3, "contact_domain": 0.3, "phone": 0.7, "cc": 0.5, "inbox": 0.5, "others": 0.3},
        "language": {"language": 0.2},
    }
)
TRAITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {trait: (family, chance) for family, traits in FAMILIES.items() for trait, chance in traits.items()}
)
OF_A_COUNTRY = ("reference", "law_country", "law", "language")  #: what a whole country has in common

#: Mail that another server forwards comes by another way altogether, and fails for it (RFC 7208 D.2): one change.
_WAY = frozenset({"path", "origin", "signature"})
#: An emergency is written at night, to another address, with less on paper: one change, not six.
_EMERGENCY = frozenset({"hour", "day", "inbox", "life", "emergency", "missing", *FAMILIES["structure"]})
#: A telephone writes short mail with a program of its own: one change, not five.
_TELEPHONE = frozenset({"missing", *FAMILIES["style"], *FAMILIES["program"], *FAMILIES["structure"]})
_TELEPHONES = ("ios", "mobile", "android")


def together(family: str, trait: str, current: Mapping[str, str]) -> str:
    """The family that a trait counts with in a message such as ``current``."""
    if family in _WAY and current.get("dmarc") == "fail":
        return "way"
    if current.get("life") == "yes" and trait in _EMERGENCY:
        return "emergency"
    if trait in _TELEPHONE and any(word in current.get("client", "").lower() for word in _TELEPHONES):
        return "telephone"
    return family
