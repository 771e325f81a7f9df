"""RFC 5321 4.1.2: what is a path, what is none, and that nothing is rewritten."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.model.errors import MailSyntax
from edrguard.protocols.smtp.path import parse_forward_path, parse_reverse_path

GOOD = [
    "a@b.example",
    "First.Last+tag@Mail.Example.COM",
    "a@localhost",
    "!#$%&'*+/=?^_`{|}~-@b.example",
    '"a b"@b.example',
    '"a\\"@\\\\b"@b.example',
    '"<x>"@b.example',
    '""@b.example',
    "a@[192.0.2.1]",
    "a@[IPv6:2001:db8::1]",
    "a@[ipv6:::ffff:192.0.2.1]",
    "a@host_name.example",
    "a@xn--bcher-kva.example",
    "a" * 64 + "@b.example",
    "bounce+" + "x" * 120 + "=victim.example@esp.example",
    "a@" + ".".join(["l" * 63] * 3 + ["l" * 61]),
    "ü@bücher.example",
    "用户@例子.example",
]

BAD = [
    "",
    "a@b.example",
    "<a@b.example",
    "a@b.example>",
    "<a@b.example>x",
    "<a@b.example>\tSIZE=1",
    "<a>",
    "<@b.example>",
    "<a@>",
    "< a@b.example>",
    "<a@b.example >",
    "<a(comment)@b.example>",
    "<any@b.example(.a.example>",
    "<(any@b.example>",
    "<any@b.example'@any.example>",
    "<a b@b.example>",
    "<a@b@c.example>",
    "<.a@b.example>",
    "<a.@b.example>",
    "<a..b@b.example>",
    "<a@b..example>",
    "<a@.example>",
    "<a@b.example.>",
    "<a@-b.example>",
    "<a@b-.example>",
    "<a@" + "l" * 64 + ".example>",
    "<a@" + ".".join(["l" * 63] * 4) + "l>",
    "<" + "a" * 256 + "@b.example>",
    '<"a@b.example>',
    '<"a"b@b.example>',
    '<"a\x00"@b.example>',
    "<a@[192.0.2.256]>",
    "<a@[192.0.2.1>",
    "<a@[IPv6:192.0.2.1]>",
    "<a@[IPv6:fe80::1%eth0]>",
    "<a@[tag:x]>",
    "<<a@b.example>>",
    "<a@b.example><c@d.example>",
    "<a\r@b.example>",
    "<a@b\u3002example>",
    "<a@b\uff0eexample>",
    "<a@b\u2024example>",
    "<a\x85b@b.example>",
    "<a@b.\U0001f600>",
    "<a\ud800@b.example>",
    "a b c",
]


@pytest.mark.parametrize("mailbox", GOOD)
def test_mailbox_is_kept_as_sent(mailbox):
    for parse in (parse_reverse_path, parse_forward_path):
        path = parse(f"<{mailbox}>")
        assert (path.mailbox, path.rest, path.route) == (mailbox, "", "")
        assert path.utf8 is not mailbox.isascii()
        assert parse(f" <{mailbox}> NOTIFY=NEVER").rest == " NOTIFY=NEVER"


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text):
    for parse in (parse_reverse_path, parse_forward_path):
        with pytest.raises(MailSyntax):
            parse(text)


def test_null_path_is_a_reverse_path_only():
    assert parse_reverse_path("<> BODY=8BITMIME").mailbox == ""
    with pytest.raises(MailSyntax):
        parse_forward_path("<>")


@pytest.mark.parametrize("name", ["postmaster", "Postmaster", "POSTMASTER"])
def test_postmaster_needs_no_domain_as_recipient(name):
    assert parse_forward_path(f"<{name}> NOTIFY=NEVER").mailbox == name
    with pytest.raises(MailSyntax):
        parse_reverse_path(f"<{name}>")


def test_source_route_is_reported_not_stripped_in_silence():
    path = parse_reverse_path("<@a.example,@b.example:c@d.example> SIZE=1")
    assert (path.route, path.mailbox, path.rest) == ("@a.example,@b.example:", "c@d.example", " SIZE=1")


@given(st.text())
def test_accepts_or_raises_mail_syntax(text):
    for parse in (parse_reverse_path, parse_forward_path):
        for shape in (text, f"<{text}>", f"<{text}@b.example>", f"<a@{text}>"):
            try:
                path = parse(shape)
            except MailSyntax:
                continue
            assert f"<{path.route}{path.mailbox}>{path.rest}" == shape.lstrip(" ")


@pytest.mark.parametrize(
    "text", ["<" + "a." * 500_000, '<"' + "\\a" * 500_000, "<" + "@a," * 300_000, "<a@" + "a-" * 500_000]
)
def test_linear_time(text):
    began = time.perf_counter()
    with pytest.raises(MailSyntax):
        parse_reverse_path(text)
    assert time.perf_counter() - began < 1.0
