"""STARTTLS on both sides, and what is injected before it."""

import asyncio
import datetime
import ipaddress
import ssl
from dataclasses import replace

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from edrguard.model.wire import Envelope, Recipient, Session, SmtpReply
from edrguard.protocols.smtp import Listener, NextHopSettings, SmtpNextHop

from .support import NOW, QUICK, Client, Sink, live, world


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
        async with world(tls_context=lambda: server) as w:
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
            assert mail.session.tls_cipher == client.writer.get_extra_info("cipher")[0]
            assert mail.envelope.reverse_path == "a@b.example"
            assert [r.address for r in mail.envelope.recipients] == ["c@d.example"]

    dialogue()


def test_failed_handshake_ends_the_session(contexts):
    @live
    async def dialogue():
        async with world(tls_context=lambda: contexts[0]) as w:
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


def test_what_was_said_in_the_clear_is_forgotten(contexts):
    """RFC 3207 4.2: greeting, XFORWARD, XCLIENT and the transaction; who the proxy's client is came from the proxy."""
    server, trusting = contexts

    @live
    async def dialogue():
        listener = Listener(proxy=True)
        async with world(
            tls_context=lambda: server, trusted_peers=("127.0.0.0/8", "192.0.2.0/24"), listener=listener
        ) as w:
            client = await w.client("")
            client.send(b"PROXY TCP4 192.0.2.9 127.0.0.1 4096 25\r\n")
            assert await client.reply() == "220 gate.example ESMTP"
            await client.script(
                ("EHLO clear.example", "250"),
                ("XCLIENT ADDR=198.51.100.3 NAME=evil.example HELO=evil.example", "220"),
                ("EHLO clear.example", "250"),
                ("XFORWARD ADDR=198.51.100.4 NAME=worse.example", "250"),
                ("MAIL FROM:<early@b.example>", "250"),
                ("STARTTLS", "220"),
            )
            await client.writer.start_tls(trusting, server_hostname="127.0.0.1")
            await client.script(("RCPT TO:<c@d.example>", "503"), ("MAIL FROM:<a@b.example>", "503"))
            await client.script(("EHLO inside.example", "250"), ("MAIL FROM:<a@b.example>", "250"))
            await client.script(("RCPT TO:<c@d.example>", "250"))
            await client.message(b"x\r\n")
            session = w.gate.mails[0].session
            assert (session.client_ip, session.client_name, session.helo) == ("192.0.2.9", None, "inside.example")
            assert session.via == "proxy"

    dialogue()


@pytest.mark.parametrize("how", ["same packet", "after 220"])
def test_nothing_injected_is_answered(contexts, how):
    """CVE-2011-0411 and its kin: commands in the clear behind STARTTLS must neither run inside TLS nor be answered."""
    server, trusting = contexts

    @live
    async def dialogue():
        async with world(tls_context=lambda: server) as w:
            client = await w.client()
            await client.ask("EHLO a.example")
            evil = b"EHLO evil.example\r\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\n"
            if how == "same packet":
                client.send(b"STARTTLS\r\n" + evil)
                assert (await client.reply()).startswith("220")
                await client.writer.start_tls(trusting, server_hostname="127.0.0.1")
                assert (await client.ask("NOOP")) == "250 2.0.0 OK", "the first answer is to the first command inside"
                assert (await client.ask("MAIL FROM:<a@b.example>")).startswith("503")
            else:  # it is no handshake
                await client.script(("STARTTLS", "220"))
                client.send(evil)
                assert not (await client.rest()).startswith(("2", "5")) and w.gate.mails == []

    dialogue()


