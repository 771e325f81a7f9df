"""Which HTML elements a reader does not see, by their attributes and by the simplest of style sheets."""

import re

_HIDING = re.compile(
    r"opacity\s*:\s*0*(?:\.0+)?%?\s*(?:!important\s*)?(?:;|\Z)"
    r"|(?:text-indent|left|top|margin-left|margin-top)\s*:\s*-\d{4,}"
    r"|(?:^|[;\s])(?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:!important\s*)?;.{0,200}overflow\s*:\s*hidden"
    r"|overflow\s*:\s*hidden.{0,200}[;\s](?:max-)?(?:height|width)\s*:\s*0(?:px)?\s*(?:!important\s*)?(?:;|\Z)"
    r"|clip-path\s*:\s*inset\(\s*(?:50|100)%|clip\s*:\s*rect\(\s*0",
    re.IGNORECASE | re.DOTALL,
)
_DECLARED = re.compile(
    r"(?:^|;)\s*+(display|visibility)\s*+:\s*+([a-z-]++)\s*+(!\s*+important\s*+)?(?=;|\Z)", re.IGNORECASE
)
_NOT_SHOWN = frozenset(("none", "hidden", "collapse"))
_SHOWN = frozenset(("block", "inline", "flex", "grid", "contents", "flow-root", "list-item", "visible")) | {
    *("inline-block", "inline-flex", "inline-grid", "table", "inline-table", "table-row", "table-cell"),
}
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_FONT_SIZE = re.compile(r"font-size\s*:\s*([0-9]{0,5}(?:\.[0-9]{1,5})?)\s*(px|pt|em|rem|%|)", re.IGNORECASE)
_TINY = {"px": 2.0, "pt": 1.5, "em": 0.12, "rem": 0.12, "%": 12.0, "": 2.0}
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]{1,40})", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:\s*([^;!]{1,60})", re.IGNORECASE)
_WHITE = re.compile(r"#(?:f[c-f]){3}|#fff[f]?|white|rgba?\(\s*25[3-5]\s*,\s*25[3-5]\s*,\s*25[3-5]\b.*|transparent")
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,1000})\}")
_SIMPLE = re.compile(r"[a-z]{0,12}([.#])([A-Za-z_][\w-]{0,60})")
_MAX_RULES = 300


def style_hides(style: str) -> bool:
    """Does an inline style make its element invisible whatever surrounds it, and whatever it holds?"""
    return bool(style) and (_HIDING.search(style[:2000]) is not None or declared(style, "display") is False)


def declared(style: str, name: str) -> bool | None:
    """Does ``display`` or ``visibility`` of a style show its element? ``None``: not set. The last declaration counts,
    an important one before the others; one with a value that is none is no declaration (CSS Cascade 6, Syntax 9)."""
    if name not in style and name not in style.lower():
        return None
    shown, important = None, False
    for property_, value, mark in _DECLARED.findall(_COMMENT.sub("", style[:2000])):
        if property_.lower() != name or (important and not mark):
            continue
        if value.lower() in _NOT_SHOWN or value.lower() in _SHOWN:
            shown, important = value.lower() in _SHOWN, bool(mark)
    return shown


def tiny(style: str) -> bool | None:
    """Is text too small to be seen? ``None`` where the style sets no size: as in the element around it."""
    match = _FONT_SIZE.search(style[:2000])
    if match is None or match[1] in ("", "."):
        return None
    return float(match[1]) < _TINY[match[2].lower()]


def is_white(colour: str) -> bool:
    """Is it the colour of paper (or none at all)?"""
    return _WHITE.fullmatch(colour.strip().lower()) is not None


def text_colour(style: str) -> str | None:
    """The text colour that an inline style sets."""
    match = _COLOUR.search(style[:2000])
    return match[1] if match else None


def paints(style: str, bgcolor: str, background: str) -> bool | None:
    """Is there a background that is not the colour of paper, so that pale text is seen? ``None``: none is set."""
    match = _BACKGROUND.search(style[:2000])
    if match is not None:
        return not is_white(match[1])
    if bgcolor:
        return not is_white(bgcolor)
    return True if background else None


def hiding_rules(sheet: str) -> tuple[frozenset[str], frozenset[str]]:
    """(classes, ids) that a style sheet hides by simple selectors outside of @media."""
    classes: set[str] = set()
    ids: set[str] = set()
    if "{" not in sheet:
        return frozenset(), frozenset()
    depth_safe = re.sub(
        r"@media[^{]{0,300}\{(?:[^{}]{0,1000}\{[^{}]{0,1000}\}){0,50}[^{}]{0,1000}\}", "", sheet[:65536]
    )
    for count, match in enumerate(_RULE.finditer(depth_safe)):
        if count >= _MAX_RULES:
            break
        hides = style_hides(match[2]) or declared(match[2], "visibility") is False or bool(tiny(match[2]))
        if not hides and declared(match[2], "display") is None:
            continue
        for selector in match[1].split(","):
            simple = _SIMPLE.fullmatch(selector.strip())
            if simple is None:
                continue
            names = classes if simple[1] == "." else ids
            (names.add if hides else names.discard)(simple[2])  # a later rule may show it again
    return frozenset(classes), frozenset(ids)
