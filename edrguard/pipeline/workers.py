"""Where work goes that must not stop the event loop.

*Durable* calls, which wait for the disk, run on a thread of their own, one at a
time (SQLite has one writer, and order is what history is about). Quick looks
into the store and its unsynced writes run on the loop: a thread would cost
more than they do. *CPU* work runs inline while it is
small, on a thread where hashing large buffers drops the GIL. *Documents* are
opened in a process that is killed when it takes too long: their parsers are
other people's, and their authors may be hostile.
"""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

from edrguard.documents import written_date
from edrguard.message import decode_part, decode_pieces
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from edrguard.model.message import Part, SignedOctets

T = TypeVar("T")

Job = tuple[Part, bytes | Path, bytes | Path | None]

READER = "edrguard.documents.reader"  #: the module that reads attachments, as a program
INLINE = 256 * 1024  #: octets below which a thread costs more than it saves
PIPED = 50 * INLINE  #: encoded octets of attachments above which all of them are handed over by files
#: glibc's malloc would keep as much as the largest attachment ever took
_GIVE_BACK = {"MALLOC_MMAP_THRESHOLD_": str(8 << 20), "MALLOC_TRIM_THRESHOLD_": str(8 << 20)}


class DocumentsError(Exception):
    """The attachments were not examined in time, or broke their reader."""


class Workers:
    """The pools of one node. ``inline``: run store calls where they are made (replay has no wire to starve).

    ``anchors``: certificates in PEM that vouch for signers of documents.
    """

    def __init__(self, limits: Limits, inline: bool = False, anchors: bytes = b"") -> None:
        self._limits = limits
        self._inline = inline
        self._store = ThreadPoolExecutor(1, "store")
        self._cpu = ThreadPoolExecutor(4, "cpu")
        self._reading = ThreadPoolExecutor(1, "documents")  # one: two jobs in the reader's pipe would swap answers
        self._reader = _DocumentReader(anchors)
        # Recognition has a reader of its own: seconds of it must not keep other messages' attachments waiting.
        self._recognising = ThreadPoolExecutor(1, "recognition")
        self._recogniser = _DocumentReader()

    def warm(self) -> None:
        """Start the reader of attachments, so that the first message with one need not wait for it. Returns at once."""
        self._reading.submit(self._reader.start)

    async def durable(self, call: Callable[..., T], *args: Any) -> T:
        """A store or spool call that returns when the disk has it, in order with all others of its kind."""
        if self._inline:
            return call(*args)
        return await asyncio.get_running_loop().run_in_executor(self._store, call, *args)

    async def cpu(self, size: int, call: Callable[..., T], *args: Any) -> T:
        """Pure work on ``size`` octets."""
        if size <= INLINE:
            return call(*args)
        return await asyncio.get_running_loop().run_in_executor(self._cpu, call, *args)

    async def documents(
        self, content: bytes, parts: Sequence[Part], signed: Sequence[SignedOctets] = ()
    ) -> tuple[Document, ...]:
        """Examine attachments within ``limits.document_seconds``, after waiting about as long for one's turn: all get a
        look, ``limits.documents`` are opened.

        Pictures of text are recognised afterwards, in ``limits.ocr_seconds``: what comes too late costs that text only.

        Raises DocumentsError: a reader that is late, dead or busy costs the facts about attachments, not the message.
        """
        if not parts:
            return ()
        work = asyncio.get_running_loop().run_in_executor(
            self._reading, self._reader.examine, content, parts, signed, self._limits
        )
        try:
            async with asyncio.timeout(2 * self._limits.document_seconds + 1):
                found = await work
        except TimeoutError as error:
            raise DocumentsError("the reader was busy") from error
        due = [index for index, document in enumerate(found) if document.ocr == "due"]
        return await self._recognise(content, parts, found, due) if due else found

    async def _recognise(
        self, content: bytes, parts: Sequence[Part], found: tuple[Document, ...], due: list[int]
    ) -> tuple[Document, ...]:
        work = asyncio.get_running_loop().run_in_executor(
            self._recognising, self._recogniser.recognise, content, [parts[i] for i in due], self._limits
        )
        texts: Sequence[tuple[str, float | None] | None] = [None] * len(due)
        with contextlib.suppress(TimeoutError, DocumentsError):  # the documents then say that it was late
            async with asyncio.timeout(2 * self._limits.ocr_seconds):
                texts = await work
        seen = dict(zip(due, texts, strict=True))
        return tuple(_with_text(one, seen[i]) if i in seen else one for i, one in enumerate(found))

    def close(self) -> None:
        """Finish store calls already made; end the reader process."""
        self._store.shutdown(wait=True)
        self._cpu.shutdown(wait=True)
        self._reading.shutdown(wait=True, cancel_futures=True)
        self._reader.close()
        self._recognising.shutdown(wait=True, cancel_futures=True)
        self._recogniser.close()


