"""The certificate of the listeners: read again when it changes, never worse than before."""

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edrguard.model.errors import ConfigError
from edrguard.node import certificate as module
from edrguard.node.certificate import Certificate, expiry
from edrguard.node.doctor import certificate as doctor
from tests.support.certificates import Authority, Pair

NAME = "mx.bigco.example"


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def info(self, event: str, **more: Any) -> None:
        self.lines.append(("info", event))

    def warning(self, event: str, **more: Any) -> None:
        self.lines.append(("warning", event))

    def error(self, event: str, **more: Any) -> None:
        self.lines.append(("error", f"{event}: {more['error']}"))


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Log:
    made = Log()
    monkeypatch.setattr(module, "get_logger", lambda name: made)
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.0)
    return made


def serial(context: ssl.SSLContext, ca: Path) -> int:
    """Of the certificate that a client would see."""
    there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context(cafile=str(ca)).wrap_bio(back, there, server_hostname=NAME)
    server = context.wrap_bio(there, back, server_side=True)
    done = False
    while not done:
        done = True
        for side in (client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                done = False
    found = client.getpeercert()
    assert found
    return int(str(found["serialNumber"]), 16)


def touched(pair: Pair, step: list[int] = [0]) -> None:  # noqa: B006 - counts over all calls
    """Files change within one tick of a coarse clock only in tests."""
    step[0] += 1
    for path in (pair.chain, pair.key):
        os.utime(path, ns=(step[0] * 10**9, step[0] * 10**9))


def test_a_changed_certificate_is_used_for_the_next_handshake(tmp_path: Path, log: Log) -> None:
    authority = Authority(tmp_path)
    first = authority.make("mx", NAME)
    certificate = Certificate(first.chain, first.key)
    old = certificate.context()
    assert serial(old, authority.ca) == first.serial
    assert certificate.context() is old, "what has not changed is not read again"
    second = authority.make("mx", NAME)
    touched(second)
    assert serial(certificate.context(), authority.ca) == second.serial
    assert serial(old, authority.ca) == first.serial, "a handshake in progress ends as it began"
    assert log.lines == [("info", "TLS certificate read")]


@pytest.mark.parametrize("fault", ["not PEM", "empty", "another key", "gone", "a folder"])
def test_a_broken_one_changes_nothing_and_is_said_once(tmp_path: Path, log: Log, fault: str) -> None:
    authority = Authority(tmp_path)
    pair = authority.make("mx", NAME)
    other = authority.make("other", NAME)
    certificate = Certificate(pair.chain, pair.key)
    match fault:
        case "not PEM":
            pair.chain.write_text("hello\n")
        case "empty":
            pair.key.write_text("")
        case "another key":
            pair.key.write_bytes(other.key.read_bytes())
        case "gone":
            pair.chain.unlink()
        case "a folder":
            pair.key.unlink()
            pair.key.mkdir()
    for _ in range(3):
        assert serial(certificate.context(), authority.ca) == pair.serial
    assert [level for level, _ in log.lines] == ["error"]
    assert "the old one stays in use" in log.lines[0][1] and str(pair.chain) in log.lines[0][1]
    if fault == "a folder":
        pair.key.rmdir()
    mended = authority.make("mx", NAME)
    touched(mended)
    assert serial(certificate.context(), authority.ca) == mended.serial


def test_other_files_on_reload(tmp_path: Path, log: Log) -> None:
    authority = Authority(tmp_path)
    first, second = authority.make("a", NAME), authority.make("b", NAME)
    certificate = Certificate(first.chain, first.key)
    assert not certificate.use(second.chain, first.key)
    assert certificate.refresh(), "the old files are watched on"
    assert certificate.chain == first.chain and serial(certificate.context(), authority.ca) == first.serial
    assert certificate.use(second.chain, second.key)
    assert serial(certificate.context(), authority.ca) == second.serial


def test_at_the_start_it_must_be_right(tmp_path: Path, log: Log) -> None:
    authority = Authority(tmp_path)
    pair, other = authority.make("mx", NAME), authority.make("other", NAME)
    for chain, key in ((pair.chain, other.key), (pair.chain, tmp_path / "none"), (pair.key, pair.key)):
        with pytest.raises(ConfigError, match=r"smtp\.tls_certificate"):
            Certificate(chain, key)


def test_one_that_ends_soon_is_a_warning(tmp_path: Path, log: Log) -> None:
    pair = Authority(tmp_path).make("mx", NAME, days=20)
    now = datetime.now(UTC)
    for days, said in ((5, []), (7, ["TLS certificate ends soon"]), (21, ["TLS certificate has ended"])):
        log.lines.clear()
        Certificate(pair.chain, pair.key, lambda days=days: now + timedelta(days=days))
        assert [event for _, event in log.lines] == said
    assert expiry(tmp_path / "none") is None and expiry(pair.key) is None


def test_doctor_looks_at_it(tmp_path: Path) -> None:
    pair = Authority(tmp_path).make("mx", NAME, days=20)
    now = datetime.now(UTC)
    found = [doctor(pair.chain, pair.key, now + timedelta(days=days)).status for days in (5, 7, 21)]
    assert found == ["ok", "warn", "FAIL"]
    assert doctor(pair.chain, pair.chain, now).status == "FAIL"
