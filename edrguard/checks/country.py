"""Of which country the author's agency is (shared by checks; no check itself)."""

from edrguard.model.facts import Facts

EU = frozenset(
    "AT BE BG HR CY CZ DE DK EE ES FI FR GR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905
)
ALIASES = {"UK": "GB", "EL": "GR"}


def agency_country(facts: Facts) -> str | None:
    """The agency's country; for a restricted suffix, the one that its last label names."""
    match = facts.agency
    if match is None:
        return None
    if match.agency:
        return code(match.agency.country)
    last = (match.restricted_suffix or "").rpartition(".")[2]
    if last in ("gov", "mil"):
        return "US"  # RFC 1591 2: the two generic names that only the United States hold
    return code(last) if len(last) == 2 and last.isascii() else None


def code(country: str) -> str:
    """ISO 3166-1 alpha-2, upper case, for the spellings in use."""
    country = country.upper()
    return ALIASES.get(country, country)
