"""A small directory of nobody, to compare with."""

from edrguard.agencies import DirectoryIndex
from edrguard.model.agency import Agency

SUFFIXES = ("gov.us.test", "police.uk.test", "gouv.fr.test", "gov.example")


def agency(identity: str, *domains: str, **more: object) -> Agency:
    """An entry with what a test does not care about filled in."""
    given: dict[str, object] = {"name": identity.title(), "country": "US", "kind": "police"} | more
    return Agency(id=identity, domains=domains, **given)  # type: ignore[arg-type]


ENTRIES = (
    agency("upland", "sheriff-upland.gov.us.test"),
    agency("esher", "da.eshercounty.gov.us.test", kind="prosecution"),
    agency("oakhurst", "oakhurst.police.uk.test", country="GB"),
    agency("lorval", "police-lorval.be.test", country="BE"),
    agency("cityx", "cityxsheriff.example", "*.cityxsheriff.example", former_domains=("cityx-so.example",)),
    agency("harbor", "harborsheriff.org.example"),
    agency("nordhafen", "kripo-nordhafen.test", country="DE"),
    agency("doucy", "gendarmerie-doucy.gouv.fr.test", country="FR"),
    agency("millbrook", "millbrookpolice.us.test"),
    agency("town", "villageofashwick.us.test", kind="other"),
    agency("small", "tilton.us.test", kind="other"),
    agency("plain", "police.test"),
    agency("short", "qpd.example"),
    agency("precinct", "precinct12-police.example"),
    agency("guess", "meadowpolice.example", confidence="probable"),
    agency("guess-gov", "meadow.gov.us.test", confidence="probable"),
)


def directory() -> DirectoryIndex:
    """The index over all of them."""
    return DirectoryIndex(ENTRIES, SUFFIXES)
