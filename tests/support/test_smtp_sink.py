"""The sink does what its scripts say: a next hop that lies about itself would make every test of a relay worthless."""

import smtplib
import socket

import pytest

from tests.support.smtp_sink import Sink

MESSAGE = b"Subject: x\r\n\r\nbody\r\n.dot\r\n"


@pytest.fixture
def sink():
    with Sink() as running:
        yield running


def send(sink: Sink, content: bytes = MESSAGE) -> tuple[int, bytes]:
    client = smtplib.SMTP("127.0.0.1", sink.port, timeout=10)
    try:
        client.ehlo("client.example")
        client.mail("a@x.example")
        client.rcpt("b@y.example")
        return client.data(content)
    finally:
        client.close()


def test_keeps_bytes_and_envelope(sink):
    assert send(sink)[0] == 250
    (kept,) = sink.wait(1)
    assert kept.content == MESSAGE
    assert (kept.mail_from, kept.rcpt_to, kept.helo) == ("<a@x.example>", ("<b@y.example>",), "client.example")
    assert kept.fields("subject") == ["x"]


@pytest.mark.parametrize("content", [b"", b".\r\n", b"..\r\nx\r\n", b"a\r\n\r\n.\r\n"])
def test_odd_contents(sink, content):
    # smtplib stuffs dots, and ends an empty content with a lone dot
    assert send(sink, content)[0] == 250
    assert sink.wait(1)[0].content == (content or b"\r\n")


def test_scripted_replies_are_used_up(sink):
    sink.on("DOT", "451 4.3.0 later", times=1)
    assert send(sink)[0] == 451
    assert sink.count == 0
    assert send(sink)[0] == 250


def test_a_dropped_dot_keeps_the_message(sink):
    sink.on("DOT", drop=True, times=1)
    with pytest.raises(smtplib.SMTPServerDisconnected):
        send(sink)
    assert sink.count == 1


def test_refuses_one_recipient(sink):
    sink.on("RCPT", "550 5.1.1 unknown", match="b@y.example")
    client = smtplib.SMTP("127.0.0.1", sink.port, timeout=10)
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@x.example", ["b@y.example"], MESSAGE)


def test_down_and_up_on_the_same_port(sink):
    port = sink.port
    sink.down()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), 2)
    sink.up()
    assert sink.port == port
    assert send(sink)[0] == 250


def test_pipelined_commands(sink):
    with socket.create_connection(("127.0.0.1", sink.port), 5) as raw:
        raw.sendall(b"EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\nhi\r\n.\r\nQUIT\r\n")
        said = b""
        while chunk := raw.recv(4096):
            said += chunk
    assert said.endswith(b"354 go on\r\n250 2.0.0 kept\r\n221 2.0.0 bye\r\n")
    assert sink.kept[0].content == b"hi\r\n"
