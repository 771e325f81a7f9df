"""``doctor``: is this node fit to carry mail, and if not, what to do?"""

import asyncio
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from edrguard.model.errors import ConfigError, EdrguardError
from edrguard.model.words import DnsStatus
from edrguard.node.auditing import audit_key_path, audit_signer, audits
from edrguard.node.carriers import apprise_urls
from edrguard.node.certificate import SOON, ends, expiry, load_context
from edrguard.node.config import load_config
from edrguard.node.gatewaycheck import Check, examine_gateway
from edrguard.node.options import Config, Endpoint
from edrguard.node.sources import make_directory, make_lexicon, make_resolver, make_ruleset
from edrguard.node.vault import make_spool
from edrguard.protocols.milter import TcpAddress, UnixAddress
from edrguard.storage import open_store

DISK_LOW = 1024**3  #: octets free below which the spool is in danger


def examine(path: Path | None, config_only: bool = False) -> Iterator[Check]:
    """Every check in order; nothing after the configuration where that cannot be read."""
    try:
        config = load_config(path)
    except ConfigError as error:
        yield Check("configuration", "FAIL", str(error), "correct the file at the place named")
        return
    yield _rules(config)
    yield _directory(config)
    if config.smtp.tls_certificate is not None and config.smtp.tls_key is not None:
        yield certificate(config.smtp.tls_certificate, config.smtp.tls_key, datetime.now(UTC))
    yield from examine_gateway(config)
    if config_only:
        return
    yield asyncio.run(_resolver(config))
    yield asyncio.run(_next_hop(config))
    yield _database(config)
    yield _audit(config)
    yield _spool(config)
    yield _permissions(config)
    yield _disk(config)
    yield _clock()
    yield from _postfix(config)
    yield _pages(config)


def _rules(config: Config) -> Check:
    try:
        ruleset = make_ruleset(config)
    except ConfigError as error:
        return Check("rules", "FAIL", str(error), "edrguard rules lint")
    return Check("rules", "ok", f"{len(ruleset.rules)} rules, {len(ruleset.symbols)} symbols")


def _directory(config: Config) -> Check:
    try:
        count = len(make_directory(config).all())
        make_lexicon()
    except ConfigError as error:
        return Check("directory", "FAIL", str(error), "correct the file at the place named")
    return Check("directory", "ok", f"{count} agencies")


def certificate(chain: Path, key: Path, now: datetime) -> Check:
    """Can listeners prove themselves with it, and for how long still?"""
    try:
        load_context(chain, key)
    except ConfigError as error:
        return Check("certificate", "FAIL", str(error), "give a PEM chain and the unencrypted key that belongs to it")
    end = expiry(chain)
    if end is None or end < now:
        return Check("certificate", "FAIL", f"{chain}: ended {ends(chain)}", "renew it")
    if end - now < SOON:
        return Check("certificate", "warn", f"{chain}: ends {ends(chain)}", "renew it; no restart is needed")
    return Check("certificate", "ok", f"{chain}: ends {ends(chain)}")


async def _resolver(config: Config) -> Check:
    if config.dns.zone_file is not None:
        return Check(
            "resolver", "warn", f"answers from {config.dns.zone_file} alone", "remove dns.zone_file in production"
        )
    resolver = make_resolver(config, config.limits)
    started = time.monotonic()
    answer = await resolver.resolve("org", "SOA")
    took = (time.monotonic() - started) * 1000
    if answer.status is not DnsStatus.NOERROR:
        servers = ", ".join(config.dns.nameservers) or "those of /etc/resolv.conf"
        return Check(
            "resolver", "FAIL", f"{servers}: {answer.status.value}", "run a local validating resolver (unbound)"
        )
    validating = "validating" if answer.authenticated else "not validating, or dns.trust_ad is off"
    return Check("resolver", "ok" if answer.authenticated else "warn", f"{took:.0f} ms, {validating}")


