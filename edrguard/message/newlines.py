"""One form of line ending before anything is read.

RFC 5321 2.3.8 and RFC 5322 2.3: a line ends in CRLF, and CR and LF stand nowhere else. Readers disagree about
everything that deviates, which is how SMTP smuggling and hidden fields work, so what deviates is made CRLF *here*,
once, and said aloud.

Law: what comes out is canonical, and what was canonical comes out as the very same object.
"""

from edrguard.model.errors import MailSyntax
from edrguard.model.message import Defect


def canonical(content: bytes, reject_nul: bool = False) -> tuple[bytes, tuple[Defect, ...]]:
    """``content`` with CRLF line ends, and what had to be changed or is wrong with it.

    A file whose every line ends in LF alone is how systems store mail: it is converted without a defect.
    Raises MailSyntax on a NUL octet (RFC 5322 2.1 has none; 4.1, obsolete, has) when ``reject_nul`` is set.
    """
    defects: list[Defect] = []
    if (nul := content.find(b"\0")) >= 0:
        if reject_nul:
            raise MailSyntax(f"NUL octet at {nul}")
        defects.append(Defect("NUL_OCTET", "content", f"first at octet {nul}"))
    full, line_feeds, returns = content.count(b"\r\n"), content.count(b"\n"), content.count(b"\r")
    if full == line_feeds == returns:
        return content, tuple(defects)
    if returns == 0:
        return content.replace(b"\n", b"\r\n"), tuple(defects)
    lone_lf, lone_cr = line_feeds - full, returns - full
    symbol = "MIXED_NEWLINES" if full and lone_lf else "BARE_NEWLINE"
    defects.append(Defect(symbol, "content", f"{full} CRLF, {lone_lf} bare LF, {lone_cr} bare CR"))
    unix = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return unix.replace(b"\n", b"\r\n"), tuple(defects)


def too_long_line(content: bytes, limit: int = 998) -> int | None:
    """The offset of the first line above ``limit`` octets without its CRLF (RFC 5322 2.1.1), ``None`` if there is none.

    Hops a window at a time from line end to line end, so that it looks at few of the octets.
    """
    position, size = 0, len(content)
    while size - position > limit:
        # a line of exactly ``limit`` octets has its LF at position + limit + 1
        line_end = content.rfind(b"\n", position, position + limit + 2)
        if line_end < 0:
            return position if size - position > limit + 1 or content[-1:] != b"\r" else None
        position = line_end + 1
    return None
