"""Names that stand in a row: *accounts: a, b and c*, or *for a, b (01.02.2026 - 03.02.2026)*.

After a label such as *accounts:* every word of the row is a name. After *for* a word is one if it looks like no word of
a language, or if the period that is asked about follows it.

Laws: bounded in the row; total on any text.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from edrguard.request.text import Reading

LONGEST = 200  #: names of one row
PLAIN_NAME = 5  #: letters of a plain word that can be a name in a row

_ITEM = re.compile(r"[\"'“”„«‹]?[ \u00a0]?(?P<v>[^\s,;()\"<>“”»›]{3,80})[\"'“”»›]?")
_QUOTES = frozenset("\"'“”„«»‹›")
_JOIN = re.compile(r"(?:,|;| and| und| et| e| y| en|,? &)\s+|,\n?")
_FOLLOWED = re.compile(
    r"\s*(?:\(\s*\d{1,4}[./-]\d|(?:for|over|during) the period|fur den zeitraum|sur la periode|"
    r"(?:nel|en el|no|in de) period)"
)
_PLAIN = re.compile(r"[\w][\w.\-]{2,39}")
#: a plain word with another behind it that does not go on with a row, nor tells a period: most of what follows *for*
_SENTENCE = re.compile(
    r"[^\W\d_]{1,80}+ (?![(&])(?!(?:and|und|et|e|y|en|for|over|during|fur|für|sur|nel|in|no|de)\b)\w", re.IGNORECASE
)
_DATE_OR_NUMBER = re.compile(r"[\d.,:/-]+")


def row(
    reading: Reading, at: int, marked: bool, taken: Sequence[tuple[int, int]], signed: Callable[[int], bool]
) -> Iterator[tuple[int, int, bool]]:
    """The names of one row from the character ``at`` on: where each stands, and whether it is one by itself.

    ``marked``: a label announces names. ``taken``: what is known to be an address or a number already, and is passed
    over. ``signed``: does a character lie in a signature? There the row ends.
    """
    clean, wrapped = reading.clean, False
    if not marked and _SENTENCE.match(clean, at) and not any(a <= at < b for a, b in taken):
        return
    for _ in range(LONGEST):
        item = _ITEM.match(clean, at)
        if item is None or signed(at):
            return
        start, end = item.span("v")
        value = item["v"].rstrip(".,:;-")
        quoted = item[0][0] in _QUOTES
        known = [b for a, b in taken if a <= start < b]
        if known:
            end = max(known)
        elif not _PLAIN.fullmatch(value) or _DATE_OR_NUMBER.fullmatch(value):
            return
        else:
            after = item.end() if item[0][-1] in _QUOTES else start + len(value)
            ends = _JOIN.match(clean, after) is None
            sure = (marked and not wrapped) or quoted or _odd(value) or (ends and _followed(reading, after))
            if not sure and (ends or not _like_a_name(value)):
                return
            yield start, start + len(value), sure
            end = after
        join = _JOIN.match(clean, end)
        if join is None:
            return
        # a line that ends in a comma may be a row that was cut short: what begins the next line proves nothing
        at, wrapped = join.end(), join.group().endswith("\n")


def _followed(reading: Reading, end: int) -> bool:
    """A period or a date in brackets comes next, as it does after a name in a list."""
    return _FOLLOWED.match(reading.folded, end) is not None


def _like_a_name(value: str) -> bool:
    """Lower case throughout: sentences, months and companies begin with a capital, and so do German nouns."""
    return value.islower() and value.isalpha() and len(value) >= PLAIN_NAME


def _odd(value: str) -> bool:
    """Letters mixed with digits, underscores or dots: no word, and no case number."""
    if value.isalpha():  # nearly every word
        return False
    mixed = value[0].isalpha() and "-" not in value and any(c.isdigit() for c in value)
    inner = value[1:-1]
    return mixed or (("_" in inner or "." in inner) and any(c.isalpha() for c in value))
