"""Attachments are read elsewhere: late or dead readers cost a finding, never the node."""

import asyncio
import base64
from dataclasses import replace

import pytest

from edrguard.message import parse
from edrguard.model.limits import Limits
from edrguard.pipeline.workers import INLINE, DocumentsError, Workers

SMALL = b"%PDF-1.4\n1 0 obj\n<< /Producer (Scanner 3) >>\nendobj\n"
BIG = SMALL + b"x" * INLINE


def message(*attachments: bytes) -> bytes:
    parts = [b"Content-Type: text/plain\r\n\r\nhello\r\n"]
    for data in attachments:
        head = b"Content-Type: application/pdf; name=o.pdf\r\nContent-Transfer-Encoding: base64\r\n"
        head += b"Content-Disposition: attachment; filename=o.pdf\r\n\r\n"
        parts.append(head + base64.encodebytes(data).replace(b"\n", b"\r\n"))
    body = b"".join(b"--b\r\n" + part for part in parts) + b"--b--\r\n"
    return b"From: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + body


def read(workers: Workers, content: bytes):
    parts = [part for part in parse(content, Limits()).parts if part.attachment]
    return asyncio.run(workers.documents(content, parts))


@pytest.fixture
def workers():
    made = Workers(Limits())
    yield made
    made.close()


def test_small_and_large_attachments_are_read_alike(workers: Workers) -> None:
    small, big = read(workers, message(SMALL, BIG))
    assert (small.sniffed, small.producer, small.size) == ("pdf", "Scanner 3", len(SMALL))
    assert (big.sniffed, big.producer, big.size) == ("pdf", "Scanner 3", len(BIG))


def test_no_attachment_starts_no_reader(workers: Workers) -> None:
    assert read(workers, message()) == ()
    assert workers._reader._process is None


def test_a_warm_reader_is_the_one_that_reads(workers: Workers) -> None:
    workers.warm()
    workers._reading.submit(lambda: None).result(10)
    first = workers._reader._process
    assert first is not None and first.poll() is None
    assert len(read(workers, message(SMALL))) == 1
    assert workers._reader._process is first


def test_a_reader_that_is_late_is_replaced(workers: Workers) -> None:
    workers._limits = replace(Limits(), document_seconds=0.0001)
    with pytest.raises(DocumentsError, match="not read within"):
        read(workers, message(SMALL))
    workers._limits = Limits()
    assert len(read(workers, message(SMALL))) == 1


def test_a_reader_that_dies_is_replaced(workers: Workers) -> None:
    read(workers, message(SMALL))
    first = workers._reader._process
    first.kill()
    first.wait()
    assert len(read(workers, message(SMALL))) == 1
    assert workers._reader._process is not first


def test_closing_ends_the_reader(workers: Workers) -> None:
    read(workers, message(SMALL))
    process = workers._reader._process
    workers.close()
    assert process.poll() is not None


def test_who_gave_up_waiting_leaves_no_answer_for_the_next(workers: Workers) -> None:
    """A message whose deadline ends while its attachment is read must not hand its facts to another message."""
    first, second = message(SMALL * 2000), message(SMALL)
    parts = [[p for p in parse(m, Limits()).parts if p.attachment] for m in (first, second)]

    async def run() -> list[int]:
        sizes = []
        for _ in range(20):
            task = asyncio.ensure_future(workers.documents(first, parts[0]))
            await asyncio.sleep(0)
            task.cancel()
            sizes.append((await workers.documents(second, parts[1]))[0].size)
        return sizes

    assert set(asyncio.run(run())) == {len(SMALL)}


def test_no_room_for_an_attachment_is_said_and_does_not_break_judging(
    workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edrguard.pipeline.workers.tempfile.TemporaryDirectory", full)
    with pytest.raises(DocumentsError, match="No space left"):
        read(workers, message(BIG))
