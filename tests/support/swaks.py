"""Sends one message with swaks, the way an administrator tries a mail server."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Swaks:
    """What became of it: swaks' exit code, the last reply of the server, and the whole dialogue."""

    code: int
    reply: str
    dialogue: str

    @property
    def accepted(self) -> bool:
        return self.code == 0


def swaks(
    port: int,
    message: bytes,
    folder: Path,
    *,
    mail_from: str,
    rcpt: tuple[str, ...],
    helo: str = "client.example",
    client_ip: str = "",
    extra: tuple[str, ...] = (),
    seconds: int = 60,
) -> Swaks:
    """Send ``message`` as it is. ``client_ip`` is handed over by XCLIENT, which the server has to allow."""
    path = folder / f"swaks-{abs(hash(message)):x}.eml"
    # --no-data-fixup keeps swaks from touching the bytes; then dots and the end of the content are ours to write
    # (but for the last CRLF)
    stuffed = (b"." if message.startswith(b".") else b"") + message.replace(b"\r\n.", b"\r\n..")
    path.write_bytes(stuffed + (b"" if message.endswith(b"\r\n") else b"\r\n") + b".")
    server = ["--server", "127.0.0.1", "--port", str(port), "--helo", helo, "--timeout", f"{seconds}s"]
    path_of = ["--from", mail_from or "<>", "--to", ",".join(rcpt)]
    argv = ["swaks", *server, *path_of, "--data", f"@{path}", "--no-data-fixup", *extra]
    if client_ip:
        argv += ["--xclient", f"ADDR={client_ip} NAME=[UNAVAILABLE] HELO={helo}"]
    done = subprocess.run(argv, capture_output=True, timeout=seconds + 10, check=False)
    dialogue = done.stdout.decode("utf-8", "replace")
    replies = re.findall(r"^<[-*~ ]\S* +(\d{3}[ ].*)$", dialogue, re.MULTILINE)
    # the reply that matters is the one before that to QUIT
    said = [r for r in replies if not r.startswith("221")]
    return Swaks(done.returncode, said[-1].strip() if said else "", dialogue)
