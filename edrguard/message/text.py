"""The readable text of a message: what the person at the inbox reads, and where two readers would read two things.

multipart/alternative (RFC 2046 5.1.4) offers one text in several forms; when the forms say different things, both
count, because nobody knows which one will be shown.

Law: bounded by ``Limits.text``, whatever the message holds; total.
"""

import re
from collections.abc import Iterable

from edrguard.message.calendar import invitation_text
from edrguard.message.charsets import decode
from edrguard.message.html import HtmlReading, read_html
from edrguard.message.links import text_links
from edrguard.message.mime import Leaf
from edrguard.message.shown import not_as_written, page_charset
from edrguard.message.stray import file_in_text
from edrguard.message.transfer import decode_octets
from edrguard.model.limits import Limits
from edrguard.model.message import Defect, Link

_FLOWED = re.compile(r"(?<!\n--) \n(?=[^\s>])")
_WORD = re.compile(r"\w{3,40}")
_URL = re.compile(r"(?:https?://|www\.)\S+")
_COMPARED = 20_000  #: characters of each alternative that are held against each other
#: text of which readers show what it means, or nothing; style sheets and scripts they show as text (RFC 2046 4.1.4)
_NOT_SHOWN = frozenset(("text/rfc822-headers", "text/vcard", "text/x-vcard"))
_CALENDAR = "text/calendar"
_ALL = 8  #: octets read of all parts together, for each character of text that is kept
_FORMS = 20  #: of one type in one alternative that are read
_FEW_WORDS = 8
_ENOUGH_WORDS = 20
_NEW_WORDS = 2  #: in a line that only one form has


class Readable:
    """Reads the leaves; afterwards ``text``, ``truncated``, ``links`` and ``defects`` hold what was found. ``before``:
    text that stands before them all."""

    def __init__(self, content: bytes, limits: Limits, before: str = "") -> None:
        self.content, self.limits = content, limits
        self.defects: list[Defect] = []
        self.links: dict[tuple[str, str], Link] = {}
        self.truncated = False
        self._texts: list[str] = [_without_nul(before).strip()]
        self._size = 0
        self._room = limits.text * _ALL  #: octets that may still be read: of many parts that show little, too

    @property
    def text(self) -> str:
        """All that was read, one empty line between parts."""
        joined = "\n\n".join(t for t in self._texts if t)
        if len(joined) > self.limits.text:
            self.truncated = True
        return joined[: self.limits.text]

    def read(self, leaves: list[Leaf]) -> None:
        """Read every leaf that a reader shows as text, in order; the forms of an alternative count as one."""
        groups: dict[tuple[int, int], list[Leaf]] = {}
        for i, leaf in enumerate(leaves):
            if leaf.returned or leaf.part.disposition == "attachment" or not _is_text(leaf.part.content_type):
                continue
            if leaf.part.filename and leaf.part.content_type not in ("text/plain", "text/html"):
                continue
            groups.setdefault((leaf.alternative, 0 if leaf.alternative else i), []).append(leaf)
        for (alternative, _), group in groups.items():
            if self._size > self.limits.text:
                self.truncated = True
                break
            self._add(self._alternatives(group) if alternative else self._single(group[0]))

    def _add(self, text: str) -> None:
        self._texts.append(text)
        self._size += len(text) + 2

    def _single(self, leaf: Leaf) -> str:
        if _is_html(leaf.part.content_type):
            return self._html(leaf).text
        return self._plain(leaf)

    def _alternatives(self, group: list[Leaf]) -> str:
        invitations = [leaf for leaf in group if leaf.part.content_type == _CALENDAR]
        if invitations:
            rest = [leaf for leaf in group if leaf.part.content_type != _CALENDAR]
            text = self._alternatives(rest)
            for leaf in invitations[:_FORMS]:  # it abridges the text, or stands in its place
                words = self._plain(leaf)
                text = _with_missing(text, words, _words(words)) if text else words
            return text
        plains = [leaf for leaf in group if not _is_html(leaf.part.content_type)]
        pages = [leaf for leaf in group if _is_html(leaf.part.content_type)]
        plain = self._same([self._plain(leaf) for leaf in plains[:_FORMS]], plains)
        html = self._same([self._html(leaf).text for leaf in pages[:_FORMS]], pages)
        if not pages or not plains:
            return plain or html
        here, there = _words_of_both(plain, html)
        if len(here) < _FEW_WORDS:
            return _with_missing(html, plain, here) if len(there) > len(here) else _with_missing(plain, html, there)
        if _differ(here, there):
            where = f"part:{pages[0].part.path}"
            shared = len(here & there)
            words = f"{shared} words in common of {len(here)} in plain text and {len(there)} in HTML"
            self.defects.append(Defect("ALTERNATIVE_DIFFERS", where, words))
            return f"{plain}\n\n{html}"
        return _with_missing(plain, html, there - here)

    def _same(self, texts: list[str], leaves: list[Leaf]) -> str:
        """One text of forms of one type, of which readers show the first, the last or all (RFC 2046 5.1.4)."""
        if len(leaves) < 2:
            return "".join(texts)
        if len(leaves) > _FORMS:
            self.truncated = True
        forms: dict[str, dict[int, set[str]]] = {}
        for text, leaf in zip(texts, leaves, strict=False):
            forms.setdefault(leaf.part.content_type, {}).setdefault(leaf.form, set()).update(_words(text))
        for content_type, by_form in forms.items():
            first, *rest = by_form.values()
            if any(len(words ^ first) >= _FEW_WORDS for words in rest):
                where = f"part:{next(one for one in leaves if one.part.content_type == content_type).part.path}"
                detail = f"{len(by_form)} forms of the type {content_type} that say different things"
                self.defects.append(Defect("ALTERNATIVE_DIFFERS", where, detail))
        return "\n\n".join(dict.fromkeys(texts))

    def _octets(self, leaf: Leaf) -> tuple[str, bool]:
        part, room = leaf.part, min(self.limits.text * 4, self._room)
        data = decode_octets(self.content, part.start, part.end, part.encoding, room + 1)
        if len(data) > room:
            self.truncated = True
            data = data[:room]
        self._room -= len(data)
        charset = part.charset or (page_charset(data) if _is_html(part.content_type) else None)
        text, known = decode(data, charset)
        if not known:
            self.defects.append(Defect("CHARSET_UNKNOWN", f"part:{part.path}", (part.charset or "")[:60]))
        for words in not_as_written(data, text, part):
            self.defects.append(Defect("MIME_AMBIGUOUS", f"part:{part.path}", words))
        return text, known

    def _plain(self, leaf: Leaf) -> str:
        text, _ = self._octets(leaf)
        text = text.strip()
        if len(text) > self.limits.text:
            self.truncated = True
            text = text[: self.limits.text]
        text = _without_nul(text.replace("\r\n", "\n").replace("\r", "\n"))
        if leaf.part.content_type == _CALENDAR:
            text = invitation_text(text)
        if form := file_in_text(text):
            self.defects.append(Defect("MIME_AMBIGUOUS", f"part:{leaf.part.path}", f"file in {form}"))
        if leaf.flowed is not None:
            text = _FLOWED.sub(leaf.flowed, text)
        self._keep(text_links(text, f"part:{leaf.part.path}", self.limits.links + 1))
        return text.strip()

    def _html(self, leaf: Leaf) -> HtmlReading:
        where = f"part:{leaf.part.path}"
        text, _ = self._octets(leaf)
        reading = read_html(_without_nul(text), where, self.limits.text, self.limits.links + 1)
        self.truncated = self.truncated or reading.cut
        for words in reading.hidden[:5]:
            self.defects.append(Defect("HIDDEN_TEXT", where, words))
        self._keep(reading.links)
        shown = {link.href for link in reading.links}
        self._keep(link for link in text_links(reading.text, where, self.limits.links + 1) if link.href not in shown)
        return reading

    def _keep(self, links: Iterable[Link]) -> None:
        for link in links:
            if len(self.links) >= self.limits.links:
                if not any(d.symbol == "LINKS_TOO_MANY" for d in self.defects):
                    self.defects.append(Defect("LINKS_TOO_MANY", link.where, f"more than {self.limits.links}"))
                return
            self.links.setdefault((link.href, link.text), link)


