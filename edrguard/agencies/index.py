"""The directory as the pipeline asks it: one domain, one answer, from tables made once.

Laws: ``match`` is total; the longest entry wins; an exact entry says nothing about the hosts below it.
"""

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from edrguard.agencies.hosts import host_of, parents, word_file
from edrguard.agencies.suffixes import Suffixes
from edrguard.model.agency import Agency, AgencyMatch
from edrguard.model.words import AgencyStatus

if TYPE_CHECKING:
    from edrguard.agencies.lookalike import Lookalikes

FREEMAIL: frozenset[str] = word_file("freemail.txt")
REMEMBERED = 8192  #: answers kept at hand
KEPT = 1024  #: characters; what is too long for any domain is answered, but not kept


class DirectoryIndex:
    """``model.ports.Directory`` over entries; of two with one id the later counts."""

    def __init__(
        self, entries: Iterable[Agency], restricted_suffixes: Iterable[str] = (), freemail: Iterable[str] = ()
    ) -> None:
        self._by_id = {entry.id: entry for entry in entries}
        self._suffixes = Suffixes(restricted_suffixes)
        self._freemail = FREEMAIL.union(freemail)
        self._domains: dict[str, tuple[Agency, bool]] = {}  #: "host" or "*.host" -> (agency, former)
        # weakest first, so that the stronger claim on a domain replaces it
        for former, confirmed in ((True, False), (False, False), (True, True), (False, True)):
            for entry in self._by_id.values():
                if (entry.confidence == "confirmed") is confirmed:
                    for domain in entry.former_domains if former else entry.domains:
                        self._domains[domain.lower()] = (entry, former)
        self._answer = lru_cache(maxsize=REMEMBERED)(self._find)

    @cached_property
    def _lookalikes(self) -> "Lookalikes":
        from edrguard.agencies.lookalike import Lookalikes

        confirmed = {
            domain.removeprefix("*."): entry
            for domain, (entry, _) in self._domains.items()
            if entry.confidence == "confirmed"
        }
        return Lookalikes(confirmed.items(), self._suffixes)

    def get(self, agency_id: str) -> Agency | None:
        """The entry with this id."""
        return self._by_id.get(agency_id)

    def all(self) -> tuple[Agency, ...]:
        """Every entry, sorted by id."""
        return tuple(self._by_id[key] for key in sorted(self._by_id))

    def match(self, domain: str) -> AgencyMatch:
        """What the directory says of a domain. Any string is answered."""
        return self._answer(domain) if len(domain) <= KEPT else self._find(domain)

    def _find(self, domain: str) -> AgencyMatch:
        host = host_of(domain)
        name = domain.strip().rstrip(".").lower()
        if not host:
            return AgencyMatch(domain=name)
        suffix = self._suffixes.restricted(host)
        free = any(parent in self._freemail for parent in parents(host))
        found, below_listed = self._entry(host)
        status = AgencyStatus.RESTRICTED_SUFFIX if suffix else AgencyStatus.UNLISTED
        if found:
            agency, former = found
            if agency.confidence == "confirmed":
                status = AgencyStatus.LISTED
            return AgencyMatch(
                domain=name, status=status, agency=agency, former=former, restricted_suffix=suffix, freemail=free
            )
        near = None if free or below_listed else self._lookalikes.find(host)
        if near is None:
            return AgencyMatch(domain=name, status=status, restricted_suffix=suffix, freemail=free)
        return AgencyMatch(
            domain=name,
            status=status if near.moved_in else AgencyStatus.LOOKALIKE,
            restricted_suffix=suffix,
            lookalike_of=near.known.agency,
            lookalike_domain=near.known.host,
            lookalike_how=near.how,
            migrating=near.moved_in,
        )

    def _entry(self, host: str) -> tuple[tuple[Agency, bool] | None, bool]:
        """The entry that covers a host, and whether the host lies below one that is listed by its exact name."""
        if exact := self._domains.get(host):
            return exact, False
        below = False
        for parent in parents(host)[1:]:
            if wild := self._domains.get(f"*.{parent}"):
                return wild, False
            below = below or parent in self._domains
        return None, below
