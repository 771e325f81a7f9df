"""What breaks, breaks as promised: the sender keeps it, or it is on our disk; never neither, never a second case."""

import signal
import smtplib
import socket
import time

import pytest

from tests.e2e import mails
from tests.e2e.conftest import Client, send
from tests.support.postfix import Postfix
from tests.support.smtp_sink import eventually
from tests.support.swaks import swaks
from tests.support.webhook import Webhook


def about(node, mail) -> list[dict]:
    return [c for c in node.cases() if c["subject"] == mail.subject]


# -- the next hop -----------------------------------------------------------------------------------------------------


def test_next_hop_down_then_up(make_node, sink):
    node, mail = make_node(sink.port), mails.first_contact()
    sink.down()
    code, text = send(node, mail)
    assert code == 451, text
    assert about(node, mail) == []
    sink.up()
    assert send(node, mail)[0] == 250
    assert sink.count == 1
    assert len(about(node, mail)) == 1


@pytest.mark.parametrize("verb", ["EHLO", "MAIL", "RCPT", "DATA", "DOT"])
def test_next_hop_drops_the_connection(make_node, sink, verb):
    node, mail = make_node(sink.port, limits={"next_hop_command_seconds": 5}), mails.first_contact()
    sink.on(verb, drop=True, times=2)  # twice: an idle connection that has died may be tried anew once
    code, text = send(node, mail)
    assert code == 451, text
    sink.calm()
    assert send(node, mail)[0] == 250
    assert sink.count == (2 if verb == "DOT" else 1)  # after the dot nobody can know: a second copy, never none
    assert len(about(node, mail)) == 1


def test_next_hop_refuses_a_recipient(make_node, sink):
    node = make_node(sink.port)
    sink.on("RCPT", "550 5.1.1 no such mailbox")
    assert send(node, mails.press())[0] == 550
    assert sink.count == 0


def test_held_mail_needs_no_next_hop(make_node, sink):
    """With recipients checked at delivery only, a quarantine must not depend on the inbox being up."""
    node, mail = make_node(sink.port, smtp={"verify_recipients": False}), mails.lookalike()
    sink.down()
    assert send(node, mail)[0] == 250
    assert [c["held"] for c in about(node, mail)] == [True]


def test_emergency_is_paged_although_the_inbox_is_down(make_node, sink):
    with Webhook() as hook:
        node = make_node(sink.port, smtp={"verify_recipients": False}, pages=hook.options)
        mail = mails.emergency()
        sink.down()
        assert send(node, mail)[0] == 451
        hook.wait(1, 10)
        sink.up()
        assert send(node, mail)[0] == 250
        time.sleep(1)
        assert len(hook.calls) == 1, "one case, one page"
        assert len(about(node, mail)) == 1


# -- kill -9 ----------------------------------------------------------------------------------------------------------


