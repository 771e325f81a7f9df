"""HTML as a reader sees it: its visible text, its links, and the text that is there and not shown.

A stack of open elements stands in for the tree: end tags are implied where the HTML standard implies them, and what an
element hides stays hidden until that element is closed. No native parser: those cost seconds for deep nesting or a tag
with very many attributes, and a sender decides about both.

Laws: linear, total; text that is not seen never counts as text; where in doubt, text counts as seen.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from edrguard.message.hidden import declared, hiding_rules, is_white, paints, style_hides, text_colour, tiny
from edrguard.message.links import html_link
from edrguard.message.tags import style_sheets, tokens
from edrguard.model.message import Link

_INVISIBLE = frozenset(("script", "style", "title", "template", "iframe", "datalist", "noembed", "noframes"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr")
)
_BLOCKS = frozenset(("p", "div", "tr", "table", "ul", "ol", "li", "dl", "dt", "dd", "pre", "blockquote", "form")) | {
    *("h1", "h2", "h3", "h4", "h5", "h6", "address", "article", "section", "header", "footer", "fieldset", "center"),
    *("main", "aside", "nav", "figure"),
}
_PARAGRAPHS = frozenset(("p", "table", "ul", "ol", "dl", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote"))
#: a start tag that closes what is open (HTML 13.2.6.4.7), up to the nearest element that bounds its scope
_CLOSES = {
    "li": ({"li"}, {"ul", "ol", "table", "td"}),
    "dt": ({"dt", "dd"}, {"dl", "table", "td"}),
    "dd": ({"dt", "dd"}, {"dl", "table", "td"}),
    "td": ({"td", "th"}, {"table", "tr"}),
    "th": ({"td", "th"}, {"table", "tr"}),
    "tr": ({"tr"}, {"table"}),
    "a": ({"a"}, {"table", "td"}),
}
_P_SCOPE = ({"p"}, {"td", "th", "table", "button", "object"})
_BARRIERS = frozenset(("td", "th", "table", "caption", "html", "template"))
_TABLE_PARTS = frozenset(("table", "tr", "td", "th", "tbody", "thead", "tfoot", "caption", "html", "body"))
#: of no width: a word that they cut up is one word to the reader
_NO_WIDTH = re.compile("[\u200b\u200c\u200d\u034f\u00ad\u2060\ufeff]+")
_SPACE = r"\t\r\n\f\u00a0"
_BLANKS = re.compile(rf"[{_SPACE}][ {_SPACE}]*+| [ {_SPACE}]++")
_OTHER_BLANKS = "\v\x1c\x1d\x1e\x1f"  #: of ASCII, at which ``str.split`` cuts and which _BLANKS leaves alone
_RUN = re.compile(r"[^\S ]\s*+| \s++")  #: runs of blanks other than one plain blank
_EDGE = "\v"  #: a block begins or ends: a line end, unless one is there already
_SENTENCE = 4  #: words
_MAX_STACK = 2000
_MAX_STEPS = 1_000_000  #: looks at open elements for one page
_MAX_HIDDEN = 20
MAX_TAGS = 100_000  #: of one page; people's pages of a megabyte have a fifth of it


@dataclass(slots=True)
class HtmlReading:
    """What was read of one HTML text."""

    text: str = ""
    links: list[Link] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    cut: bool = False  #: more was there than was read


def html_to_text(page: str, limit: int = 1 << 18) -> str:
    """The visible text of HTML, at most ``limit`` characters."""
    return read_html(page, "", limit, 0).text


def read_html(page: str, where: str, limit: int, links: int) -> HtmlReading:
    """Read ``page``: at most ``limit`` characters of text and ``links`` links, which come from ``where``."""
    cut = len(page) > limit * 4
    page = page[: limit * 4]
    hiding = hiding_rules(style_sheets(page)) if "<style" in page or "<STYLE" in page else (frozenset(), frozenset())
    reader = _Reader(where, limit, links, hiding)
    tags = 0
    for kind, name, attributes in tokens(page):
        if kind == "text":
            reader.text(name)
            if reader.size > limit * 2:
                cut = True
                break
            continue
        tags += 1
        if tags > MAX_TAGS:
            cut = True
            break
        if kind == "start":
            reader.start(name, attributes)
        else:
            reader.end(name)
    reading = reader.finish()
    reading.cut = reading.cut or cut
    return reading


@dataclass(slots=True)
class _Element:
    """An open element: its own effects (``None``: none), and the sum of them with everything around it."""

    tag: str
    hides: bool = False
    pale: bool | None = None  #: text in the colour of paper
    small: bool | None = None  #: text too small to be seen
    painted: bool | None = None  #: a background that is not the colour of paper
    blank: bool | None = None  #: not visible, but for what inside it is
    gone: bool = False
    unseen: bool = False

    def inherit(self, outer: "_Element") -> None:
        """Add what the element around it does."""
        self.gone = self.hides or outer.gone
        self.pale = outer.pale if self.pale is None else self.pale
        self.small = outer.small if self.small is None else self.small
        self.painted = outer.painted if self.painted is None else self.painted
        self.blank = outer.blank if self.blank is None else self.blank
        self.unseen = self.gone or bool(self.blank or self.small) or (bool(self.pale) and not self.painted)


class _Reader:
    def __init__(self, where: str, limit: int, links: int, hiding: tuple[frozenset[str], frozenset[str]]) -> None:
        self.where, self.limit, self.max_links, self.hiding = where, limit, links, hiding
        self.out: list[str] = []
        self.size = 0
        self.reading = HtmlReading()
        self.stack = [_Element("html")]
        self.open: Counter[str] = Counter()
        self.steps = 0
        self.pre = 0
        self.unseen: list[str] = []
        self.anchor: tuple[str, int] | None = None

    def finish(self) -> HtmlReading:
        self._end_anchor()
        self._end_unseen()
        text = _tidy("".join(self.out))
        self.reading.cut = len(text) > self.limit
        self.reading.text = text[: self.limit]
        return self.reading

    def text(self, text: str) -> None:
        top = self.stack[-1]
        if top.unseen:
            if top.tag not in _INVISIBLE and len(self.unseen) < 50:
                self.unseen.append(text[:500])
            return
        if not text.isascii():
            text = _NO_WIDTH.sub("", text)
        if not self.pre:
            text = _single_blanks(text)
        if text:
            if self.unseen and not text.isspace():
                self._end_unseen()
            self.out.append(text)
            self.size += len(text)

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("br", "hr"):
            self.out.append("\n")
            return
        if tag in _VOID:
            if tag == "area":
                self._link(attributes.get("href", ""), "")
            elif not self.stack[-1].unseen and attributes.get("type", "").lower() != "hidden":
                self._instead(attributes.get("alt", "") if tag == "img" else attributes.get("value", ""))
            return
        if tag == "head":  # what stands in it and is no part of a head is body (HTML 13.2.6.4.4)
            return
        if tag in _BLOCKS:
            self._imply(*_P_SCOPE)
        if tag in _CLOSES:
            self._imply(*_CLOSES[tag])
        element = _Element(tag)
        if tag in _INVISIBLE:
            element.hides = True
        elif attributes:
            self._effects(element, attributes)
        element.inherit(self.stack[-1])
        if tag in _BLOCKS:
            self.out.append(_EDGE)
        elif tag in ("td", "th"):
            self.out.append(" ")
        if tag == "a":
            self._end_anchor()
            self.anchor = (attributes.get("href", ""), len(self.out))
        elif tag == "form" and attributes.get("action"):
            self._link(attributes["action"], "")
        if len(self.stack) < _MAX_STACK:
            self.stack.append(element)
            self.open[tag] += 1
            self.pre += tag == "pre"

    def _instead(self, text: str) -> None:
        """What stands in the place of a picture that is not loaded, or in a field to fill in: sentences, not names."""
        if sum(word.isalpha() for word in text.split()) >= _SENTENCE:
            self.text(f"\n{text}\n")

    def end(self, tag: str) -> None:
        """Close ``tag``: with everything inside it, or alone where it is inline and blocks are open inside it."""
        if tag == "br":
            self.out.append("\n")
        if not self.open[tag]:
            return
        inline = tag not in _BLOCKS and tag not in _TABLE_PARTS
        crossed = False
        for i in range(len(self.stack) - 1, 0, -1):
            self.steps += 1
            if self.steps > _MAX_STEPS:
                return
            open_tag = self.stack[i].tag
            if open_tag == tag:
                if inline and crossed:
                    self._remove(i)
                else:
                    self._pop(i)
                return
            if open_tag in _BARRIERS and tag not in _TABLE_PARTS:
                return
            crossed = crossed or open_tag in _BLOCKS

    def _imply(self, targets: set[str], bounds: set[str]) -> None:
        if not any(self.open[target] for target in targets):
            return
        for i in range(len(self.stack) - 1, 0, -1):
            self.steps += 1
            open_tag = self.stack[i].tag
            if open_tag in targets:
                self._pop(i)
                return
            if open_tag in bounds or self.steps > _MAX_STEPS:
                return

    def _pop(self, index: int) -> None:
        for element in self.stack[index:]:
            self._left(element.tag)
        del self.stack[index:]

    def _remove(self, index: int) -> None:
        """Take one element out from between others: what is still open inside loses its effects."""
        removed = self.stack[index]
        self._left(removed.tag)
        del self.stack[index]
        for inner in self.stack[index:]:
            self.steps += 1
            for effect in ("pale", "small", "painted", "blank"):
                if getattr(inner, effect) == getattr(removed, effect):
                    setattr(inner, effect, None)
            inner.inherit(self.stack[index - 1])

    def _left(self, tag: str) -> None:
        self.open[tag] -= 1
        if tag in _BLOCKS:
            self.out.append("\n\n" if tag in _PARAGRAPHS else _EDGE)
            self.pre -= tag == "pre"
        elif tag in ("td", "th"):
            self.out.append(" ")
        elif tag == "a":
            self._end_anchor()

    def _effects(self, element: _Element, attributes: dict[str, str]) -> None:
        style = attributes.get("style", "")
        classes, ids = self.hiding
        hidden = (
            "hidden" in attributes
            or (bool(classes) and not classes.isdisjoint(attributes.get("class", "").split()[:20]))
            or (bool(ids) and attributes.get("id") in ids)
        )
        element.hides = style_hides(style) or (hidden and not declared(style, "display"))
        visible = declared(style, "visibility") if style else None
        element.blank = None if visible is None else not visible
        if style or "bgcolor" in attributes or "background" in attributes:
            element.painted = paints(style, attributes.get("bgcolor", ""), attributes.get("background", ""))
        colour = text_colour(style) if style else None
        if colour is None and element.tag == "font":
            colour = attributes.get("color")
        element.pale = is_white(colour) if colour is not None else None
        element.small = tiny(style) if style else None

    def _end_unseen(self) -> None:
        words = " ".join(_BLANKS.sub(" ", "".join(self.unseen)).split())
        self.unseen.clear()
        if len(self.reading.hidden) < _MAX_HIDDEN and sum(c.isalnum() for c in words[:500]) >= 3:
            self.reading.hidden.append(words[:200])

    def _end_anchor(self) -> None:
        if self.anchor is not None:
            href, begin = self.anchor
            self.anchor = None
            self._link(href, "".join(self.out[begin : begin + 100]))

    def _link(self, href: str, shown: str) -> None:
        if href and len(self.reading.links) < self.max_links:
            link = html_link(href, shown, self.where)
            if link is not None:
                self.reading.links.append(link)


def _single_blanks(text: str) -> str:
    """``_BLANKS`` made one blank each; for plain words in less than half of the pattern's time."""
    if not text.isascii() or any(other in text for other in _OTHER_BLANKS):
        return _BLANKS.sub(" ", text)
    words = " ".join(text.split())
    if not words:
        return " " if text else ""
    return " " * text[0].isspace() + words + " " * text[-1].isspace()


def _tidy(text: str) -> str:
    """Every run of blanks as one blank, one line end, or at most one empty line."""
    return _RUN.sub(_gap, text).strip()


def _gap(match: re.Match[str]) -> str:
    lines = match[0].count("\n")
    if lines > 1:
        return "\n\n"
    return "\n" if lines or _EDGE in match[0] else " "
