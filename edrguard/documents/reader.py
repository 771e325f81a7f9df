"""The process that opens attachments, so that what a stranger's file does to its reader happens elsewhere.

It imports this room and the model and nothing else: it starts quickly, stays small, and is killed without loss.
"""

import resource
import signal
import sys
import warnings
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from edrguard.documents.anchors import load_anchors
from edrguard.documents.budget import OutOfTime
from edrguard.documents.examine import examine
from edrguard.documents.first import rank
from edrguard.documents.found import Outside
from edrguard.documents.scans import recognise
from edrguard.model.document import Document
from edrguard.model.limits import Limits
from edrguard.model.message import Part

Octets = bytes | Path
Job = tuple[Part, Octets, Octets | None]
Answer = list[Document] | list[tuple[str, float | None]]
_MEMORY = 1 << 30
_MIB = 1 << 20
_SIGNATURES = (".p7s", ".p7m", ".sig", ".pkcs7")


def serve_documents(pipe: Connection) -> None:
    """Answer questions until the other end is gone: (what to do, jobs, limits, anchors in PEM).

    A job is (part, octets or a file that holds them, the octets that it signs or ``None``). ``examine`` is answered
    with a list of Documents, ``recognise`` with one of (text, share of the text layer seen), both with a text that says
    what broke.
    """
    # What a file makes its reader hold ends here, and not in the machine's memory.
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("ignore")  # libraries tell of a stranger's damaged file, and our log is not the place
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    while True:
        try:
            question = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: Answer | str = _answer(*question)
        except (Exception, OutOfTime) as error:
            answer = f"{type(error).__name__} while reading"
        try:
            pipe.send(answer)
        except OSError:
            return


def _answer(task: str, jobs: list[Job], limits: Limits, anchors: bytes) -> Answer:
    if task == "recognise":
        return [recognise(_octets(data), limits, len(jobs)) for _, data, _ in jobs]
    trusted: tuple[Any, ...] = ()
    if anchors:
        trusted = load_anchors(anchors)
    found: dict[int, Document] = {}
    left = limits.document_cpu_seconds * max(1.0, sum(_size(data) for _, data, _ in jobs) / _MIB)
    began = _cpu()
    # What can do harm comes first, whatever stands before it in the message.
    for turn, n in enumerate(_order(jobs)):
        part, data, signs = jobs[n]
        seconds = left - (_cpu() - began) if turn < limits.documents else 0.0
        signature = seconds > 0 and (part.filename or "").lower().endswith(_SIGNATURES)
        # Only beside a detached signature are the other attachments held in memory with it.
        others = [(p.filename or "", _octets(d)) for p, d, _ in jobs if p.path != part.path] if signature else []
        outside = Outside(trusted, None if signs is None else _octets(signs), tuple(others))
        found[n] = examine(part, _octets(data), limits, outside, seconds)
    return [found[n] for n in range(len(jobs))]


def _order(jobs: list[Job]) -> list[int]:
    """The dangerous kinds first; one alone need not be read for that."""
    return [0] if len(jobs) == 1 else sorted(range(len(jobs)), key=lambda n: rank(_octets(jobs[n][1])))


def _cpu() -> float:
    """Seconds of CPU that this process has spent."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _size(data: Octets) -> int:
    return data.stat().st_size if isinstance(data, Path) else len(data)


def _octets(data: Octets) -> bytes:
    return data.read_bytes() if isinstance(data, Path) else data


if __name__ == "__main__":
    serve_documents(Connection(int(sys.argv[1])))
