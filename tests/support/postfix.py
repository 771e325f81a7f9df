"""Debian's Postfix in a folder of its own, as root, on loopback: in front of edrguard and behind it.

The two entries that matter are those of config/postfix as shipped; only addresses are put in. Nothing outside the
folder is written, several instances live side by side, and each is ended by the id of its own master.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from tests.support.process import ROOT, Child
from tests.support.smtp_sink import eventually, free_port

SHIPPED = ROOT / "config" / "postfix"
MASTER = Path("/usr/lib/postfix/sbin/master")
DOMAIN = "bigco.example"
USERS = ("lawenforcement", "colleague", "newsdesk")
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")
SERVICES = """
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
flush     unix  n - n 1000? 0 flush
tlsmgr    unix  - - n 1000? 1 tlsmgr
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
virtual   unix  - n n - - virtual
anvil     unix  - - n - 1 anvil
lmtp      unix  - - n - - lmtp
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """One instance. ``front`` is where clients connect, ``back`` where edrguard hands mail back; mail for bigco.example
    ends in Maildirs below ``inboxes``, or goes on to ``next_port``. Use as a context manager."""

    def __init__(
        self, filter_port: int, *, next_port: int | None = None, after_queue: bool = False, milter: str = "",
        lmtp_port: int | None = None, copies_port: int | None = None, gateway: str = "",
    ) -> None:  # fmt: skip
        self.front, self.back = free_port(), free_port()
        self.lmtp_port = lmtp_port  #: mail for bigco.example goes there by LMTP; then there is no proxy filter
        self.copies_port = copies_port  #: copies of what is sent by ``submission`` go there
        self.submission = free_port()
        self.gateway = gateway  #: lines of main.cf of a host that hands on to ``next_port``, without any filter
        self.milter = milter  #: where one listens, as Postfix writes it; then there is no proxy filter
        self.filter_port, self.next_port, self.after_queue = filter_port, next_port, after_queue
        self.folder, self.inboxes = Path(), Path()  #: known once it runs
        self.child: Child | None = None

    def __enter__(self) -> "Postfix":
        # Postfix's own sockets must fit into 108 octets, so no deep pytest folder
        self.folder = Path(tempfile.mkdtemp(prefix="edrguard-postfix-", dir="/tmp"))
        self.inboxes = self.folder / "inboxes"
        try:
            self.folder.chmod(0o755)
            self._lay_out()
            self._configure()
            self.child = Child([str(MASTER), "-d", "-c", str(self.folder / "etc")], self.folder / "master.log")
            eventually(lambda: self._greets(self.front) and self._greets(self.back), 15, "Postfix's greeting")
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
        # its services end by themselves when the master is gone; they may still write for a moment
        end = time.monotonic() + 5
        while self.folder.exists() and time.monotonic() < end:
            shutil.rmtree(self.folder, ignore_errors=True)
            time.sleep(0.05)

    def log(self) -> str:
        """Postfix's mail log."""
        path = self.folder / "mail.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def delivered(self, local: str) -> list[bytes]:
        """Messages in the Maildir of a user, oldest first."""
        new = self.inboxes / local / "new"
        paths = sorted(new.iterdir(), key=lambda p: p.stat().st_mtime_ns) if new.exists() else []
        return [path.read_bytes().replace(b"\n", b"\r\n") for path in paths]

    def wait_delivered(self, local: str, count: int, seconds: float = 20.0) -> list[bytes]:
        """The messages of a user, once there are ``count``."""
        eventually(lambda: len(self.delivered(local)) >= count, seconds, f"delivery of {count} to {local}")
        return self.delivered(local)

    def queued(self) -> int:
        """Messages in the queue."""
        done = self._tool("postqueue", "-p")
        return len(re.findall(r"^[0-9A-F]{6,}", done, re.MULTILINE))

    def on_hold(self) -> list[str]:
        """The ids of what lies in the hold queue."""
        return re.findall(r"^([0-9A-F]{6,})!", self._tool("postqueue", "-p"), re.MULTILINE)

    def let_go(self, queue_id: str) -> None:
        """Take a message off hold."""
        self._tool("postsuper", "-H", queue_id)
        self.flush()

    def flush(self) -> None:
        """Try deferred mail now."""
        self._tool("postqueue", "-f")

    def _tool(self, name: str, *words: str) -> str:
        argv = [f"/usr/sbin/{name}", "-c", str(self.folder / "etc"), *words]
        return subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False).stdout

    def _greets(self, port: int) -> bool:
        import socket

        assert self.child and self.child.alive, f"Postfix ended:\n{self.child and self.child.says()}\n{self.log()}"
        try:
            with socket.create_connection(("127.0.0.1", port), 2) as probe:
                probe.settimeout(2)
                greeting = probe.recv(100)
                probe.sendall(b"QUIT\r\n")
                return greeting.startswith(b"220")
        except OSError:
            return False

    def _lay_out(self) -> None:
        """The folders of an instance with Postfix's owners and modes (postfix-files)."""
        uid, gid = _id("postfix"), _group("postfix")
        for name in ("etc", "data", "queue", "inboxes"):
            (self.folder / name).mkdir()
        os.chown(self.folder / "data", uid, gid)
        self.inboxes.chmod(0o777)
        for name in QUEUES:
            (self.folder / "queue" / name).mkdir(mode=0o700)
            os.chown(self.folder / "queue" / name, uid, 0)
        drop = _group("postdrop")
        for name, mode in (("maildrop", 0o1730), ("public", 0o2710)):
            (self.folder / "queue" / name).mkdir()
            os.chown(self.folder / "queue" / name, uid, drop)
            (self.folder / "queue" / name).chmod(mode)
        (self.folder / "queue" / "pid").mkdir(mode=0o755)

    def _configure(self) -> None:
        etc = self.folder / "etc"
        shipped = (SHIPPED / "main.cf").read_text().replace("127.0.0.1:10025", f"127.0.0.1:{self.filter_port}")
        if self.milter:
            shipped = (SHIPPED / "milter.cf").read_text().replace("inet:127.0.0.1:11332", self.milter)
        if self.copies_port:
            shipped += (SHIPPED / "sent.cf").read_text().replace("10028", f"{self.copies_port}")
            shipped = shipped.replace("@example.com", f"@{DOMAIN}")
        nobody = f"{_id('nobody')}"
        onward = f"smtp:[127.0.0.1]:{self.next_port}" if self.next_port else "virtual"
        if self.lmtp_port:
            onward = f"lmtp:inet:127.0.0.1:{self.lmtp_port}"
        (etc / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {self.folder}/queue
data_directory = {self.folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
maillog_file = {self.folder}/mail.log
maillog_file_prefixes = {self.folder}
myhostname = front.bigco.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
local_recipient_maps =
virtual_mailbox_domains = {DOMAIN}
virtual_transport = {onward}
virtual_mailbox_base = {self.inboxes}
virtual_mailbox_maps = texthash:{etc}/mailboxes
virtual_uid_maps = static:{nobody}
virtual_gid_maps = static:{_group("nogroup")}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
# nothing leaves this machine, no bounce either
default_transport = discard:
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
# tests tell the address of their client
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_peername_lookup = no
smtputf8_enable = yes
minimal_backoff_time = 1s
queue_run_delay = 2s
smtpd_client_connection_rate_limit = 0
lmtp_send_xforward_command = yes
lmtp_tls_security_level = may
{shipped}
{self.gateway}""")
        (etc / "mailboxes").write_text("".join(f"{user}@{DOMAIN} {user}/\n" for user in USERS))
        ours = (SHIPPED / "master.cf").read_text()
        if self.after_queue:
            back = ours[ours.index("127.0.0.1:10026") :]
            ours = (SHIPPED / "after-queue.cf").read_text().replace("10025", str(self.filter_port)) + "\n" + back
        if self.milter or self.lmtp_port or self.gateway:
            ours = "smtp inet n - n - - smtpd\n" + ours[ours.index("127.0.0.1:10026") :]
        ours = re.sub(r"^smtp( +inet)", rf"127.0.0.1:{self.front}\1", ours, count=1, flags=re.MULTILINE)
        ours = ours.replace("127.0.0.1:10026", f"127.0.0.1:{self.back}")
        if self.copies_port:  # without TLS and accounts: loopback may submit
            sent = (
                (SHIPPED / "sent-master.cf").read_text().replace("submission inet", f"127.0.0.1:{self.submission} inet")
            )
            ours += "\n" + re.sub(r"^ +-o smtpd_(tls|sasl|client)_.*\n", "", sent, flags=re.MULTILINE)
        (etc / "master.cf").write_text(ours + SERVICES)


def _id(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_uid


def _group(name: str) -> int:
    import grp

    return grp.getgrnam(name).gr_gid
