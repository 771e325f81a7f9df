"""Names that DNS can carry, the cache, and the spelling of nameservers."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.dns import nameservers
from edrguard.dns.cache import AnswerCache
from edrguard.dns.names import askable, canonical, text_labels, wire_labels
from edrguard.dns.nameservers import find_servers, parse_server
from edrguard.model.auth import DnsAnswer
from edrguard.model.errors import ConfigError
from edrguard.model.words import DnsStatus


@pytest.mark.parametrize(
    ("name", "can"),
    [
        ("example.org", True),
        ("", True),
        ("a" * 63 + ".example", True),
        ("a" * 64 + ".example", False),
        ("a..example", False),
        (".example", False),
        (".".join(["a" * 49] * 5), True),
        (".".join(["a" * 63] * 4), False),
        ("with space.example", True),
        ("\ud800.example", False),
    ],
)
def test_askable(name, can):
    assert askable(name) is can


def test_canonical_drops_case_and_one_dot():
    assert canonical("Mail.EXAMPLE.org.") == "mail.example.org"
    assert canonical("a..") == "a."


@given(st.text(alphabet="aäé-_9 ", min_size=1, max_size=20))
def test_labels_survive_the_wire(label):
    labels = wire_labels(f"{label}.example")
    assert labels is not None
    assert text_labels(labels) == (label, "example")


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("[::1]:53", ("::1", 53)),
        ("[::1]", ("::1", 53)),
        ("2001:db8::1", ("2001:db8::1", 53)),
    ],
)
def test_parse_server(text, server):
    assert parse_server(text) == server


@pytest.mark.parametrize("text", ["", "dns.example", "192.0.2.1:", "192.0.2.1:0", "192.0.2.1:99999", "[::1", "[::1]x"])
def test_parse_server_refuses(text):
    with pytest.raises(ConfigError):
        parse_server(text)


def test_without_configuration_the_system_says_which_servers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(nameservers, "RESOLV_CONF", tmp_path / "resolv.conf")
    assert find_servers([]) == (("127.0.0.1", 53),)
    (tmp_path / "resolv.conf").write_bytes(
        b"# nameserver 192.0.2.9\nsearch example\nnameserver\nnameserver 192.0.2.1 \xff\n nameserver\t2001:db8::1\n"
        b"nameserver ns.example\noptions edns0\n"
    )
    assert find_servers([]) == (("192.0.2.1", 53), ("2001:db8::1", 53))
    assert find_servers(["192.0.2.1", "192.0.2.2:54"]) == (("192.0.2.1", 53), ("192.0.2.2", 54))


def test_cache_forgets_the_dead_and_the_least_used():
    now = [0.0]
    cache = AnswerCache(2, lambda: now[0])
    answers = {n: DnsAnswer(n, "A", DnsStatus.NOERROR, ("192.0.2.1",)) for n in "abc"}
    cache.put(("a", "A"), answers["a"], 10)
    cache.put(("b", "A"), answers["b"], 100)
    assert cache.get(("a", "A")) is answers["a"]
    cache.put(("c", "A"), answers["c"], 100)
    assert cache.get(("b", "A")) is None  # least recently used
    now[0] = 10.0
    assert cache.get(("a", "A")) is None  # its time is over
    assert cache.get(("c", "A")) is answers["c"]
    cache.put(("d", "A"), answers["c"], 0)
    assert cache.get(("d", "A")) is None
    assert len(cache) == 1
    cache.clear()
    assert len(cache) == 0
