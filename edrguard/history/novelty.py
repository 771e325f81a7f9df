"""How unlike earlier messages a message is, in nats: how much likelier is what we see if somebody else wrote it?

For each trait two stories are compared. *Somebody else* shows a value that is new to this officer with the chance
``TRAITS`` gives. *The officer* does so with the chance that officers of as many messages, whose habit varies as much,
really did, so far, in this very inbox (``Rates``): a habit that drifts in honest mail gives little evidence, one that
never does gives much, and both are learned and not guessed. Where colleagues show the value (a roll-out, a form of the
house), the smaller evidence of the officer alone counts; where they do not either, that of the whole agency. An officer
with hardly any past is compared with the agency; case numbers, laws and the like also with the agency's country.

Within a family of traits that change together (a new telephone changes the program, the signature and the greeting) the
strongest counts fully, the next a half, ..., up to ``CAP``. What is absent is no value: nobody is doubted for leaving
something out. Pure: no clock, no store.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from types import MappingProxyType

from edrguard.history.families import OF_A_COUNTRY, TRAITS, together
from edrguard.history.past import Past
from edrguard.model.history import Observation, Unlike

OWN = 2  #: messages of the officer from which on they are the measure
AGENCY = 3  #: messages of colleagues from which on the agency is
COUNTRY = 30  #: messages of a country from which on it is
PRIOR = 20.0  #: comparisons' worth of belief in a rate before any was seen
CAP = 3.0  #: nats that one family can give
NEXT = 0.5  #: what each further trait of a family keeps
HONESTLY_NEW = MappingProxyType({"officer": 0.3, "alone": 0.2, "agency": 0.5, "country": 0.3})  #: times 1/(n+2)
BUCKETS = (0, 1, 3, 5, 10, 20, 50)  #: lengths of history whose rates are learned apart
LATEST = 12  #: values that tell how much a habit varies
VARIES = 0.25  #: share of other values among them above which it does
#: how much a habit varies -> how much oftener than others it is believed to change before any was seen
HABITS = MappingProxyType({"steady": 0.7, "mostly": 1.0, "varied": 3.0})

Rates = Mapping[str, tuple[int, int]]


@dataclass(slots=True)
class Compared:
    """What came of comparing."""

    unlike: tuple[Unlike, ...] = ()
    nats: float = 0.0  #: the whole evidence before ``CAP``: how sure it is that the hand is another
    outcomes: dict[str, bool] = field(default_factory=dict)  #: for the learning of rates


def compare(current: Mapping[str, str], officer: Past, colleagues: Past, rates: Rates) -> Compared:
    """The traits in which a message departs from its author's earlier ones, most surprising first.

    The sum of all ``surprise`` is the whole evidence in nats: within a family, each trait bears its part of it.
    """
    result = Compared()
    families: dict[str, list[tuple[float, Unlike]]] = {}
    for trait, (family, chance) in TRAITS.items():
        value = current.get(trait)
        if not value:
            continue
        own, others = len(officer.values(trait)), len(colleagues.values(trait))
        if own >= OWN:
            level, past = "officer", officer
            new, like = officer.lacks(trait, value), _like(officer.values(trait))
            nats = _evidence("officer", trait, chance, like, new, rates, result.outcomes)
            if others >= AGENCY:
                alone = new and colleagues.lacks(trait, value)
                nats = max(nats, _evidence("alone", trait, chance * 0.8, like, alone, rates, result.outcomes))
        elif others >= AGENCY:
            level, past = "agency", colleagues
            new, like = colleagues.lacks(trait, value), _like(colleagues.values(trait))
            nats = _evidence("agency", trait, chance, like, new, rates, result.outcomes)
        else:
            continue
        if nats > 0:
            said = Unlike(
                trait=trait,
                observed=value,
                usual=past.usual(trait),
                seen=len(past.values(trait)),
                surprise=0.0,
                family=family,
                level=level,
            )
            families.setdefault(together(family, trait, current), []).append((nats, said))
    result.nats = round(sum(sum(parts(group)) for group in families.values()), 6)
    found = (said for group in families.values() for said in _shared_out(group))
    result.unlike = tuple(sorted(found, key=lambda said: (-said.surprise, said.trait)))
    return result


def same_hand(doubted: Observation, current: Mapping[str, str], before: Past) -> float:
    """How far a message repeats what was new in an earlier, doubted one: 0 to 1; a half where that had nothing new.

    Whoever holds a stolen mailbox keeps his own program and place; its owner, once back, writes as ever.
    """
    new = [
        trait
        for trait, value in doubted.traits.items()
        if trait in TRAITS and before.values(trait) and before.lacks(trait, value)
    ]
    if not new:
        return 0.5
    return sum(1 for trait in new if current.get(trait) == doubted.traits[trait]) / len(new)


def abroad(current: Mapping[str, str], country: Past, rates: Rates) -> Compared:
    """What nobody of the country ever showed us: its laws, how its cases are numbered, its languages."""
    result = Compared()
    found: dict[bool, list[tuple[float, Unlike]]] = {}
    for trait in OF_A_COUNTRY:
        value, seen = current.get(trait), len(country.values(trait))
        if not value or seen < COUNTRY:
            continue
        new, like = country.lacks(trait, value), _like(country.values(trait))
        nats = _evidence("country", trait, TRAITS[trait][1], like, new, rates, result.outcomes)
        if nats > 0:
            said = Unlike(
                trait=trait,
                observed=value,
                usual=country.usual(trait),
                seen=seen,
                surprise=0.0,
                family="law",
                level="country",
            )
            found.setdefault(trait == "reference", []).append((nats, said))
    every = (said for group in found.values() for said in _shared_out(group))
    result.unlike = tuple(sorted(every, key=lambda said: (-said.surprise, said.trait)))
    return result


def _like(values: Sequence[str]) -> tuple[int, str]:
    """Whom a subject is like: of ``BUCKETS`` and ``HABITS``, by how many values it has and how the latest differ."""
    latest = values[:LATEST]
    others = len(set(latest)) - 1
    habit = "steady" if others <= 0 else "varied" if others > VARIES * (len(latest) - 1) else "mostly"
    return BUCKETS[bisect_right(BUCKETS, len(values)) - 1], habit


def _evidence(
    level: str, trait: str, chance: float, like: tuple[int, str], new: bool, rates: Rates, outcomes: dict[str, bool]
) -> float:
    """log(chance / rate) where the value is new; the rate is learned from what came of earlier comparisons."""
    bucket, habit = like
    key = f"{trait}/{level}/{bucket}/{habit}"
    outcomes[key] = new
    if not new:
        return 0.0
    compared, were_new = rates.get(key, (0, 0))
    prior = min(0.5, HABITS[habit] * HONESTLY_NEW[level] / (bucket + 2))
    return max(0.0, log(chance * (compared + PRIOR) / (were_new + PRIOR * prior)))


def parts(group: list[tuple[float, Unlike]]) -> list[float]:
    """What each trait of a family gives, strongest first, before ``CAP``. Sorts the family."""
    group.sort(key=lambda pair: (-pair[0], pair[1].trait))
    return [nats * NEXT**rank for rank, (nats, _) in enumerate(group)]


def _shared_out(group: list[tuple[float, Unlike]]) -> list[Unlike]:
    """The evidence of a family, capped, borne by its traits in proportion."""
    given = parts(group)
    total = sum(given)
    scale = min(1.0, CAP / total) if total else 0.0
    return [
        Unlike(
            trait=said.trait,
            observed=said.observed,
            usual=said.usual,
            seen=said.seen,
            surprise=round(part * scale, 6),
            family=said.family,
            level=said.level,
        )
        for part, (_, said) in zip(given, group, strict=True)
    ]
