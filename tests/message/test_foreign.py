"""Results of others as they are met: by the letter, by Exchange Online, in ARC sets, and by the hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import Said, read_results
from edrguard.message.foreign import RESULTS_MAX

#: value | authserv-id | results as method=result:domain
ROWS = """
mx.test; spf=pass smtp.mailfrom=o@a.test; dkim=pass header.d=a.test header.s=s1 | mx.test | spf=pass:a.test dkim=pass:a.test
MX.Test 1; dkim=fail reason="b; dkim=pass header.d=x.test" header.d=a.test | mx.test | dkim=fail:a.test
"mx.test"; dmarc=pass (p=reject dis=none) header.from=A.test. | mx.test | dmarc=pass:a.test
(c) mx.test (c) 1 ; none | mx.test |
mx.test; dkim=pass (2048-bit key) header.i=@a.test header.b="aB;c=" | mx.test | dkim=pass:a.test
spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.test; dkim=none (message not signed) header.d=none;dmarc=bestguesspass action=none header.from=a.test;compauth=pass reason=109 | - | spf=pass:a.test dkim=none: dmarc=bestguesspass:a.test compauth=pass:
spf=softfail (sender IP is 192.0.2.1) smtp.mailfrom=a.test; bigco.test; dkim=pass header.d=a.test;bigco.test; dmarc=pass action=none header.from=a.test | - | spf=softfail:a.test dkim=pass:a.test dmarc=pass:a.test
bigco.test; dkim=none (message not signed) header.d=none;bigco.test; dmarc=none action=none header.from=a.test; | bigco.test | dkim=none: dmarc=none:a.test
mx.test; spf=pass smtp.mailfrom="o@a.test" | mx.test | spf=pass:a.test
mx.test; spf=Pass smtp.mailfrom=o@a.test; spf=None smtp.helo=postmaster@h.test | mx.test | spf=pass:a.test spf=none:h.test
mx.test; spf=passed | mx.test | spf=passed:
mx.test; dkim/1 = pass header.d = a.test | mx.test | dkim=pass:a.test
mx.test; xheader.d=evil.test dkim=pass | mx.test |
mx.test spf=pass smtp.mailfrom=a.test | - |
mx.test; spf=pass (unclosed smtp.mailfrom=a.test; dkim=pass header.d=a.test | mx.test | spf=pass:
"""
TABLE = [[cell.strip() for cell in row.split("|")] for row in ROWS.strip().splitlines()]


@pytest.mark.parametrize("row", TABLE, ids=[row[0][:50] for row in TABLE])
def test_what_is_read(row: list[str]) -> None:
    name, results = read_results(row[0])
    assert name == ("" if row[1] == "-" else row[1])
    assert " ".join(f"{one.method}={one.result}:{one.domain}" for one in results) == row[2]


def test_the_reason_and_the_whole_address() -> None:
    _, results = read_results("spf=pass smtp.mailfrom=o@a.test;compauth=pass reason=703")
    assert results == (Said("spf", "pass", "a.test", "o@a.test"), Said("compauth", "pass", reason="703"))
    assert read_results("mx.test; spf=pass smtp.mailfrom=@a.test")[1][0].address == ""
    assert read_results("mx.test; dkim=pass header.i=x@a.test")[1][0].address == ""


def test_the_payload_of_an_arc_set() -> None:
    for value in ("i=2; mx.test; spf=pass smtp.mailfrom=a.test", "mx.test 1; spf=pass smtp.mailfrom=a.test"):
        assert read_results(value, payload=True) == ("mx.test", (Said("spf", "pass", "a.test"),))


def test_bounds() -> None:
    assert len(read_results("mx.test;" + "spf=pass;" * 1000)[1]) == RESULTS_MAX
    for value in ("(" * 99_999, '"' * 99_999, ";" * 99_999, "a=" * 50_000, "mx.test; spf=pass " + "a=b " * 25_000):
        read_results(value)


@given(st.text(alphabet=st.sampled_from('ab.=;/ "\\()1@\té-'), max_size=60))
def test_total(value: str) -> None:
    for text in (value, "a; " + value, "a; spf=pass " + value):
        name, results = read_results(text)
        assert name == name.lower()
        assert all(";" not in one.domain and " " not in one.domain for one in results)
