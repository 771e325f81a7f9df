"""XFORWARD and XCLIENT attributes: total, canonical, harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.model.errors import MailSyntax
from edrguard.protocols.smtp.xforward import (
    XCLIENT,
    XFORWARD,
    canonical_ip,
    decode_xtext,
    encode_xtext,
    parse_attributes,
)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("NAME=mx.agency.example ADDR=192.0.2.1", {"NAME": "mx.agency.example", "ADDR": "192.0.2.1"}),
        ("addr=IPV6:2001:DB8:0:0::1", {"ADDR": "2001:db8::1"}),
        ("ADDR=ipv6:::ffff:192.0.2.9", {"ADDR": "192.0.2.9"}),
        ("ADDR=2001:db8::1", {"ADDR": "2001:db8::1"}),
        ("NAME=[UNAVAILABLE] ADDR=[TEMPUNAVAIL] HELO=[unavailable]", {"NAME": None, "ADDR": None, "HELO": None}),
        ("PORT=25 PROTO=esmtp SOURCE=remote", {"PORT": "25", "PROTO": "ESMTP", "SOURCE": "REMOTE"}),
        ("PROTO=X", {"PROTO": None}),
        ("HELO=a+2Bb+3Dc", {"HELO": "a+b=c"}),
        ("HELO=evil+0D+0AMAIL+20x", {"HELO": "evil??MAIL?x"}),
        ("HELO=" + "x" * 400, {"HELO": "x" * 255}),
        ("IDENT=4F1x2Y3z", {"IDENT": "4F1x2Y3z"}),
        ("NAME=not+20a+20name", {"NAME": None}),
    ],
)
def test_xforward(text, wanted):
    assert parse_attributes(text, XFORWARD) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "NAME",
        "NAME=",
        "=x",
        "LOGIN=x",
        "ADDR=300.0.0.1",
        "ADDR=IPV6:192.0.2.1x",
        "PORT=70000",
        "PORT=x",
        "PORT=+B2",
        "SOURCE=MOON",
        "HELO=a+",
        "HELO=a+2",
        "HELO=a+ZZ",
        "NAME=a\x00b",
        "NAME=ü",
    ],
)
def test_refused(text):
    with pytest.raises(MailSyntax):
        parse_attributes(text, XFORWARD)


def test_xclient_has_its_own_attributes():
    assert parse_attributes("LOGIN=a DESTADDR=192.0.2.2 DESTPORT=25", XCLIENT) == {
        "LOGIN": "a",
        "DESTADDR": "192.0.2.2",
        "DESTPORT": "25",
    }
    with pytest.raises(MailSyntax):
        parse_attributes("IDENT=1", XCLIENT)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8::0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", None),
        ("x", None),
        ("192.0.2.01", None),
    ],
)
def test_canonical_ip(text, wanted):
    assert canonical_ip(text) == wanted


@given(st.text(st.characters(max_codepoint=127)))
def test_xtext_round_trip(text):
    encoded = encode_xtext(text)
    assert decode_xtext(encoded) == text
    assert " " not in encoded and "=" not in encoded and encoded.isprintable()


@given(st.text())
def test_accept_or_raise_mail_syntax(text):
    for known in (XFORWARD, XCLIENT):
        for shape in (text, *(f"{name}={text}" for name in known)):
            try:
                found = parse_attributes(shape, known)
            except MailSyntax:
                continue
            assert all(v is None or (v.isascii() and v.isprintable() and " " not in v) for v in found.values())
