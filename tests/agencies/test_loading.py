from datetime import date
from pathlib import Path

import pytest

from edrguard.agencies import dump_agencies, load_agencies
from edrguard.model.agency import Agency, Compromise, Contact
from edrguard.model.errors import ConfigError, ConfigErrors, MissingInput

GOOD = """\
agencies:
  - id: us-cityx-sheriff   # a comment
    name: City X Sheriff
    country: us
    kind: police
    region: OH
    timezone: America/New_York
    domains: [CityXSheriff.example, "*.cityxsheriff.example"]
    former_domains: [old.example]
    requests: [subscriber, emergency]
    contacts:
      - {kind: phone, value: "+1 614 555 0100", role: switchboard, source: official site, checked: 2026-10-01}
      - {kind: email, value: desk@cityxsheriff.example}
    source: official site
    confidence: probable
    compels: false
    compromised: {since: 2026-01-02, until: 2026-02-03, note: infostealer}
  - id: no-small
    name: Small Office
    country: NO
    domains: [small.example]
    compromised: null
restricted_suffixes: [gov.example, "*.public.example", "{p}x"]
"""


def write(path: Path, text: str, name: str = "a.yml") -> Path:
    file = path / name
    file.write_text(text, encoding="utf-8")
    return file


def test_every_field(tmp_path: Path) -> None:
    loaded = load_agencies(write(tmp_path, GOOD))
    assert loaded.entries == (
        Agency(
            id="us-cityx-sheriff",
            name="City X Sheriff",
            country="US",
            kind="police",
            region="OH",
            timezone="America/New_York",
            domains=("cityxsheriff.example", "*.cityxsheriff.example"),
            former_domains=("old.example",),
            requests=("subscriber", "emergency"),
            contacts=(
                Contact(
                    kind="phone",
                    value="+16145550100",
                    role="switchboard",
                    source="official site",
                    checked=date(2026, 10, 1),
                ),
                Contact(kind="email", value="desk@cityxsheriff.example"),
            ),
            source="official site",
            confidence="probable",
            compels=False,
            compromised=Compromise(since=date(2026, 1, 2), until=date(2026, 2, 3), note="infostealer"),
        ),
        Agency(id="no-small", name="Small Office", country="NO", domains=("small.example",)),
    )
    assert loaded.restricted_suffixes == ("gov.example", "public.example")
    assert [w.removeprefix(str(tmp_path)) for w in loaded.warnings] == ["/a.yml:23:56: '{p}x' is no suffix; left out"]


HEAD = "agencies:\n  - id: a\n    name: A\n    country: US\n    domains: [a.example]\n"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (HEAD + "    tymezone: UTC\n", ":6:5", "unknown key `tymezone`; did you mean `timezone`?"),
        (HEAD + "    kind: polise\n", ":6:11", "did you mean `police`?"),
        (HEAD + "    timezone: Mars/Base\n", ":6:15", "not a time zone"),
        (HEAD + "    compels: perhaps\n", ":6:14", "boolean"),
        (HEAD + "    compromised: {since: soon}\n", ":6:26", "not a date"),
        (HEAD + "    compromised: {note: x}\n", ":6:18", "`since` is missing"),
        (HEAD + "    contacts: [{kind: phone, vlue: x}]\n", ":6:30", "unknown key `vlue`; did you mean `value`?"),
        (HEAD + "    contacts: [{kind: fax, value: x}]\n", ":6:23", "one of phone, email, url"),
        (HEAD.replace("US", "Germany"), ":4:14", "not a country code"),
        (HEAD.replace("US", "UK"), ":4:14", "not a country code"),
        (HEAD.replace("a.example", "a.example, 'b b'"), ":5:26", "not a domain"),
        (HEAD.replace("a.example", "localhost"), ":5:15", "not a domain"),
        (HEAD.replace("a.example", "x@a.example"), ":5:15", "not a domain"),
        (HEAD.replace("[a.example]", "[]"), ":5:14", "at least 1"),
        (HEAD.replace("[a.example]", "a.example"), ":5:14", "list"),
        (HEAD.replace("    name: A\n", ""), ":2:5", "`name` is missing"),
        (HEAD.replace("id: a", "id: 'a b'"), ":2:9", "letters, digits"),
        (HEAD + HEAD.removeprefix("agencies:\n").replace("a.example", "b.example"), ":6:5", "is taken by line 2"),
        ("agencies:\n  - 7\n", ":2:5", "mapping"),
        ("agencies: {a: b}\n", ":1:11", "must be a list"),
        ("agencys: []\n", ":1:1", "did you mean `agencies`?"),
        ("- a\n", ":1:1", "must begin with `agencies:`"),
        ("agencies: []\nrestricted_suffixes: x\n", ":2:22", "must be a list"),
        ("agencies: [\n", ":2:1", "expected the node content"),
        ("agencies: []\nagencies: []\n", ":2:1", "duplicate"),
        # an entry on a line of its own, which the JSON parser reads, has places too
        (
            'agencies:\n  - {"id": "a", "name": "A", "country": "ZZ", "domains": ["a.example"]}\n',
            ":2:41",
            "not a country",
        ),
        ('agencies:\n  - {"id": "a", "nam": "A", "country": "US", "domains": ["a.example"]}\n', ":2:17", "`nam`"),
        ('agencies:\n  - {"id": "a", "id": "b", "country": "US", "domains": ["a.example"]}\n', ":2:17", "duplicate"),
    ],
)
def test_faults_have_places(tmp_path: Path, text: str, place: str, words: str) -> None:
    file = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_agencies(file)
    lines = str(caught.value).splitlines()
    assert any(line.startswith(f"{file}{place}: ") and words in line for line in lines), lines


