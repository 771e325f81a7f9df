"""Every limit is a documented option, and is tried below, at and above.

Counts and sizes are tried here. What is a time, or needs a store of history or a pager, has its tests where its part is;
``ELSEWHERE`` names them, and they must be there.
"""

import asyncio
import dataclasses
import re
from dataclasses import replace
from pathlib import Path

import pytest

from edrguard.message import parse
from edrguard.model.document import NOT_OPENED
from edrguard.model.limits import Limits
from edrguard.node.config import shipped_dir
from edrguard.node.offline import CheckOptions, file_mail
from edrguard.node.options import limit_docs
from edrguard.pipeline.gather import _documents
from edrguard.pipeline.workers import Workers
from tests.fuzz.judging import open_with_zone
from tests.limits.probes import AT, PROBES, with_limit
from tests.pipeline.support import CONTENT, WHEN

TESTS = Path(__file__).parents[1]
ELSEWHERE = {
    "documents": ["limits/test_limits.py::test_as_many_attachments_as_the_limit_says"],
    "document_seconds": ["pipeline/test_workers.py::test_a_reader_that_is_late_is_replaced"],
    "document_cpu_seconds": [
        "documents/test_budget.py::test_an_attachment_out_of_time_says_so_and_keeps_what_was_found"
    ],
    "ocr_seconds": ["pipeline/test_documents_read.py"],
    "dns_timeout": ["dns/test_resolver.py", "dns/test_transport.py"],
    "auth_seconds": ["auth/test_authenticate.py"],
    "message_seconds": ["limits/test_limits.py::test_a_message_that_is_not_judged_in_time"],
    "history_window": ["history/test_reading.py"],
    "command_seconds": ["protocols/test_session.py"],
    "data_seconds": ["protocols/test_intake.py"],
    "data_rate": ["protocols/test_intake.py"],
    "next_hop_connect_seconds": ["protocols/test_relay.py"],
    "next_hop_command_seconds": ["protocols/test_relay.py"],
    "next_hop_data_seconds": ["protocols/test_relay.py"],
    "proxy_header_size": ["protocols/test_proxyheader.py"],
    "proxy_seconds": ["protocols/test_proxyheader.py"],
    "tls_seconds": ["protocols/test_tls.py"],
    "drain_seconds": ["e2e/test_pressure.py::test_a_next_hop_that_hangs_cannot_keep_the_node_from_ending"],
    "page_attempts": ["review/test_outbox.py"],
}
#: shared table of what mail systems bound, and the options that are ours
TABLE = {
    "message size": ["message_size"],
    "header block": ["header_size", "header_field_size", "header_fields"],
    "Received hops": ["hops"],
    "line length": ["line_length"],
    "MIME depth and parts": ["mime_depth", "mime_parts"],
    "archives": ["archive_depth", "archive_files", "archive_size", "archive_ratio", "document_seconds", "document_cpu_seconds"],
    "recipients": ["recipients"],
    "DKIM signatures and keys": ["dkim_signatures", "dkim_signature_size", "dkim_key_bits_min", "dkim_key_bits_max"],
    "ARC sets": ["arc_sets", "arc_sets_verified"],
    "SPF": ["spf_queries"],
    "DNS for a message": ["dns_queries", "dns_timeout", "auth_seconds"],
    "URLs and addresses": ["links", "addresses"],
    "commands and errors": ["session_commands", "session_errors"],
}  # fmt: skip
NAMES = [field.name for field in dataclasses.fields(Limits)]


@pytest.mark.parametrize("name", NAMES)
def test_every_limit_is_an_option_with_words_and_tests(name: str) -> None:
    assert limit_docs()[name]
    assert re.search(rf"^  #{name}: ", (shipped_dir() / "edrguard.yml").read_text(), re.MULTILINE)
    assert (name in PROBES) != (name in ELSEWHERE)
    for place in ELSEWHERE.get(name, ()):
        path, _, test = place.partition("::")
        text = (TESTS / path).read_text()
        assert (f"def {test}(" in text) if test else (f"{name}=" in text), place


def test_the_table_names_limits() -> None:
    assert {name for names in TABLE.values() for name in names} <= set(NAMES)
    assert set(PROBES) | set(ELSEWHERE) == set(NAMES)


@pytest.mark.parametrize("name", PROBES)
@pytest.mark.parametrize("amount", [-1, 0, 1], ids=["below", "at", "above"])
def test_below_at_and_above(name: str, amount: int) -> None:
    # a key's bits come in steps, and its least is a floor: one above it is one bit fewer
    step = 8 if name.startswith("dkim_key_bits") else 1
    assert PROBES[name](with_limit(name), AT[name] + amount * step) is (amount <= 0)


@pytest.mark.parametrize(("amount", "fits"), [(2, True), (3, True), (4, False)])
def test_as_many_attachments_as_the_limit_says(amount: int, fits: bool) -> None:
    """Above it, those that were not opened say so; what is dangerous is told of all (tests/pipeline)."""
    limits = replace(Limits(), documents=3)
    missing: dict[str, str] = {}
    body = b"--b\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nx\r\n" * amount
    content = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + body + b"--b--\r\n"
    workers = Workers(limits)
    try:
        found = asyncio.run(_documents(content, parse(content, limits), workers, missing))
    finally:
        workers.close()
    assert len(found) == amount
    assert [d.part for d in found if d.details.get("error") == NOT_OPENED] == ([] if fits else ["4"])
    assert not missing


def test_a_message_that_is_not_judged_in_time() -> None:
    """``message_seconds``: late is a verdict, and not a message that nobody sees. No time at all is always too short."""
    offline, runner = None, asyncio.Runner()

    async def judged(seconds: float) -> str | None:
        nonlocal offline
        offline = open_with_zone()
        assessor = offline.assessor
        limits = replace(assessor.sources.limits, message_seconds=seconds)
        late = replace(assessor, sources=replace(assessor.sources, limits=limits))
        _, verdict = await late.assess(file_mail(CONTENT, CheckOptions(client_ip="192.0.2.7"), WHEN, "x"))
        offline.close()
        return verdict.error

    assert runner.run(judged(0.0)) == "TimeoutError while judging"
    assert runner.run(judged(600.0)) is None
    runner.close()
