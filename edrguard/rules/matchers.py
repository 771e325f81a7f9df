"""Operators' own symbols: a piece of the message, and words or a pattern to look for in it.

    matchers:
      - {symbol: LOCAL_TARGET, field: text, any_of: ["night owl", "OG handle"], group: request, weight: 2, says: "..."}
      - {symbol: BULK_MAILER, field: X-Mailer, regex: "(?i)phpmailer"}

``field`` is ``text``, ``subject``, a word of the vocabulary that is a text or a list (``author.domain``), or the name
of a header field. Patterns run on RE2, whose time is linear in the text whoever wrote it.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import re2

from edrguard.model.errors import Place
from edrguard.model.facts import Facts
from edrguard.model.finding import Evidence, Finding
from edrguard.rules.vocabulary import VOCABULARY

SHOWN = 120  #: characters of a match that become evidence
MEMORY = 8 << 20  #: octets that RE2 may use for one pattern


@dataclass(frozen=True, slots=True)
class Matcher:
    """One compiled matcher."""

    symbol: str
    field: str
    pattern: Any
    place: Place

    def find(self, facts: Facts) -> Finding | None:
        """The first place that matches, as a finding."""
        for where, text in pieces(facts, self.field):
            if found := self.pattern.search(sound(text)):
                return Finding(self.symbol, (Evidence(where, found.group()[:SHOWN]),))
        return None


def compile_matcher(symbol: str, field: str, words: Sequence[str], regex: str | None, place: Place) -> Matcher:
    """A matcher for any of the words (whatever their case) or a pattern. Raises ValueError where RE2 refuses it."""
    escape: Callable[[str], str] = re2.escape
    source = regex if regex is not None else "(?i)" + "|".join(escape(sound(w)) for w in words)
    options = re2.Options()
    options.max_mem = MEMORY
    options.log_errors = False
    try:
        build: Callable[..., Any] = re2.compile
        return Matcher(symbol, field, build(source, options), place)
    except re2.error as error:
        told = error.args[0] if error.args else ""
        raise ValueError(told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)) from None


def pieces(facts: Facts, field: str) -> Iterable[tuple[str, str]]:
    """The texts that a field names, with where they stand."""
    if field == "text":
        return [("text", facts.message.text)]
    if field == "subject":
        return [("field:Subject", facts.message.subject)]
    if word := VOCABULARY.get(field):
        value = word.get(facts)
        return [(field, v) for v in ([value] if isinstance(value, str) else value)]
    return [(f"field:{field}", value) for value in facts.message.values(field)]


def sound(text: str) -> str:
    """Text without lone surrogates, which RE2 and CEL cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
