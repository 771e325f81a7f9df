"""The MTA's side of the milter protocol, written apart from the product's: a client that sends packets and reads answers.

``Mta`` does to a message what the answers ask for, as Postfix does, so that a test can look at what would be delivered.
"""

import contextlib
import socket
import struct
from dataclasses import dataclass, field

ALL_ACTIONS = 0x1FF
ALL_STEPS = 0x1FFFFF
SILENT = {
    b"C": 0x1000,
    b"H": 0x2000,
    b"M": 0x4000,
    b"R": 0x8000,
    b"T": 0x10000,
    b"N": 0x40000,
    b"L": 0x80,
    b"B": 0x80000,
}
FINAL = (b"a", b"c", b"d", b"r", b"t", b"y")


def packet(letter: bytes, data: bytes = b"") -> bytes:
    return struct.pack("!I", len(data) + 1) + letter + data


def z(text: str | bytes) -> bytes:
    return (text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text) + b"\0"


def connect_data(hostname: str, ip: str | None, port: int = 40000) -> bytes:
    if ip is None:
        return z(hostname) + b"U"
    family = b"6" if ":" in ip else b"4"
    return z(hostname) + family + struct.pack("!H", port) + z(("IPv6:" if ":" in ip else "") + ip)


def macros(command: bytes, **values: str) -> bytes:
    """{client_addr} and the like; one letter stands for itself."""
    pairs = (z(k if len(k) == 1 else f"{{{k}}}") + z(v) for k, v in values.items())
    return packet(b"D", command + b"".join(pairs))


