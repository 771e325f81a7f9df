"""A bounded cache of DNS answers: least recently used goes first, nothing outlives its TTL (RFC 2181 8, RFC 2308 5)."""

from collections import OrderedDict
from collections.abc import Callable

from edrguard.model.auth import DnsAnswer

Key = tuple[str, str]


class AnswerCache:
    """Answers by (canonical name, type). ``clock`` gives monotonic seconds."""

    __slots__ = ("_clock", "_entries", "_max")

    def __init__(self, max_entries: int, clock: Callable[[], float]) -> None:
        self._entries: OrderedDict[Key, tuple[float, DnsAnswer]] = OrderedDict()
        self._max = max(1, max_entries)
        self._clock = clock

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: Key) -> DnsAnswer | None:
        """The answer while it lives; a dead one is forgotten."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry[0] <= self._clock():
            del self._entries[key]
            return None
        self._entries.move_to_end(key)
        return entry[1]

    def put(self, key: Key, answer: DnsAnswer, seconds: float) -> None:
        """Keep ``answer`` for ``seconds``; nothing is kept for zero or less."""
        if seconds <= 0:
            return
        self._entries[key] = (self._clock() + seconds, answer)
        self._entries.move_to_end(key)
        while len(self._entries) > self._max:
            self._entries.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
