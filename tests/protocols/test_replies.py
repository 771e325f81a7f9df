"""Replies: ours on the wire, the next hop's read with bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.model.errors import MailSyntax
from edrguard.model.wire import SmtpReply
from edrguard.protocols.smtp import replies
from edrguard.protocols.smtp.replies import ReplyReader, wire

OURS = {name: value for name, value in vars(replies).items() if isinstance(value, SmtpReply)}


@pytest.mark.parametrize("name", OURS)
def test_our_replies_have_enhanced_codes_and_name_no_mechanism(name):
    reply = OURS[name]
    assert reply.enhanced[0] == str(reply.code)[0] and reply.enhanced.count(".") == 2
    assert reply.close or reply.code not in (221, 421)
    assert wire(reply) == f"{reply}\r\n".encode()
    for word in ("spf", "dkim", "dmarc", "spam", "phish", "edrguard", "aiosmtpd", "python", "risk", "policy"):
        assert word not in reply.text.lower()


@pytest.mark.parametrize(
    ("reply", "line"),
    [
        (SmtpReply(250, "", "fine"), b"250 2.0.0 fine\r\n"),
        (SmtpReply(550, "x\r\n", "a\r\nb"), b"550 5.0.0 a?b\r\n"),
        (SmtpReply(550, "5.7.1", ""), b"550 5.7.1 Error\r\n"),
        (SmtpReply(354, "", "go"), b"354 5.5.0 go\r\n"),
        (SmtpReply(0, "", "?"), b"451 4.3.0 Temporary local problem, try again later\r\n"),
    ],
)
def test_wire(reply, line):
    assert wire(reply) == line


@given(st.integers(), st.text(), st.text())
def test_wire_is_always_one_short_line(code, enhanced, text):
    line = wire(SmtpReply(code, enhanced, text))
    assert line.endswith(b"\r\n") and len(line) <= 512 and all(32 <= c < 127 for c in line[:-2])


def read(data: bytes) -> ReplyReader:
    reader = ReplyReader()
    lines = data.split(b"\r\n")
    for number, line in enumerate(lines):
        if reader.feed(line):
            assert number == len(lines) - 1
            return reader
    raise AssertionError("no end")


@pytest.mark.parametrize(
    ("data", "reply"),
    [
        (b"250 2.1.0 OK", SmtpReply(250, "2.1.0", "OK")),
        (b"250", SmtpReply(250, "2.0.0", "")),
        (b"250 ", SmtpReply(250, "2.0.0", "")),
        (b"250 2.1.0", SmtpReply(250, "2.1.0", "")),
        (b"550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 user", SmtpReply(550, "5.1.1", "no such user")),
        (b"550 2.0.0 odd", SmtpReply(550, "5.0.0", "odd")),
        (b"421 4.3.2 bye", SmtpReply(451, "4.3.2", "bye")),
        (b"550 5.1.1 \xff\x00\n", SmtpReply(550, "5.1.1", "?")),
    ],
)
def test_read(data, reply):
    assert read(data).reply() == reply


@pytest.mark.parametrize(
    "data", [b"", b"x", b"25", b"2500", b"199 x", b"600 x", b"250x", b"\xb2\xb5\xb0 x", b"250-a\r\n251 b"]
)
def test_no_reply(data):
    with pytest.raises(MailSyntax):
        read(data)


def test_endless_reply():
    reader = ReplyReader()
    with pytest.raises(MailSyntax):
        for _ in range(10_000):
            assert not reader.feed(b"250-more")


@given(st.lists(st.binary()))
def test_read_accepts_or_raises_mail_syntax(lines):
    reader = ReplyReader()
    try:
        for line in lines:
            if reader.feed(line):
                wire(reader.reply())
                return
    except MailSyntax:
        pass
