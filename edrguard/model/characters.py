"""Character references of HTML and XML (HTML 13.2.5.80), whatever stands in them.

The standard library's ``unescape`` turns the digits of a reference into a number first, which Python refuses above 4300
digits. Law: total; linear.
"""

import re
from html import unescape as _unescape

_LONG = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9A-Fa-f]{8,});?")


def unescape(text: str) -> str:
    """``text`` with its character references decoded; a number beyond all characters is U+FFFD, as in a browser."""
    if "&" not in text:
        return text
    return _unescape(_LONG.sub(_beyond, text) if "&#" in text else text)


def _beyond(match: re.Match[str]) -> str:
    """Leading zeros are allowed, and people hide behind them."""
    digits = match[0].rstrip(";")[2:].lstrip("xX0")
    if len(digits) > 7:
        return "\ufffd"
    return f"&#{'x' if match[0][2] in 'xX' else ''}{digits or '0'};"
