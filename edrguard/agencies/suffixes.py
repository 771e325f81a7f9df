"""Where a name ends and its ending begins: public suffixes, restricted suffixes, and the reserved outermost names.

RFC 2606 and RFC 6761 reserve ``.test``, ``.example`` and example.com/net/org: whole worlds are built below them, so
that the ending of ``x.gov.us.test`` is ``gov.us.test`` and not ``test``.
"""

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from edrguard.agencies.hosts import parents, word_file

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

OUTERMOST = ("test", "example", "invalid", "localhost", "example.com", "example.net", "example.org")
_COUNTRIES = {"gov": "US", "mil": "US", "uk": "GB", "scot": "GB", "eu": "", "cat": "ES"}


@cache
def _public() -> "PublicSuffixList":
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList()


class Suffixes:
    """The built-in restricted suffixes and those given."""

    def __init__(self, restricted: Iterable[str] = ()) -> None:
        every = {suffix.removeprefix("*.") for suffix in restricted} | word_file("restricted_suffixes.txt")
        self._plain = frozenset(s for s in every if "*" not in s)
        self._patterns = [tuple(s.split(".")) for s in every if "*" in s]

    def restricted(self, host: str) -> str | None:
        """The longest restricted suffix of a host, itself included."""
        for parent in parents(host):
            if parent in self._plain or self._fits_pattern(parent):
                return parent
        return None

    def _fits_pattern(self, name: str) -> bool:
        labels = name.split(".")
        return any(
            len(labels) == len(pattern) and all(p in ("*", label) for p, label in zip(pattern, labels, strict=True))
            for pattern in self._patterns
        )

    def split(self, host: str) -> tuple[tuple[str, ...], str]:
        """The labels left of the ending, and the ending. No labels where the host is an ending itself."""
        ending = self._ending(host)
        if len(host) <= len(ending):
            return (), ending
        return tuple(host[: -len(ending) - 1].split(".")), ending

    def _ending(self, host: str) -> str:
        restricted = self.restricted(host) or ""
        outer = next((o for o in reversed(OUTERMOST) if host == o or host.endswith(f".{o}")), "")
        if outer:
            inner = host[: -len(outer) - 1]
            public = _public().publicsuffix(inner, accept_unknown=False) if "." in inner else None
            ending = f"{public}.{outer}" if public and public != inner else outer
        else:
            ending = str(_public().publicsuffix(host) or host)
        return max(restricted, ending, key=len)


def country_of(ending: str) -> str:
    """The country that an ending speaks of, upper case; "" for none or any."""
    labels = ending.split(".")
    if labels[-1] in OUTERMOST:
        labels = labels[:-1]
    if not labels:
        return ""
    last = labels[-1]
    return _COUNTRIES.get(last, last.upper() if len(last) == 2 else "")
