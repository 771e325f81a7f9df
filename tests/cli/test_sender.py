"""``sender show``: the figures of a mailbox, a domain and an agency that a replay has left behind, and their plots."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edrguard.cli.plots import Style, bar, bars, columns
from edrguard.storage import open_store

NOW = datetime.now(UTC).replace(microsecond=0)
AGENCIES = """agencies:
  - {id: xx-agency, name: "Agency \x1b of X", country: US, kind: police, timezone: America/New_York, domains: [agency.example]}
"""
MAIL = """From: Officer <{who}@agency.example>
To: legal@bigco.test
Subject: Subscriber request {n}
Date: {date:%d %b %Y %H:%M:%S} +0000
Message-ID: <{n}@agency.example>
User-Agent: Thunderbird 102.1

{body}
"""


def asked(n: int) -> str:
    return f"Please provide the subscriber details for user{n}@mail.test. 18 U.S.C. 2703(c)(2)."


@pytest.fixture
def history(cli, tmp_path: Path) -> tuple[str, ...]:
    """Ten messages of one officer, one a day until yesterday, two of a colleague; two labels on the officer's."""
    (tmp_path / "agencies.yml").write_text(AGENCIES.replace("\x1b", "\\x1b"))
    lines = []
    for n in range(12):
        who = "officer" if n < 10 else "colleague"
        at = (NOW - timedelta(days=12 - n)).replace(hour=15, minute=0, second=0)
        (tmp_path / f"{n}.eml").write_text(MAIL.format(n=n, who=who, date=at, body=asked(n)))
        lines.append({"type": "message", "id": f"m{n}", "path": f"{n}.eml", "received_at": at.isoformat(), "dns": {}})
    early, late = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
    lines.append({"type": "label", "id": "m3", "at": early.isoformat(), "label": "fraud", "by": "other"})
    lines.append(
        {"type": "label", "id": "m4", "at": late.isoformat(), "label": "genuine", "by": "call-back", "scope": "officer"}
    )
    (tmp_path / "s.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    where = ("--store", f"sqlite:///{tmp_path}/h.db", "--agencies", str(tmp_path / "agencies.yml"))
    assert cli("replay", tmp_path / "s.jsonl", "--out", tmp_path / "out", *where).code == 0
    return where


def test_a_mailbox(cli, history) -> None:
    (found,) = cli("sender", "show", "Officer@agency.example", *history, "--json").rows
    assert (found["subject"], found["messages"], found["usual"]) == ("mailbox:officer@agency.example", 10, 9)
    assert found["agency"]["id"] == "xx-agency"
    assert found["standing"]["verified_days"] == 0, "the call-back came after the fraud label"
    assert [(one["mail_id"], one["scope"]) for one in found["standing"]["confirmations"]] == [("m4", "officer")]
    until = (NOW - timedelta(hours=1) + timedelta(days=90)).isoformat().replace("+00:00", "Z")
    assert found["standing"]["verified_until"] == found["standing"]["confirmations"][0]["until"] == until
    assert found["standing"]["call_backs"] == {"genuine": 1, "fraud": 0, "unverified": 0}
    assert (found["standing"]["frauds"], found["standing"]["genuine"]) == (1, 1)
    assert [(one["mail_id"], one["label"]) for one in found["labels"]] == [("m4", "genuine"), ("m3", "fraud")]
    assert found["traits"]["kind"][0]["value"] == "subscriber"
    assert found["traits"]["client"][0]["count"] == 9, "fraud is no habit"
    assert sum(found["hours"]) == sum(found["weekdays"]) == sum(found["months"].values()) == 9
    assert found["timezone"] == "America/New_York"
    assert sum(found["hours"][10:12]) == 9, "15:00 UTC is 10 or 11 o'clock there"
    assert len(found["recent"]) == 10
    assert found["mailboxes"] == []


@pytest.mark.parametrize("who", ["xx-agency", "agency.example"])
def test_an_agency_and_a_domain_are_all_their_mailboxes(cli, history, who: str) -> None:
    (found,) = cli("sender", "show", who, *history, "--json").rows
    assert found["messages"] == 12
    assert [(m["mailbox"].partition("@")[0], m["messages"]) for m in found["mailboxes"]] == [
        ("officer", 10),
        ("colleague", 2),
    ]


def test_doubt_stays_open_until_somebody_calls(cli, history, tmp_path: Path) -> None:
    body = "This is urgent, do not call. Send the content of the mailbox a@mail.test and its password to me at once."
    at = (NOW - timedelta(days=1)).isoformat()
    text = MAIL.format(n=77, who="colleague", date=NOW, body=body)
    (tmp_path / "x.eml").write_text(text.replace("To: ", "Reply-To: cop@freemail.test\nTo: "))
    line = {"type": "message", "id": "odd", "path": "x.eml", "received_at": at, "dns": {}}
    (tmp_path / "t.jsonl").write_text(json.dumps(line) + "\n")
    assert cli("replay", tmp_path / "t.jsonl", "--out", tmp_path / "out", *history).code == 0
    (found,) = cli("sender", "show", "colleague@agency.example", *history, "--json").rows
    assert found["doubts"][0]["mail_id"] == "odd"
    assert found["doubts"][0]["points"] > 1
    text = cli("sender", "show", "colleague@agency.example", *history).out
    assert "nobody has called since" in text
    label = {
        "type": "label",
        "id": "odd",
        "at": NOW.isoformat(),
        "label": "genuine",
        "by": "call-back",
        "scope": "officer",
    }
    again = {**line, "id": "again", "received_at": (NOW - timedelta(minutes=1)).isoformat(), "path": "0.eml"}
    (tmp_path / "u.jsonl").write_text(json.dumps(again) + "\n" + json.dumps(label) + "\n")
    assert cli("replay", tmp_path / "u.jsonl", "--out", tmp_path / "out", *history).code == 0
    (found,) = cli("sender", "show", "colleague@agency.example", *history, "--json").rows
    assert found["doubts"] == []


def test_a_confirmed_request_speaks_for_mail_about_its_targets_alone(cli, history, tmp_path: Path) -> None:
    """Of two later messages of an officer with fraud on record, the one about the confirmed target is forwarded."""
    label = {"type": "label", "id": "m5", "at": NOW.isoformat(), "label": "genuine", "by": "call-back"}
    lines = [label]
    for n, body in (
        ("same", asked(5)),
        ("other", asked(99)),
        ("both", asked(5) + " Also the address user99@mail.test."),
    ):
        (tmp_path / f"{n}.eml").write_text(MAIL.format(n=n, who="officer", date=NOW, body=body))
        at = (NOW + timedelta(minutes=len(lines))).isoformat()
        lines.append({"type": "message", "id": n, "path": f"{n}.eml", "received_at": at, "dns": {}})
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    fraud = {
        "type": "label",
        "id": "m4",
        "at": (NOW - timedelta(minutes=30)).isoformat(),
        "label": "fraud",
        "by": "other",
    }
    (tmp_path / "f.jsonl").write_text(json.dumps(fraud) + "\n")
    assert cli("replay", tmp_path / "f.jsonl", "--out", tmp_path / "out", *history).code == 0
    assert cli("replay", tmp_path / "t.jsonl", "--out", tmp_path / "out", *history).code == 0
    judged = {row["id"]: row for row in map(json.loads, (tmp_path / "out").read_text().splitlines())}
    symbols = {name: {f["symbol"] for f in row["findings"]} for name, row in judged.items()}
    assert {name for name, said in symbols.items() if "CALLBACK_RECENT" in said} == {"same"}
    rules = {name: {rule["id"] for rule in row["rules"]} for name, row in judged.items()}
    assert {name for name, fired in rules.items() if "fraud-long-ago" in fired} == {"other", "both"}
    (found,) = cli("sender", "show", "officer@agency.example", *history, "--json").rows
    assert found["standing"]["verified_at"] is None
    assert [(one["mail_id"], one["scope"]) for one in found["standing"]["confirmations"]] == [("m5", "request")]
    out = cli("sender", "show", "officer@agency.example", *history).out
    assert "a request confirmed by call-back: officer@agency.example" in out
    assert "counts for mail about the same targets until" in out


def test_for_a_person_in_blocks_and_in_ascii(cli, history, monkeypatch) -> None:
    out = cli("sender", "show", "officer@agency.example", *history).out
    assert "confirmed by call-back" in out
    assert "fraud: 1 messages" in out
    assert "█" in out
    assert "\x1b" not in out, "no colour in a pipe, and no control character of a name"
    plain = cli("sender", "show", "officer@agency.example", *history, "--no-unicode").out
    assert plain.isascii()
    assert "#####" in plain
    monkeypatch.setenv("TERM", "dumb")
    assert cli("sender", "show", "officer@agency.example", *history).out == plain


def test_colour_only_on_a_terminal_that_wants_it(cli, history, monkeypatch) -> None:
    from edrguard.cli import plots

    monkeypatch.setattr(plots.sys.stdout.__class__, "isatty", lambda self: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert plots.style_of(False).colour is True
    monkeypatch.setenv("NO_COLOR", "1")
    assert plots.style_of(False).colour is False


def test_reading_makes_no_database_and_changes_none(cli, history, tmp_path: Path) -> None:
    ran = cli("sender", "show", "officer@agency.example", "--store", tmp_path / "none.db")
    assert (ran.code, ran.out) == (66, "")
    assert "no such database" in ran.err
    assert not (tmp_path / "none.db").exists()
    store = open_store(history[1])
    before = store.recent("domain:agency.example", NOW, 100)
    cli("sender", "show", "agency.example", *history)
    assert store.recent("domain:agency.example", NOW, 100) == before
    store.close()


@pytest.mark.parametrize(
    ("who", "code", "says"),
    [
        ("nobody@agency.example", 66, "nothing is known of the mailbox nobody@agency.example"),
        ("elsewhere.example", 66, "nothing is known of the domain"),
        ("a@b@c", 65, "not one address"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(cli, history, who: str, code: int, says: str) -> None:
    ran = cli("sender", "show", who, *history)
    assert (ran.code, ran.out, len(ran.err.strip().splitlines())) == (code, "", 1)
    assert says in ran.err


def test_plots() -> None:
    block, plain = Style(unicode=True, colour=False), Style(unicode=False, colour=False)
    assert columns([0, 1, 4, 8], block) == " ▁▄█"
    assert columns([0, 1, 800], plain) == " .@", "what is not zero is seen"
    assert columns([], block) == columns([], plain) == ""
    assert bar(3, 4, 4, block) == "███"
    assert bar(1, 16, 4, block) == "▎"
    assert bar(1, 1000, 4, plain) == "#"
    assert bar(0, 0, 4, block) == ""
    assert list(bars({"a": 1, "bb": 2}, plain, 4)) == ["a   ##   1", "bb  #### 2"]
