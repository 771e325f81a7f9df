"""TLS with real parts: openssl and swaks in front of a running node, Dovecot behind it, certificates that change."""

import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e import mails
from tests.support.certificates import Authority
from tests.support.dovecot import Dovecot
from tests.support.node_process import NodeProcess
from tests.support.smtp_sink import Sink, eventually, free_port
from tests.support.swaks import swaks

Make = Callable[..., NodeProcess]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


def served(port: int, ca: Path, *, starttls: str = "smtp") -> tuple[int, str]:
    """What openssl sees: the serial number of the certificate, and the verification's result."""
    how = ["-starttls", starttls] if starttls else []
    argv = ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", str(ca), "-showcerts", *how]
    done = subprocess.run(argv, input=b"QUIT\r\n", capture_output=True, timeout=20, check=False).stdout
    text = subprocess.run(["openssl", "x509", "-noout", "-serial"], input=done, capture_output=True, check=True).stdout
    verified = re.search(rb"Verify return code: (\d+)", done)
    assert verified
    return int(text.partition(b"=")[2], 16), verified[1].decode()


class Session:
    """A client inside TLS, one command at a time."""

    def __init__(self, port: int, ca: Path) -> None:
        plain = socket.create_connection(("127.0.0.1", port), 20)
        file = plain.makefile("rb")
        assert file.readline().startswith(b"220")
        plain.sendall(b"EHLO a.example\r\n")
        while file.readline()[3:4] == b"-":
            pass
        plain.sendall(b"STARTTLS\r\n")
        assert file.readline().startswith(b"220")
        context = ssl.create_default_context(cafile=str(ca))
        self.sock = context.wrap_socket(plain, server_hostname="mx.bigco.example")
        self.file = self.sock.makefile("rb")

    def ask(self, line: str) -> str:
        self.sock.sendall(line.encode() + b"\r\n")
        while True:
            reply = self.file.readline().decode()
            if reply[3:4] != "-":
                return reply

    def close(self) -> None:
        self.file.close()
        self.sock.close()


def test_openssl_and_swaks(make_node: Make, authority: Authority, sink: Sink, tmp_path: Path) -> None:
    pair = authority.make("mx", "mx.bigco.example", "127.0.0.1")
    implicit, required = free_port(), free_port()
    node = make_node(sink.port, smtp={"tls_certificate": str(pair.chain), "tls_key": str(pair.key)})
    listen = [f"127.0.0.1:{node.port}", {"address": f"127.0.0.1:{implicit}", "tls": "implicit"},
              {"address": f"127.0.0.1:{required}", "tls": "required"}]  # fmt: skip
    node.stop()
    node.rewrite({"listen": {"smtp": listen}})
    node.start()
    assert served(node.port, authority.ca) == (pair.serial, "0")
    assert served(implicit, authority.ca, starttls="") == (pair.serial, "0")
    for number, (port, how) in enumerate([(node.port, ()), (node.port, ("-tls",)), (implicit, ("-tlsc",)),
                                          (required, ("-tls",))], 1):  # fmt: skip
        mail = mails.press()
        sent = swaks(port, mail.render("e2e"), tmp_path, mail_from=mail.reverse_path, rcpt=mail.rcpt, extra=how)
        assert sent.accepted, sent.dialogue
        assert ("TLS started" in sent.dialogue) is bool(how)
        sink.wait(number)
    mail = mails.press()
    sent = swaks(required, mail.render("e2e"), tmp_path, mail_from=mail.reverse_path, rcpt=mail.rcpt)
    assert not sent.accepted and sent.reply.startswith("530 5.7.0"), sent.dialogue


def test_the_certificate_changes_under_open_connections(make_node: Make, authority: Authority, sink: Sink) -> None:
    pair = authority.make("mx", "mx.bigco.example")
    node = make_node(sink.port, smtp={"tls_certificate": str(pair.chain), "tls_key": str(pair.key)})
    session = Session(node.port, authority.ca)
    assert session.ask("EHLO a.example").startswith("250")
    assert session.ask("MAIL FROM:<a@b.example>").startswith("250")

    second = authority.make("mx", "mx.bigco.example")
    eventually(lambda: served(node.port, authority.ca) == (second.serial, "0"), 10, "the new certificate")

    second.key.write_text("broken\n")  # changed files
    time.sleep(1.1)
    assert served(node.port, authority.ca) == (second.serial, "0"), "the old one stays"
    assert "new TLS certificate refused; the old one stays in use" in node.log()

    before = node.log().count("refused; the old one stays")
    os.kill(node.pid, signal.SIGHUP)  # told to: it is said again, and rules are read all the same
    eventually(lambda: '"reloaded"' in node.log(), 20, "the reload")
    assert node.log().count("refused; the old one stays") == before + 1
    assert served(node.port, authority.ca) == (second.serial, "0")

    third = authority.make("third", "mx.bigco.example")
    node.rewrite({"smtp": {"tls_certificate": str(third.chain), "tls_key": str(third.key)}})
    os.kill(node.pid, signal.SIGHUP)
    eventually(lambda: served(node.port, authority.ca) == (third.serial, "0"), 20, "the certificate of other names")

    # The connection of the beginning has seen nothing of it.
    assert session.ask("RCPT TO:<lawenforcement@bigco.example>").startswith("250")
    assert session.ask("DATA").startswith("354")
    assert session.ask("Subject: still here\r\n\r\nx\r\n.").startswith("250")
    session.close()
    sink.wait(1)


@pytest.mark.parametrize(
    ("name", "tls", "works"),
    [
        ("mail.bigco.example", "require", True),
        ("mail.bigco.example", "encrypt", True),
        ("mail.bigco.example", "opportunistic", True),
        ("other.example", "require", False),
        ("other.example", "encrypt", True),
    ],
)
def test_the_next_hop_proves_its_name(
    make_node: Make, authority: Authority, tmp_path: Path, name: str, tls: str, works: bool
) -> None:
    pair = authority.make("hop", name)
    options = {"protocol": "lmtp", "tls": tls, "tls_name": "mail.bigco.example", "tls_ca": str(authority.ca)}
    with Dovecot(pair) as dovecot:
        node = make_node(dovecot.port, next_hop=options)
        mail = mails.press()
        sent = swaks(node.port, mail.render("e2e"), tmp_path, mail_from=mail.reverse_path, rcpt=mail.rcpt)
        assert sent.accepted is works, sent.dialogue
        got = dovecot.delivered("lawenforcement")
        assert len(got) == works
        if works:
            assert b"LMTPS" in got[0].partition(b"\r\n\r\n")[0], got[0][:500]
        else:
            assert sent.reply.startswith("451 4.4.1"), sent.dialogue
