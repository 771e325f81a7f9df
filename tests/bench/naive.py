"""The filter that one writes in an afternoon from the same libraries: the yardstick of the benchmark, not a product.

    python -m tests.bench.naive --next PORT --dns PORT        prints "listening PORT"

aiosmtpd takes the message line by line, dkimpy and pyspf verify it with dnspython behind a cache, email.parser reads it
all, DMARC is a few lines, aiosmtplib sends it on over connections that are kept. It keeps nothing, judges nothing and has no limits.
"""

import argparse
import asyncio
import email
import email.policy
import warnings
from email.utils import parseaddr
from typing import Any

import aiosmtplib
import dkim
import dns.exception
import dns.resolver
import spf
from aiosmtpd.smtp import SMTP, Envelope, Session

warnings.simplefilter("ignore")


class Server(SMTP):
    """aiosmtpd with XFORWARD, so that it sees the same client as edrguard."""

    async def smtp_XFORWARD(self, arg: str) -> None:
        for word in arg.split():
            name, _, value = word.partition("=")
            setattr(self.session, f"x_{name.lower()}", value)
        await self.push("250 Ok")


class Filter:
    """The handler."""

    def __init__(self, next_port: int, dns_port: int) -> None:
        self.next_port = next_port
        self.resolver = dns.resolver.Resolver(configure=False)
        self.resolver.nameservers = ["127.0.0.1"]
        self.resolver.port = dns_port
        self.resolver.cache = dns.resolver.LRUCache()
        self.idle: list[aiosmtplib.SMTP] = []
        spf.DNSLookup = self.spf_lookup

    def ask(self, name: str, rdtype: str) -> list[Any]:
        try:
            return list(self.resolver.resolve(name, rdtype, raise_on_no_answer=False).rrset or [])
        except dns.exception.DNSException:
            return []

    def text(self, name: bytes | str, timeout: int = 5) -> bytes | None:
        plain = name.decode() if isinstance(name, bytes) else name
        found = self.ask(plain.rstrip("."), "TXT")
        return b"".join(found[0].strings) if found else None

    def spf_lookup(self, name: str, rdtype: str, tcpfallback: bool = True, timeout: int = 30) -> list[Any]:
        found = self.ask(name, rdtype)
        if rdtype in ("TXT", "SPF"):
            return [((name, rdtype), tuple(r.strings)) for r in found]
        if rdtype == "MX":
            return [((name, rdtype), (r.preference, r.exchange.to_text(True))) for r in found]
        return [((name, rdtype), r.to_text()) for r in found]

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        parsed = email.message_from_bytes(content, policy=email.policy.default)
        for part in parsed.walk():
            if not part.is_multipart():
                part.get_payload(decode=True)
        author = parseaddr(str(parsed["From"]))[1].rpartition("@")[2]
        ip, helo = getattr(session, "x_addr", "127.0.0.1"), getattr(session, "x_helo", "localhost")
        spf_result, _ = spf.check2(ip, envelope.mail_from, helo)
        passing = []
        signatures = parsed.get_all("DKIM-Signature") or []
        verifier = dkim.DKIM(content)
        for index, value in enumerate(signatures):
            if verifier.verify(index, dnsfunc=self.text):
                tags = dict(tag.strip().partition("=")[::2] for tag in str(value).split(";"))
                passing.append(tags.get("d", ""))
        policy = self.text(f"_dmarc.{author}")
        sender = (envelope.mail_from or "").rpartition("@")[2]
        aligned = author in passing or (spf_result == "pass" and sender == author)
        dmarc = ("pass" if aligned else "fail") if policy else "none"
        verdict = f"spf={spf_result}; dkim={'pass' if passing else 'none'}; dmarc={dmarc}"
        field = f"Authentication-Results: naive.example; {verdict}\r\n".encode()
        await self.relay(envelope, field + content)
        return "250 Ok"

    async def relay(self, envelope: Envelope, content: bytes) -> None:
        if self.idle:
            client = self.idle.pop()
        else:
            client = aiosmtplib.SMTP(hostname="127.0.0.1", port=self.next_port, start_tls=False)
            await client.connect()
        await client.sendmail(envelope.mail_from or "", envelope.rcpt_tos, content)
        self.idle.append(client)


async def serve(options: argparse.Namespace) -> None:
    """Listen until ended."""
    handler = Filter(options.next, options.dns)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: Server(handler, hostname="naive.example", data_size_limit=64 << 20, loop=loop), "127.0.0.1", 0
    )
    print(f"listening {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--next", type=int, required=True)
    parser.add_argument("--dns", type=int, required=True)
    asyncio.run(serve(parser.parse_args()))
