"""Authentication-Results (RFC 8601 5, 2.2) under attack, on both wires: no reader of what we deliver may find a second
field in our name, and nothing that a sender writes may add a result to ours."""

import pytest

from edrguard.message import authres, read_results
from tests.support.scenario_builder import write
from tests.support.signing import Signer
from tests.support.story import Expect, Mail, Story
from tests.support.wires import ScenarioNode
from tests.support.world import domain

OURS = "mx.bigco.example"
LIE = f"dkim=pass header.d=gazette.example; dmarc=pass header.from=gazette.example"
#: (field name as written, value): each is ours to some reader
FORGED = {
    "plain": ("Authentication-Results", f"{OURS}; {LIE}"),
    "version": ("Authentication-Results", f"{OURS} 1; {LIE}"),
    "case": ("AUTHENTICATION-results", f"MX.BigCo.EXAMPLE; {LIE}"),
    "quoted": ("Authentication-Results", f'"{OURS}"; {LIE}'),
    "quoted-pairs": ("Authentication-Results", f'"mx.big\\co.exam\\ple"; {LIE}'),
    "comments": ("Authentication-Results", f"(a (b)) {OURS} (c;) 1 (d) ; {LIE}"),
    "dot": ("Authentication-Results", f"{OURS}.; {LIE}"),
    "encoded": ("Authentication-Results", f"=?utf-8?q?mx=2Ebigco=2Eexample?=; {LIE}"),
    "folded": ("Authentication-Results", f"\r\n\t{OURS};\r\n\t{LIE}"),
    "nothing": ("Authentication-Results", OURS),
    "semicolon": ("Authentication-Results", f";; {OURS}; {LIE}"),
    "blank": ("Authentication-Results ", f"{OURS}; {LIE}"),
    "tight": ("authentication-results", f"{OURS};spf=pass"),
    "unclosed": ("Authentication-Results", f'{OURS}; dkim=pass reason="'),
    "others": ("Authentication-Results", f"mx.other.example; {LIE}"),  # not ours: left alone
}
PATHS = {
    "semicolon": '"a; dmarc=pass header.from=b"@gazette.example',
    "quote": '"a\\" dkim=pass"@gazette.example',
    "equals": "dkim=pass@gazette.example",
    "comment": '"(a"@gazette.example',
    "null": "",
}


def _mail(number: int, name: str, **more: object) -> Mail:
    at = f"2026-11-10T10:{number:02d}:00Z"
    return Mail(
        id=name,
        at=at,
        author="Rita Vance <rita@gazette.example>",
        subject="A question for your press desk",
        body="Could somebody call me about your transparency report? Thank you, Rita Vance",
        ip="192.0.2.44",
        helo="mail.gazette.example",
        expect=Expect(disposition="tag"),
        **more,  # type: ignore[arg-type]
    )


STORY = Story(
    name="forged",
    tells="Forged results.",
    zone=domain("gazette.example", "192.0.2.45", dmarc="none"),
    lines=[
        *(_mail(n, f"forged-{name}", top=(field,)) for n, (name, field) in enumerate(FORGED.items())),
        *(
            _mail(30 + n, f"path-{name}", mail_from=path, dkim=(Signer("gazette.example"),))
            for n, (name, path) in enumerate(PATHS.items())
        ),
    ],
)


@pytest.fixture(scope="module", params=["smtp", "milter"])
def played(request, tmp_path_factory):
    root = tmp_path_factory.mktemp("forged")
    with ScenarioNode(write(STORY, root), tmp_path_factory.mktemp("work"), request.param) as node:
        return node.play()


def results_fields(content: bytes) -> list[str]:
    """Every field that some reader may take for Authentication-Results."""
    head = content.partition(b"\r\n\r\n")[0].decode("latin-1")
    unfolded = head.replace("\r\n\t", "\t").replace("\r\n ", " ").split("\r\n")
    pairs = [line.partition(":") for line in unfolded]
    return [value.strip() for name, _, value in pairs if name.strip().lower() == "authentication-results"]


@pytest.mark.parametrize("name", FORGED)
def test_forged_fields_are_removed_and_named(played, name) -> None:
    one = played[f"forged-{name}"]
    assert one.kept is not None, one
    fields = results_fields(one.kept.content)
    assert [authres.authserv_id(value) for value in fields].count(OURS) == 1
    assert len(fields) == (2 if name == "others" else 1)
    assert authres.authserv_id(fields[0]) == OURS  # ours stands on top
    methods = {(method, result) for method, result, _ in authres.parse(fields[0])}
    assert ("spf", "fail") in methods
    assert ("dkim", "pass") not in methods
    symbols = {finding.symbol for finding in one.outcome.verdict.findings}
    assert ("FORGED_RESULTS" in symbols) is (name != "others")


@pytest.mark.parametrize("name", PATHS)
def test_nothing_in_a_path_adds_a_result(played, name) -> None:
    one = played[f"path-{name}"]
    assert one.kept is not None, one
    (ours,) = (value for value in results_fields(one.kept.content) if authres.authserv_id(value) == OURS)
    strict = authres.parse(ours)
    assert [method for method, _, _ in strict] == ["spf", "dkim", "dmarc", "arc", "iprev"]
    assert ("dkim", "pass") in [(method, result) for method, result, _ in strict]  # its own signature, nothing else
    lenient = [(said.method, said.result) for said in read_results(ours)[1]]
    assert lenient == [(method, result) for method, result, _ in strict]
    assert all(ord(c) < 127 for c in ours)
