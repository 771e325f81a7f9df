"""Received fields (RFC 5321 4.4) in the styles that are met: Postfix, Exim, Exchange, Gmail, Sendmail, qmail, webmail.

What stands after ``from`` is what the client *said*; the address is what the server *saw*, in brackets or in a comment.

Law: a claim is not promoted: an address literal given as HELO counts as the address only where no other is shown.
"""

import re

from edrguard.message.comments import comment_end
from edrguard.message.dates import parse_date
from edrguard.message.domains import ip_text
from edrguard.model.message import TraceHop

_MAX = 8192
_TOKEN = re.compile(r"\([^()\\]*+\)|[;(]|[^\s();]++")
_IP_CANDIDATE = re.compile(r"[0-9A-Fa-f:.]{3,45}")
_BRACKETED = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f:.]{2,45})\]", re.IGNORECASE)
_HELO = re.compile(r"\bhelo[= ]\s*([^\s()]{1,255})", re.IGNORECASE)
#: "version=TLS1_2", "using TLSv1.3 with cipher ...", "TLS1.3:ECDHE...", "X=TLS1.2:": of comments only, never of a name.
_TLS = re.compile(r"(?:\A|\bversion=|\busing |\bX=)(TLS|SSL)v?([0-9])[._]([0-9])(?![0-9A-Za-z.-])", re.IGNORECASE)
_KEYWORDS = frozenset(["from", "by", "via", "with", "id", "for"])


def parse_received(value: str) -> TraceHop:
    """One Received field as far as it can be read. Total."""
    clauses, comments, date = _clauses(value[:_MAX])
    name = clauses.get("from", "").split(" ", 1)[0]
    notes = comments.get("from", [])
    from_ip = _ip_in(notes)
    if from_ip is None and name:
        from_ip = ip_text(name) if name.startswith("[") or name[:1].isdigit() or ":" in name else None
    for note in notes:
        helo = _HELO.search(note)
        if helo is not None:
            name = helo[1]
            break
    by = clauses.get("by", "").split(" ", 1)[0]
    for_ = clauses.get("for", "").split(" ", 1)[0].strip("<>")
    return TraceHop(
        from_name=_short(name),
        from_ip=from_ip,
        by=_short(by.rstrip(".")),
        with_=_short(clauses.get("with", "")),
        id=_short(clauses.get("id", "").split(" ", 1)[0]),
        for_=_short(for_),
        date=parse_date(date) if date else None,
        tls=_tls([note for clause in comments.values() for note in clause]),
    )


def _tokens(value: str) -> list[str]:
    """Words, semicolons, and comments with their marks; a comment that is never closed takes the rest."""
    found = _TOKEN.findall(value)
    if "(" not in found:
        return found
    out: list[str] = []
    position = 0
    while (match := _TOKEN.search(value, position)) is not None:
        text, position = match[0], match.end()
        if text == "(":
            stop = comment_end(value, match.start())
            position = stop if stop >= 0 else len(value)
            text = value[match.start() : position] + ("" if stop >= 0 else ")")
        out.append(text)
    return out


def _clauses(value: str) -> tuple[dict[str, str], dict[str, list[str]], str]:
    """(words by clause, comments by clause, what stands after the last semicolon)."""
    words: dict[str, list[str]] = {}
    comments: dict[str, list[str]] = {}
    current = ""
    date: list[str] = []
    for word in _tokens(value):
        if word[0] == "(":
            comments.setdefault(current, []).append(word[1:-1])
        elif word == ";":
            current, date = ";", []
        elif current == ";":
            date.append(word)
        elif word.lower() in _KEYWORDS and word.lower() not in words:
            current = word.lower()
            words[current] = []
        elif current:
            words[current].append(word)
    return {k: " ".join(v) for k, v in words.items()}, comments, " ".join(date)


def _ip_in(notes: list[str]) -> str | None:
    for note in notes:
        bracket = _BRACKETED.search(note)
        if bracket is not None and (ip := ip_text(bracket[1])):
            return ip
    for note in notes:
        for word in note.split()[:8]:
            bare = word.strip(",;")
            if _IP_CANDIDATE.fullmatch(bare) and (ip := ip_text(bare)):
                return ip
    return None


def _tls(notes: list[str]) -> str | None:
    """The version of TLS as Session has it: TLSv1.2. ``None`` where it is not told."""
    for note in notes:
        if (version := _TLS.search(note)) is not None:
            return f"{version[1].upper()}v{version[2]}.{version[3]}"
    return None


def _short(text: str) -> str | None:
    return text[:255] or None
