"""Authentication-Results: written by the grammar, read strictly, recognised leniently."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edrguard.message import authres, fold, parse
from edrguard.model.auth import ArcResult, AuthResults, DkimResult, DmarcResult, IprevResult, SpfResult
from edrguard.model.errors import MailSyntax
from edrguard.model.limits import Limits
from edrguard.model.words import Result

AUTH = AuthResults(
    spf=(
        SpfResult(scope="mfrom", domain="a.test", result=Result.PASS),
        SpfResult(scope="helo", domain="mx.a.test", result=Result.NONE),
        SpfResult(scope="helo", domain="x.test"),
    ),
    dkim=(
        DkimResult(
            domain="a.test", selector="s1", algorithm="rsa-sha256", result=Result.FAIL, reason="bad b", b="aB/+"
        ),
        DkimResult(domain="b.test", selector="s2"),
    ),
    dmarc=DmarcResult(result=Result.PASS, author_domain="a.test", policy="reject"),
    arc=ArcResult(result=Result.NONE),
    iprev=IprevResult(result=Result.PASS),
)


def test_format() -> None:
    assert authres.format("mx.company.test", AUTH, "2001:db8::1") == (
        "mx.company.test;\r\n\tspf=pass smtp.mailfrom=a.test;\r\n"
        '\tdkim=fail reason="bad b" header.d=a.test header.s=s1 header.a=rsa-sha256 header.b="aB/+";\r\n'
        "\tdmarc=pass header.from=a.test policy.dmarc=reject;\r\n\tarc=none;\r\n"
        '\tiprev=pass policy.iprev="2001:db8::1"'
    )
    assert authres.format("mx.company.test", AuthResults()) == "mx.company.test; none"
    assert "iprev" not in authres.format("mx.company.test", AUTH)


def test_parse() -> None:
    assert authres.parse(authres.format("mx.test", AUTH, "192.0.2.1")) == (
        ("spf", "pass", {"smtp.mailfrom": "a.test"}),
        (
            "dkim",
            "fail",
            {"reason": "bad b", "header.d": "a.test", "header.s": "s1", "header.a": "rsa-sha256", "header.b": "aB/+"},
        ),
        ("dmarc", "pass", {"header.from": "a.test", "policy.dmarc": "reject"}),
        ("arc", "none", {}),
        ("iprev", "pass", {"policy.iprev": "192.0.2.1"}),
    )
    assert authres.parse("mx.test 1; none") == ()
    assert authres.parse("mx.test") == ()
    assert authres.parse('"mx.test" (c) 1 ; SPF/1 = Pass (c) smtp . mailfrom = "a b" ; ') == (
        ("spf", "pass", {"smtp.mailfrom": "a b"}),
    )


@pytest.mark.parametrize(
    "value",
    [
        "",
        ";",
        "mx.test; spf",
        "mx.test; spf=",
        "mx.test; spf=pass x",
        "mx.test; spf=pass a=b;; x",
        "mx.test spf=pass",
        'mx.test; spf=pass a="b',
        "mx.test; " + "spf=pass;" * 200,
        "m; spf=pass" + " a.b=c" * 100,
        "x" * 100_000,
    ],
    ids=range(11),
)
def test_parse_refuses(value: str) -> None:
    with pytest.raises(MailSyntax):
        authres.parse(value)


@given(st.text(alphabet=st.sampled_from('ab.=;/ "\\()1\té'), max_size=40))
def test_parse_raises_nothing_else(value: str) -> None:
    for text in (value, "a; " + value, "a; spf=pass " + value):
        try:
            authres.parse(text)
        except MailSyntax:
            pass
        authres.authserv_id(text)


words = st.text(max_size=30) | st.sampled_from(['a"b', "a; spf=pass", "a\r\nBcc: x", "(", "\\", "a@b.test", "é"])


@given(words, words, words)
def test_nothing_breaks_the_grammar(domain: str, reason: str, selector: str) -> None:
    """parse(format(x)) gives back what was written, but for characters that are not printable ASCII."""
    auth = AuthResults(
        spf=(SpfResult(scope="mfrom", domain=domain, result=Result.FAIL, reason=reason),),
        dkim=(DkimResult(domain=domain, selector=selector, result=Result.PASS),),
    )
    value = authres.format("mx.test", auth)
    kept = "".join(c for c in domain if " " <= c <= "~")
    (spf, spf_result, spf_props), (dkim, dkim_result, dkim_props) = authres.parse(value)
    assert (spf, spf_result, dkim, dkim_result) == ("spf", "fail", "dkim", "pass")
    assert spf_props.get("smtp.mailfrom", "") == dkim_props.get("header.d", "") == kept
    assert set(spf_props) <= {"reason", "smtp.mailfrom"}
    field = parse(fold("Authentication-Results", value) + b"\r\n", Limits())
    assert len(field.fields) == 1
    assert authres.authserv_id(field.fields[0].value) == "mx.test"


@pytest.mark.parametrize(
    "value",
    [
        "mx.test; spf=pass",
        "MX.test;",
        '"mx.test" 1; none',
        "(comment (nested)) mx.test (c) 2; none",
        " mx.test ",
        '"m\\x.test"; none',
        "mx.test(x); dkim=pass",
        "mx.test.; none",
        ";; mx.test; none",
        "=?utf-8?q?mx=2Etest?=; none",
        "mx.te\u200bst; none",
        "mx.test/1; none",
        "mx.test:25; spf=pass",
        "mx.test=1; spf=pass",
        "mx.test, other.test; spf=pass",
        "<mx.test>; none",
        "'mx.test'; none",
        "[mx.test] 1; none",
        '"mx.test; spf=pass',
        "mx.test\\; none",
        "mx(x).test; none",
        "mx .\ttest; none",
        "\uff4d\uff58\u3002test; none",
    ],
)
def test_our_own_name_in_any_spelling(value: str) -> None:
    assert authres.authserv_id(value) == "mx.test"
    assert authres.claims(value, "MX.test.") and not authres.claims(value, "x.test")


@pytest.mark.parametrize("value", ["mx.test.evil.test; none", "a; mx.test", "smx.test; none", "i=1; mx.test; none"])
def test_another_name_is_not_ours(value: str) -> None:
    assert not authres.claims(value, "mx.test")


def test_nobodys_name() -> None:
    assert authres.authserv_id("") is None
    assert authres.authserv_id("(only a comment") is None
