"""Which fields a signature covers (RFC 6376 5.4.2), and what it leaves open to doubt (8.2, 8.15, 5.4.1)."""

from collections import Counter
from collections.abc import Sequence

from edrguard.auth.header import RawField

#: RFC 5322 3.6: at most one of each; a second one that is not signed speaks for the attacker.
SINGLETONS = frozenset(
    (
        b"from",
        b"sender",
        b"reply-to",
        b"to",
        b"cc",
        b"subject",
        b"date",
        b"message-id",
        b"in-reply-to",
        b"references",
        b"mime-version",
        b"content-type",
        b"content-transfer-encoding",
    )
)
#: What a reader acts on; unsigned, anybody on the way may have written it.
_READ = (b"subject", b"date", b"reply-to")


class FieldIndex:
    """The fields of a message by name, each list bottom-up, as h= counts them. ``stray`` as in ``RawHeader``."""

    def __init__(self, fields: Sequence[RawField], stray: bool = False) -> None:
        self._stray = stray
        self._by_name: dict[bytes, list[RawField]] = {}
        for field in reversed(fields):
            self._by_name.setdefault(field.name, []).append(field)

    def count(self, name: bytes) -> int:
        """How many fields of this name there are."""
        return len(self._by_name.get(name, ()))

    def signed(self, names: Sequence[bytes]) -> list[RawField]:
        """The fields that h= names, in its order. One From more than named is taken too: the signer meant to sign
        the author, so a From added later must break the signature."""
        taken: Counter[bytes] = Counter()
        chosen = []
        for name in (*names, b"from") if b"from" in names else names:
            instances = self._by_name.get(name, ())
            at = taken[name]
            if at < len(instances):
                chosen.append(instances[at])
                taken[name] += 1
        return chosen

    def doubts(self, names: Sequence[bytes]) -> list[str]:
        """Weaknesses of a signature with this h=: fields that are read but not signed, or there twice."""
        signed = Counter(names)
        weak = [f"unsigned-{name.decode()}" for name in _READ if self.count(name) and not signed[name]]
        if any(self.count(name) > max(1, signed[name]) for name in SINGLETONS):
            weak.append("duplicate-field")
        return weak

    def added(self, names: Sequence[bytes]) -> str | None:
        """What somebody put in after the signer, in words: a line that no signature covers and many readers show
        (RFC 6376 3.8: what is verified has to be a message by RFC 5322), or a field that may stand only once,
        is signed, and stands there once more than was signed (8.15)."""
        if self._stray:
            return "a line in the header is no field: many begin the body there"
        signed = Counter(name for name in names if name in SINGLETONS)
        twice = next((name.decode() for name, count in signed.items() if self.count(name) > count), None)
        return f"a second {twice} field was added after signing" if twice else None
