"""What a name looks like: names with the same skeleton are read as each other (after UTS 39).

Unicode's own table of confusable characters is asked for what is not ASCII; the pairs that fool people in plain
letters (rn/m, vv/w, 0/o, 1/l/i, 5/s) are ours.
"""

import unicodedata
from functools import cache, lru_cache

from edrguard.agencies.hosts import shown

_PLAIN = str.maketrans({"0": "o", "1": "l", "i": "l", "5": "s", "|": "l"})


@cache
def _table() -> dict[str, str]:
    """Every non-ASCII character that can be taken for one small ASCII letter or digit."""
    from confusable_homoglyphs.confusables import confusables_data

    table: dict[str, str] = {}
    for character, twins in confusables_data.items():
        if len(character) != 1 or character.isascii():
            continue
        for twin in twins:
            letter = twin["c"].lower()
            if len(letter) == 1 and letter.isascii() and letter.isalnum():
                table[character] = letter
                break
    return table


def _latin(text: str) -> str:
    if text.isascii():
        return text
    table = _table()
    spelled = "".join(table.get(c, c) for c in unicodedata.normalize("NFKC", text))
    bare = "".join(c for c in unicodedata.normalize("NFKD", spelled) if not unicodedata.combining(c))
    return "".join(table.get(c, c) for c in bare.lower())


@lru_cache(maxsize=8192)
def visible(label: str) -> str:
    """A label with A-labels decoded and foreign letters replaced by the Latin ones that they look like."""
    return _latin(shown(label))


def skeleton(name: str) -> str:
    """The key under which names that look alike meet; hyphens do not count."""
    return name.replace("-", "").replace("rn", "m").replace("vv", "w").translate(_PLAIN)
