"""Comments in structured fields (RFC 5322 3.2.2): nested, and anywhere that blanks may stand.

Law: linear and without recursion, however deep they nest.
"""

import re

_MARK = re.compile(r'[()"\\]')
_IN_COMMENT = re.compile(r"[()\\]")


def comment_end(value: str, start: int) -> int:
    """Where the comment that opens at ``start`` is over (past its closing mark), -1 where it never is."""
    depth, position = 0, start
    while (match := _IN_COMMENT.search(value, position)) is not None:
        mark, position = match[0], match.end()
        if mark == "\\":
            position += 1
        elif mark == "(":
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return position
    return -1


def split_comments(value: str) -> tuple[str, list[str]]:
    """``value`` with a blank for each comment outside quoted strings, and the comments' texts without their marks.

    An unclosed comment swallows the rest, as it does in most readers.
    """
    if "(" not in value:
        return value, []
    out: list[str] = []
    comments: list[str] = []
    position = kept = 0
    quoted = False
    while (match := _MARK.search(value, position)) is not None:
        mark, at = match[0], match.start()
        position = match.end()
        if mark == "\\":
            position += 1
        elif mark == '"':
            quoted = not quoted
        elif mark == "(" and not quoted:
            out.append(value[kept:at])
            stop = comment_end(value, at)
            comments.append(value[at + 1 : stop - 1] if stop >= 0 else value[at + 1 :])
            kept = position = stop if stop >= 0 else len(value)
            out.append(" ")
    out.append(value[kept:])
    return "".join(out), comments


def strip_comments(value: str) -> str:
    """``value`` without its comments."""
    return split_comments(value)[0]
