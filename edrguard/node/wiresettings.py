"""Options of the configuration as the settings of listeners, milter and next hop."""

import ssl
from collections.abc import Callable
from datetime import datetime

from edrguard.model.errors import ConfigError
from edrguard.node.certificate import Certificate
from edrguard.node.options import Config
from edrguard.node.wireoptions import ListenerOptions, SmtpOptions
from edrguard.pipeline import SentSettings
from edrguard.protocols.milter import MilterSettings
from edrguard.protocols.smtp import Listener, NextHopSettings, SmtpSettings


def make_certificate(config: Config, clock: Callable[[], datetime]) -> Certificate | None:
    """What our listeners prove themselves with. Raises ConfigError where it cannot be used."""
    smtp = config.smtp
    return Certificate(smtp.tls_certificate, smtp.tls_key, clock) if smtp.tls_certificate and smtp.tls_key else None


def make_smtp_settings(config: Config, certificate: Certificate | None) -> SmtpSettings:
    """The listening side of SMTP."""
    smtp = config.smtp
    return SmtpSettings(
        hostname=config.host,
        trusted_peers=tuple(str(network) for network in smtp.trusted_peers),
        bare_newline=smtp.bare_newline,
        smtputf8=smtp.smtputf8,
        eightbitmime=smtp.eightbitmime,
        verify_recipients=smtp.verify_recipients,
        tls_context=certificate.context if certificate is not None else None,
    )


def make_listener(options: ListenerOptions, smtp: SmtpOptions) -> Listener:
    """What is spoken at one address; ``smtp`` says what it does not."""
    return Listener(
        protocol=options.protocol,
        proxy=smtp.proxy_protocol if options.proxy is None else options.proxy,
        tls=options.tls or smtp.tls,
    )


def make_sent_settings(config: Config) -> SentSettings:
    """Who may bring copies of what we send."""
    sent = config.sent
    return SentSettings(address=sent.address, clients=sent.clients, domains=config.our_domains)


def make_milter_settings(config: Config) -> MilterSettings:
    """How the milter answers."""
    milter = config.milter
    return MilterSettings(
        hold=milter.hold,
        bare_newline=config.smtp.bare_newline,
        progress_seconds=milter.progress,
        idle_seconds=milter.idle,
        socket_mode=int(milter.socket_mode, 8),
    )


def make_next_hop_settings(config: Config) -> NextHopSettings:
    """The sending side of SMTP."""
    hop = config.next_hop
    context = None
    if hop.tls == "require" and hop.tls_ca is not None:
        try:
            context = ssl.create_default_context(cafile=hop.tls_ca)
        except (OSError, ValueError) as error:
            raise ConfigError(f"next_hop.tls_ca: {hop.tls_ca}: {error}") from error
    return NextHopSettings(
        host=hop.host,
        port=hop.port,
        helo=hop.helo or config.host,
        tls=hop.tls,
        tls_name=hop.tls_name,
        tls_context=context,
        xforward=hop.xforward,
        lmtp=hop.protocol == "lmtp",
    )
