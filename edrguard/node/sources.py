"""What every node and every offline verb is made from: rules, directory, lexicon, resolver, by configuration."""

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from edrguard.agencies import DirectoryIndex, load_agencies
from edrguard.auth import AuthSettings
from edrguard.dns import CachingResolver, ZoneResolver, load_zone
from edrguard.documents import load_anchors
from edrguard.history import Keyed, load_networks
from edrguard.model.agency import Agency
from edrguard.model.errors import ConfigError, Place, UsageError
from edrguard.model.limits import Limits
from edrguard.model.ports import Resolver, Store
from edrguard.node.config import config_path
from edrguard.node.gateway import make_gateway
from edrguard.node.historykey import history_key, key_path
from edrguard.node.options import Config
from edrguard.pipeline import Gateway, Sources, TrustedTrace
from edrguard.request import Lexicon, load_lexicon
from edrguard.rules import RuleSet, load_rules


def make_ruleset(config: Config) -> RuleSet:
    """Symbols and rules: shipped, then ``local.d``, then ``override.d``. Raises ConfigErrors."""
    shipped = config.rules.shipped
    symbols = [shipped / "symbols.yml" if shipped else config_path("symbols.yml")]
    rules = [shipped / "rules" if shipped else config_path("rules")]
    for folder in (config.rules.local, config.rules.override):
        if folder.is_dir():
            if (folder / "symbols.yml").exists():
                symbols.append(folder / "symbols.yml")
            rules.append(folder)
    return load_rules(symbols, rules)


def make_directory(config: Config, extra: Sequence[Path] = ()) -> DirectoryIndex:
    """The shipped starter set, then the operator's files; a later entry with the same id replaces an earlier one."""
    starter = config_path("agencies")
    files = sorted(starter.glob("*.yml")) if config.agencies.starter else []
    entries: dict[str, Agency] = {}
    suffixes: set[str] = set()
    for path in (*files, *config.agencies.files, *extra):
        loaded = load_agencies(path)
        entries.update({entry.id: entry for entry in loaded.entries})
        suffixes.update(loaded.restricted_suffixes)
    return DirectoryIndex(entries.values(), suffixes, config.agencies.freemail)


def make_lexicon() -> Lexicon:
    """Phrases and statutes, in every language that is there."""
    return load_lexicon([config_path("phrases"), config_path("statutes")])


def make_resolver(
    config: Config, limits: Limits, *, nameserver: str | None = None, zone: Path | None = None
) -> Resolver:
    """``zone`` or ``nameserver`` of the command line, else what is configured. Raises UsageError for both."""
    if nameserver and zone:
        raise UsageError("--nameserver and --dns-zone exclude each other")
    zone = zone or (None if nameserver else config.dns.zone_file)
    if zone is not None:
        return ZoneResolver(load_zone(zone))
    servers = (nameserver,) if nameserver else config.dns.nameservers
    return CachingResolver(servers, limits=limits, trust_ad=config.dns.trust_ad)


def make_trust(hosts: Iterable[str], gateway: Gateway | None = None) -> TrustedTrace:
    """``trace.trusted_hosts``: names are matched with ``by``, networks with the addresses of our own hops."""
    names: set[str] = set()
    networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
    for host in hosts:
        try:
            networks.append(ipaddress.ip_network(host, strict=False))
        except ValueError:
            names.add(host.lower().rstrip("."))
    return TrustedTrace(frozenset(names), tuple(networks), gateway)


def config_trust(config: Config) -> TrustedTrace:
    """Whose word about the way counts, as configured. Raises ConfigError."""
    return make_trust(config.trace.trusted_hosts, make_gateway(config.gateway))


def make_sources(
    config: Config,
    *,
    store: Store | None,
    resolver: Resolver,
    limits: Limits,
    agencies: Sequence[Path] = (),
    networks: Path | None = None,
    store_url: str | None = None,
) -> Sources:
    """Everything that gathering asks, wired. ``store_url``: of ``store``, where it is not the configured one."""
    networks = networks or config.networks.file
    return Sources(
        resolver=resolver,
        auth=AuthSettings(
            authserv_id=config.authserv,
            trusted_sealers=frozenset(config.arc.trusted_sealers),
            dmarc_mode=config.dmarc.mode,
            limits=limits,
        ),
        directory=make_directory(config, agencies),
        lexicon=make_lexicon(),
        limits=limits,
        networks=load_networks(networks) if networks else None,
        store=store,
        trust=config_trust(config),
        keyed=Keyed(history_key(key_path(config.storage.key_file, store_url or config.storage.url) if store else None)),
        home_domains=frozenset(inbox.rpartition("@")[2] for inbox in config.inboxes),
    )


def make_anchors(config: Config) -> bytes:
    """``documents.anchors`` in PEM, b"" for none. Raises ConfigError where the file holds no certificates."""
    path = config.documents.anchors
    if path is None:
        return b""
    try:
        pem = path.read_bytes()
        load_anchors(pem)
    except (OSError, ValueError) as error:
        raise ConfigError(f"no certificates in PEM: {error}", Place(str(path))) from error
    return pem


def with_dns_timeout(limits: Limits, seconds: float | None) -> Limits:
    """``--dns-timeout``: one DNS question."""
    return limits if seconds is None else replace(limits, dns_timeout=seconds)
