"""Words that many offices share, so that they distinguish none of them; and words that forgers like to add."""

import re
from functools import lru_cache

from edrguard.agencies.hosts import word_file

#: the office itself: two real neighbours may differ in nothing else, so such a word is evidence only when it is added
OFFICE = word_file("words_office.txt")
#: says "genuine", "government" or "mail" and nothing about whose
DRESSING = word_file("words_dressing.txt")
#: says which tier; distinguishes nobody by itself
TIER = word_file("words_tier.txt")
COMMON = OFFICE | DRESSING | TIER
GOVERNMENT = frozenset({"gov", "gouv", "gob", "govt", "government", "official", "le", "leo"})
MAIL_HOSTS = frozenset({"mail", "mx", "smtp", "email", "webmail", "correo", "www", "mailhost", "imap", "exchange"})

_LONGEST = max(map(len, COMMON))
_COUNTRY = re.compile(r"[a-z]{2}")


@lru_cache(maxsize=8192)
def is_common(name: str) -> bool:
    """Is a name made of nothing but shared words (hyphens apart)?"""
    return all(_made_of_words(token) for token in name.split("-"))


def _made_of_words(token: str) -> bool:
    reached = [True] + [False] * len(token)
    for end in range(1, len(token) + 1):
        reached[end] = any(reached[at] and token[at:end] in COMMON for at in range(max(0, end - _LONGEST), end))
    return reached[-1]


@lru_cache(maxsize=8192)
def offices(name: str) -> frozenset[str]:
    """The office words in a name: as a token, or at an end of one."""
    found: set[str] = set()
    for token in name.split("-"):
        if token in OFFICE:
            found.add(token)
            continue
        found.update(w for w in OFFICE if len(w) > 3 and (token.startswith(w) or token.endswith(w)))
    return frozenset(found)


def core(name: str) -> str:
    """What is left of a name without the office words: whose office it is."""
    kept = []
    for token in name.split("-"):
        if token in OFFICE or token in DRESSING:
            continue
        for word in offices(token):
            token = token.removeprefix(word).removesuffix(word)
        kept.append(token)
    return "".join(kept)


def undressed(name: str, depth: int = 3) -> dict[str, frozenset[str]]:
    """What a name was before up to ``depth`` words were put at its ends, each with the words taken off."""
    found: dict[str, frozenset[str]] = {}
    edge: dict[str, frozenset[str]] = {name: frozenset()}
    for _ in range(depth):
        grown: dict[str, frozenset[str]] = {}
        for text, taken in edge.items():
            for rest, word in _taken_off(text):
                if rest and rest not in found:
                    grown[rest] = taken | {word}
        found.update(grown)
        edge = grown
    return found


def _taken_off(text: str) -> list[tuple[str, str]]:
    steps: list[tuple[str, str]] = []
    first, _, after = text.partition("-")
    before, _, last = text.rpartition("-")
    if after and _may_be_added(first):
        steps.append((after, first))
    if before and _may_be_added(last):
        steps.append((before, last))
    for size in range(4, min(_LONGEST, len(text) - 4) + 1):
        if text[:size] in COMMON:
            steps.append((text[size:].strip("-"), text[:size]))
        if text[-size:] in COMMON:
            steps.append((text[:-size].strip("-"), text[-size:]))
    steps.extend((text[len(word) :], word) for word in ("my", "the") if text.startswith(word) and len(text) > 7)
    steps.extend((text[:-3], word) for word in ("gov",) if text.endswith(word) and len(text) > 6)
    return steps


def _may_be_added(token: str) -> bool:
    return token in COMMON or bool(_COUNTRY.fullmatch(token)) or token in ("com", "org", "net", "my", "the")