@pytest.mark.parametrize("protocol", ["smtp", "lmtp"])
def test_required(contexts, protocol):
    server, trusting = contexts

    @live
    async def dialogue():
        listener = Listener(tls="required", protocol=protocol)
        async with world(tls_context=lambda: server, trusted_peers=("127.0.0.0/8",), listener=listener) as w:
            hello = "LHLO" if protocol == "lmtp" else "EHLO"
            client = await w.client(f"220 gate.example {'LMTP' if protocol == 'lmtp' else 'ESMTP'}")
            assert "STARTTLS" in await client.ask(f"{hello} a.example")
            for line in (
                "MAIL FROM:<a@b.example>", "RCPT TO:<a@b.example>", "DATA", "RSET", "VRFY a", "HELP", "HELO a.example",
                "XFORWARD ADDR=192.0.2.1", "XCLIENT ADDR=192.0.2.1", "AUTH PLAIN AAAA", "FOO",
            ):  # fmt: skip
                assert (await client.ask(line)).startswith("530 5.7.0 Must issue a STARTTLS"), line
            await client.script(("NOOP", "250"), ("STARTTLS", "220"))
            await client.writer.start_tls(trusting, server_hostname="127.0.0.1")
            assert "STARTTLS" not in await client.ask(f"{hello} a.example")
            await client.script(("MAIL FROM:<a@b.example>", "250"), ("RCPT TO:<c@d.example>", "250"))
            assert (await client.message(b"x\r\n")).startswith("250")
            other = await w.client("")
            assert (await other.reply()).startswith("220")
            await other.script(("QUIT", "221"))
            blind = await w.client("")
            await blind.reply()
            await blind.script(("BDAT 1000 LAST", "502"))
            assert await blind.rest() == "", "octets that follow are no commands"

    dialogue()


@live
async def test_not_offered():
    async with world(tls_context=lambda: pytest.fail("asked for"), listener=Listener(tls="none")) as w:
        client = await w.client()
        assert "STARTTLS" not in await client.ask("EHLO a.example")
        await client.script(("STARTTLS", "502"), ("MAIL FROM:<a@b.example>", "250"))


@pytest.mark.parametrize("proxy", [False, True])
def test_tls_from_the_first_octet(contexts, proxy):
    """The first octets of the handshake may come with the PROXY header, or before we look."""
    server, trusting = contexts

    @live
    async def dialogue():
        listener = Listener(tls="implicit", proxy=proxy)
        async with world(tls_context=lambda: server, trusted_peers=("127.0.0.0/8",), listener=listener) as w:
            host, port = w.server.addresses[0]
            reader, writer = await asyncio.open_connection(host, port)
            if proxy:
                writer.transport.pause_reading()
                writer.write(b"PROXY TCP4 192.0.2.9 127.0.0.1 4096 465\r\n")
            await writer.start_tls(trusting, server_hostname="127.0.0.1")
            client = Client(reader, writer)
            assert await client.reply() == "220 gate.example ESMTP"
            assert "STARTTLS" not in await client.ask("EHLO a.example")
            await client.script(("STARTTLS", "502"), ("MAIL FROM:<a@b.example>", "250"))
            await client.script(("RCPT TO:<c@d.example>", "250"))
            assert (await client.message(b"x\r\n" * 100_000)).startswith("250")
            session = w.gate.mails[0].session
            assert session.tls == "TLSv1.3" and session.tls_cipher
            assert session.client_ip == ("192.0.2.9" if proxy else "127.0.0.1")
            assert (await client.ask("QUIT")).startswith("221")
            writer.close()

    dialogue()


@pytest.mark.parametrize("header", [b"", b"PROXY TCP4 192.0.2.9 127.0.0.1 4096 465\r\n"])
def test_a_handshake_that_comes_with_what_is_before_it(contexts, header):
    """Header and client hello in one packet: none of its octets may be lost, none may be read as a command."""
    server, trusting = contexts

    @live
    async def dialogue():
        listener = Listener(tls="implicit", proxy=bool(header))
        async with world(tls_context=lambda: server, trusted_peers=("127.0.0.0/8",), listener=listener) as w:
            reader, writer = await asyncio.open_connection(*w.server.addresses[0])
            came, goes = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = trusting.wrap_bio(came, goes, server_hostname="127.0.0.1")
            with pytest.raises(ssl.SSLWantReadError):
                tls.do_handshake()
            writer.write(header + goes.read())
            greeting = b""
            while not greeting:
                came.write(await asyncio.wait_for(reader.read(65536), 5))
                try:
                    greeting = tls.read(1000)
                except ssl.SSLWantReadError:
                    writer.write(goes.read())
            assert greeting == b"220 gate.example ESMTP\r\n"
            writer.close()

    dialogue()


