"""The process that opens attachments, so that what a stranger's file does to its reader happens elsewhere.

It imports this room and the model and nothing else: it starts quickly, stays small, and is killed without loss.
"""

import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

from edrguard.documents.examine import examine
from edrguard.model.document import Document


def serve_documents(pipe: Connection) -> None:
    """Answer jobs, lists of (part, octets or a file that holds them) with limits, until the other end is gone.

    The answer is a list of Documents, or a text that says what broke.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    while True:
        try:
            jobs, limits = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: list[Document] | str = [
                examine(part, data.read_bytes() if isinstance(data, Path) else data, limits) for part, data in jobs
            ]
        except Exception as error:
            answer = f"{type(error).__name__} while reading"
        try:
            pipe.send(answer)
        except OSError:
            return


if __name__ == "__main__":
    serve_documents(Connection(int(sys.argv[1])))
