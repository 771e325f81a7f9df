import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import parse_mailboxes
from edrguard.message.addresses import addresses_in

LISTS = [
    ("a@b.test", ["a@b.test"], ()),
    ("a@b.test, C D <c@d.test>", ["a@b.test", "c@d.test"], ()),
    ('"D, C" <c@d.test>,a@b.test', ["c@d.test", "a@b.test"], ()),
    ("undisclosed-recipients:;", [], ()),
    ("staff: a@b.test, c@d.test;, e@f.test", ["a@b.test", "c@d.test", "e@f.test"], ()),
    ("staff: a@b.test; c@d.test", ["a@b.test", "c@d.test"], ("text after a group",)),
    ("a@b.test,, c@d.test", ["a@b.test", "c@d.test"], ("empty element",)),
    ("a@b.test,", ["a@b.test"], ("empty element",)),
    ("", [], ("empty element",)),
    ("<@r.test:a@b.test>", ["a@b.test"], ()),
    ("a(x)@b.test (y(z)\\))", ["a@b.test"], ()),
    ("a@b.test c@d.test", [], ("malformed domain",)),
    ("x: y: a@b.test;", ["a@b.test"], ("group inside a group",)),
]


@pytest.mark.parametrize(("value", "addresses", "faults"), LISTS)
def test_lists(value: str, addresses: list[str], faults: tuple[str, ...]) -> None:
    mailboxes, found = parse_mailboxes(value, 100)
    assert [m.address for m in mailboxes] == addresses
    assert found == faults


def test_the_limit_is_a_fault() -> None:
    mailboxes, faults = parse_mailboxes(", ".join(f"u{n}@a.test" for n in range(50)), 10)
    assert len(mailboxes) == 10
    assert faults == ("more than 10 mailboxes",)


def test_twenty_thousand_addresses() -> None:
    mailboxes, faults = parse_mailboxes(", ".join(f'"D, J" <u{n}@h{n}.test>' for n in range(20_000)), 20_000)
    assert len(mailboxes) == 20_000
    assert faults == ()


@pytest.mark.parametrize("mark", ["(", '"', "<", ",", ":", "@", "\\", "[", ".", "=?", "a@b.test,(", '""', "<>", "(\\"])
def test_hostile_repetition_ends(mark: str) -> None:
    mailboxes, faults = parse_mailboxes(mark * (200_000 // len(mark)), 1000)
    assert faults
    assert len(mailboxes) <= 1000


@given(st.text(alphabet=st.sampled_from('ab@.<>,;:()"\\[] \t\r\n=?\0é\ud7ff'), max_size=60))
def test_total(value: str) -> None:
    mailboxes, faults = parse_mailboxes(value, 10)
    assert len(mailboxes) <= 10
    assert all(isinstance(f, str) for f in faults)
    assert all(m.domain and m.local for m in mailboxes)


def test_every_at_sign_is_looked_at() -> None:
    found = {m.address for m in addresses_in("see a@b.test@c.test and <d@e.test>, f@.g.test.")}
    assert found == {"a@b.test", "b.test@c.test", "d@e.test", "f@g.test"}
