"""The benchmark runs and says what it should; how fast anything is, no test asks."""

import sys

import pytest

from tests.bench import desk
from tests.bench.__main__ import run, table
from tests.bench.corpus import corpus
from tests.bench.load import send
from tests.support.process import Child
from tests.support.smtp_sink import Sink

FIGURES = {"cpu_ms", "p50_ms", "p99_ms", "small_mean_ms", "per_second", "peak_mib", "errors"}


@pytest.mark.e2e
def test_six_messages(tmp_path):
    result = run(6, tmp_path)
    for who in ("edrguard", "naive"):
        assert set(result[who]) == FIGURES
        assert result[who]["errors"] == []
        assert all(result[who][name] > 0 for name in FIGURES - {"errors"})
    assert result["ratio_cpu"] > 0
    assert result["big"]["errors"] == []
    assert result["big"]["peak_mib"] >= result["big"]["idle_mib"] > 0
    assert result["big"]["peak_mib"] >= result["big"]["held_mib"] > 25, "it holds the message at least"
    assert "edrguard" in table(result)


def test_corpus_keeps_its_mix():
    classes = [m.size_class for m in corpus(20)]
    assert {c: classes.count(c) for c in "SML"} == {"S": 14, "M": 5, "L": 1}
    sizes = {c: [len(m.content) for m in corpus(20) if m.size_class == c] for c in "SML"}
    assert all(3_000 < s < 14_000 for s in sizes["S"])
    assert all(45_000 < s < 330_000 for s in sizes["M"])
    assert all(1_900_000 < s < 5_600_000 for s in sizes["L"])


@pytest.mark.e2e
def test_the_yardstick_really_verifies(tmp_path):
    """A naive build that skipped the work would flatter nobody but itself."""
    dns = Child([sys.executable, "-m", "tests.bench.zone"], tmp_path / "dns.log")
    naive = None
    try:
        dns_port = dns.wait_for("listening").split()[-1]
        with Sink() as sink:
            argv = [sys.executable, "-m", "tests.bench.naive", "--next", str(sink.port), "--dns", dns_port]
            naive = Child(argv, tmp_path / "naive.log")
            port = int(naive.wait_for("listening").split()[-1])
            assert send(port, corpus(4), "a@bigco.example").errors == []
            for kept in sink.wait(4):
                assert kept.fields("Authentication-Results") == ["naive.example; spf=pass; dkim=pass; dmarc=pass"]
    finally:
        dns.kill()
        if naive:
            naive.kill()


def test_the_desks_pages_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    desk.main(60)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 9
    assert all(" ms, longest " in line for line in lines)
