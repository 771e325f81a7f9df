"""The wires' settings out of the configuration: SMTP in, milter, SMTP or LMTP out."""

import ssl

from edrguard.model.errors import ConfigError
from edrguard.node.options import Config
from edrguard.protocols.milter import MilterSettings
from edrguard.protocols.smtp import NextHopSettings, SmtpSettings


def make_smtp_settings(config: Config) -> SmtpSettings:
    """The listening side of SMTP."""
    smtp = config.smtp
    context = None
    if smtp.tls_certificate and smtp.tls_key:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(smtp.tls_certificate, smtp.tls_key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(f"smtp.tls_certificate: {error}") from error
    return SmtpSettings(
        hostname=config.host,
        trusted_peers=tuple(str(network) for network in smtp.trusted_peers),
        bare_newline=smtp.bare_newline,
        smtputf8=smtp.smtputf8,
        verify_recipients=smtp.verify_recipients,
        proxy_protocol=smtp.proxy_protocol,
        tls_context=context,
    )


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
    return NextHopSettings(
        host=hop.host,
        port=hop.port,
        helo=hop.helo or config.host,
        tls=hop.tls,
        xforward=hop.xforward,
        lmtp=hop.protocol == "lmtp",
    )
