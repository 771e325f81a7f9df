"""What a person calls the traits of history (shared by checks; no check itself)."""

from edrguard.model.history import Unlike

#: The family of the way to us: what a forwarder changes, too, without anybody being somebody else.
PATH = frozenset({"path", "signature", "origin"})

#: trait -> its name in a sentence, where its own name with blanks would not do
_NAMES = {
    "network": "network",
    "asn": "network operator",
    "operator": "network operator",
    "country": "country of the network",
    "network_kind": "kind of network",
    "helo": "server name",
    "server": "mail server",
    "spf_domain": "return address",
    "signer": "signature of the domain",
    "selector": "signing key",
    "origin": "place of writing",
    "origin_asn": "place of writing",
    "origin_country": "country of writing",
    "origin_kind": "kind of network it was written in",
    "origin_told": "place of writing",
    "hops": "way through the agency's servers",
    "client": "mail program",
    "msgid_host": "mail program",
    "msgid_shape": "mail program",
    "field_order": "mail program",
    "fields": "mail program",
    "encoding": "mail program",
    "structure": "make-up of the message",
    "file_name": "name of the attached file",
    "producer": "program that made the document",
    "paper_age": "age of the document",
    "paper_layout": "make-up of the document",
    "paper_signer": "signature under the document",
    "date_offset": "time zone",
    "hour": "time of day",
    "day": "day of the week",
    "display": "name of the author",
    "display_shape": "way the name is written",
    "letter_case": "use of capital letters",
    "last_line": "last line",
    "signature": "signature block",
    "subject": "form of the subject",
    "kind": "kind of request",
    "language": "language",
    "emergency": "claim of an emergency",
    "life": "claim of an emergency",
    "data": "data asked for",
    "targets": "number of people asked about",
    "target_kinds": "way people are named",
    "actions": "action demanded",
    "missing": "fields left out",
    "law": "law cited",
    "law_country": "country of the law cited",
    "reference": "form of the case number",
    "reply_to": "reply address",
    "contact_domain": "address for answers",
    "phone": "telephone number",
    "cc": "people in copy",
    "inbox": "address written to",
    "others": "other recipients",
}
#: Kept as hashes: what they were before cannot be shown.
HASHED = frozenset({"phone", "cc", "greeting", "closing", "last_line"})


def family(unlike: Unlike) -> str:
    """Which traits change together with it."""
    return unlike.family or unlike.trait


def word(unlike: Unlike) -> str:
    """A trait as a person would call it."""
    return _NAMES.get(unlike.trait, unlike.trait.replace("_", " ").replace("-", " "))


def told(unlike: Unlike) -> tuple[str, str]:
    """Observed and usual value as a person can read them."""
    if unlike.trait in HASHED:
        return "one not seen before", "another"
    if unlike.trait == "fields":
        return "other header fields", "as usual"
    return unlike.observed.replace("\n", ", ") or "none", unlike.usual.replace("\n", ", ") or "none"
