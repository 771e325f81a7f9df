"""A message's HTML in its frame: readable, and nothing else."""

import pytest

from edrguard.console.frame import DEEPEST, LARGEST, framed, harmless
from edrguard.message import html_part
from edrguard.model.limits import Limits
from tests.console.asgi import World, stored
from tests.review.fakes import make_case

HOSTILE = """<table><tr><td colspan=2 background=//evil.test>cell</td></tr></table><h1 onclick=alert(1)>Order</h1><script>alert(1)</script><img src=http://evil.test/x.png onerror=alert(1)>
<p style="background:url(http://evil.test/)">text</p><a href="http://evil.test/">click</a><style>*{display:none}</style>
<form action=//evil.test><input name=password></form><iframe src=//evil.test></iframe><svg><script>1</script></svg>
<base href=//evil.test><meta http-equiv=refresh content=0><link rel=stylesheet href=//evil.test><math><mi xlink:href=x>
<video src=//evil.test></video><object data=//evil.test></object>"""


def test_only_words_are_left() -> None:
    html = harmless(HOSTILE)
    assert html
    for gone in (
        "evil.test",
        "<script",
        "<img",
        "onclick",
        "style",
        "<a",
        "<form",
        "<input",
        "<iframe",
        "<svg",
        "<base",
    ):
        assert gone not in html
    for kept in ("<h1>Order</h1>", "text", "click", "cell"):
        assert kept in html


@pytest.mark.parametrize("html", ["x" * (LARGEST + 1), "<div>" * (DEEPEST + 1)])
def test_what_would_cost_too_much_is_not_shown(html: str) -> None:
    assert harmless(html) is None


def test_the_frame_has_walls_of_its_own() -> None:
    here = World(stored(make_case()), html=lambda content: HOSTILE)
    answer = here.browser().get("/cases/2026-1187/message")
    policy = answer.headers["content-security-policy"]
    for wall in ("default-src 'none'", "sandbox;", "frame-ancestors 'self'", "form-action 'none'", "base-uri 'none'"):
        assert wall in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "evil.test" not in answer.body
    assert framed("x")[1] == policy


def test_a_message_without_html_or_without_a_file() -> None:
    assert "too large" in World(stored(make_case())).browser().get("/cases/2026-1187/message").body
    assert World(stored(make_case(spool=None))).browser().get("/cases/2026-1187/message").status == 404
    assert World(stored(make_case(spool="gone"))).browser().get("/cases/2026-1187/message").status == 503


MAIL = b"""From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n--x\r
Content-Type: text/plain\r\n\r\nplain\r\n--x\r\nContent-Type: text/html; charset=iso-8859-1\r
Content-Transfer-Encoding: quoted-printable\r\n\r\n<p>gr=FC=DFe</p>\r\n--x--\r\n"""


def test_the_html_part_is_found() -> None:
    assert html_part(MAIL, Limits()) == "<p>grüße</p>"
    assert html_part(b"From: a@b.test\r\n\r\nplain\r\n", Limits()) is None
    assert html_part(b"\x00\xff" * 50, Limits()) is None
