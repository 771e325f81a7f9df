"""Paper: A4 pages with a head, numbers and embedded fonts, and text of strangers that cannot do anything to them.

Fonts: Roboto (Apache-2.0, package font-roboto), which has Latin, Greek and Cyrillic; what it has no glyph for is
printed as a box, and counted. Laws: text is escaped and cleaned of control and direction characters before it reaches
the typesetter; every cell is cut at a length that fits a page, so that no text can break the layout.
"""

import io
import unicodedata
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from edrguard.model.errors import Unavailable

try:
    from font_roboto import font_directory
    from reportlab import rl_config
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table, TableStyle
except ImportError as error:  # the extra is not installed
    raise Unavailable("the printable report needs the extra: pip install 'edrguard[report]'") from error

rl_config.canvas_basefontname = "Roboto"  # else every page would name Helvetica, which is not embedded
_FACES = {"Roboto": "Roboto-Regular", "Roboto-Bold": "Roboto-Bold"}
BOX = "\u25a1"
CELL = 1500  #: characters of one cell
_LINES, _LONG = 2000, 4000  #: of a message: lines, and characters of one
_INK, _SOFT, _LINE, _SHADE = "#1a1a1a", "#555555", "#bbbbbb", "#f2f2f2"
_WIDTH = A4[0] - 40 * mm


def _fonts() -> frozenset[int]:
    for name, file in _FACES.items():
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, f"{font_directory}/{file}.ttf"))
    return frozenset(pdfmetrics.getFont("Roboto").face.charToGlyph)


class Sheet:
    """A document that grows from top to bottom."""

    def __init__(self, title: str, foot: str) -> None:
        """``foot`` stands on every page beside the page's number."""
        self._known = _fonts()
        self._box = BOX if ord(BOX) in self._known else "?"
        self.boxed = 0  #: characters that could not be printed
        self._title, self._foot = self.safe(title, 120), self.safe(foot, 140)
        base = ParagraphStyle("base", fontName="Roboto", fontSize=9.5, leading=13, textColor=HexColor(_INK))
        self._styles = {
            "text": base,
            "soft": ParagraphStyle("soft", base, fontSize=8.5, leading=11.5, textColor=HexColor(_SOFT)),
            "lead": ParagraphStyle("lead", base, fontSize=11.5, leading=16, spaceBefore=4, spaceAfter=6),
            "title": ParagraphStyle("title", base, fontName="Roboto-Bold", fontSize=18, leading=23, spaceAfter=2),
            "head": ParagraphStyle(
                "head",
                base,
                fontName="Roboto-Bold",
                fontSize=12,
                leading=16,
                spaceBefore=12,
                spaceAfter=4,
                keepWithNext=1,
            ),
            "cell": ParagraphStyle("cell", base, fontSize=8.5, leading=11.5),
            "bold": ParagraphStyle("bold", base, fontName="Roboto-Bold", fontSize=8.5, leading=11.5),
            "mail": ParagraphStyle("mail", base, fontSize=8.5, leading=12, leftIndent=6),
        }
        self._story: list[Flowable] = []

    def safe(self, text: str, limit: int = CELL) -> str:
        """One line of a stranger's text, escaped: no control, format or direction characters; bounded."""
        kept = []
        for c in text[: limit * 4]:
            if c.isspace():
                kept.append(" ")
            elif unicodedata.category(c)[0] != "C":
                kept.append(c)
        line = " ".join("".join(kept).split())
        line = line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
        unknown = sum(ord(c) not in self._known for c in line)
        if unknown:
            self.boxed += unknown
            line = "".join(c if ord(c) in self._known else self._box for c in line)
        return escape(line)

    def title(self, text: str) -> None:
        """The first line."""
        self._add(text, "title")

    def lead(self, text: str) -> None:
        """The sentence that matters."""
        self._add(text, "lead")

    def head(self, text: str) -> None:
        """A heading; it does not stand alone at the foot of a page."""
        self._add(text, "head")

    def text(self, text: str, soft: bool = False) -> None:
        """A paragraph."""
        self._add(text, "soft" if soft else "text")

    def lines(self, items: Sequence[str]) -> None:
        """A numbered list."""
        for number, item in enumerate(items, 1):
            self._add(f"{number}. {item}", "text")

    def mail(self, text: str, limit: int) -> bool:
        """Text of several lines as it is; False where only the beginning was printed."""
        lines = text[:limit].replace("\r\n", "\n").split("\n")
        for line in lines[:_LINES]:
            if line.strip():
                self._add(line, "mail", _LONG)
            else:
                self._story.append(Spacer(1, 6))
        return len(text) <= limit and len(lines) <= _LINES and max(map(len, lines)) <= _LONG

    def table(self, head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]) -> None:
        """Rows under a head (``()``: none, and the first column is bold). ``widths`` are shares."""
        if not rows:
            return
        total = sum(widths)
        cells: list[list[Any]] = [[self._cell(h, "bold") for h in head]] if head else []
        for row in rows:
            cells.append([self._cell(c, "bold" if not head and n == 0 else "cell") for n, c in enumerate(row)])
        style = [
            ("FONTNAME", (0, 0), (-1, -1), "Roboto"),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_LINE)),
            *((side, (0, 0), (-1, -1), 3.5) for side in ("LEFTPADDING", "RIGHTPADDING", "TOPPADDING", "BOTTOMPADDING")),
        ]
        if head:
            style.append(("BACKGROUND", (0, 0), (-1, 0), HexColor(_SHADE)))
        made = Table(cells, [_WIDTH * w / total for w in widths], repeatRows=1 if head else 0, splitInRow=1)
        made.setStyle(TableStyle(style))
        made.hAlign = "LEFT"
        self._story += [made, Spacer(1, 6)]

    def pdf(self) -> bytes:
        """The finished file: the same for the same content."""
        out = io.BytesIO()
        document = SimpleDocTemplate(
            out,
            pagesize=A4,
            leftMargin=20 * mm,
            rightMargin=20 * mm,
            topMargin=18 * mm,
            bottomMargin=20 * mm,
            title=self._title,
            author="edrguard",
            invariant=1,
        )
        document.build(self._story, canvasmaker=self._numbered())
        return out.getvalue()

    def _add(self, text: str, style: str, limit: int = CELL) -> None:
        self._story.append(Paragraph(self.safe(text, limit), self._styles[style]))

    def _cell(self, text: str, style: str) -> Paragraph:
        return Paragraph(self.safe(text), self._styles[style])

    def _numbered(self) -> type[Canvas]:
        foot = self._foot

        class Numbered(Canvas):  # type: ignore[misc]
            """Knows the number of pages only at the end."""

            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self._pages: list[dict[str, Any]] = []

            def showPage(self) -> None:  # noqa: N802
                """Keep the page: its foot is drawn when all are known."""
                self._pages.append(dict(self.__dict__))
                self._startPage()

            def save(self) -> None:
                """Draw the feet, and write."""
                for number, page in enumerate(self._pages, 1):
                    self.__dict__.update(page)
                    self.setFont("Roboto", 8)
                    self.setFillColor(HexColor(_SOFT))
                    self.drawString(20 * mm, 11 * mm, foot)
                    self.drawRightString(A4[0] - 20 * mm, 11 * mm, f"page {number} of {len(self._pages)}")
                    super().showPage()
                super().save()

        return Numbered
