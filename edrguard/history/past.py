"""What earlier messages of a subject say, trait by trait, kept from one of its messages to the next.

A message asks for some 3,000 values of earlier messages, of which nearly all stood there when the message before it
asked: at one end a message was added, at the other one may have fallen off. So the columns grow with their subject.
Whatever else has changed (a label, another time), they are read anew.

Law: what comes out depends on the messages given and on nothing that was kept. One thread at a time.
"""

from collections import Counter, OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from edrguard.history.requests import SEVERAL
from edrguard.model.history import Observation, TraitCount

SUBJECTS = 512  #: whose columns are kept, those used last
STEPS = 8  #: messages added at once that are followed


@dataclass(slots=True)
class Past:
    """Usual messages of one subject, newest first, to compare with."""

    messages: Sequence[Observation] = ()
    _values: dict[str, list[str]] = field(default_factory=dict)
    _counts: dict[str, dict[str, tuple[int, datetime]]] = field(default_factory=dict)

    def values(self, trait: str) -> list[str]:
        """The values of a trait, newest first, those of messages without it left out. Not to be changed."""
        known = self._values.get(trait)
        if known is None:
            known = [value for m in self.messages if (value := m.traits.get(trait))]
            self._values[trait] = known
        return known

    def lacks(self, trait: str, value: str) -> bool:
        """Is any part of ``value`` new here? Zones an hour apart are the same: summer time moves everybody."""
        seen = self.values(trait)
        if value in seen:
            return False
        if trait == "date_offset":
            return not any(same_zone(value, other) for other in seen)
        if SEVERAL not in value and not any(SEVERAL in other for other in seen):
            return True
        parts = {part for other in seen for part in other.split(SEVERAL)}
        return not parts.issuperset(value.split(SEVERAL))

    def usual(self, trait: str) -> str:
        """The most frequent value; of several, the one seen last."""
        return Counter(self.values(trait)).most_common(1)[0][0]

    def counted(self, trait: str) -> tuple[TraitCount, ...]:
        """Each value with how often and when last it was seen, the most frequent first."""
        known = self._counts.get(trait)
        if known is None:
            known = self._counts[trait] = {}
            for message in reversed(self.messages):
                _count(known, message, trait)
        return tuple(sorted([TraitCount(v, n, last) for v, (n, last) in known.items()], key=_most_frequent))

    def follow(self, messages: Sequence[Observation]) -> bool:
        """Go on to ``messages`` where they are those of before, with newer ones in front, perhaps without the oldest;
        else change nothing. Was it so?"""
        before = self.messages
        new = next((k for k in range(min(STEPS, len(messages))) if before and messages[k] is before[0]), None)
        if new is None or messages[new:] != before[: len(messages) - new]:
            return False
        self._add(messages[:new])
        self._drop(before[len(messages) - new :])
        self.messages = messages
        return True

    def _add(self, newest_first: Sequence[Observation]) -> None:
        for message in reversed(newest_first):
            for trait, values in self._values.items():
                if value := message.traits.get(trait):
                    values.insert(0, value)
            for trait, counts in self._counts.items():
                _count(counts, message, trait)

    def _drop(self, oldest: Sequence[Observation]) -> None:
        for message in oldest:
            for trait, values in self._values.items():
                if message.traits.get(trait):
                    del values[-1]
            for trait, counts in self._counts.items():
                value = message.traits.get(trait)
                if value is None:
                    continue
                number, last = counts[value]
                if number > 1:
                    counts[value] = number - 1, last
                else:
                    del counts[value]


class Columns:
    """The pasts of the subjects that were asked for last."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, Past] = OrderedDict()

    def past(self, subject: Hashable, messages: Sequence[Observation]) -> Past:
        """The past that ``messages``, newest first, are: good until the subject is asked for again."""
        known = self._known.get(subject)
        if known is None or not known.follow(messages):
            known = self._known[subject] = Past(messages)
        self._known.move_to_end(subject)
        if len(self._known) > SUBJECTS:
            self._known.popitem(last=False)
        return known


def _count(counts: dict[str, tuple[int, datetime]], message: Observation, trait: str) -> None:
    value = message.traits.get(trait)
    if value is not None:
        number, _ = counts.get(value, (0, None))
        counts[value] = number + 1, message.received_at


def _most_frequent(seen: TraitCount) -> tuple[int, float, str]:
    return -seen.count, -seen.last.timestamp(), seen.value


def same_zone(one: str, other: str) -> bool:
    """Equal, or zones an hour apart."""
    if one == other:
        return True
    left, right = _minutes(one), _minutes(other)
    return left is not None and right is not None and abs(left - right) == 60


def _minutes(zone: str) -> int | None:
    if zone in ("GMT", "UT", "UTC", "Z"):
        return 0
    if len(zone) != 5 or zone[0] not in "+-" or not (zone[1:].isascii() and zone[1:].isdigit()):
        return None
    minutes = int(zone[1:3]) * 60 + int(zone[3:])
    return -minutes if zone[0] == "-" else minutes
