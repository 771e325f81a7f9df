"""Which HTML elements a reader does not see, by their attributes and by the simplest of style sheets."""

import re

_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|mso-hide\s*:\s*all"
    r"|opacity\s*:\s*0*(?:\.0+)?%?\s*(?:!important\s*)?(?:;|\Z)"
    r"|(?:text-indent|left|top|margin-left|margin-top)\s*:\s*-\d{4,}"
    r"|max-height\s*:\s*0(?:px)?\s*(?:!important\s*)?(?:;|\Z)"
    r"|(?:^|[;\s])(?:height|width)\s*:\s*0(?:px)?\s*;.{0,200}overflow\s*:\s*hidden"
    r"|overflow\s*:\s*hidden.{0,200}[;\s](?:height|width)\s*:\s*0(?:px)?\s*(?:;|\Z)"
    r"|clip-path\s*:\s*inset\(\s*(?:50|100)%|clip\s*:\s*rect\(\s*0",
    re.IGNORECASE | re.DOTALL,
)
_FONT_SIZE = re.compile(r"font-size\s*:\s*([0-9]{0,5}(?:\.[0-9]{1,5})?)\s*(px|pt|em|rem|%|)", re.IGNORECASE)
_TINY = {"px": 2.0, "pt": 1.5, "em": 0.12, "rem": 0.12, "%": 12.0, "": 2.0}
_COLOUR = re.compile(r"(?:^|[;\s])color\s*:\s*([^;!]{1,40})", re.IGNORECASE)
_BACKGROUND = re.compile(r"background(?:-color|-image)?\s*:\s*([^;!]{1,60})", re.IGNORECASE)
_WHITE = re.compile(r"#(?:f[c-f]){3}|#fff[f]?|white|rgba?\(\s*25[3-5]\s*,\s*25[3-5]\s*,\s*25[3-5]\b.*|transparent")
_RULE = re.compile(r"([^{}]{1,300})\{([^{}]{0,1000})\}")
_SIMPLE = re.compile(r"[a-z]{0,12}([.#])([A-Za-z_][\w-]{0,60})")
_MAX_RULES = 300


def style_hides(style: str) -> bool:
    """Does an inline style make its element invisible whatever surrounds it?"""
    return bool(style) and _HIDING.search(style[:2000]) is not None


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
        if not style_hides(match[2]) and not tiny(match[2]):
            continue
        for selector in match[1].split(","):
            simple = _SIMPLE.fullmatch(selector.strip())
            if simple is not None:
                (classes if simple[1] == "." else ids).add(simple[2])
    return frozenset(classes), frozenset(ids)
