"""What a reader sees: plain text, HTML, alternatives, links."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import html_to_text, parse
from edrguard.message.html import read_html
from edrguard.message.links import text_links
from edrguard.model.limits import Limits
from edrguard.model.message import ParsedMessage

LIMITS = Limits()
HEAD = b"From: a@b.test\r\nDate: Tue, 24 Nov 2026 00:00:00 +0000\r\nMessage-ID: <1@b.test>\r\nMIME-Version: 1.0\r\n"

HTML = [
    ("<p>Hi <b>there</b><br>you</p><div>x&amp;y</div>", "Hi there\nyou\n\nx&y"),
    ("a<!-- b --><!--> c --><!-- d --!>e", "a c -->e"),
    ("<script>if (a<b) '</p>'</script>k<style>x</style>", "k"),
    ("<head><title>t</title></head><body>b</body>", "b"),
    ("<head>a<title>t</title><style>b</style></head>c", "ac"),
    ("<p>a</p><head hidden>b", "a\n\nb"),
    ("<table><tr><td>1<td>2<tr><td>3</table>", "1 2\n3"),
    ("<ul><li>a<li>b</ul>c", "a\nb\n\nc"),
    ("<pre>a  b\nc</pre>", "a b\nc"),
    ("<a title=it's href=http://q.test>u</a>v", "uv"),
    ('<img alt="a>b">t', "t"),
    ("a < b > c <3", "a < b > c <3"),
    ("&#x41;&eacute;&nbsp;b&bogus;", "Aé b&bogus;"),
    ("unfinished <a href='x", "unfinished"),
    ("<textarea>a<b></textarea>", "a<b>"),
    ("<p>one<p>two", "one\n\ntwo"),
    ("he&#8203;l<wbr>p\u200d \u00adme", "help me"),
    ("<object data=x>a</object><select><option>b</select><math><mi>c</math><svg><text>d</text></svg>", "abcd"),
    ("<xmp>a<b></xmp>", "a<b>"),
    ("a<!--[if gte mso 9]><td>b</td><xml><o:p>x</o:p></xml> c<![endif]-->d<!--[if !mso]>e<![endif]-->", "ab cd"),
    ("a<!--[if mso | IE]>b", "ab"),
    ('<img alt="your logo"><img alt="he will kill her tonight" src=x>', "he will kill her tonight"),
    ('<input type=hidden value="a b c d e"><input value="call us at once please">', "call us at once please"),
    ('<p hidden><img alt="he will kill her"></p>a', "a"),
]


@pytest.mark.parametrize(("page", "wanted"), HTML)
def test_html(page: str, wanted: str) -> None:
    assert html_to_text(page) == wanted


HIDDEN = [
    ('<div style="display:none">secret words</div>seen', "seen"),
    ('<p style="DISPLAY : none !important">secret words<p>seen', "seen"),
    ('<div style="display:none"><b>secret</b> <div>words</div></div>seen', "seen"),
    ("<span hidden>secret words</span>seen", "seen"),
    ('<span style="font-size:0">secret words</span>seen', "seen"),
    ('<span style="font-size:1px">secret words</span>seen', "seen"),
    ("<font color=white>secret words</font>seen", "seen"),
    ('<span style="color:#FFFFFF">secret words</span>seen', "seen"),
    ('<body style="background:#fff"><span style="color:rgb(255,255,255)">secret words</span>seen', "seen"),
    ("<style>.x, i{color:red} .x{display:none}</style><b class='a x'>secret words</b>seen", "seen"),
    ("<style>#y{visibility:hidden}</style><b id=y>secret words</b>seen", "seen"),
    ('<div style="max-height:0;overflow:hidden">secret words</div>seen', "seen"),
    ('<div style="position:absolute;left:-9999px">secret words</div>seen', "seen"),
    ('<p style="display:block;display:none;display:bogus">secret words</p>seen', "seen"),
    ('<p style="visibility:hidden">secret words</p>seen', "seen"),
    ("<style>.x{display:block} .x{display:none}</style><b class=x>secret words</b>seen", "seen"),
    ('<b><div style="display:none"></b>secret words</div>seen', "seen"),
    ('<div style="display:none"><table><tr><td></div>secret words</table></div>seen', "seen"),
]


@pytest.mark.parametrize(("page", "wanted"), HIDDEN)
def test_hidden_text_is_no_text(page: str, wanted: str) -> None:
    reading = read_html(page, "w", 1000, 10)
    assert reading.text == wanted
    assert reading.hidden == ["secret words"]


@pytest.mark.parametrize(
    "page",
    [
        '<table style="font-size:0px"><tr><td><span style="font-size:13px">seen</span></td></tr></table>',
        '<div style="background:#000;color:#fff">seen</div>',
        '<td bgcolor="#336699"><font color=white>seen</font></td>',
        "<style>@media print{.y{display:none}}</style><i class=y>seen</i>",
        '<p style="font-size:0.875rem;opacity:0.9;color:#999">seen</p>',
        '<div style="display:none">&nbsp;\u200c &nbsp;</div>seen',
        '<p style="display:block">seen</p>',
        "<font color=white><p></font>seen</p>",
        '<p style="display:none;display:block">seen</p>',
        '<p style="DISPLAY:block !important; display:none">seen</p>',
        '<p style="display:nonee; /*display:none*/ max-height:0">seen</p>',
        '<p style="visibility:hidden"><b style="visibility:visible">seen</b></p>',
        '<p hidden style="display:block">seen</p>',
        '<style>.x{display:none}</style><p class=x style="display:block">seen</p>',
        "<style>.x{display:none} .x{display:block}</style><p class=x>seen</p>",
        '<a style="mso-hide:all">seen</a>',
    ],
)
def test_seen_text_is_not_called_hidden(page: str) -> None:
    reading = read_html(page, "w", 1000, 10)
    assert reading.text == "seen"
    assert reading.hidden == []


def test_html_links() -> None:
    page = (
        '<a href="http://evil.test/a">http://good.test/</a><a href="https://same.test/">same.test</a>'
        '<a href="mailto:a@b.test">m</a><a href="#x">f</a><form action="https://f.test/p"></form>'
        "<a href=javascript:x>j</a>"
        "<!--[if mso]><v:rect href=https://o.test></v:rect><![endif]-->"
        '<a href=" ht\ntp://split.test ">s</a>'
    )
    links = [(link.href, link.text) for link in read_html(page, "w", 1000, 10).links]
    assert links == [
        ("http://evil.test/a", "http://good.test/"),
        ("https://same.test/", ""),
        ("https://f.test/p", ""),
        ("javascript:x", "j"),
        ("https://o.test", ""),
        ("http://split.test", "s"),
    ]
    assert len(read_html(page * 10, "w", 1000, 7).links) == 7


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("see http://a.test/x. And (https://b.test/y_(z)), www.c.test!", None),
        ("ftp://d.test/e;f", ["ftp://d.test/e;f"]),
        ("no link: httpx://a awww.b www.", []),
    ],
)
def test_text_links(text: str, wanted: list[str] | None) -> None:
    expected = ["http://a.test/x", "https://b.test/y_(z)", "www.c.test"] if wanted is None else wanted
    assert [link.href for link in text_links(text, "w", 10)] == expected


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 50_000,
        "<b>" * 3000 + "</i></b><b>" * 20_000,
        "<a " + " ".join(f"a{n}=1" for n in range(50_000)) + ">",
        "<" * 200_000,
        "<!--" * 50_000,
        "<style>" * 30_000,
        "<p style='" + "overflow:hidden;" * 10_000 + "'>",
        "<!--[if mso]>" * 20_000,
        "<!--[if " + "!mso " * 20_000,
        "<!--[if mso " + "mso!" * 50_000,
    ],
    ids=range(10),
)
def test_hostile_html_ends(page: str) -> None:
    html_to_text(page)


@given(
    st.lists(
        st.sampled_from(
            [
                "<",
                ">",
                "<b",
                "</b>",
                "<p ",
                "style='display:none'",
                "<!--",
                "-->",
                "&",
                "x",
                " ",
                "=",
                "'",
                '"',
                "<td>",
                "</table>",
                "<a href=http://x.test>",
            ]
        )
    ).map("".join)
)
def test_html_total(page: str) -> None:
    reading = read_html(page, "w", 100, 3)
    assert len(reading.text) <= 100
    assert len(reading.links) <= 3


def message(kind: bytes, *parts: tuple[bytes, bytes]) -> ParsedMessage:
    body = b"".join(b"--=_1\r\nContent-Type: " + head + b"\r\n\r\n" + text + b"\r\n" for head, text in parts)
    return parse(HEAD + b"Content-Type: multipart/" + kind + b"; boundary==_1\r\n\r\n" + body + b"--=_1--\r\n", LIMITS)


WORDS = b" ".join(b"word%d" % n for n in range(40))
OTHER = b" ".join(b"other%d" % n for n in range(40))


def test_of_equal_alternatives_the_plain_one_is_read() -> None:
    read = message(
        b"alternative", (b"text/plain", WORDS), (b"text/html", b"<p>" + WORDS + b"<a href=http://x.test/>x</a>")
    )
    assert read.text == WORDS.decode()
    assert read.defects == ()
    assert [link.href for link in read.links] == ["http://x.test/"]


def test_a_trivial_plain_alternative_gives_way_and_is_read_all_the_same() -> None:
    read = message(b"alternative", (b"text/plain", b"HTML only"), (b"text/html", b"<p>" + WORDS))
    assert read.text == WORDS.decode() + "\n\nHTML only"


def test_what_only_one_form_says_is_read_whichever_form_is_shown() -> None:
    """Most clients show the HTML; it may not say in its second half what nobody here has read."""
    read = message(
        b"alternative", (b"text/plain", WORDS), (b"text/html", b"<p>" + WORDS + b"<p>he will kill her tonight")
    )
    assert read.text == WORDS.decode() + "\n\nhe will kill her tonight"
    read = message(b"alternative", (b"text/plain", WORDS + b"\r\nhe will kill her"), (b"text/html", b"<p>" + WORDS))
    assert "he will kill her" in read.text


def test_two_forms_of_one_type_that_differ() -> None:
    """Some clients show the first that they can show, most the last."""
    for kind in (b"text/plain", b"text/html"):
        read = message(b"alternative", (kind, WORDS), (kind, OTHER))
        assert WORDS.decode() in read.text
        assert OTHER.decode() in read.text
        assert "ALTERNATIVE_DIFFERS" in {d.symbol for d in read.defects}
        assert message(b"alternative", (kind, WORDS), (kind, WORDS)).defects == ()


def test_alternatives_that_say_different_things_both_count() -> None:
    read = message(b"alternative", (b"text/plain", WORDS), (b"text/html", b"<p>" + OTHER))
    assert WORDS.decode() in read.text
    assert OTHER.decode() in read.text
    assert {d.symbol for d in read.defects} == {"ALTERNATIVE_DIFFERS"}


def test_parts_are_read_in_order_and_attachments_are_not() -> None:
    attached = b"text/plain\r\nContent-Disposition: attachment; filename=a.txt"
    read = message(b"mixed", (b"text/plain", b"one"), (attached, b"two"), (b"text/html", b"<p>three"))
    assert read.text == "one\n\nthree"


def test_what_a_report_returns_is_not_read() -> None:
    inside = b"message/rfc822\r\n\r\nFrom: c@d.test\r\n\r\nour own words"
    head, _, body = inside.partition(b"\r\n\r\n")
    read = message(b"report; report-type=delivery-status", (b"text/plain", b"failed"), (head, body))
    assert read.text == "failed"
    assert read.automatic == "bounce"
    assert message(b"mixed", (b"text/plain", b"see below"), (head, body)).text == "see below\n\nour own words"


def test_hidden_text_unknown_charsets_and_flowed_lines() -> None:
    read = message(b"mixed", (b"text/html", b"a<p hidden>secret words</p>"), (b"text/plain; charset=klingon", b"b"))
    assert {d.symbol for d in read.defects} == {"HIDDEN_TEXT", "CHARSET_UNKNOWN"}
    flowed = parse(HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\none \r\ntwo\r\n-- \r\nsig\r\n", LIMITS)
    assert flowed.text == "one two\n-- \nsig"


def test_text_is_bounded() -> None:
    limits = Limits(text=100)
    for kind in (b"text/plain", b"text/html"):
        read = parse(HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + b"word " * 500, limits)
        assert len(read.text) <= 100
        assert read.text_truncated
    assert not parse(HEAD + b"\r\nword", limits).text_truncated


def test_links_are_bounded() -> None:
    read = parse(HEAD + b"\r\n" + b" ".join(b"http://a.test/%d" % n for n in range(50)), Limits(links=10))
    assert len(read.links) == 10
    assert {d.symbol for d in read.defects} == {"LINKS_TOO_MANY"}


INVITATION = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY;LANGUAGE=en:Call\r\n"
    b'DESCRIPTION;ALTREP="http://a.test/x:y":He will kill her\\, tonight\\nCall h\r\n ttps://b.test/\r\n'
    b"X-ALT-DESC;FMTTYPE=text/html:<p>He will <b>burn</b> the house\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
INVITED = "Call\nHe will kill her, tonight\nCall https://b.test/\nHe will burn the house"


def test_an_invitation_is_read() -> None:
    """Clients show it in the place of the text beside it."""
    calendar = (b"text/calendar; method=REQUEST", INVITATION)
    alone = parse(HEAD + b"Content-Type: text/calendar; method=REQUEST\r\n\r\n" + INVITATION, LIMITS)
    assert (alone.text, alone.defects) == (INVITED, ())
    read = message(b"alternative", (b"text/plain", b"See the invitation"), calendar)
    assert read.text == "See the invitation\n\nHe will kill her, tonight\nHe will burn the house"
    assert [link.href for link in read.links] == ["https://b.test/"]
    assert message(b"alternative", calendar).text == INVITED
    same = message(b"alternative", (b"text/plain", INVITED.encode()), (b"text/html", b"<p>" + WORDS), calendar)
    assert same.text.count("kill her") == 1
