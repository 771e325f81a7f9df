"""Settings are checked when they are made."""

import pytest

from edrguard.model.errors import ConfigError
from edrguard.protocols import smtp
from edrguard.protocols.smtp import NextHopSettings, SmtpSettings


@pytest.mark.parametrize(
    "wrong", [{"bare_newline": "keep"}, {"trusted_peers": ("192.0.2.0/33",)}, {"trusted_peers": ("front.example",)}]
)
def test_server_settings(wrong):
    with pytest.raises(ConfigError):
        SmtpSettings(hostname="gate.example", **wrong)


def test_networks():
    made = SmtpSettings(hostname="gate.example", trusted_peers=("192.0.2.7/24", "2001:db8::1"))
    assert [str(n) for n in made.networks()] == ["192.0.2.0/24", "2001:db8::1/128"]


def test_next_hop_settings():
    with pytest.raises(ConfigError):
        NextHopSettings(host="sink.example", tls="maybe")


def test_what_the_room_offers():
    assert all(getattr(smtp, name) is not None for name in smtp.__all__)
    with pytest.raises(AttributeError):
        _ = smtp.Controller
