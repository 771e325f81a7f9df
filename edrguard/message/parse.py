"""Octets to structure: the one parse of a message, whose result everybody else reads.

RFC 5322, RFC 2045-2049, RFC 6532. Nothing is repaired in silence: what is out of order becomes a Defect, and where
readers would differ, the reading that shows *more* is taken.

Laws: total on any octets; bounded by ``Limits``; no recursion; no octet of an attachment is decoded here.
"""

from edrguard.message.addresses import read_mailboxes
from edrguard.message.author import read_author
from edrguard.message.charsets import decode
from edrguard.message.client import automatic, mail_client, originating_ip
from edrguard.message.dates import message_ids, parse_date
from edrguard.message.encoded import decode_unstructured
from edrguard.message.fields import Header, header_defects, split_header
from edrguard.message.mime import Walker
from edrguard.message.newlines import too_long_line
from edrguard.message.params import parse_value
from edrguard.message.text import Readable
from edrguard.message.trace import parse_received
from edrguard.model.limits import Limits
from edrguard.model.message import Defect, Mailbox, ParsedMessage

_REFERENCES = 100


def parse(content: bytes, limits: Limits, defects: tuple[Defect, ...] = ()) -> ParsedMessage:
    """The structure of a message with canonical line ends; ``defects`` are those that ``canonical`` found."""
    header = split_header(content, 0, len(content), limits.header_size, limits.header_fields, limits.header_field_size)
    index = header.index()
    found = [*defects, *header_defects(header, limits)]
    if (at := too_long_line(content)) is not None:
        found.append(Defect("LINE_TOO_LONG", "content", f"line at octet {at} above 998 octets"))
    authors, author_defects = read_author(header, index.get("from", []), limits.addresses)
    found += author_defects

    values = {name: [header.fields[i].value for i in positions] for name, positions in index.items()}
    lists = {name: _mailboxes(name, values, limits, found) for name in ("sender", "reply-to", "to", "cc")}
    dates = values.get("date")
    date = parse_date(dates[0]) if dates else None
    if date is None:
        symbol = "DATE_MALFORMED" if dates else "DATE_MISSING"
        found.append(Defect(symbol, "field:Date", dates[0][:100] if dates else ""))

    walker = Walker(content, limits)
    walker.walk(header, len(content))
    found += walker.defects
    _mime_version(values, header, found)
    # A line in the header that is no field: MTAs and readers begin the body there, so what it says is read as well.
    readable = Readable(content, limits, decode(b"".join(header.loose), None)[0].replace("\r\n", "\n"))
    readable.read(walker.leaves)
    text = readable.text
    found += readable.defects
    if readable.truncated:
        found.append(Defect("TEXT_TOO_LONG", "content", f"above {limits.text} characters"))

    content_type = parse_value((values.get("content-type") or [""])[0])
    report_type = content_type.params.get("report-type", "").strip().lower()
    identifiers = message_ids((values.get("message-id") or [""])[0][:2000], 1)
    if not identifiers:
        found.append(Defect("MESSAGE_ID_MISSING", "field:Message-ID"))
    subjects = values.get("subject")
    return ParsedMessage(
        fields=tuple(header.fields),
        authors=authors,
        from_fields=len(index.get("from", ())),
        sender=lists["sender"],
        reply_to=lists["reply-to"],
        to=lists["to"],
        cc=lists["cc"],
        subject=decode_unstructured(subjects[0]) if subjects else "",
        date=date,
        message_id=identifiers[0] if identifiers else None,
        in_reply_to=_identifiers(values, "in-reply-to"),
        references=_identifiers(values, "references"),
        received=tuple(parse_received(v) for v in values.get("received", ())[: 2 * limits.hops]),
        client=mail_client(values),
        originating_ip=originating_ip(values),
        automatic=automatic(values, content_type.main, report_type),
        parts=tuple(leaf.part for leaf in walker.leaves),
        text=text,
        text_truncated=readable.truncated,
        links=tuple(readable.links.values()),
        defects=tuple(dict.fromkeys(found)),
        signed=tuple(walker.signed),
        size=len(content),
        header_size=header.body,
    )


def _mailboxes(name: str, values: dict[str, list[str]], limits: Limits, found: list[Defect]) -> tuple[Mailbox, ...]:
    """Mailboxes of every field of this name; of one to whom an answer may go, also what a lax reader could take."""
    out: list[Mailbox] = []
    for value in values.get(name, ())[:5]:
        if not value:
            continue
        reading = read_mailboxes(value, max(limits.addresses - len(out), 0))
        out += reading.mailboxes
        if name in ("sender", "reply-to"):
            out += reading.others
        faults = [f for f in reading.faults if f != "empty element" or name not in ("to", "cc")]
        if any(f.startswith("more than") for f in faults):
            found.append(Defect("ADDRESSES_TOO_MANY", f"field:{name.title()}", f"more than {limits.addresses}"))
        elif faults:
            found.append(Defect("ADDRESS_MALFORMED", f"field:{name.title()}", "; ".join(faults[:3])))
    return tuple(out)


def _identifiers(values: dict[str, list[str]], name: str) -> tuple[str, ...]:
    joined = " ".join(values.get(name, ())[:3])
    return message_ids(joined, _REFERENCES) if joined else ()


def _mime_version(values: dict[str, list[str]], header: Header, found: list[Defect]) -> None:
    """RFC 2045 4: without MIME-Version a reader may show a multipart as plain text, delimiters and all."""
    if "mime-version" not in values and (values.get("content-type") or [""])[0].lower().startswith("multipart/"):
        found.append(Defect("MIME_AMBIGUOUS", "field:Content-Type", "multipart without MIME-Version"))