def test_all_faults_at_once_in_order(tmp_path: Path) -> None:
    text = (
        HEAD.replace("US", "Z")
        + '  - {"id": "b", "name": "B", "country": "US", "domains": ["x"]}\n'
        + HEAD[10:].replace("id: a", "id: c")
        + "    kind: x\n"
    )
    with pytest.raises(ConfigErrors) as caught:
        load_agencies(write(tmp_path, text))
    assert [fault.place and fault.place.line for fault in caught.value.faults] == [4, 6, 11]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(MissingInput):
        load_agencies(tmp_path / "none.yml")
    with pytest.raises(ConfigError):
        load_agencies(tmp_path)
    (tmp_path / "b.yml").write_bytes(b"agencies:\n\n \xff")
    with pytest.raises(ConfigError, match=r"b\.yml:3: not UTF-8"):
        load_agencies(tmp_path / "b.yml")


def test_an_empty_file_has_no_entries(tmp_path: Path) -> None:
    for text in ("", "agencies:\n", "agencies: []\n", "# nothing\n"):
        assert load_agencies(write(tmp_path, text)).entries == ()


def test_conflicts_and_resemblances_are_told_not_guessed(tmp_path: Path) -> None:
    line = '  - {{"id": "{}", "name": "N", "country": "US", "kind": "police", "domains": ["{}"]}}\n'
    text = "agencies:\n" + "".join(
        line.format(*each)
        for each in [
            ("one", "harborsheriff.example"),
            ("two", "harborsheriff.example"),
            ("three", "harborsherif.example"),
            ("four", "quarrytown.example"),
        ]
    )
    loaded = load_agencies(write(tmp_path, text))
    assert len(loaded.entries) == 4
    told = [w.partition("a.yml:")[2] for w in loaded.warnings]
    assert "3:5: harborsheriff.example of two is claimed by one too" in told
    assert any(w.startswith("4:5: harborsherif.example of three resembles harborsheriff.example") for w in told)
    assert not any("four" in w for w in told)


@pytest.mark.parametrize(
    ("given", "country", "kept", "warned"),
    [
        ("+1 614 555 0100", "US", "+16145550100", False),
        ("(614) 555-0100", "US", "+16145550100", False),
        ("020 7946 0101", "GB", "+442079460101", False),
        ("ask the desk", "US", "ask the desk", True),
    ],
)
def test_telephone_numbers(tmp_path: Path, given: str, country: str, kept: str, warned: bool) -> None:
    text = HEAD.replace("US", country) + f'    contacts: [{{kind: phone, value: "{given}", source: site}}]\n'
    loaded = load_agencies(write(tmp_path, text))
    assert loaded.entries[0].contacts[0].value == kept
    assert any("no telephone number" in w for w in loaded.warnings) is warned


def test_a_number_without_a_source_is_warned_of(tmp_path: Path) -> None:
    loaded = load_agencies(write(tmp_path, HEAD + '    contacts: [{kind: phone, value: "+16145550100"}]\n'))
    assert "has no source" in loaded.warnings[0]


def test_dump_is_read_back(tmp_path: Path) -> None:
    loaded = load_agencies(write(tmp_path, GOOD))
    again = load_agencies(write(tmp_path, dump_agencies(loaded.entries, loaded.restricted_suffixes), "b.yml"))
    assert again.entries == loaded.entries
    assert again.restricted_suffixes == loaded.restricted_suffixes
    assert load_agencies(write(tmp_path, dump_agencies(()), "c.yml")).entries == ()
