import tempfile
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from edrguard.agencies import dump_agencies, load_agencies
from edrguard.model.agency import Agency, AgencyMatch, Compromise, Contact
from edrguard.model.errors import EdrguardError
from edrguard.model.words import AgencyStatus
from tests.agencies.helpers import directory

INDEX = directory()
LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOST = st.lists(LABEL, min_size=1, max_size=4).map(lambda labels: ".".join([*labels, "example"]))
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=30).map(str.strip)
NAME = TEXT.filter(bool)
DAY = st.dates(date(1990, 1, 1), date(2100, 1, 1))
CONTACT = st.builds(
    Contact, kind=st.just("email"), value=NAME, role=TEXT, source=TEXT, checked=st.one_of(st.none(), DAY)
)
AGENCY = st.builds(
    Agency,
    id=st.from_regex(r"[a-z][a-z0-9-]{0,20}", fullmatch=True),
    name=NAME,
    country=st.sampled_from(["US", "GB", "NO", "EU", "XK"]),
    domains=st.lists(HOST, min_size=1, max_size=3, unique=True).map(tuple),
    kind=st.sampled_from(["police", "court", "body", "other"]),
    region=st.one_of(st.none(), NAME),
    timezone=st.sampled_from([None, "Europe/Oslo"]),
    former_domains=st.lists(HOST, max_size=2, unique=True).map(tuple),
    requests=st.lists(NAME, max_size=2).map(tuple),
    contacts=st.lists(CONTACT, max_size=2).map(tuple),
    source=TEXT,
    confidence=st.sampled_from(["confirmed", "probable"]),
    compels=st.booleans(),
    compromised=st.one_of(st.none(), st.builds(Compromise, since=DAY, until=st.one_of(st.none(), DAY), note=TEXT)),
)


@given(st.one_of(st.text(max_size=400), HOST, st.text(max_size=40).map(lambda t: f"xn--{t}.police-lorval.be.test")))
def test_any_string_is_answered(domain: str) -> None:
    match = INDEX.match(domain)
    assert isinstance(match, AgencyMatch)
    assert match == INDEX.match(domain)
    assert (match.status is AgencyStatus.LOOKALIKE) <= (match.lookalike_of is not None)


@settings(deadline=None, max_examples=60)
@given(st.lists(AGENCY, max_size=4, unique_by=lambda a: a.id), st.lists(HOST, max_size=3, unique=True))
def test_what_is_dumped_is_read_back(entries: list[Agency], suffixes: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.yml"
        file.write_text(dump_agencies(entries, suffixes), encoding="utf-8")
        loaded = load_agencies(file)
    assert loaded.entries == tuple(entries)
    assert set(loaded.restricted_suffixes) == set(suffixes)


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(st.text(max_size=200), st.text("agencis:-{}[]\"' \n", max_size=120)), st.sampled_from([".yml", ".csv"])
)
def test_any_file_is_read_or_refused_in_words(text: str, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"a{ending}"
        file.write_text(text, encoding="utf-8", errors="replace")
        try:
            load_agencies(file)
        except EdrguardError:
            pass
