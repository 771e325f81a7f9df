"""``check``: every kind of input, the contract's JSON, exit codes, and errors that name the place."""

import json
import mailbox
from pathlib import Path

import pytest

from edrguard.cli.out import authentication_line

MAIL = (
    b"From: Officer <officer@agency.example>\nTo: legal@bigco.test\nSubject: hello\nDate: Tue, 24 Nov 2026 03:00:00 +0000\n"
    b"Message-ID: <1@agency.example>\n\nThank you, received.\n"
)
AT = ("--received-at", "2026-11-24T03:00:05Z")

KEYS = {
    "id", "path", "disposition", "risk", "urgent", "rules", "just_missed", "findings", "authentication", "author",
    "agency", "request", "not_evaluated", "error",
}  # fmt: skip
AUTHENTICATION = {
    "spf": None, "dkim": None, "arc": {"result"}, "iprev": {"result"},
    "dmarc": {"result", "author_domain", "organizational_domain", "policy", "published", "aligned"},
}  # fmt: skip
REQUEST = {
    "kind", "emergency", "life_at_risk", "legal_basis", "identifiers", "data_sought", "contacts", "reference",
    "deadline", "language",
}  # fmt: skip


@pytest.fixture
def eml(tmp_path: Path) -> Path:
    path = tmp_path / "a.eml"
    path.write_bytes(MAIL)
    return path


