"""Does a domain that nobody listed look like one that is listed, and how?

Every comparison but the last is a look-up in a table made once; the last, edit distance, is asked only of names that
share a third of their letters in place. Laws: names that offices share ("police", "mail") match nothing; names that
belong to the registrant of a listed domain match nothing; below a restricted suffix only what deceives the eye counts:
a neighbour's name with an office word more is, where only public bodies register, that neighbour on the move.
"""

from collections.abc import Iterable, Iterator

from edrguard.agencies.likeness import (
    SHORTEST,
    Asked,
    Known,
    Resemblance,
    may_dress,
    means,
    misspelling,
    moved_in,
    spelling,
)
from edrguard.agencies.neighbours import Neighbours
from edrguard.agencies.skeleton import skeleton, visible
from edrguard.agencies.suffixes import Suffixes
from edrguard.agencies.words import GOVERNMENT, MAIL_HOSTS, OFFICE, is_common, undressed
from edrguard.model.agency import Agency

DEEPEST = 6  #: labels that are joined when a whole name is sought among hosts


class Lookalikes:
    """Tables over the listed domains."""

    def __init__(self, listed: Iterable[tuple[str, Agency]], suffixes: Suffixes) -> None:
        self._suffixes = suffixes
        self._by_name: dict[str, list[Known]] = {}  #: skeleton of the name
        self._by_text: dict[str, list[Known]] = {}  #: skeleton of the name and the beginning of its ending
        self._by_words: dict[frozenset[str], list[Known]] = {}
        self._hosts: dict[str, Known] = {}
        self._neighbours: Neighbours[Known] = Neighbours()
        for host, agency in listed:
            self._add(host, agency)

    def _add(self, host: str, agency: Agency) -> None:
        labels, ending = self._suffixes.split(host)
        if not labels:
            return
        ends = ending.split(".")
        known = Known(
            agency=agency,
            host=host,
            owner=f"{labels[-1]}.{ending}",
            ending=ending,
            name="-".join(_shown(labels)),
            placed=ends[0] in OFFICE,
        )
        self._hosts.setdefault(host, known)
        self._by_name.setdefault(skeleton(known.name), []).append(known)
        text = known.name
        for part in ends:
            text = f"{text}-{part}"
            self._by_text.setdefault(skeleton(text), []).append(known)
        if known.placed:
            self._by_text.setdefault(skeleton(f"{ends[0]}-{known.name}"), []).append(known)
            self._neighbours.add(f"{known.name}-{ends[0]}", known)
        words = frozenset(known.name.split("-"))
        if len(words) > 1:
            self._by_words.setdefault(words, []).append(known)
        self._neighbours.add(known.name, known)

    def find(self, host: str, other_than: str = "") -> Resemblance | None:
        """The most telling resemblance of a host to a listed one, but to none of the agency ``other_than``."""
        labels, ending = self._suffixes.split(host)
        if not labels:
            return None
        shown = _shown(labels)
        asked = Asked(
            host=host,
            owner=f"{labels[-1]}.{ending}",
            ending=ending,
            restricted=self._suffixes.restricted(host) is not None,
            labels=shown,
            names=tuple(dict.fromkeys(("-".join(shown), shown[-1]))),
            other_than=other_than,
        )
        return (
            self._spelled_out(asked)
            or self._same_name(asked)
            or self._dressed_up(asked)
            or self._turned_round(asked)
            or self._as_host(asked)
            or self._misspelled(asked)
        )

    def _spelled_out(self, asked: Asked) -> Resemblance | None:
        """The ending became part of the name, or the whole domain the beginning of another."""
        for name in asked.names:
            for known in _imitable(self._by_text.get(skeleton(name), ()), asked):
                if known.ending != asked.ending and len(name) >= SHORTEST and not is_common(known.name):
                    return Resemblance(known, "its dots are replaced by hyphens, or left out")
        for end in range(2, len(asked.labels)):
            whole = self._hosts.get(".".join(asked.labels[:end]))
            if whole and asked.may_imitate(whole):
                return Resemblance(whole, "begins with the whole listed domain and goes on")
        return None

    def _same_name(self, asked: Asked) -> Resemblance | None:
        moved: Resemblance | None = None
        for name in asked.names:
            if is_common(name):
                continue
            for known in _imitable(self._by_name.get(skeleton(name), ()), asked):
                if is_common(known.name):
                    continue
                if known.ending == asked.ending:
                    return Resemblance(known, spelling(name, known.name))
                if asked.restricted:
                    moved = moved or moved_in(asked, known, name)
                elif means(asked, known):
                    if name == known.name:
                        return Resemblance(known, "same name under another ending")
                    return Resemblance(known, f"{spelling(name, known.name)}, and another ending")
        return moved

    def _dressed_up(self, asked: Asked) -> Resemblance | None:
        for name in asked.names:
            for rest, added in undressed(name).items():
                for known in _imitable(self._by_name.get(skeleton(rest), ()), asked):
                    if may_dress(asked, known, name, rest, added):
                        told = f"same name with {' and '.join(sorted(added))} added"
                        return Resemblance(known, told, moved_in=asked.restricted and added <= OFFICE | GOVERNMENT)
                if asked.restricted or len(rest) < SHORTEST:
                    continue
                for known in _imitable(self._by_text.get(skeleton(rest), ()), asked):
                    if not is_common(known.name):
                        return Resemblance(known, "its dots are replaced by hyphens, with a word added")
        return None

    def _turned_round(self, asked: Asked) -> Resemblance | None:
        for name in asked.names:
            words = frozenset(name.split("-"))
            if len(words) < 2 or is_common(name):
                continue
            for known in _imitable(self._by_words.get(words, ()), asked):
                if known.name != name and (known.ending == asked.ending or not asked.restricted):
                    return Resemblance(known, "same words in another order")
        return None

    def _as_host(self, asked: Asked) -> Resemblance | None:
        """A listed name as a mere host below somebody else's domain."""
        if asked.restricted:
            return None
        inner = asked.labels[:-1]
        starts = ["-".join(inner[:end]) for end in range(2, min(len(inner), DEEPEST) + 1)]
        for name in (*inner, *starts):
            if is_common(name):
                continue
            for known in _imitable(self._by_name.get(skeleton(name), ()), asked):
                if known.strong or (len(name) >= known.least and not known.placed):
                    return Resemblance(known, "the agency's name as a host under another domain")
        return None

    def _misspelled(self, asked: Asked) -> Resemblance | None:
        for name in asked.names:
            if len(name) < SHORTEST or is_common(name):
                continue
            for distance, text, known in self._neighbours.near(name):
                if asked.may_imitate(known) and misspelling(asked, known, name, text, distance):
                    how = "one letter differs" if distance == 1 else "two letters differ"
                    return Resemblance(known, how if known.ending == asked.ending else f"{how}, and another ending")
        return None


def _shown(labels: tuple[str, ...]) -> tuple[str, ...]:
    """Labels as people see them, without the hosts that every mail system has."""
    while len(labels) > 1 and labels[0] in MAIL_HOSTS:
        labels = labels[1:]
    return tuple(visible(label) for label in labels)


def _imitable(candidates: Iterable[Known], asked: Asked) -> Iterator[Known]:
    return (known for known in candidates if asked.may_imitate(known))
