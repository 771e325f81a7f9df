"""Debian's HAProxy in front of a running node: both versions of its PROXY header, with TLS passed through, and its
health checks, for which it speaks for itself."""

import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e import mails
from tests.support.certificates import Authority
from tests.support.node_process import NodeProcess
from tests.support.process import Child
from tests.support.smtp_sink import Sink, eventually, free_port

CLIENT = "127.0.0.5"  #: not HAProxy's own address


@pytest.fixture(params=["send-proxy", "send-proxy-v2"])
def haproxy(request: pytest.FixtureRequest, tmp_path: Path):
    """(where clients connect, where the node must listen, what HAProxy says of itself)."""
    front, back = free_port(), free_port()
    (tmp_path / "haproxy.cfg").write_text(f"""
global
  maxconn 100
  log stderr format raw local0 info
defaults
  mode tcp
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen smtp
  bind 127.0.0.1:{front}
  option smtpchk EHLO lb.example
  server node 127.0.0.1:{back} source 127.0.0.1 {request.param} check check-send-proxy inter 500 fall 1 rise 1
""")
    child = Child(["/usr/sbin/haproxy", "-db", "-f", str(tmp_path / "haproxy.cfg")], tmp_path / "haproxy.log")
    yield front, back, child
    child.kill()


def test_the_client_behind_haproxy(
    haproxy: tuple[int, int, Child], make_node: Callable[..., NodeProcess], sink: Sink, tmp_path: Path
) -> None:
    front, back, child = haproxy
    authority = Authority(tmp_path / "tls")
    pair = authority.make("mx", "127.0.0.1")
    listen = {"smtp": [{"address": f"127.0.0.1:{back}", "proxy": True}]}
    smtp = {"trusted_peers": ["127.0.0.1/32"], "tls_certificate": str(pair.chain), "tls_key": str(pair.key)}
    node = make_node(sink.port, listen=listen, smtp=smtp)
    eventually(lambda: "is UP" in child.says(), 20, "the health check")
    assert "PROXY header refused" not in node.log()
    mail = mails.press()
    with smtplib.SMTP("127.0.0.1", front, timeout=30, source_address=(CLIENT, 0)) as client:
        client.starttls(context=ssl.create_default_context(cafile=str(authority.ca)))
        client.ehlo(mail.helo)
        assert not client.has_extn("xforward"), "the client is not trusted for coming through a trusted proxy"
        client.sendmail(mail.reverse_path, mail.rcpt, mail.render("e2e"))
    (kept,) = sink.wait(1)
    assert kept.xforward["ADDR"] == CLIENT and kept.xforward["HELO"] == mail.helo
