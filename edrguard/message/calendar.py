"""An invitation as a reader sees it (RFC 5545): clients show its words, often in the place of the mail's own text.

Law: linear; total; what is no property that readers show is left out.
"""

import re

from edrguard.message.html import html_to_text

_FOLD = re.compile(r"\r?\n[ \t]")
_SHOWN = re.compile(
    r"^(summary|location|description|comment|x-alt-desc)(?:;(?>(?:\"[^\"\n]*+\"|[^\":\n]++)*))?:([^\n]*+)",
    re.IGNORECASE | re.MULTILINE,
)
_ESCAPE = re.compile(r"\\(.)")


def invitation_text(text: str) -> str:
    """Summary, place, description and comments of an iCalendar object, one a line, each once."""
    shown: dict[str, None] = {}
    for name, value in _SHOWN.findall(_FOLD.sub("", text)):
        value = _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], value)
        shown[(html_to_text(value) if name.lower() == "x-alt-desc" else value).strip()] = None
    return "\n".join(one for one in shown if one)
