"""How unlike its author's earlier messages a message is, as evidence in nats.

For each trait, two stories are compared. *The officer*: the share p of the value among the
officer's messages, smoothed by its share among colleagues, and that by its share among
strangers (hierarchical back-off). *A stranger*: a share s that is the same for every
officer (``TRAITS``). The evidence is log s - log p, at least 0: many colleagues who show
the value lower it, a long history without the value raises it.

Then: shrunk by n / (n + K), since a short history is no habit; halved where a colleague has
shown the same value of late (a new mail program is rolled out to many); averaged and
capped within groups of traits that change together (one new network changes six of them).

Only traits in which the officer is consistent are compared, and only values that the
officer never or hardly ever showed are reported. Below ``MINIMUM`` messages the answer is
empty: *unknown* is not *unusual*. Pure: no clock, no store.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import log
from types import MappingProxyType

from edrguard.model.history import Observation, Profile, TraitCount, Unlike

MINIMUM = 5  #: usual messages (and values of the trait) below which nothing is said
CONSISTENT = 0.6  #: share of the most frequent value from which on there is a habit
HARDLY_EVER = 0.02  #: share below which a value that was seen before still counts as new
OFFICER = 2.0  #: messages' worth of colleagues in the officer's share
COLLEAGUES = 2.0  #: messages' worth of strangers in the colleagues' share
SHRINK = 5.0  #: messages at which half of the evidence counts
GROUP_CAP = 4.0  #: nats that one group can give
LESS = MappingProxyType({"time": 1.0, "structure": 2.0})  #: but these less: shifts change, and so do attachments
ROLL_OUT = timedelta(days=14)  #: a colleague who showed the value within this time makes a roll-out likely
ROLL_OUT_FACTOR = 0.5

#: trait -> (its group, the share that one value has among strangers at large)
TRAITS: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "network": ("server", 0.01),
        "asn": ("server", 0.03),
        "operator": ("server", 0.03),
        "country": ("server", 0.2),
        "network_kind": ("server", 0.25),
        "helo": ("server", 0.02),
        "spf_domain": ("server", 0.02),
        "origin": ("origin", 0.01),
        "signer": ("signature", 0.1),
        "selector": ("signature", 0.1),
        "client": ("program", 0.1),
        "msgid_host": ("program", 0.05),
        "msgid_shape": ("program", 0.15),
        "structure": ("structure", 0.15),
        "date_offset": ("zone", 0.1),
        "hour": ("time", 0.2),
        "day": ("time", 0.3),
        "kind": ("request", 0.2),
        "language": ("request", 0.2),
        "reply_to": ("replies", 0.05),
    }
)


def unlike(
    current: Mapping[str, str], mailbox: Profile, colleagues: Sequence[Observation], received_at: datetime
) -> tuple[Unlike, ...]:
    """The traits in which a message departs from its author's habits, most surprising first.

    ``colleagues``: usual messages of the agency's (else the domain's) other mailboxes. The sum of all ``surprise`` is
    the whole evidence in nats: within a group, each trait bears its part of what the group gives.
    """
    if mailbox.usual < MINIMUM:
        return ()
    groups: dict[str, list[tuple[float, Unlike]]] = {}
    for trait, (kin, stranger) in TRAITS.items():
        seen = mailbox.traits.get(trait, ())
        if trait not in current or not habitual(trait, seen):
            continue
        value, total = current[trait], sum(s.count for s in seen)
        times = sum(s.count for s in seen if same(trait, s.value, value))
        weight = 0.0
        if times < HARDLY_EVER * total:
            alike, others, lately = _among(colleagues, trait, value, received_at)
            weight = evidence(times, total, alike, others, stranger)
            if lately:
                weight *= ROLL_OUT_FACTOR
        said = Unlike(trait=trait, observed=value, usual=seen[0].value, seen=total, surprise=0.0)
        groups.setdefault(kin, []).append((weight, said))
    found = (said for kin, group in groups.items() for said in _shared_out(kin, group))
    return tuple(sorted(found, key=lambda said: (-said.surprise, said.trait)))


def evidence(times: int, total: int, alike: int, others: int, stranger: float) -> float:
    """Nats that speak for a stranger: the value was seen ``times`` in ``total`` messages of the officer, and ``alike``
    times in ``others`` of the colleagues; ``stranger`` is its share at large.

    Never falls when ``total`` or ``others`` grow, never rises when ``times`` or ``alike`` do.
    """
    parent = (alike + COLLEAGUES * stranger) / (others + COLLEAGUES)
    share = (times + OFFICER * parent) / (total + OFFICER)
    return max(0.0, log(stranger / share)) * total / (total + SHRINK)


def habitual(trait: str, seen: Sequence[TraitCount]) -> bool:
    """Enough values of this trait, and one of them (the first) is the habit."""
    total = sum(s.count for s in seen)
    if total < MINIMUM:
        return False
    return sum(s.count for s in seen if same(trait, s.value, seen[0].value)) >= CONSISTENT * total


def same(trait: str, one: str, other: str) -> bool:
    """Equal, or zones an hour apart: summer time moves every officer twice a year."""
    if one == other:
        return True
    if trait != "date_offset":
        return False
    left, right = _minutes(one), _minutes(other)
    return left is not None and right is not None and abs(left - right) == 60


def _minutes(zone: str) -> int | None:
    if zone in ("GMT", "UT", "UTC", "Z"):
        return 0
    if len(zone) != 5 or zone[0] not in "+-" or not (zone[1:].isascii() and zone[1:].isdigit()):
        return None
    minutes = int(zone[1:3]) * 60 + int(zone[3:])
    return -minutes if zone[0] == "-" else minutes


def _among(colleagues: Iterable[Observation], trait: str, value: str, received_at: datetime) -> tuple[int, int, bool]:
    """How many colleagues' messages show the value, how many say anything of the trait, and was one of them lately?"""
    alike = others = 0
    lately = False
    for observation in colleagues:
        shown = observation.traits.get(trait)
        if shown is None:
            continue
        others += 1
        if same(trait, shown, value):
            alike += 1
            lately = lately or observation.received_at >= received_at - ROLL_OUT
    return alike, others, lately


def _shared_out(kin: str, group: Sequence[tuple[float, Unlike]]) -> list[Unlike]:
    """The group's evidence, the mean of what could be compared, shared out among the traits that gave it."""
    whole = sum(weight for weight, _ in group)
    if whole <= 0:
        return []
    given = min(LESS.get(kin, GROUP_CAP), whole / len(group))
    return [
        Unlike(
            trait=said.trait,
            observed=said.observed,
            usual=said.usual,
            seen=said.seen,
            surprise=round(given * weight / whole, 4),
        )
        for weight, said in group
        if weight > 0
    ]
