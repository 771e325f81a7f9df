"""Lines and chunks out of one stream, in order and bounded."""

import asyncio

import pytest

from edrguard.protocols.smtp.reader import EndOfStreamError, FloodError, LineTooLongError, WireReader

from .support import live


def stream(*pieces: bytes) -> WireReader:
    reader = asyncio.StreamReader()

    async def feed() -> None:
        for piece in pieces:
            reader.feed_data(piece)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        reader.feed_eof()

    reader.task = asyncio.ensure_future(feed())  # type: ignore[attr-defined]
    return WireReader(reader)


@live
async def test_lines_and_chunks_in_order():
    wire = stream(b"one\r\ntw", b"o\r\nthree\r\nrest", b"more")
    assert await wire.line(10) == b"one\r\n"
    assert await wire.line(10) == b"two\r\n"
    assert wire.has_line
    assert await wire.line(10) == b"three\r\n"
    assert not wire.has_line and not wire.empty
    assert await wire.chunk() == b"rest"
    wire.unread(b"st")
    assert await wire.chunk() == b"st"
    assert await wire.chunk() == b"more"
    with pytest.raises(EndOfStreamError):
        await wire.chunk()


@live
async def test_a_long_line_is_read_to_its_end_and_reported():
    wire = stream(b"x" * 30, b"y" * 30, b"\r\nnext\r\n" + b"z" * 12 + b"\r\nlast\r\n")
    with pytest.raises(LineTooLongError):
        await wire.line(10)
    assert await wire.line(10) == b"next\r\n"
    with pytest.raises(LineTooLongError):
        await wire.line(10)
    assert await wire.line(10) == b"last\r\n"
    with pytest.raises(EndOfStreamError):
        await wire.line(10)


@live
async def test_a_line_without_end():
    wire = stream(*[b"x" * 4000] * 40)
    with pytest.raises(FloodError):
        await wire.line(100)


@live
async def test_clear_forgets():
    wire = stream(b"early\r\nevil\r\n", b"late\r\n")
    assert await wire.line(10) == b"early\r\n"
    wire.clear()
    assert await wire.line(10) == b"late\r\n"
