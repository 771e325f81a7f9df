"""The table of networks: longest prefix, both families, and faults named by file and line."""

import time
from pathlib import Path

import pytest

from edrguard.history import load_networks
from edrguard.model.errors import ConfigError, ConfigErrors, MissingInput
from edrguard.model.history import Network
from edrguard.model.ports import Networks

TABLE = """\
# prefix\tasn\toperator\tcountry\tkind
192.0.2.0/24\t64500\tCity X\tus\tGov
192.0.2.128/25\tAS64501\tCity X Mobile\tUS\tmobile

192.0.2.200\tas64502\tOne Host\t\t
198.51.0.0/16\t\tNobody\tNL\thosting
2001:db8::/32\t64510\tSix\tDE\toffice
2001:db8:1::/48\t64511\tSix One\tDE\tvpn
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "networks.tsv"


@pytest.mark.parametrize(
    ("ip", "expected"),
    [
        ("192.0.2.1", Network("192.0.2.0/24", 64500, "City X", "US", "gov")),
        ("::ffff:192.0.2.1", Network("192.0.2.0/24", 64500, "City X", "US", "gov")),
        ("192.0.2.129", Network("192.0.2.128/25", 64501, "City X Mobile", "US", "mobile")),
        ("192.0.2.200", Network("192.0.2.200/32", 64502, "One Host", None, "")),
        ("198.51.100.1", Network("198.51.0.0/16", None, "Nobody", "NL", "hosting")),
        ("2001:db8:ffff::1", Network("2001:db8::/32", 64510, "Six", "DE", "office")),
        ("2001:db8:1:2::3", Network("2001:db8:1::/48", 64511, "Six One", "DE", "vpn")),
        ("203.0.113.1", None),
        ("2001:db9::1", None),
        ("", None),
        ("not an address", None),
    ],
)
def test_lookup(file: Path, ip: str, expected: Network | None) -> None:
    file.write_text(TABLE)
    networks: Networks = load_networks(file)
    assert networks.lookup(ip) == expected
    assert networks.lookup(ip) == expected


@pytest.mark.parametrize("whole", ["0.0.0.0/0", "::/0"])
def test_the_whole_internet_is_a_prefix(file: Path, whole: str) -> None:
    file.write_text(f"{whole}\t1\tAll\tUS\toffice\r\n")
    found = load_networks(file).lookup("192.0.2.1" if "." in whole else "2001:db8::1")
    assert found is not None
    assert found.operator == "All"


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("192.0.2.0/24\t64500\tCity X\tUS", "4 columns"),
        ("192.0.2.0/24 64500 City US gov", "1 columns"),
        ("192.0.2.0/24\t64500\tCity X\tUS\tgov\tmore", "6 columns"),
        ("192.0.2.1/24\t64500\tCity X\tUS\tgov", "host bits"),
        ("prefix\tasn\toperator\tcountry\tkind", "prefix"),
        ("192.0.2.0/24\tASX\tCity X\tUS\tgov", "not an AS number"),
        ("192.0.2.0/24\t4294967296\tCity X\tUS\tgov", "not an AS number"),
        ("192.0.2.0/24\t64500\tCity X\tUSA\tgov", "two letters"),
        ("10.0.0.0/8\t2\tB\tUS\tgov", "line 1"),
    ],
)
def test_faults_name_file_and_line(file: Path, line: str, word: str) -> None:
    file.write_text(f"10.0.0.0/8\t1\tA\tUS\tgov\n{line}\n")
    with pytest.raises(ConfigError, match=word) as caught:
        load_networks(file)
    assert str(caught.value).startswith(f"{file}:2: ")


def test_the_same_line_twice_is_no_fault(file: Path) -> None:
    file.write_text("10.0.0.0/8\t1\tA\tUS\tgov\n" * 2)
    assert len(load_networks(file)) == 1


def test_several_faults_at_once_but_not_thousands(file: Path) -> None:
    file.write_text("nonsense\n" * 1000)
    with pytest.raises(ConfigErrors) as caught:
        load_networks(file)
    assert [f.place.line for f in caught.value.faults if f.place] == list(range(1, 21))


def test_a_file_that_cannot_be_read(file: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingInput, match=r"networks\.tsv"):
        load_networks(file)
    with pytest.raises(ConfigError):
        load_networks(tmp_path)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load_networks(str(file))


def test_lookups_are_fast(file: Path) -> None:
    lines = [f"10.{a}.{b}.0/24\t{64500 + a}\tOp {b}\tUS\toffice" for a in range(40) for b in range(256)]
    file.write_text("\n".join(lines))
    networks = load_networks(file)
    start = time.perf_counter()
    for n in range(2000):
        assert networks.lookup(f"10.{n % 40}.{n % 256}.{n % 250}") is not None
    assert time.perf_counter() - start < 0.5
