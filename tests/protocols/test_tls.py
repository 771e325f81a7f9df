"""STARTTLS on both sides, and what is injected before it."""

import asyncio
import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.protocols.smtp import NextHopSettings, SmtpNextHop

from .support import NOW, QUICK, Sink, live, world


@pytest.fixture(scope="module")
def contexts(tmp_path_factory):
    """(server, client that trusts it)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "gate.example")])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    client = ssl.create_default_context(cafile=str(file))
    return server, client


def test_server_starttls(contexts):
    server, trusting = contexts

    @live
    async def dialogue():
        async with world(tls_context=server) as w:
            client = await w.client()
            assert "250-SMTPUTF8\n250 STARTTLS" in await client.ask("EHLO plain.example")
            assert (await client.ask("STARTTLS now")).startswith("501")
            # What is sent in the same packet was never encrypted: it must not be read afterwards.
            client.send(
                "MAIL FROM:<early@b.example>\r\nSTARTTLS\r\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<evil@b.example>\r\n"
            )
            assert (await client.reply()).startswith("250")
            assert await client.reply() == "220 2.0.0 Ready to start TLS"
            await client.writer.start_tls(trusting, server_hostname="127.0.0.1")
            assert (await client.ask("MAIL FROM:<a@b.example>")).startswith("503 5.5.1 Send EHLO")
            assert "STARTTLS" not in await client.ask("EHLO mx.agency.example")
            assert (await client.ask("STARTTLS")).startswith("503 5.5.1")
            await client.script(("MAIL FROM:<a@b.example>", "250"), ("RCPT TO:<c@d.example>", "250"))
            assert (await client.message(b"x\r\n")).startswith("250")
            assert (await client.ask("QUIT")).startswith("221")
            (mail,) = w.gate.mails
            assert mail.session.tls == "TLSv1.3" and mail.session.helo == "mx.agency.example"
            assert mail.envelope.reverse_path == "a@b.example"
            assert [r.address for r in mail.envelope.recipients] == ["c@d.example"]

    dialogue()


def test_failed_handshake_ends_the_session(contexts):
    @live
    async def dialogue():
        async with world(tls_context=contexts[0]) as w:
            client = await w.client()
            await client.script(("EHLO a.example", "250"), ("STARTTLS", "220"))
            client.send("QUIT\r\n" * 10)
            await client.rest()
            for _ in range(100):
                if not w.server.admission.sessions:
                    break
                await asyncio.sleep(0.01)
            assert w.server.admission.sessions == 0

    dialogue()


ENVELOPE = Envelope(reverse_path="a@b.example", recipients=(Recipient(address="c@d.example"),))
SESSION = Session(received_at=NOW)


@pytest.mark.parametrize("tls", ["require", "opportunistic"])
def test_client_starttls(contexts, tls):
    server, trusting = contexts

    @live
    async def dialogue():
        async with world(tls_context=server) as w:  # our own server is the next hop
            settings = NextHopSettings(
                host="127.0.0.1",
                port=w.server.addresses[0][1],
                helo="gate.example",
                tls=tls,
                tls_context=trusting if tls == "require" else None,
            )
            hop = SmtpNextHop(settings, QUICK)
            transaction = await hop.begin(SESSION, ENVELOPE)
            assert not isinstance(transaction, SmtpReply)
            assert (await transaction.rcpt(ENVELOPE.recipients[0])).positive
            assert (await transaction.data([b"x\r\n" * 100_000])).positive
            assert w.gate.mails[0].session.tls == "TLSv1.3" and len(w.gate.mails[0].content) == 300_000
            await hop.close()

    dialogue()


def test_required_tls_is_verified(contexts):
    @live
    async def dialogue():
        async with world(tls_context=contexts[0]) as w:
            settings = NextHopSettings(host="127.0.0.1", port=w.server.addresses[0][1], tls="require")
            reply = await SmtpNextHop(settings, QUICK).begin(SESSION, ENVELOPE)
            assert isinstance(reply, SmtpReply) and (reply.code, reply.enhanced) == (451, "4.4.1")

    dialogue()


@pytest.mark.parametrize(
    ("tls", "extensions", "starttls", "works"),
    [
        ("require", ("SIZE",), "220 go", False),
        ("opportunistic", ("SIZE",), "220 go", True),
        ("opportunistic", ("STARTTLS",), "454 4.7.0 not now", True),
        ("require", ("STARTTLS",), "454 4.7.0 not now", False),
        ("opportunistic", ("STARTTLS",), "220 go\r\n250 injected", False),
        ("none", ("STARTTLS",), "220 go", True),
    ],
)
def test_client_without_tls(tls, extensions, starttls, works):
    @live
    async def dialogue():
        sink = Sink(extensions=extensions, script={"STARTTLS": starttls})
        await sink.start()
        hop = SmtpNextHop(NextHopSettings(host="127.0.0.1", port=sink.port, tls=tls), QUICK)
        begun = await hop.begin(SESSION, ENVELOPE)
        assert isinstance(begun, SmtpReply) is not works
        if not isinstance(begun, SmtpReply):
            await begun.abort()
        await hop.close()
        await sink.stop()

    dialogue()
