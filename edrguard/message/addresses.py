"""Mailboxes and groups (RFC 5322 3.4 with 4.4, RFC 6532, RFC 6854), read strictly.

Readers disagree about ``a@one.example <b@two.example>`` and its like, and forgers live on that. So nothing is
repaired: what does not follow the grammar is a fault, what follows it and still fools readers is an oddity, and the
caller decides.

Laws: linear in the value, no recursion; every address that any reader could pick out of a faulty element is kept.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from edrguard.message.domains import domain_name, ip_text
from edrguard.message.encoded import clean, decode_words
from edrguard.message.tokens import ATOM, BAD, COMMENT, LITERAL, QUOTED, SPECIAL, Token, tokens_of
from edrguard.model.message import Mailbox

_BLANK = "blank inside the address"
_MAX_FAULTS = 20
_MAX_VALUE = 1 << 20
_DOT_ATOM = r"[A-Za-z0-9!#$%&'*+/^_`{|}~-]++(?>(?:\.[A-Za-z0-9!#$%&'*+/^_`{|}~-]++)*)"
_HOST = r"[A-Za-z0-9](?:[A-Za-z0-9-]*+)(?>(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*+))*)"
#: what nearly all mail has, taken in one step: words or one quoted string, then <address>, or the address alone
_COMMON = re.compile(
    rf"""[ \t]*+(?:
        (?:(?P<words>[A-Za-z0-9!#$%&'*+/^_`{{|}}~. \t\xa0-\U0010ffff-]*+)
         | "(?P<quoted>[^"\\<>@()=\x00-\x1f\x7f-\x9f]*+)"[ \t]*+)
        <(?P<local1>{_DOT_ATOM})@(?P<host1>{_HOST})>
      | (?P<local2>{_DOT_ATOM})@(?P<host2>{_HOST})
    )[ \t]*+(?:,|\Z)""",
    re.VERBOSE,
)
_HOST_START = re.compile(r"[A-Za-z0-9_.\x80-\U0010ffff-]{1,255}")
_RUN = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.@\x80-\U0010ffff-]++")


@dataclass(slots=True)
class Reading:
    """What was read of one address field."""

    mailboxes: list[Mailbox] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)  #: against the grammar
    oddities: list[str] = field(default_factory=list)  #: legal, and apt to fool a reader
    others: list[Mailbox] = field(default_factory=list)  #: what a lax reader could take instead
    names: list[str] = field(default_factory=list)  #: displays and comments in every form a reader may see


def addresses_in(text: str, limit: int = 20) -> list[Mailbox]:
    """Everything in ``text`` that looks like an address, at most ``limit``."""
    found: list[Mailbox] = []
    if "@" not in text:
        return found
    for match in _RUN.finditer(text):
        pieces = match[0].split("@", limit + 1)
        for local, domain in pairwise(pieces):
            host = _HOST_START.match(domain.strip(".-"))
            local = local.strip(".")[-128:]
            if host is not None and local:
                found.append(Mailbox("", local, domain_name(host[0].rstrip(".-"))[0]))
        if len(found) >= limit:
            break
    return found[:limit]


def read_mailboxes(value: str, limit: int) -> Reading:
    """Every mailbox of an address list, at most ``limit``, with all faults and oddities."""
    reading = Reading()
    if len(value) > _MAX_VALUE:
        reading.faults.append("too long")
        value = value[:_MAX_VALUE]
    position, size, in_group, pending = 0, len(value), False, True
    while position < size or pending:
        if len(reading.mailboxes) >= limit:
            if value[position:].strip():
                reading.faults.append(f"more than {limit} mailboxes")
            break
        if len(reading.faults) >= _MAX_FAULTS:
            break
        match = _COMMON.match(value, position)
        if match is not None:
            _common(reading, match)
            position = match.end()
            pending = value[position - 1 : position] == ","
            continue
        start = position
        tokens, position, fault = tokens_of(value, position)
        if fault:
            reading.faults.append(fault)
        ender = ""
        if tokens and tokens[-1].kind == SPECIAL and tokens[-1].text in (",", ";", ":"):
            ender = tokens.pop().text
        pending = ender == ","
        if ender == ":" and not any(t.kind == SPECIAL and t.text in "<@" for t in tokens):
            reading.oddities.append("group")
            if in_group:
                reading.faults.append("group inside a group")
            in_group = True
            reading.names.append(_phrase(tokens)[0])
            continue
        if ender == ":":
            reading.faults.append("stray ':'")
        _element(reading, tokens, value[start:position], null_is_fine=in_group and ender == ";")
        if ender == ";":
            if not in_group:
                reading.faults.append("stray ';'")
            in_group = False
            while position < size and value[position] in " \t":
                position += 1
            pending = value[position : position + 1] == ","
            if pending:
                position += 1
            elif position < size:
                reading.faults.append("text after a group")
    if in_group and not reading.faults:
        reading.faults.append("unclosed group")
    return reading


def parse_mailboxes(value: str, limit: int) -> tuple[tuple[Mailbox, ...], tuple[str, ...]]:
    """The mailboxes of an address list in their order, at most ``limit``, and its faults in words. Total."""
    reading = read_mailboxes(value, limit)
    return tuple(reading.mailboxes), tuple(reading.faults)


def _common(reading: Reading, match: re.Match[str]) -> None:
    display = match["quoted"] if match["quoted"] is not None else match["words"]
    local, host = (match["local1"], match["host1"]) if match["local1"] else (match["local2"], match["host2"])
    domain, wrong = domain_name(host)
    if wrong:
        reading.faults.append(wrong)
    display = clean(display or "")
    if display:
        reading.names.append(display)
    reading.mailboxes.append(Mailbox(display, local, domain))


def _phrase(tokens: list[Token]) -> tuple[str, str]:
    """(display decoded, display as written) of a phrase, comments left out."""
    out: list[str] = []
    for token in tokens:
        if token.kind != COMMENT:
            if token.spaced and out:
                out.append(" ")
            out.append(token.text)
    raw = "".join(out)
    return clean(decode_words(raw)), clean(raw)


def _element(reading: Reading, tokens: list[Token], raw: str, null_is_fine: bool) -> None:
    """One element of the list: a mailbox, or a fault with everything in it that a reader could take for one."""
    comments = [t for t in tokens if t.kind == COMMENT]
    solid = [t for t in tokens if t.kind != COMMENT]
    reading.names += [clean(decode_words(c.text)) for c in comments]
    if not solid:
        if not null_is_fine:
            reading.faults.append("empty element")
        return
    if any("<" in c.text or ">" in c.text for c in comments):
        reading.oddities.append("angle bracket in a comment")
    opens = [i for i, t in enumerate(tokens) if t.kind == SPECIAL and t.text == "<"]
    if opens:
        before, inside = tokens[: opens[0]], tokens[opens[0] + 1 :]
        closes = [i for i, t in enumerate(inside) if t.kind == SPECIAL and t.text == ">"]
        wrong = "" if len(opens) == 1 and len(closes) == 1 else "angle brackets do not match"
        after = [t for t in inside[closes[0] + 1 :] if t.kind != COMMENT] if closes else []
        inside = inside[: closes[0]] if closes else inside
        mailbox, why = _angle(reading, before, inside, comments)
        if after and not wrong:
            wrong = "text after the angle address"
        wrong = wrong or why
    else:
        mailbox, wrong = _addr_spec(reading, tokens, angle=False)
        if mailbox is not None and comments:
            text = clean(decode_words(comments[-1].text))
            mailbox = Mailbox(text, mailbox.local, mailbox.domain)
            if not text or len(comments) > 1 or comments[-1] is not tokens[-1]:
                reading.oddities.append("comment in the address")
    if mailbox is not None:
        reading.mailboxes.append(mailbox)
    if wrong or mailbox is None:
        reading.faults.append(wrong or "no address")
    if wrong or mailbox is None or _BLANK in reading.oddities:
        reading.others += [m for m in addresses_in(decode_words(raw)) if mailbox is None or m.key != mailbox.key]


def _angle(
    reading: Reading, before: list[Token], inside: list[Token], comments: list[Token]
) -> tuple[Mailbox | None, str]:
    words = [t for t in before if t.kind != COMMENT]
    display, raw = _phrase(words)
    reading.names += [display, raw] if display != raw else [display]
    if any(not c.text.strip() for c in comments) or (len(words) != len(before) and not words):
        reading.oddities.append("comment without a name")
    wrong = ""
    for token in words:
        if token.kind == BAD or token.kind == LITERAL or (token.kind == SPECIAL and token.text != "."):
            wrong = f"{token.text[:20]!r} in the name"
            break
    mailbox, why = _addr_spec(reading, inside, angle=True)
    if mailbox is not None:
        mailbox = Mailbox(display, mailbox.local, mailbox.domain)
        if wrong.startswith("'@'") and clean(raw).lower() == mailbox.key:
            wrong, mailbox = "", Mailbox("", mailbox.local, mailbox.domain)  # every reader sees the same address
    if "=?" in raw and ("<" in display or ">" in display) and "@" in display:
        reading.oddities.append("address brackets in an encoded-word")
    return mailbox, why or wrong


def _addr_spec(reading: Reading, tokens: list[Token], angle: bool) -> tuple[Mailbox | None, str]:
    """An addr-spec (RFC 5322 3.4.1), in angle brackets perhaps after a route (4.4)."""
    solid = [t for t in tokens if t.kind != COMMENT]
    if angle and len(solid) != len(tokens):
        reading.oddities.append("comment in the address")
    if angle and solid and solid[0].kind == SPECIAL and solid[0].text == "@":
        colon = next((i for i, t in enumerate(solid) if t.kind == SPECIAL and t.text == ":"), -1)
        if colon < 0 or any(t.kind not in (ATOM, SPECIAL) or t.text in "<>;" for t in solid[:colon]):
            return None, "malformed route"
        reading.oddities.append("route")
        solid = solid[colon + 1 :]
    at = next((i for i, t in enumerate(solid) if t.kind == SPECIAL and t.text == "@"), -1)
    if at < 0:
        return None, "no address"
    local, wrong = _local(reading, solid[:at])
    domain, why = _domain(reading, solid[at + 1 :])
    if not local or not domain:
        return None, wrong or why or "no address"
    if any(t.spaced for t in solid[1:]):
        reading.oddities.append(_BLANK)
    return Mailbox("", local, domain), wrong or why


def _dotted(tokens: list[Token]) -> str | None:
    """The text of a dot-atom, ``None`` where the tokens are none."""
    for i, token in enumerate(tokens):
        if token.kind != (SPECIAL if i % 2 else ATOM) or (i % 2 and token.text != "."):
            return None
    return "".join(t.text for t in tokens) if len(tokens) % 2 else None


def _local(reading: Reading, tokens: list[Token]) -> tuple[str, str]:
    if len(tokens) == 1 and tokens[0].kind == QUOTED:
        text = tokens[0].text
        if "@" in text or "<" in text or ">" in text or "," in text:
            reading.oddities.append("quoted local part that looks like addresses")
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return (text if re.fullmatch(_DOT_ATOM, text) else f'"{escaped}"'), "" if text else "empty local part"
    local = _dotted(tokens)
    if local is None:
        return "".join(t.text for t in tokens if t.kind in (ATOM, QUOTED) or t.text == "."), "malformed local part"
    if "=?" in local:
        reading.oddities.append("encoded-word in the address")
    return local, ""


def _domain(reading: Reading, tokens: list[Token]) -> tuple[str, str]:
    if len(tokens) == 1 and tokens[0].kind == LITERAL:
        reading.oddities.append("address literal")
        ip = ip_text(tokens[0].text)
        return (f"[{ip}]", "") if ip else (tokens[0].text.lower(), "malformed address literal")
    text = _dotted(tokens)
    if text is None:
        return "", "malformed domain"
    if "=?" in text:
        reading.oddities.append("encoded-word in the address")
    return domain_name(text)