async def _next_hop(config: Config) -> Check:
    hop = Endpoint(config.next_hop.host, config.next_hop.port)
    try:
        async with asyncio.timeout(config.limits.next_hop_connect_seconds):
            if hop.host.startswith("/"):
                reader, writer = await asyncio.open_unix_connection(hop.host)
            else:
                reader, writer = await asyncio.open_connection(hop.host, hop.port)
            await _reply(reader)
            hello = "LHLO" if config.next_hop.protocol == "lmtp" else "EHLO"
            writer.write(f"{hello} {config.host}\r\n".encode("ascii", "replace"))
            offered = await _reply(reader)
            writer.write(b"QUIT\r\n")
            writer.close()
    except (OSError, TimeoutError, ValueError) as error:
        return Check(
            "next hop", "FAIL", f"{hop}: {error or 'no answer'}", "start it, or correct next_hop.host and port"
        )
    keywords = {line[4:].split()[0].upper() for line in offered if len(line) > 4}
    if config.next_hop.tls != "none" and "STARTTLS" not in keywords:
        state = "warn" if config.next_hop.tls == "opportunistic" else "FAIL"  # then all mail is put off
        return Check("next hop", state, f"{hop} offers no STARTTLS", "set `next_hop.tls: none` if this is intended")
    if config.smtp.eightbitmime and "8BITMIME" not in keywords:
        return Check(
            "next hop", "warn", f"{hop} offers no 8BITMIME: such mail is refused", "set `smtp.eightbitmime: false`"
        )
    if config.next_hop.xforward and "XFORWARD" not in keywords:
        return Check(
            "next hop", "warn", f"{hop} offers no XFORWARD", "list this host in its smtpd_authorized_xforward_hosts"
        )
    return Check("next hop", "ok", f"{hop} answers")


async def _reply(reader: asyncio.StreamReader) -> list[str]:
    lines: list[str] = []
    while len(lines) < 100:
        line = (await reader.readuntil(b"\n")).decode("latin-1").rstrip("\r\n")
        lines.append(line)
        if not line[:1] == "2":
            raise ValueError(f"answered {line[:60]!r}")
        if line[3:4] != "-":
            return lines
    raise ValueError("endless greeting")


def _database(config: Config) -> Check:
    try:
        store = open_store(config.storage.url)
        try:
            store.ping()
        finally:
            store.close()
    except EdrguardError as error:
        return Check("database", "FAIL", str(error), "check that storage.url names a folder that this user may write")
    return Check("database", "ok", "can be written")


def _audit(config: Config) -> Check:
    """The newest entries against the last signature; the whole log is `edrguard audit verify`'s."""
    path = audit_key_path(config)
    if path is None:
        return Check("audit log", "warn", "the database is in memory: nothing is kept", "set storage.url to a file")
    if not path.exists():
        return Check("audit log", "warn", "no key yet", "`edrguard serve` makes it; put `audit key` aside")
    if path.stat().st_mode & 0o077:
        return Check("audit log", "FAIL", f"{path} can be read by others, who could sign", f"chmod 0600 {path}")
    try:
        key = audit_signer(config).public
        store = open_store(config.storage.url)
        try:
            log = audits(store)
            last = log.checkpoints()[-1:]
            place = log.audit_links(last[0].seq - 1, last[0].seq) if last else ()
        finally:
            store.close()
    except EdrguardError as error:
        return Check("audit log", "FAIL", str(error), "see `edrguard audit verify`")
    if not last:
        return Check("audit log", "warn", "nothing is signed yet", "`edrguard serve` signs at its start")
    if not place or place[0].hash != last[0].hash or not key.vouches(last[0]):
        return Check("audit log", "FAIL", "it is not what was signed last", "see `edrguard audit verify`")
    return Check("audit log", "ok", f"signed up to entry {last[0].seq} by the key {key.id[:16]}")


def _spool(config: Config) -> Check:
    try:
        spool = make_spool(config)
        reference = spool.put("doctor" + "0" * 26, [b"edrguard doctor\r\n"])
        spool.delete(reference)
    except EdrguardError as error:
        return Check("spool", "FAIL", str(error), f"give this user the folder {config.storage.spool}")
    return Check("spool", "ok", f"{config.storage.spool} can be written and synced")


def _permissions(config: Config) -> Check:
    spool = config.storage.spool
    if spool.exists() and spool.stat().st_mode & 0o007:
        return Check("permissions", "FAIL", f"{spool} is open to everybody", f"chmod 0700 {spool}")
    if os.geteuid() == 0:
        return Check("permissions", "warn", "running as root", "run as the user that the unit names")
    return Check("permissions", "ok", "the spool is private")


def _disk(config: Config) -> Check:
    folder = config.storage.spool
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    text = f"{free / 1024**3:.1f} GiB free below {folder}"
    return (
        Check("disk", "ok", text) if free >= DISK_LOW else Check("disk", "FAIL", text, "make room: held mail needs it")
    )


