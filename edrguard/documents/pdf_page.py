"""One page's content stream (ISO 32000-1 8, 9) by its operators: which fonts write how much, what lies over a picture.

A page that is a scan with visible text or a second picture on top of it is how a signature is pasted onto an order; it
is also how some scanners' programs and form fillers work. Shown, not judged.

Law: linear; total.
"""

import re
from dataclasses import dataclass, field

_STRING = rb"\((?>(?:[^()\\]|\\.|\([^()\\]{0,200}\))*)\)"
_NUMBER = rb"[-+.0-9]{1,20}\s+"
_TOKEN = re.compile(
    rb"/([^\s/<>\[\]()]{1,60})\s+[-+.0-9]{1,20}\s+Tf\b|"
    rb"([0-7])\s+Tr\b|"
    rb"(" + _NUMBER + rb")(?:" + _NUMBER + rb")(?:" + _NUMBER + rb")(" + _NUMBER + rb")(?:" + _NUMBER + rb"){2}cm\b|"
    rb"/([^\s/<>\[\]()]{1,60})\s+Do\b|(" + _STRING + rb"|<[0-9A-Fa-f\s]{2,4000}>)|(BI)\s|\b([qQ])\b",
    re.DOTALL,
)
_MAX_TOKENS = 100_000


@dataclass(slots=True)
class Painted:
    """What a content stream paints, in its order."""

    fonts: dict[str, int] = field(default_factory=dict)  #: resource name -> octets shown with it
    drawn: list[tuple[str, float]] = field(default_factory=list)  #: XObject's name, area in units of the page's space
    after: dict[int, str] = field(default_factory=dict)  #: index in ``drawn`` -> "text" where visible text comes later
    visible: bool = False
    invisible: bool = False  #: text that is not painted: what text recognition lays under a scan
    inline: bool = False


def paint(content: bytes) -> Painted:
    """Go through the operators that matter."""
    found = Painted()
    font, mode, area = "", 0, 1.0
    stack: list[float] = []
    for count, match in enumerate(_TOKEN.finditer(content)):
        if count >= _MAX_TOKENS:
            break
        if match[1]:
            font = match[1].decode("latin-1")
        elif match[2]:
            mode = int(match[2])
        elif match[3]:
            area *= abs(_number(match[3]) * _number(match[4]))
        elif match[5]:
            found.drawn.append((match[5].decode("latin-1"), area))
        elif match[6]:
            found.fonts[font] = found.fonts.get(font, 0) + len(match[6]) - 2
            if mode == 3:
                found.invisible = True
            elif match[6][1:-1].strip(b" \\nrt"):
                found.visible = True
                if found.drawn:
                    found.after[len(found.drawn) - 1] = "text"
        elif match[7]:
            found.inline = True
        elif match[8] == b"q":
            stack.append(area)
            del stack[:-50]
        elif stack:
            area = stack.pop()
    return found


def _number(token: bytes) -> float:
    try:
        return float(token)
    except ValueError:
        return 0.0


def overlays(found: Painted, kinds: dict[str, str], page_area: float, number: int) -> list[str]:
    """Words for what lies over a picture that fills the page. ``kinds``: XObject's name -> Image or Form."""
    full = next(
        (i for i, (name, area) in enumerate(found.drawn) if kinds.get(name) == "Image" and area > 0.5 * page_area), None
    )
    if full is None:
        return []
    words = []
    if any(index >= full for index in found.after):
        words.append(f"visible text over the picture that fills page {number}")
    later = {kinds.get(name) for name, _ in found.drawn[full + 1 :]}
    if "Image" in later or found.inline:
        words.append(f"a picture over the picture that fills page {number}")
    if "Form" in later:
        words.append(f"a drawing over the picture that fills page {number}")
    return words
