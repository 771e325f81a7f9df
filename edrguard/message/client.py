"""What wrote the message: the mail client's family, whether a machine answered, and where the client says it sat.

Claims of the sender's side, all of them: good for "is it as usual?", never for "is it true?".
"""

import re

from edrguard.message.domains import ip_text
from edrguard.message.encoded import decode_unstructured

_NAMED = [
    (re.compile(pattern, re.IGNORECASE), family)
    for pattern, family in (
        (r"thunderbird(?:/([0-9]+))?", "Thunderbird"),
        (r"outlook express\s*([0-9]+)?", "Outlook Express"),
        (r"outlook[- ](?:ios|android)|outlook for (?:ios|android)", "Outlook mobile"),
        (r"microsoft[- ](?:office )?outlook(?:-express)?(?:,? build)?\s*([0-9]+)?", "Outlook"),
        (r"microsoft[- ]macoutlook(?:/([0-9]+))?", "Outlook for Mac"),
        (r"apple mail \((?:[0-9]+\.)?([0-9]+)", "Apple Mail"),
        (r"(?:iphone|ipad|ipod) mail \(([0-9]+)", "iOS Mail"),
        (r"zimbra\s*([0-9]+)?", "Zimbra"),
        (r"sogomail\s*([0-9]+)?", "SOGo"),
        (r"roundcube(?: webmail)?(?:/([0-9]+\.[0-9]+))?", "Roundcube"),
        (r"horde application framework\s*([0-9]+)?|internet messaging program", "Horde"),
        (r"squirrelmail(?:/([0-9]+))?", "SquirrelMail"),
        (r"phpmailer\s*\[?(?:version )?([0-9]+)?", "PHPMailer"),
        (r"evolution\s*([0-9]+)?", "Evolution"),
        (r"lotus notes(?: release)?\s*([0-9]+)?|(?:hcl|ibm) (?:notes|domino)\s*([0-9]+)?", "Notes"),
        (r"novell groupwise(?:.*? ([0-9]+)\.)?", "GroupWise"),
        (r"mutt(?:/([0-9]+))?", "Mutt"),
        (r"k-?mail(?:/([0-9]+))?", "KMail"),
        (r"emclient/([0-9]+)?", "eM Client"),
        (r"the bat! ?\(?(?:v?([0-9]+))?", "The Bat"),
    )
]
_GENERIC = re.compile(r"([A-Za-z][A-Za-z.+&-]{0,40}(?: [A-Za-z][A-Za-z.+&-]{0,40}){0,3})(?:[ /(v]{0,3}([0-9]{1,6}))?")
_EXCHANGE = re.compile(r"with Microsoft SMTP Server.*?\bid ([0-9]{1,3}\.[0-9]{1,3})", re.IGNORECASE | re.DOTALL)
_ID_SHAPES = (
    (re.compile(r"<CA[A-Za-z0-9+_=-]{30,}@mail\."), "Gmail"),
    (re.compile(r"<[0-9a-f]{12}\$[0-9a-f]{8}\$[0-9a-f]{8}\$@"), "Outlook"),
    (re.compile(r"<[A-Z0-9]{12,40}@[A-Z0-9]{10,16}\.[a-z]{3,8}[0-9]{0,3}\.prod\."), "Exchange Online"),
    (re.compile(r"<[0-9A-F]{8}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{4}-[0-9A-F]{12}@"), "Apple Mail"),
    (re.compile(r"<[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}@"), "Thunderbird"),
    (re.compile(r"<[0-9]+\.[0-9]+\.[0-9]+\.JavaMail\."), "JavaMail"),
)
_PRODUCERS = ("x-mailer", "user-agent", "x-newsreader")
_ORIGINS = ("x-originating-ip", "x-sender-ip", "x-client-ip", "x-source-ip", "x-originating-client-ip")

Index = dict[str, list[str]]  #: lower-case field name to values, topmost first


def mail_client(values: Index) -> str | None:
    """Family and major version ("Thunderbird 115"), from marks where no field names it; ``None`` if nothing tells."""
    for name in _PRODUCERS:
        for value in values.get(name, ())[:1]:
            named = _named(decode_unstructured(value[:500]))
            if named:
                return named
    if "x-php-originating-script" in values or "x-php-script" in values:
        return "PHP"
    for value in values.get("received", ())[:10]:
        if "Microsoft SMTP Server" in value and (match := _EXCHANGE.search(value[:2000])):
            return f"Exchange {match[1]}"
    if any(name.startswith("x-ms-exchange-") for name in values):
        return "Exchange"
    if any(name.startswith("x-zimbra") for name in values):
        return "Zimbra"
    identifier = (values.get("message-id") or [""])[0][:200]
    for shape, family in _ID_SHAPES:
        if shape.match(identifier):
            return family
    return None


def _named(value: str) -> str | None:
    for pattern, family in _NAMED:
        match = pattern.search(value)
        if match is not None:
            version = next((g for g in match.groups() if g), None)
            return f"{family} {version}" if version else family
    match = _GENERIC.search(value)
    if match is None:
        return None
    return f"{match[1]} {match[2]}" if match[2] else match[1]


def originating_ip(values: Index) -> str | None:
    """The address that the sender's server claims for its client, canonical, or ``None``."""
    for name in _ORIGINS:
        for value in values.get(name, ())[:1]:
            ip = ip_text(value[:64])
            if ip:
                return ip
    return None


def automatic(values: Index, content_type: str, report_type: str) -> str | None:
    """Which machine wrote it (RFC 3834, RFC 3464, RFC 8098, RFC 2919), ``None`` for a person."""
    if content_type == "multipart/report":
        if report_type == "disposition-notification":
            return "receipt"
        if report_type in ("delivery-status", ""):
            return "bounce"
    submitted = (values.get("auto-submitted") or [""])[0].split(";")[0].strip().lower()
    precedence = (values.get("precedence") or [""])[0].strip().lower()
    if submitted.startswith("auto-replied") or precedence == "auto_reply":
        return "auto-replied"
    if any(name in values for name in ("x-autoreply", "x-autorespond", "x-auto-reply", "x-vacation")):
        return "auto-replied"
    if submitted and submitted != "no":
        return "auto-generated"
    if "list-id" in values or "list-unsubscribe-post" in values or precedence == "list":
        return "list"
    return "bulk" if precedence in ("bulk", "junk") else None