def test_killed_in_the_middle_of_data(make_node, sink):
    node, mail = make_node(sink.port), mails.first_contact()
    client = Client(node, mail)
    assert client.envelope()[0] == 250
    client.smtp.putcmd("DATA")
    assert client.smtp.getreply()[0] == 354
    client.smtp.send(client.content[: len(client.content) // 2])
    time.sleep(0.2)
    node.kill()
    with pytest.raises((OSError, smtplib.SMTPException)):
        client.smtp.send(client.content)
        client.smtp.getreply()
    assert sink.count == 0
    node.start()
    assert about(node, mail) == []
    assert send(node, mail)[0] == 250
    assert sink.wait(1)[0].content.endswith(client.content[-200:])
    assert len(about(node, mail)) == 1


@pytest.mark.parametrize("where", ["before", "after"])
def test_killed_right_after_the_dot(make_node, sink, where):
    """The node dies while the next hop has not answered: before it took the message, or after."""
    node, mail = make_node(sink.port), mails.first_contact()
    sink.on("DATA" if where == "before" else "DOT", delay=5, times=1)
    client = Client(node, mail)
    assert client.envelope()[0] == 250
    client.smtp.putcmd("DATA")
    assert client.smtp.getreply()[0] == 354
    client.smtp.send(client.content + b".\r\n")
    if where == "before":
        eventually(lambda: "DATA" in sink.verbs, 10, "DATA at the next hop")
    else:
        sink.wait(1, 10)
    node.kill()
    client.smtp.sock.settimeout(5)
    assert client.smtp.sock.recv(100) == b"", "the sender was told something"
    node.start()
    assert send(node, mail)[0] == 250
    assert sink.count == (1 if where == "before" else 2)
    cases = about(node, mail)
    assert len(cases) == 1 and cases[0]["state"] == "open", cases


def test_a_held_message_survives_kill(make_node, sink):
    node, mail = make_node(sink.port), mails.lookalike()
    code, _ = send(node, mail)
    node.kill()  # not one instant later
    assert code == 250
    node.start()
    (case,) = about(node, mail)
    node.cli("cases", "release", case["id"], "--reason", "confirmed", "--as", "reviewer")
    kept = sink.wait(1)[0]
    original = mail.render("e2e")
    assert kept.content.endswith(original[original.index(b"DKIM-Signature:") :])


def test_a_page_survives_kill(make_node, sink):
    with Webhook(status=503) as hook:
        node = make_node(sink.port, pages=hook.options)
        assert send(node, mails.emergency())[0] == 250
        node.kill()
        hook.status, before = 200, len(hook.calls)
        node.start()
        assert hook.wait(before + 1, 60)


def test_sender_keeps_what_a_killed_node_did_not_take(tmp_path, make_node, sink):
    """After-queue: Postfix holds the message through crash and restart, and delivers it once."""
    node = make_node(sink.port)
    with Postfix(node.port, after_queue=True) as postfix:
        mail = mails.first_contact()
        sink.on("DATA", delay=4, times=1)
        sent = swaks(postfix.front, mail.render("e2e"), tmp_path, mail_from=mail.reverse_path, rcpt=mail.rcpt,
                     helo=mail.helo, client_ip=mail.ip)  # fmt: skip
        assert sent.accepted, sent.dialogue
        eventually(lambda: "DATA" in sink.verbs, 10, "DATA at the next hop")
        node.kill()
        eventually(lambda: postfix.queued() == 1, 10, "the message in Postfix's queue")
        node.start()
        time.sleep(1.2)
        postfix.flush()
        sink.wait(1, 30)
        eventually(lambda: postfix.queued() == 0, 20, "an empty queue")
        assert sink.count == 1
        assert len(about(node, mail)) == 1


# -- the node itself --------------------------------------------------------------------------------------------------


def test_sigterm_finishes_what_it_began(make_node, sink):
    node = make_node(sink.port)
    sink.on("DOT", delay=1.5, times=1)
    client = Client(node, mails.press())
    assert client.envelope()[0] == 250
    client.smtp.putcmd("DATA")
    client.smtp.getreply()
    client.smtp.send(client.content + b".\r\n")
    sink.wait(1, 10)
    node.child.process.send_signal(signal.SIGTERM)
    assert client.smtp.getreply()[0] == 250
    assert node.stop() == 0


def test_reload_keeps_sessions(make_node, sink):
    node = make_node(sink.port)
    client = Client(node, mails.press())
    node.child.process.send_signal(signal.SIGHUP)
    eventually(lambda: "reloaded" in node.log(), 20, "the reload")
    assert client.send()[0] == 250


def test_bad_syntax_is_refused_and_the_session_lives(make_node, sink):
    node, mail = make_node(sink.port), mails.press()
    client = Client(node, mail)
    for line in ("MAIL FROM:a@b.example", "MAIL FROM:<a@b.example", "RCPT TO:<x@y.example>", "NONSENSE"):
        assert client.smtp.docmd(line)[0] in (500, 501, 502, 503, 553, 555), line
    assert client.send()[0] == 250


def test_smuggled_end_of_data_stays_one_message(make_node, sink):
    """CVE-2023-51764 and its kin: a bare LF must never end a message at the next hop."""
    node, mail = make_node(sink.port), mails.press()
    client = Client(node, mail)
    assert client.envelope()[0] == 250
    client.smtp.putcmd("DATA")
    client.smtp.getreply()
    trick = (
        b"\n.\nMAIL FROM:<ceo@bigco.example>\r\nRCPT TO:<lawenforcement@bigco.example>\r\nDATA\r\nSubject: gotcha\r\n"
    )
    client.smtp.send(client.content + trick + b"\r\n.\r\n")
    code, _ = client.smtp.getreply()
    assert code in (250, 550)
    time.sleep(0.3)
    assert sink.count <= 1
    for kept in sink.kept:
        assert b"\n" not in kept.content.replace(b"\r\n", b""), "a bare LF was relayed"
    assert not any("ceo@bigco.example" in line for line in sink.verbs), "a second message was smuggled in"


def test_observe_holds_nothing(make_node, sink):
    node = make_node(sink.port, mode="observe")
    assert send(node, mails.lookalike())[0] == 250
    (kept,) = sink.wait(1)
    assert kept.fields("X-EDRGuard-Disposition") == ["quarantine"]
    assert kept.fields("X-EDRGuard-Mode") == ["observe"]


def test_original_client_is_told_to_the_next_hop(make_node, sink):
    node, mail = make_node(sink.port), mails.press()
    assert send(node, mail)[0] == 250
    kept = sink.wait(1)[0]
    assert kept.xforward["ADDR"] == mail.ip
    assert kept.xforward["HELO"] == mail.helo
    assert kept.mail_from.startswith(f"<{mail.reverse_path}>")


def test_readiness_and_metrics(make_node, sink):
    node = make_node(sink.port)
    assert [node.get(path) for path in ("/healthz", "/readyz", "/metrics", "/nothing")] == [200, 200, 200, 404]


def test_taken_port_is_told(make_node, sink, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(AssertionError, match="ended with"):
            make_node(sink.port, listen={"smtp": [f"127.0.0.1:{port}"]})
