"""JSON as it goes to a file or a pipe: one value a line, always valid UTF-8."""

import json


class _Surrogates(dict[int, str]):
    """Lone surrogates cannot be written as UTF-8: they go out as JSON escapes."""

    def __missing__(self, code: int) -> str:
        if 0xD800 <= code <= 0xDFFF:
            return f"\\u{code:04x}"
        raise LookupError


_SURROGATES = _Surrogates()


def json_line(value: object) -> str:
    """``value`` as one line with its newline."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).translate(_SURROGATES) + "\n"
