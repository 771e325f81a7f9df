"""Debian's Dovecot as an LMTP delivery agent in a folder of its own, as root, on loopback.

Nothing outside the folder is written, and it is ended by the id of its own master. Its mailboxes show what a delivery
agent may say of one recipient and not of another: ``jam`` makes a mailbox fail for a while (451), ``quota`` makes it
too small (552).
"""

import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path

from tests.support.certificates import Pair
from tests.support.process import Child
from tests.support.smtp_sink import eventually, free_port

DOVECOT = Path("/usr/sbin/dovecot")


class Dovecot:
    """One instance. Every local part is a user; with ``pair`` STARTTLS is offered. Use as a context manager."""

    def __init__(self, pair: Pair | None = None) -> None:
        self.pair = pair
        self.port = free_port()
        self.folder, self.inboxes = Path(), Path()  #: known once it runs
        self.child: Child | None = None

    def __enter__(self) -> "Dovecot":
        self.folder = Path(tempfile.mkdtemp(prefix="edrguard-dovecot-", dir="/tmp"))
        self.inboxes = self.folder / "inboxes"
        try:
            self.folder.chmod(0o755)
            self.inboxes.mkdir()
            self.inboxes.chmod(0o777)
            self.quota({})
            (self.folder / "dovecot.conf").write_text(self._configuration())
            argv = [str(DOVECOT), "-F", "-c", str(self.folder / "dovecot.conf")]
            self.child = Child(argv, self.folder / "master.log")
            eventually(self._greets, 15, "Dovecot's greeting")
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
            time.sleep(0.05)

    def log(self) -> str:
        """What Dovecot wrote."""
        path = self.folder / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def quota(self, octets: dict[str, int]) -> None:
        """These users' mailboxes hold no more; all others are without bounds."""
        rules = [f"{user}:::::::userdb_quota_rule=*:storage={size}B\n" for user, size in octets.items()]
        (self.folder / "users").write_text("".join(rules))
        if self.child:
            time.sleep(1.1)  # it looks at the file once a second

    def jam(self, user: str) -> None:
        """Something else lies where this user's mailbox should be made."""
        (self.inboxes / user).write_text("in the way\n")

    def free(self, user: str) -> None:
        """The end of ``jam``."""
        (self.inboxes / user).unlink()

    def delivered(self, user: str) -> list[bytes]:
        """The messages of a user, oldest first, as CRLF."""
        paths = sorted(self.inboxes.glob(f"{user}/new/*"), key=lambda p: p.stat().st_mtime_ns)
        return [path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") for path in paths]

    def _greets(self) -> bool:
        assert self.child and self.child.alive, f"Dovecot ended:\n{self.child and self.child.says()}\n{self.log()}"
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as probe:
                probe.settimeout(2)
                return probe.recv(100).startswith(b"220")
        except OSError:
            return False

    def _configuration(self) -> str:
        here, pair = self.folder, self.pair
        tls = f"ssl = yes\nssl_cert = <{pair.chain}\nssl_key = <{pair.key}" if pair else "ssl = no"
        return f"""
base_dir = {here}/run
state_dir = {here}/state
log_path = {here}/dovecot.log
protocols = lmtp
listen = 127.0.0.1
{tls}
mail_location = maildir:{here}/inboxes/%n
mail_uid = nobody
mail_gid = nogroup
first_valid_uid = 1
mail_plugins = quota
lmtp_save_to_detail_mailbox = no
passdb {{
  driver = static
}}
userdb {{
  driver = passwd-file
  args = username_format=%n {here}/users
  result_success = continue-ok
  result_failure = continue
}}
userdb {{
  driver = static
  args = allow_all_users=yes home={here}/inboxes/%n
}}
plugin {{
  quota = maildir:User quota
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {self.port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""