def _clock() -> Check:
    """Without the network the clock cannot be proven; a kernel that knows that it is not synchronised says so."""
    year = datetime.now(UTC).year
    if year < 2026:
        return Check("clock", "FAIL", f"it says {year}", "systemctl status chrony")
    timedatectl = shutil.which("timedatectl")
    if timedatectl:
        said = subprocess.run(  # noqa: S603 - a fixed command
            [timedatectl, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            check=False,
            timeout=5,
        ).stdout.strip()
        if said == "no":
            return Check("clock", "warn", "not synchronised", "systemctl status chrony")
        if said == "yes":
            return Check("clock", "ok", "synchronised")
    return Check("clock", "warn", "nobody here can say whether it is right", "install chrony or systemd-timesyncd")


def _postfix(config: Config) -> Iterator[Check]:
    postconf = shutil.which("postconf") or "/usr/sbin/postconf"
    if not Path(postconf).exists():
        yield Check("Postfix wiring", "ok", "no Postfix on this machine: nothing to look at")
        return

    def ask(*words: str) -> str:
        return subprocess.run(  # noqa: S603 - a fixed command
            [postconf, *words], capture_output=True, text=True, check=False, timeout=10
        ).stdout

    services = ask("-P")
    yield wiring(config, services, ask("-xh", "smtpd_milters"), ask("-h", "milter_default_action").strip())
    if config.listen.sent is not None:
        yield sent_copies(config, services, ask("-xh", "always_bcc", "sender_bcc_maps"), ask("-xn"))


def sent_copies(config: Config, services: str, everywhere: str, main: str) -> Check:
    """Does Postfix send copies of our own mail, and of nobody else's? ``everywhere``: what main.cf copies for every
    service; ``main``: all of main.cf, with parameters expanded."""
    name, own, where = "sent copies", r"/unix/(sender_bcc_maps|always_bcc) = \S", config.listen.sent
    if config.sent.address in everywhere.lower():
        return Check(
            name,
            "FAIL",
            "main.cf copies mail from outside too: who forges your address makes threads that you never had",
            "copy in a cleanup service of your submission's own: postfix/README.md",
        )
    if not re.search(own, services) or f":{where.port if where else None}" not in main + services:
        return Check(name, "warn", f"no service of master.cf copies what you send to {where}", "see postfix/README.md")
    return Check(name, "ok", f"a service of master.cf copies what you send to {where}")


def wiring(config: Config, services: str, milters: str, default_action: str) -> Check:
    """Does Postfix send its mail through this node? ``services`` is ``postconf -P``, ``milters`` its smtpd_milters with
    parameters expanded, ``default_action`` what it does where a milter does not answer."""
    ports = {str(each.address.port) for each in config.listen.listeners}
    filters = [line for line in services.splitlines() if "smtpd_proxy_filter" in line]
    proxied = any(line.rpartition(":")[2].strip() in ports for line in filters)
    asked = False
    if config.listen.milter is not None:
        everywhere = [milters, *(line for line in services.splitlines() if "smtpd_milters" in line)]
        asked = any(_names(config.listen.milter, text) for text in everywhere)
    if proxied and asked:
        return Check(
            "Postfix wiring", "warn", "mail goes through this node twice", "keep the milter or the proxy filter"
        )
    if proxied:
        return Check("Postfix wiring", "ok", "a service of master.cf sends its mail through this node")
    if asked:
        own = re.search(r"default_action\s*=\s*(\w+)", milters)
        action = own[1] if own else default_action
        if action == "accept":
            return Check(
                "Postfix wiring", "FAIL", "unjudged mail passes while this node is down", "set default_action=tempfail"
            )
        return Check("Postfix wiring", "ok", f"smtpd_milters names this node; without it mail waits ({action})")
    return Check("Postfix wiring", "warn", "Postfix does not name this node", "see config/postfix/README.md")


def _names(where: TcpAddress | UnixAddress, milters: str) -> bool:
    """Postfix writes inet:host:port and unix:path; a path may be relative to its queue."""
    if isinstance(where, TcpAddress):
        return re.search(rf"inet:\S+:{where.port}\b", milters) is not None
    return any(where.path.endswith(path) for path in re.findall(r"unix:/?([^\s,}]+)", milters))


def _pages(config: Config) -> Check:
    ways = [w for w, on in (("webhook", config.pages.webhook.url), ("mail", config.pages.smtp.to)) if on]
    if urls := apprise_urls(config):
        ways.append(f"{len(urls)} by apprise")
    if not ways:
        return Check(
            "pages",
            "FAIL",
            "nobody can be called when a life is at risk",
            "set pages.webhook, pages.smtp or pages.apprise",
        )
    later = f"; {len(config.pages.lines)} further lines" if config.pages.lines else ""
    return Check("pages", "ok", " and ".join(ways) + later)