def test_handshakes_count_among_the_connections(contexts):
    """Who says nothing holds a place, and more than there are places are not served."""
    server, trusting = contexts

    @live
    async def dialogue():
        limits = replace(QUICK, connections=2, connections_per_client=2)
        async with world(limits, tls_context=lambda: server, listener=Listener(tls="implicit")) as w:
            silent = [await w.client("") for _ in range(2)]
            while w.server.admission.sessions < 2:
                await asyncio.sleep(0.01)
            assert await (await w.client("")).rest() == ""
            silent[0].close()
            while w.server.admission.sessions == 2:
                await asyncio.sleep(0.01)
            reader, writer = await asyncio.open_connection(*w.server.addresses[0])
            await writer.start_tls(trusting, server_hostname="127.0.0.1")
            assert await reader.readline() == b"220 gate.example ESMTP\r\n"
            writer.close()

    dialogue()


@pytest.mark.parametrize(("seconds", "data"), [(0.2, b""), (0.2, b"\x16\x03"), (5.0, b"EHLO a.example\r\n")])
def test_who_does_not_shake_hands_in_time_is_let_go(contexts, seconds, data):
    @live
    async def dialogue():
        listener = Listener(tls="implicit")
        limits = replace(QUICK, tls_seconds=seconds)
        async with world(limits, tls_context=lambda: contexts[0], listener=listener) as w:
            client = await w.client("")
            client.send(data)
            assert "220" not in await client.rest()

    dialogue()


ENVELOPE = Envelope(reverse_path="a@b.example", recipients=(Recipient(address="c@d.example"),))
SESSION = Session(received_at=NOW)


@pytest.mark.parametrize("tls", ["require", "opportunistic", "encrypt"])
def test_client_starttls(contexts, tls):
    server, trusting = contexts

    @live
    async def dialogue():
        async with world(tls_context=lambda: server) as w:  # our own server is the next hop
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
        async with world(tls_context=lambda: contexts[0]) as w:
            settings = NextHopSettings(host="127.0.0.1", port=w.server.addresses[0][1], tls="require")
            reply = await SmtpNextHop(settings, QUICK).begin(SESSION, ENVELOPE)
            assert isinstance(reply, SmtpReply) and (reply.code, reply.enhanced) == (451, "4.4.1")

    dialogue()


@pytest.mark.parametrize(
    ("name", "works"), [(None, True), ("127.0.0.1", True), ("other.example", False), ("127.0.0.2", False)]
)
def test_the_name_that_must_be_proved(contexts, name, works):
    server, trusting = contexts

    @live
    async def dialogue():
        async with world(tls_context=lambda: server) as w:
            settings = NextHopSettings(
                host="127.0.0.1", port=w.server.addresses[0][1], tls="require", tls_name=name, tls_context=trusting
            )
            hop = SmtpNextHop(settings, QUICK)
            begun = await hop.begin(SESSION, ENVELOPE)
            assert isinstance(begun, SmtpReply) is not works
            if not isinstance(begun, SmtpReply):
                await begun.abort()
            await hop.close()

    dialogue()


@pytest.mark.parametrize(
    ("tls", "extensions", "starttls", "works"),
    [
        ("encrypt", ("SIZE",), "220 go", False),
        ("encrypt", ("STARTTLS",), "454 4.7.0 not now", False),
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