@pytest.fixture
def zone(tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "zone.yml"
    path.write_text(
        'agency.example: {TXT: ["v=spf1 ip4:192.0.2.7 -all"]}\n_dmarc.agency.example: "v=DMARC1; p=reject"\n'
    )
    return "--dns-zone", path


def test_every_key_of_the_contract_is_always_there(cli, eml, zone) -> None:
    (verdict,) = cli("check", eml, "--json", *AT, *zone).rows
    assert verdict.keys() >= KEYS
    for part, keys in AUTHENTICATION.items():
        assert part in verdict["authentication"]
        assert keys is None or verdict["authentication"][part].keys() >= keys
    assert verdict["request"].keys() >= REQUEST
    assert verdict["agency"].keys() >= {"id", "name", "country", "status", "lookalike_of"}
    assert verdict["path"] == str(eml)
    assert 0 <= verdict["risk"] <= 100
    assert set(verdict["not_evaluated"]) >= {"spf", "history", "networks"}
    assert verdict["authentication"]["dmarc"]["result"] is None or verdict["authentication"]["spf"] == []


def test_options_stand_for_the_wire(cli, eml, zone) -> None:
    wire = ("--client-ip", "192.0.2.7", "--helo", "mx.agency.example", "--mail-from", "officer@agency.example")
    (verdict,) = cli("check", eml, "--json", *AT, *zone, *wire).rows
    assert verdict["authentication"]["spf"][0] == {
        "scope": "mfrom", "domain": "agency.example", "result": "pass", "reason": verdict["authentication"]["spf"][0]["reason"],
    }  # fmt: skip
    assert verdict["authentication"]["dmarc"]["result"] == "pass"
    assert verdict["authentication"]["dmarc"]["aligned"] == ["spf"]
    (null,) = cli("check", eml, "--json", *AT, *zone, *wire[:4], "--mail-from", "").rows
    assert null["authentication"]["spf"][0]["domain"] == "mx.agency.example"


def test_order_paths_and_ids(cli, tmp_path: Path, zone) -> None:
    folder = tmp_path / "in"
    (folder / "b").mkdir(parents=True)
    for name in ("z.eml", "b/2.eml", "b/1.eml", "A.eml"):
        (folder / name).write_bytes(MAIL + name.encode())
    (folder / ".hidden").write_bytes(MAIL)
    rows = cli("check", folder, "--json", *AT, *zone).rows
    assert [r["path"] for r in rows] == [f"{folder}/{n}" for n in ("A.eml", "b/1.eml", "b/2.eml", "z.eml")]
    assert [r["id"].rpartition("-")[2] for r in rows] == ["1", "2", "3", "4"]
    assert rows == cli("check", folder, "--json", *AT, *zone).rows


def test_mbox_and_maildir(cli, tmp_path: Path, zone) -> None:
    box = mailbox.mbox(tmp_path / "box")
    for number in range(3):
        box.add(MAIL + b"From the beginning %d\n" % number)
    box.close()
    rows = cli("check", tmp_path / "box", "--json", *AT, *zone).rows
    assert [r["path"] for r in rows] == [f"{tmp_path}/box#{n}" for n in (1, 2, 3)]
    assert len({r["id"][:16] for r in rows}) == 3
    maildir = tmp_path / "Maildir"
    for sub in ("new", "cur", "tmp"):
        (maildir / sub).mkdir(parents=True)
        (maildir / sub / "1.host").write_bytes(MAIL)
    rows = cli("check", maildir, "--json", *AT, *zone).rows
    assert [r["path"] for r in rows] == [f"{maildir}/cur/1.host", f"{maildir}/new/1.host"]


def test_standard_input_is_one_message(cli, zone) -> None:
    (verdict,) = cli("check", "-", "--json", *AT, *zone, stdin=MAIL).rows
    assert (verdict["path"], verdict["author"]) == ("-", "officer@agency.example")


def test_lf_is_no_defect_and_a_mixture_is(cli, tmp_path: Path, zone) -> None:
    (tmp_path / "mixed.eml").write_bytes(MAIL.replace(b"\n", b"\r\n").replace(b"hello\r\n", b"hello\n"))
    (tmp_path / "lf.eml").write_bytes(MAIL)
    lf, mixed = cli("check", tmp_path / "lf.eml", tmp_path / "mixed.eml", "--json", *AT, *zone).rows
    newline = {"BARE_NEWLINE", "MIXED_NEWLINES"}
    assert not newline & {f["symbol"] for f in lf["findings"]}
    assert newline & {f["symbol"] for f in mixed["findings"]}


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["/nowhere.eml"], 66, "/nowhere.eml: no such file"),
        ([], 64, "PATH"),
        (["-", "--nameserver", "127.0.0.1:1", "--dns-zone", "x.yml"], 64, "exclude each other"),
        (["-", "--received-at", "2026-11-24T03:00:00"], 65, "without an offset"),
        (["-", "--received-at", "soon"], 65, "not an RFC 3339 time"),
        (["-", "--config", "/nowhere.yml"], 78, "/nowhere.yml"),
        (["-", "--bogus"], 64, "--bogus"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(cli, args: list[str], code: int, says: str) -> None:
    ran = cli("check", *args, stdin=MAIL)
    assert ran.code == code
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert ran.out == ""


def test_exit_code_is_zero_whatever_the_verdict_unless_asked(cli, eml, zone) -> None:
    spoofed = ("--client-ip", "203.0.113.9", "--helo", "x.test", "--mail-from", "officer@agency.example")
    ran = cli("check", eml, "--json", *AT, *zone, *spoofed)
    assert ran.code == 0
    gravity = {"forward": 0, "tag": 10, "verify": 15, "quarantine": 20, "refuse": 30, "defer": 40}
    asked = cli("check", eml, "--json", "--exit-code", *AT, *zone, *spoofed)
    assert asked.code == gravity[asked.rows[0]["disposition"]] > 0


def test_a_file_that_cannot_be_read_is_a_line_and_not_the_end(cli, tmp_path: Path, zone, monkeypatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / name).write_bytes(MAIL)
    real = Path.open

    def broken(self: Path, *args: object, **kwargs: object):
        if self.name == "a" and self.parent.name == "in":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **kwargs)

    monkeypatch.setattr(Path, "open", broken)
    bad, good = cli("check", folder, "--json", *AT, *zone).rows
    assert "Permission denied" in bad["error"]
    assert (bad["disposition"], bad["urgent"]) == ("quarantine", True)
    assert good["error"] is None


def test_for_a_person(cli, eml, zone) -> None:
    ran = cli("check", eml, "-v", *AT, *zone)
    assert ran.out.splitlines()[0].startswith("forward")
    assert "spf not evaluated" in ran.out
    with pytest.raises(json.JSONDecodeError):
        json.loads(ran.out)


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"\r\n", b"x", b"From:\n", b": \n\n", b"\xff\xfe\n" * 50, b"From: a@b\r\n" * 2000]
)
def test_whatever_it_is_it_gets_a_line(cli, content: bytes, zone) -> None:
    ran = cli("check", "-", "--json", *AT, *zone, stdin=content)
    (verdict,) = ran.rows
    assert ran.code == 0
    assert verdict["error"] is None
    assert verdict["disposition"]


def test_what_was_not_evaluated_is_not_called_none() -> None:
    """No signature and no look at the signatures are two things."""
    auth = {"spf": [], "dkim": [], "dmarc": {"result": None, "policy": None}}
    assert authentication_line(auth, []) == "spf not evaluated · dkim none · dmarc not evaluated"
    assert authentication_line(auth, ["dkim"]) == "spf not evaluated · dkim not evaluated · dmarc not evaluated"
