import time
from collections import Counter
from pathlib import Path

from edrguard.agencies import DirectoryIndex, dump_agencies, load_agencies
from edrguard.model.words import AgencyStatus

STARTER = Path(__file__).parents[2] / "config" / "agencies" / "starter.yml"


def test_what_is_shipped() -> None:
    entries = load_agencies(STARTER).entries
    assert len(entries) >= 300
    assert len({e.country for e in entries}) >= 60
    assert len({e.id for e in entries}) == len(entries)
    assert all(e.source and e.timezone for e in entries)
    domains = Counter(domain for e in entries for domain in (*e.domains, *e.former_domains))
    assert max(domains.values()) == 1


def test_no_telephone_number_is_shipped() -> None:
    assert all(not e.contacts for e in load_agencies(STARTER).entries)
    text = STARTER.read_text("utf-8")
    assert "phone" not in text.partition("agencies:")[2]


def test_bodies_do_not_compel() -> None:
    bodies = {e.id: e for e in load_agencies(STARTER).entries if e.kind == "body"}
    assert {"body-europol", "body-interpol", "body-eurojust"} <= set(bodies)
    assert not any(e.compels for e in bodies.values())


def test_only_registered_hosts_are_confirmed() -> None:
    for entry in load_agencies(STARTER).entries:
        registered = entry.source == "public register of government hosts"
        assert (entry.confidence == "confirmed") is registered, entry.id


def test_it_loads_at_once() -> None:
    load_agencies(STARTER)
    start = time.process_time()
    load_agencies(STARTER)
    assert time.process_time() - start < 0.4


def test_it_suspects_nobody_well_known() -> None:
    index = DirectoryIndex(load_agencies(STARTER).entries)
    for domain in ("google.com", "apple.com", "paypal.com", "bbc.co.uk", "orange.fr", "police.com", "justice.com"):
        assert index.match(domain).status is AgencyStatus.UNLISTED
    assert index.match("fbi.gov").status is AgencyStatus.LISTED
    assert index.match("fbi-gov.com").status is AgencyStatus.LOOKALIKE


def test_it_stands_as_it_would_be_written() -> None:
    body = STARTER.read_text("utf-8")
    assert body[body.index("agencies:\n") :] == dump_agencies(load_agencies(STARTER).entries)
