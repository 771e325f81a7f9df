"""``replay``: learning, labels, zones of their own, and a stream that is refused whole where it is wrong."""

import json
from pathlib import Path

import pytest

MAIL = """From: Officer <officer@agency.example>
To: legal@bigco.test
Subject: Subscriber request {n}
Date: {date}
Message-ID: <{n}@agency.example>

Please provide the subscriber details for user{n}@mail.test.
"""
SPF = {"agency.example": {"TXT": ["v=spf1 ip4:192.0.2.7 -all"]}, "_dmarc.agency.example": {"TXT": ["v=DMARC1; p=none"]}}


def line(n: int, **more: object) -> dict[str, object]:
    return {
        "type": "message", "id": f"m{n}", "path": f"{n}.eml", "client_ip": "192.0.2.7", "helo": "mx.agency.example",
        "mail_from": "officer@agency.example", "rcpt_to": ["legal@bigco.test"],
        "received_at": f"2026-11-{n:02d}T09:00:00Z", "dns": SPF, **more,
    }  # fmt: skip


@pytest.fixture
def stream(tmp_path: Path):
    def write(*lines: object) -> Path:
        for n in range(1, 10):
            (tmp_path / f"{n}.eml").write_text(MAIL.format(n=n, date=f"{n:02d} Nov 2026 09:00:00 +0000"))
        path = tmp_path / "stream.jsonl"
        path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines))
        return path

    return write


def symbols(row: dict) -> set[str]:
    return {f["symbol"] for f in row["findings"]}


def test_it_learns_and_is_the_same_every_time(cli, stream, tmp_path: Path) -> None:
    path = stream(*(line(n) for n in range(1, 5)))
    assert cli("replay", path, "--out", tmp_path / "a").code == 0
    assert cli("replay", path, "--out", tmp_path / "b").code == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    rows = [json.loads(text) for text in (tmp_path / "a").read_text().splitlines()]
    assert [r["id"] for r in rows] == ["m1", "m2", "m3", "m4"]
    assert "FIRST_CONTACT" in symbols(rows[0])
    assert "FIRST_CONTACT" not in symbols(rows[1])
    assert rows[0]["authentication"]["spf"][0]["result"] == "pass"


def test_no_answer_crosses_from_one_zone_to_another(cli, stream) -> None:
    rows = cli("replay", stream(line(1), line(2, dns={}), line(3)), "--out", "-").rows
    assert [r["authentication"]["spf"][0]["result"] for r in rows] == ["pass", "none", "pass"]


def test_a_label_acts_from_its_time_on(cli, stream) -> None:
    fraud = {"type": "label", "id": "m1", "at": "2026-11-02T12:00:00Z", "label": "fraud", "by": "call-back"}
    before, after = (r for r in cli("replay", stream(line(1), line(2), fraud, line(3)), "--out", "-").rows[1:])
    assert "FRAUD_HISTORY" not in symbols(before)
    assert "FRAUD_HISTORY" in symbols(after)


def test_a_label_for_nobody_is_a_warning(cli, stream) -> None:
    label = {"type": "label", "id": "m9", "at": "2026-11-02T12:00:00Z", "label": "genuine", "by": "other"}
    ran = cli("replay", stream(line(1), label), "--out", "-")
    assert ran.code == 0
    assert "m9" in ran.err


def test_a_store_that_is_kept_is_used_again(cli, stream, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kept.db"
    cli("replay", stream(line(1)), "--out", "-", "--store", url)
    (row,) = cli("replay", stream(line(2)), "--out", "-", "--store", url).rows
    assert "FIRST_CONTACT" not in symbols(row)


@pytest.mark.parametrize(
    ("lines", "code", "says"),
    [
        ([line(2), line(1)], 65, ":2: earlier"),
        ([line(1), line(1)], 65, ":2: id 'm1' appears twice"),
        (["{"], 65, ":1: not JSON"),
        (["[]"], 65, ":1: not a JSON object"),
        ([{"type": "odd"}], 65, ":1: type must be"),
        ([line(1, received_at="2026-11-01T09:00:00")], 65, ":1: time without an offset"),
        ([line(1, received_at=None)], 65, ":1: received_at must be a text"),
        ([line(1, rcpt_to="x")], 65, ":1: rcpt_to must be a list"),
        ([line(1, dns=[])], 65, ":1: dns must be an object"),
        ([line(1, path="nowhere.eml")], 66, ":1: nowhere.eml"),
        ([{"type": "label", "id": "x", "at": "2026-11-01T09:00:00Z", "label": "good"}], 65, ":1: label must be one of"),
    ],
)
def test_a_wrong_stream_is_refused_with_its_line_and_writes_nothing(
    cli, stream, tmp_path: Path, lines: list[object], code: int, says: str
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("before")
    ran = cli("replay", stream(*lines), "--out", out)
    assert ran.code == code
    assert says in ran.err
    assert out.read_text() == "before"
    assert not list(tmp_path.glob(".out*"))


def test_a_stream_that_is_not_there(cli) -> None:
    assert cli("replay", "/nowhere.jsonl", "--out", "-").code == 66


def test_equal_times_keep_their_order(cli, stream) -> None:
    rows = cli("replay", stream(line(1), line(2, received_at="2026-11-01T09:00:00Z")), "--out", "-").rows
    assert [r["id"] for r in rows] == ["m1", "m2"]
