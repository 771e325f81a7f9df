import time
from pathlib import Path

import pytest

from edrguard.agencies import load_agencies
from edrguard.model.agency import Contact
from edrguard.model.errors import ConfigError
from tests.agencies.test_loading import write
from tests.support.shared import SHARED

OWN = """\
id,name,country,kind,domains,former_domains,phone,phone_source,phone_checked,email,compels,compromised_since
a,"Office, A",US,police,a.example; *.a.example,old.example,+1 614 555 0100,official site,2026-10-01,,no,2026-01-02

b,Office B,FR,court,b.example c.example,,,,,desk@b.example,,
"""
CISA = """\
Domain name,Domain type,Organization name,Suborganization name,City,State,Security contact email
quarrytown.gov,City,City of Quarrytown,,Quarrytown,OH,(blank)
quarrytownpd.gov,City,City of Quarrytown,Quarrytown Police Department,Quarrytown,OH,Security@quarrytown.example
lakesheriff.gov,County,"Lake County Sheriff's Office",,Lake,MN,see website
lakecourt.gov,County,Lake County District Court,,Lake,MN,
lakeda.gov,County,Lake County District Attorney,,Lake,MN,
"""
DOTGOV = SHARED / "data" / "dotgov-current-full.csv"


def test_own_fields(tmp_path: Path) -> None:
    first, second = load_agencies(write(tmp_path, OWN, "a.csv")).entries
    assert (first.id, first.name, first.domains) == ("a", "Office, A", ("a.example", "*.a.example"))
    assert first.former_domains == ("old.example",)
    assert first.contacts[0].value == "+16145550100"
    assert str(first.contacts[0].checked) == "2026-10-01"
    assert not first.compels
    assert first.compromised
    assert str(first.compromised.since) == "2026-01-02"
    assert second.domains == ("b.example", "c.example")
    assert second.contacts == (Contact(kind="email", value="desk@b.example"),)
    assert (second.kind, second.compels, second.confidence) == ("court", True, "confirmed")


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("id,name,cuntry,domains\n", ":1:9", "did you mean `country`?"),
        ("id,name,domains\n", ":1", "`country` is missing"),
        ("id,name,country,domains\na,A,Q,a.example\n", ":2:5", "not a country code"),
        ('id,name,country,domains\na,"A\nA",US,a.example\na,B,US,b.example\n', ":4", "taken by line 2"),
        ("id,name,country,domains\na,A,US,a.example,x\n", ":2", "5 cells under 4 columns"),
        ("id,name,country,domains\na,A,US,no domain\n", ":2:8", "not a domain"),
        ("id,name,country,domains\na,A,US\n", ":2", "`domains` is missing"),
        ('id,name,country,domains\na,"A,US,a.example\n', ":2", "not CSV"),
    ],
)
def test_faults_have_places(tmp_path: Path, text: str, place: str, words: str) -> None:
    file = write(tmp_path, text, "a.csv")
    with pytest.raises(ConfigError) as caught:
        load_agencies(file)
    lines = str(caught.value).splitlines()
    assert any(line.startswith(f"{file}{place}") and words in line for line in lines), lines


def test_cisa(tmp_path: Path) -> None:
    entries = load_agencies(write(tmp_path, CISA, "full.csv")).entries
    assert [(e.id, e.kind, e.region) for e in entries] == [
        ("gov-quarrytown", "other", "OH"),
        ("gov-quarrytownpd", "police", "OH"),
        ("gov-lakesheriff", "police", "MN"),
        ("gov-lakecourt", "court", "MN"),
        ("gov-lakeda", "prosecution", "MN"),
    ]
    police = entries[1]
    assert police.name == "City of Quarrytown, Quarrytown Police Department"
    assert (police.country, police.source, police.confidence) == ("US", "CISA .gov list", "confirmed")
    assert "quarrytownpd.gov" in police.domains
    assert police.contacts == (
        Contact(kind="email", value="security@quarrytown.example", role="security", source="CISA .gov list"),
    )
    assert all(not e.contacts for e in entries if e is not police)


def test_cisa_faults(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"full\.csv:3:1: not a domain"):
        load_agencies(write(tmp_path, CISA.replace("quarrytownpd.gov", "quarry town"), "full.csv"))


if DOTGOV.exists():

    def test_the_published_list() -> None:
        start = time.process_time()
        loaded = load_agencies(DOTGOV)
        assert time.process_time() - start < 2
        assert len(loaded.entries) == 16_539
        assert len({e.id for e in loaded.entries}) == 16_539
        kinds = [e.kind for e in loaded.entries]
        assert kinds.count("police") > 400
        assert kinds.count("court") > 150
