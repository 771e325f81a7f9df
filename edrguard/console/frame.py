"""A message's HTML, harmless: sanitised, without anything remote, in a frame that runs nothing.

Three walls, each enough alone: the sanitiser (nh3) keeps a few text elements and no
attribute that could load or run anything; the answer's own Content-Security-Policy allows
nothing but its style element, and puts the document in a sandbox; so does the frame around it.
"""

import base64
import hashlib

import nh3

LARGEST = 256 * 1024  #: characters of HTML that are shown
DEEPEST = 2000  #: opening tags: nesting costs the parser quadratic time
POLICY = (
    "default-src 'none'; style-src 'sha256-{digest}'; sandbox; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)
_TAGS = {
    *("p", "br", "div", "span", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup", "blockquote", "pre", "code"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "hr", "center"),
    *("table", "thead", "tbody", "tfoot", "tr", "td", "th", "caption"),
}
STYLE = (
    "body{font:16px/1.5 sans-serif;margin:.8rem;background:#fff;color:#111;overflow-wrap:anywhere}"
    "table{border-collapse:collapse}td,th{border:1px solid #bbb;padding:.2rem .4rem;text-align:left}"
)


def harmless(html: str) -> str | None:
    """The inside of a body, safe to show; None where it is too large or too deep to be worth it."""
    if len(html) > LARGEST or html.count("<") > DEEPEST:
        return None
    return nh3.clean(html, tags=_TAGS, attributes={"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}})


def framed(html: str) -> tuple[str, str]:
    """The document around ``harmless`` HTML, and its policy."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    head = f'<meta charset="utf-8"><title>message</title><style>{STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{html}</body></html>', POLICY.format(digest=digest)
