"""Debian's Sendmail in a root of its own, as root, on loopback: it asks edrguard as its milter and relays to a sink.

Its package conflicts with Postfix's, so it is unpacked, not installed. Nothing outside the folders is written; the one
process that is started is ended by its id.
"""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from tests.support.process import ROOT, Child
from tests.support.smtp_sink import eventually, free_port

DEBS = Path(os.environ.get("EDRGUARD_TEST_DEBS") or "/tmp/edrguard-debs")
SHIPPED = ROOT / "config" / "sendmail" / "edrguard.mc"
LIBRARIES = {"LD_LIBRARY_PATH": f"{DEBS}/usr/lib/x86_64-linux-gnu:{DEBS}/lib/x86_64-linux-gnu"}


def debs() -> Path:
    """The folder with the unpacked packages, fetched where it is not there yet."""
    done = subprocess.run(
        ["bash", str(ROOT / "tests/support/debs.sh"), str(DEBS)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"Sendmail and miltertest cannot be had: {done.stderr[-2000:]}"
    return DEBS


class Sendmail:
    """One instance: ``front`` with the milter, ``back`` without it; everything goes on to ``next_port``."""

    def __init__(self, milter_port: int, next_port: int) -> None:
        self.front, self.back = free_port(), free_port()
        self.milter_port, self.next_port = milter_port, next_port
        self.folder = Path()
        self.child: Child | None = None

    def __enter__(self) -> "Sendmail":
        root = debs()
        self.folder = Path(tempfile.mkdtemp(prefix="edrguard-sendmail-", dir="/tmp"))
        self.folder.chmod(0o755)
        (self.folder / "queue").mkdir(mode=0o700)
        self._configure(root)
        binary = root / "usr/libexec/sendmail/sendmail"
        argv = [
            str(binary),
            "-bD",
            "-q1s",
            "-C",
            str(self.folder / "sendmail.cf"),
            "-X",
            str(self.folder / "traffic.log"),
        ]
        self.child = Child(_named(argv), self.folder / "sendmail.log", env=LIBRARIES)
        try:
            eventually(lambda: self._greets(self.front) and self._greets(self.back), 90, "Sendmail's greeting")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exc: object) -> None:
        if self.child:
            if self.child.alive:
                self.child.process.send_signal(signal.SIGTERM)
            try:
                self.child.process.wait(10)
            finally:
                self.child.kill()
        end = time.monotonic() + 5
        while self.folder.exists() and time.monotonic() < end:
            shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """What it said, and the traffic."""
        return "".join(p.read_text(errors="replace") for p in sorted(self.folder.glob("*.log")))

    def quarantined(self) -> list[Path]:
        """Messages in the hold queue: their control files have a name of their own."""
        return sorted((self.folder / "queue").glob("hf*"))

    def queued(self) -> list[Path]:
        """All other messages in the queue."""
        return sorted((self.folder / "queue").glob("qf*"))

    def let_go(self, queue_id: str) -> str:
        """Take a message out of the hold queue; the queue runner delivers it."""
        binary, cf = str(DEBS / "usr/libexec/sendmail/sendmail"), str(self.folder / "sendmail.cf")
        done = subprocess.run(
            _named([binary, "-C", cf, "-qQ", f"-qI{queue_id}", "-Q"]),
            capture_output=True, text=True, check=False, timeout=90, env={**os.environ, **LIBRARIES},
        )  # fmt: skip
        return done.stdout + done.stderr

    def _greets(self, port: int) -> bool:
        assert self.child and self.child.alive, f"Sendmail ended:\n{self.log()[-3000:]}"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 2) as probe:
            probe.settimeout(5)
            greeting = probe.recv(200)
            probe.sendall(b"QUIT\r\n")
            return greeting.startswith(b"220")
        return False

    def _configure(self, root: Path) -> None:
        folder = self.folder
        (folder / "switch").write_text("hosts files\naliases files\n")
        (folder / "aliases").write_text("")
        (folder / "statistics").write_text("")
        shipped = SHIPPED.read_text().replace("11332", str(self.milter_port)).replace("10026", str(self.back))
        (folder / "sendmail.mc").write_text(f"""divert(-1)
include(`{root}/usr/share/sendmail/cf/m4/cf.m4')
VERSIONID(`edrguard tests')
OSTYPE(`linux')
define(`confDOMAIN_NAME', `front.bigco.example')dnl
define(`confSERVICE_SWITCH_FILE', `{folder}/switch')dnl
define(`ALIAS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`STATUS_FILE', `{folder}/statistics')dnl
define(`QUEUE_DIR', `{folder}/queue')dnl
define(`confPID_FILE', `{folder}/pid')dnl
define(`confCONTROL_SOCKET_NAME', `')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe')dnl
define(`confTO_IDENT', `0')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
define(`confDELIVERY_MODE', `interactive')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {self.next_port}')dnl
define(`confSMTP_MAILER', `relay')dnl
FEATURE(`nocanonify')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`no_default_msa')dnl
DAEMON_OPTIONS(`Port={self.front}, Addr=127.0.0.1, Name=front')dnl
{shipped}
MAILER(`smtp')dnl
""")
        made = subprocess.run(
            [str(root / "usr/bin/m4"), str(folder / "sendmail.mc")],
            capture_output=True, text=True, check=False, timeout=30, env={**os.environ, **LIBRARIES},
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        (folder / "sendmail.cf").write_text(made.stdout)


def _named(argv: list[str]) -> list[str]:
    """Sendmail sleeps for a minute where the host's own name has no domain, so it gets one for itself, if that is
    allowed here."""
    if "." in socket.gethostname():
        return argv
    private = ["unshare", "--uts", "sh", "-c", 'hostname front.bigco.example && exec "$0" "$@"']
    allowed = subprocess.run([*private, "true"], capture_output=True, check=False, timeout=10).returncode == 0
    return [*private, *argv] if allowed else argv
