"""Many small parts, each of which costs much for its size; and several hostile things in one message."""

from collections.abc import Callable

from tests.fuzz.hostile import files, html, pages
from tests.fuzz.hostile.base import attached, encoded, fill, mail

OPENED = 50  #: Limits.documents
SEEN = 499  #: with the text, Limits.mime_parts
MANY = ("cfb", "docx-text", "p7s-certificates", "pdf-text", "png-text", "text", "zip-members")


def attachments(build: Callable[[int], bytes], amount: int) -> Callable[[int], bytes]:
    """``amount`` copies of an attachment; ``build`` makes a message that holds it."""

    def many(size: int) -> bytes:
        one = build(size // amount)
        body = one.split(b"\r\n\r\n", 1)[1]
        part = body[body.index(b"--=_1\r\n", 1) : body.rindex(b"--=_1--")]
        head = attached(b"", b"x").split(b"--=_1", 1)[0]
        return head + part * max(1, min(amount, size // len(part))) + b"--=_1--\r\n"

    return many


def alternatives(size: int) -> bytes:
    """Twenty pages of text that all differ."""
    words = b" ".join(b"word%d" % n for n in range(max(10, size // 500)))
    parts = b"".join(
        b"--=_1\r\nContent-Type: text/%s\r\n\r\n%d %s\r\n" % (kind, n, words)
        for n in range(20)
        for kind in (b"plain", b"html")
    )
    return mail(parts + b"--=_1--\r\n", b'multipart/alternative; boundary="=_1"')[: size + 1000]


def text_and_page_and_order(size: int) -> bytes:
    """The dearest text, page and PDF in one."""
    third = size // 3
    text = fill("\uc790\uc0b4 ".encode(), third)
    page = html.BUILDERS["paragraphs"](third).split(b"\r\n\r\n", 1)[1]
    order = encoded(pages.document(pages.base(pages.stream(b"BT " + b"(a) Tj " * 100_000 + b" ET"))))
    return mail(
        b"--=_1\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text + b"\r\n--=_1\r\nContent-Type: text/html\r\n\r\n" + page
        + (b"\r\n--=_1\r\nContent-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + order) * 10
        + b"--=_1--\r\n",
        b'multipart/mixed; boundary="=_1"',
    )  # fmt: skip


BUILDERS = {
    **{f"50-{name}": attachments(build, OPENED) for name, build in pages.BUILDERS.items()},
    **{
        f"50-{name}": attachments(build, OPENED)
        for name, build in files.BUILDERS.items()
        if name not in ("zip-bomb", "png-wide", "png-large")
    },
    **{f"499-{name}": attachments((pages.BUILDERS | files.BUILDERS)[name], SEEN) for name in MANY},
    "alternatives": alternatives,
    "text-page-order": text_and_page_and_order,
}
