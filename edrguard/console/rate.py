"""How often somebody may do something: a bucket that fills with every act and leaks with time."""

import time
from collections import OrderedDict
from collections.abc import Callable

_KNOWN = 4096  #: whose buckets are remembered; a flood of strangers forgets the longest unseen


class Rate:
    """``burst`` acts at once, and one more every ``refill`` seconds."""

    def __init__(self, burst: int, refill: float, seconds: Callable[[], float] = time.monotonic) -> None:
        self._burst, self._refill, self._seconds = burst, refill, seconds
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, who: str) -> float:
        """Count one act. 0 where it is allowed, else the seconds until it would be (and it is not counted)."""
        now = self._seconds()
        level, at = self._buckets.get(who, (0.0, now))
        level = max(level - (now - at) / self._refill, 0.0)
        over = level + 1 - self._burst
        if over > 0:
            return over * self._refill
        self._buckets[who] = (level + 1, now)
        self._buckets.move_to_end(who)
        while len(self._buckets) > _KNOWN:
            self._buckets.popitem(last=False)
        return 0.0