def split(content: bytes) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """A message as header fields (values with their blanks, LF inside) and body."""
    head, _, body = content.partition(b"\r\n\r\n")
    fields: list[tuple[bytes, bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, value + b"\n" + line)
        else:
            name, _, value = line.partition(b":")
            fields.append((name, value))
    return fields, body


@dataclass
class Answer:
    """What came at the end of a message."""

    final: bytes
    text: str = ""
    edits: list[tuple[bytes, bytes]] = field(default_factory=list)
    progress: int = 0

    @property
    def code(self) -> int:
        """What the MTA tells its client."""
        if self.final == b"y":
            return int(self.text[:3])
        return {b"r": 550, b"t": 451, b"": 451}.get(self.final, 250)  # b"": the milter is gone

    @property
    def deleted(self) -> list[str]:
        return [data.rstrip(b"\0").decode().strip("<>") for letter, data in self.edits if letter == b"-"]

    @property
    def quarantined(self) -> bool:
        return any(letter == b"q" for letter, _ in self.edits)

    def apply(self, content: bytes) -> bytes:
        """The message with the edits made, CRLF again."""
        fields, body = split(content)
        new_body: bytes | None = None
        gone: set[int] = set()
        top: list[tuple[bytes, bytes]] = []
        for letter, data in self.edits:
            if letter == b"i":
                assert data[:4] == b"\0\0\0\0"
                name, value = data[4:].split(b"\0")[:2]
                top.insert(0, (name, value))
            elif letter == b"m":
                (occurrence,) = struct.unpack("!I", data[:4])
                name, value = data[4:].split(b"\0")[:2]
                same = [i for i, (n, _) in enumerate(fields) if n.lower() == name.lower()]
                at = same[occurrence - 1]
                if value:
                    fields[at] = (fields[at][0], value)
                else:
                    gone.add(at)
            elif letter == b"b":
                new_body = (new_body or b"") + data
        kept = [*top, *(f for i, f in enumerate(fields) if i not in gone)]
        head = b"".join(n + b":" + v.replace(b"\n", b"\r\n") + b"\r\n" for n, v in kept)
        return head + b"\r\n" + (body if new_body is None else new_body)


class Mta:
    """One connection. ``where``: (host, port), or the path of a UNIX socket."""

    def __init__(
        self, where: tuple[str, int] | str, *, actions: int = ALL_ACTIONS, steps: int = ALL_STEPS, version: int = 6,
        negotiate: bool = True, timeout: float = 30.0,
    ) -> None:  # fmt: skip
        family = socket.AF_UNIX if isinstance(where, str) else socket.AF_INET
        self.sock = socket.socket(family)
        self.sock.settimeout(timeout)
        self.sock.connect(where)
        if family == socket.AF_INET:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._file = self.sock.makefile("rb")
        self.steps = self.actions = 0
        if negotiate:
            self.raw(packet(b"O", struct.pack("!III", version, actions, steps)))
            letter, data = self.receive()
            assert letter == b"O", letter
            self.version, self.actions, self.steps = struct.unpack("!III", data[:12])
            self.wanted_macros = data[12:]

    def raw(self, octets: bytes) -> None:
        self.sock.sendall(octets)

    def receive(self) -> tuple[bytes, bytes]:
        """One packet; (b"", b"") where the connection was closed."""
        with contextlib.suppress(ConnectionError):
            size = self._file.read(4)
            if len(size) == 4:
                data = self._file.read(struct.unpack("!I", size)[0])
                return data[:1], data[1:]
        return b"", b""

    def say(self, letter: bytes, data: bytes = b"") -> tuple[bytes, bytes]:
        """A command and its answer, where one is due; else (b"c", b"")."""
        self.raw(packet(letter, data))
        if self.steps & SILENT.get(letter, 0) or letter in (b"A", b"Q", b"K", b"D"):
            return b"c", b""
        return self.receive()

    def hello(self, ip: str | None = "192.0.2.9", helo: str = "mail.example.org", hostname: str | None = None) -> None:
        self.say(b"C", connect_data(hostname or (f"[{ip}]" if ip else "localhost"), ip))
        self.say(b"H", z(helo))

    def envelope(
        self, mail_from: str, *rcpt_to: str, params: tuple[str, ...] = (), queue_id: str = "4ABC"
    ) -> tuple[bytes, bytes]:
        """MAIL and RCPTs; the first answer that is not continue, or that to DATA."""
        self.raw(macros(b"M", i=queue_id))
        answer = self.say(b"M", z(f"<{mail_from}>") + b"".join(map(z, params)))
        for recipient in rcpt_to:
            if answer[0] == b"c":
                answer = self.say(b"R", z(f"<{recipient}>"))
        return self.say(b"T") if answer[0] == b"c" else answer

    def content(self, content: bytes) -> Answer:
        """Header, body and end."""
        fields, body = split(content)
        for name, value in fields:
            if not self.steps & 0x100000:
                value = value.removeprefix(b" ")
            letter, data = self.say(b"L", z(name) + z(value))
            if letter != b"c":
                return Answer(letter, data.rstrip(b"\0").decode())
        self.say(b"N")
        for start in range(0, len(body), 65535):
            if self.say(b"B", body[start : start + 65535])[0] == b"s":
                break
        self.raw(packet(b"E"))
        return self.answer()

    def answer(self) -> Answer:
        answer = Answer(b"")
        while True:
            letter, data = self.receive()
            if letter == b"p":
                answer.progress += 1
            elif letter in FINAL or not letter:
                answer.final, answer.text = letter or b"t", data.rstrip(b"\0").decode()
                return answer
            else:
                answer.edits.append((letter, data))

    def send(
        self, mail_from: str, rcpt_to: list[str], content: bytes, params: tuple[str, ...] = ("BODY=8BITMIME",)
    ) -> Answer:
        """One whole message, and ABORT behind it, as Postfix does."""
        letter, data = self.envelope(mail_from, *rcpt_to, params=params)
        answer = self.content(content) if letter == b"c" else Answer(letter, data.rstrip(b"\0").decode())
        self.say(b"A")
        return answer

    def next_client(self) -> None:
        """QUIT_NC: the connection is used for another SMTP client."""
        self.raw(packet(b"K"))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.raw(packet(b"Q"))
        self._file.close()
        self.sock.close()