def _is_text(content_type: str) -> bool:
    # RFC 2046 4.1.4: text that a reader does not know is shown as plain text; and so is a multipart that could not be
    # taken apart, by many.
    return content_type.startswith(("text/", "multipart/")) and content_type not in _NOT_SHOWN


def _is_html(content_type: str) -> bool:
    """Also what some readers show in the place of HTML: text/x-amp-html, text/watch-html."""
    return content_type.startswith("text/") and content_type.endswith("html")


def _without_nul(text: str) -> str:
    return text.replace("\0", "").replace("\ufeff", "")


def _words(text: str) -> set[str]:
    return _said(_tokens(text))


def _words_of_both(one: str, other: str) -> tuple[set[str], set[str]]:
    """``_words`` of two forms of a text, which have nearly all of them in common."""
    first, second = _tokens(one), _tokens(other)
    common = first & second
    shared = _said(common)
    return shared | _said(first - common), shared | _said(second - common)


def _tokens(text: str) -> set[str]:
    """What stands between blanks, each once: a text repeats much of it."""
    return set(text[:_COMPARED].casefold().split())


def _said(tokens: set[str]) -> set[str]:
    text = " ".join(tokens)
    if "://" in text or "www." in text:
        text = _URL.sub(" ", text)
    return set(_WORD.findall(text))


def _differ(here: set[str], there: set[str]) -> bool:
    """Do two forms say different things? A form may abridge the other, but not by more than half."""
    shared = len(here & there)
    return any(len(form) >= _ENOUGH_WORDS and shared < 0.45 * len(form) for form in (here, there))


def _with_missing(text: str, other: str, new: set[str]) -> str:
    """``text``, with those lines of the ``other`` form behind it that hold words which it has not: whichever form is
    shown, what it says was read. ``new``: words of the other form, all that may be missing among them."""
    if len(new) < _NEW_WORDS and len(other) <= _COMPARED:
        return text
    known = set(_WORD.findall(text.casefold()))
    more = [line for line in other.split("\n") if sum(word not in known for word in _words(line)) >= _NEW_WORDS]
    return "\n".join([text, "", *more]) if more else text