class _DocumentReader:
    """One process that opens attachments; started when first needed or before, replaced when it is late or dies."""

    def __init__(self, anchors: bytes = b"") -> None:
        self._anchors = anchors
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def start(self) -> None:
        """Be ready for the first attachment. What goes wrong is told when there is one."""
        with contextlib.suppress(OSError):
            self._start()

    def examine(
        self, content: bytes, parts: Sequence[Part], signed: Sequence[SignedOctets], limits: Limits
    ) -> tuple[Document, ...]:
        try:
            return tuple(self._hand_out("examine", content, parts, signed, limits, limits.document_seconds))
        except OSError as error:  # no room for a file, no process to be had
            raise DocumentsError(f"not read: {error.strerror or type(error).__name__}") from error

    def recognise(self, content: bytes, parts: Sequence[Part], limits: Limits) -> tuple[tuple[str, float | None], ...]:
        """What the pictures of these parts say, as ``scans.recognise`` gives it."""
        try:
            return tuple(self._hand_out("recognise", content, parts, (), limits, limits.ocr_seconds))
        except OSError as error:
            raise DocumentsError(f"not read: {error.strerror or type(error).__name__}") from error

    def _hand_out(
        self,
        task: str,
        content: bytes,
        parts: Sequence[Part],
        signed: Sequence[SignedOctets],
        limits: Limits,
        seconds: float,
    ) -> list[Any]:
        under = {one.signature: one for one in signed}
        sizes = [part.end - part.start for part in parts] + [one.end - one.start for one in signed]
        if all(size <= INLINE for size in sizes) and sum(sizes) <= PIPED:
            return self._ask(task, [_job(content, part, under, limits, None) for part in parts], limits, seconds)
        with tempfile.TemporaryDirectory(prefix="edrguard-") as folder:
            inline = INLINE if sum(sizes) <= PIPED else 0
            jobs = [_job(content, part, under, limits, Path(folder), inline) for part in parts]
            return self._ask(task, jobs, limits, seconds)

    def _ask(self, task: str, jobs: list[Job], limits: Limits, seconds: float) -> list[Any]:
        pipe = self._start()
        try:
            pipe.send((task, jobs, limits, self._anchors))
            if not pipe.poll(seconds):
                raise DocumentsError(f"not read within {seconds:g} s")
            answer = pipe.recv()
        except (OSError, EOFError) as error:
            self.close()
            raise DocumentsError("the reader died") from error
        except DocumentsError:
            self.close()
            raise
        if isinstance(answer, str):
            raise DocumentsError(answer)
        return list(answer)

    def _start(self) -> Connection:
        if self._process is not None and self._process.poll() is None and self._pipe is not None:
            return self._pipe
        # A fresh interpreter: a fork would copy our threads' locks, and multiprocessing would add a tracker process.
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-m", READER, str(theirs.fileno())]
            self._process = subprocess.Popen(  # noqa: S603
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=os.environ | _GIVE_BACK
            )
        self._pipe = Connection(ours.detach())
        return self._pipe

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _with_text(document: Document, seen: tuple[str, float | None] | None) -> Document:
    """``document`` with what was recognised in its pictures; ``None``: it came too late."""
    if seen is None:
        return replace(document, ocr="late")
    text, overlap = seen
    if document.text.strip():  # a text layer is there: recognition is for comparing, not for reading twice
        return replace(document, ocr="done", text_overlap=overlap)
    return replace(document, ocr="done", text=text, dated=written_date(text))


def _job(
    content: bytes,
    part: Part,
    under: Mapping[str, SignedOctets],
    limits: Limits,
    folder: Path | None,
    inline: int = INLINE,
) -> Job:
    """The attachment with what it signs, through the pipe or, above ``inline`` octets, by files in ``folder``."""
    signed = under.get(part.path)
    octets: bytes | Path | None = None
    if signed is not None:
        octets = content[signed.start : min(signed.end, signed.start + limits.message_size)]
        if folder is not None and len(octets) > inline:
            path = folder / f"{part.path}.signed"
            path.write_bytes(octets)
            octets = path
    if folder is None:
        return part, decode_part(content, part, limits.document_size), octets
    return part, _hand_over(content, part, limits, folder, inline), octets


def _hand_over(content: bytes, part: Part, limits: Limits, folder: Path, inline: int) -> bytes | Path:
    """The decoded attachment: through the pipe while it is small, else by a file, so that no second copy of
    megabytes stands in this process."""
    if part.end - part.start <= inline:
        return decode_part(content, part, limits.document_size)
    path = folder / part.path
    with path.open("wb") as handle:
        for piece in decode_pieces(content, part, limits.document_size):
            handle.write(piece)
    return path
