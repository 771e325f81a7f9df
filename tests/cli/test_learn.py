"""``learn``: archives as people have them become unverified history, once, in time order, and nothing else happens."""

import mailbox
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edrguard.storage import open_store

LATER = datetime(2027, 1, 1, tzinfo=UTC)
OFFICER = "mailbox:officer@agency.example"
CONFIG = "inboxes: [legal@bigco.test]\nhostname: mx.bigco.test\ntrace: {trusted_hosts: [mx.bigco.test]}\nagencies: {freemail: [freemail.test]}\n"
SIGNED = (
    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=agency.example; s=old2025; h=from:subject;\n"
    " bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=AAAA\n"
)


def mail(n: int, *, day: int | None = None, top: str = "", to: str = "legal@bigco.test", body: str = "") -> bytes:
    date = f"Date: {day or n:02d} Nov 2025 09:00:00 +0000\n"
    return (
        f"{top}From: Officer <officer@agency.example>\nTo: {to}\nSubject: Subscriber request {n}\n{date}"
        f"Message-ID: <{n}@agency.example>\n\n{body or f'Please provide the subscriber details for user{n}@mail.test.'}\n"
    ).encode()


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/history.db"


@pytest.fixture
def config(tmp_path: Path) -> tuple[str, Path]:
    path = tmp_path / "edrguard.yml"
    path.write_text(CONFIG)
    return "--config", path


def history(url: str, subject: str = OFFICER) -> list:
    store = open_store(url)
    try:
        return store.recent(subject, LATER, 100)
    finally:
        store.close()


def test_an_mbox_and_a_maildir_in_time_order_and_once(cli, tmp_path: Path, url: str) -> None:
    box = mailbox.mbox(tmp_path / "old.mbox")
    for n in (5, 3, 4):
        box.add(mail(n))
    box.close()
    (tmp_path / "Maildir" / "new").mkdir(parents=True)
    (tmp_path / "Maildir" / "cur").mkdir()
    (tmp_path / "Maildir" / "cur" / "1.host:2,S").write_bytes(mail(1))
    (tmp_path / "Maildir" / "new" / "2.host").write_bytes(mail(3))  # a copy of one in the mbox
    ran = cli("learn", tmp_path / "old.mbox", tmp_path / "Maildir", "--store", url, "--json")
    (summary,) = ran.rows
    assert ran.code == 0
    assert {k: summary[k] for k in ("read", "learned", "known", "held", "left_out")} == {
        "read": 5, "learned": 4, "known": 1, "held": 0, "left_out": [],
    }  # fmt: skip
    assert (summary["first"], summary["last"]) == ("2025-11-01T09:00:00Z", "2025-11-05T09:00:00Z")
    rows = history(url)
    assert [o.received_at.day for o, _ in rows] == [5, 4, 3, 1]
    again = cli("learn", tmp_path / "old.mbox", tmp_path / "Maildir", "--store", url, "--json").rows[0]
    assert (again["learned"], again["known"]) == (0, 5)
    assert history(url) == rows


def test_each_message_is_compared_with_those_before_it(cli, tmp_path: Path, url: str) -> None:
    """Written out of order, learned in order: the newest knows all the others, so habits were there to compare."""
    for n in range(1, 13):
        (tmp_path / f"{99 - n}.eml").write_bytes(mail(n))
    cli("learn", *sorted(tmp_path.glob("*.eml")), "--store", url)
    store = open_store(url)
    try:
        assert store.totals(OFFICER)[0] == 12
        assert store.rates(), "habits were compared"
    finally:
        store.close()


def test_it_is_unverified_and_opens_no_case(cli, tmp_path: Path, url: str) -> None:
    life = "EMERGENCY: a child was abducted and will be killed tonight. 18 U.S.C. 2702(b)(8). Send the location now."
    (tmp_path / "a.eml").write_bytes(mail(1, body=life))
    cli("learn", tmp_path / "a.eml", "--store", url)
    (row,) = history(url)
    assert row[0].urgent is True, "what it was is remembered"
    assert row[1] is None, "nobody labelled it"
    store = open_store(url)
    try:
        assert store.cases() == []
        assert store.due_pages(LATER) == []
    finally:
        store.close()


def test_what_is_not_evaluated_is_no_habit(cli, tmp_path: Path, url: str) -> None:
    (tmp_path / "a.eml").write_bytes(mail(1, top=SIGNED))
    cli("learn", tmp_path / "a.eml", "--store", url)
    traits = history(url)[0][0].traits
    assert not {"signer", "selector", "dmarc", "vouched", "spf_domain"} & traits.keys()
    assert traits["reply_to"] == "own"


def test_an_answer_within_the_organisation_is_no_foreign_one(cli, tmp_path: Path, url: str) -> None:
    """Organizational Domains are known without DNS."""
    (tmp_path / "a.eml").write_bytes(mail(1, top="Reply-To: desk@mail.agency.example\n"))
    (tmp_path / "b.eml").write_bytes(mail(2, top="Reply-To: desk@elsewhere.example\n"))
    cli("learn", tmp_path / "a.eml", tmp_path / "b.eml", "--store", url)
    assert [o.traits["reply_to"] for o, _ in history(url)] == ["elsewhere.example", "own"]


def test_with_dns_old_mail_is_authenticated_as_if_it_came_today(cli, tmp_path: Path, url: str, config) -> None:
    """Which shows why it is an option: the key is gone, and the officer who signs becomes one who does not."""
    zone = tmp_path / "zone.yml"
    zone.write_text("_dmarc.agency.example: 'v=DMARC1; p=none'\n")
    (tmp_path / "a.eml").write_bytes(mail(1, top=SIGNED))
    cli("learn", tmp_path / "a.eml", "--store", url, "--dns-zone", zone, *config)
    assert history(url)[0][0].traits["signer"] == "unsigned"


def test_a_trusted_host_knows_the_time_better_than_the_author(cli, tmp_path: Path, url: str, config) -> None:
    trace = (
        "Received: from mail.agency.example (mail.agency.example [198.51.100.7]) by mx.bigco.test with ESMTP id 1;\n"
        " Thu, 20 Nov 2025 10:00:00 +0000\n"
    )
    (tmp_path / "a.eml").write_bytes(mail(1, top=trace))
    (tmp_path / "b.eml").write_bytes(mail(2))
    (summary,) = cli("learn", tmp_path / "a.eml", tmp_path / "b.eml", "--store", url, "--json", *config).rows
    assert summary["dated_by_author"] == 1
    (newest, _), _ = history(url)
    assert newest.received_at == datetime(2025, 11, 20, 10, tzinfo=UTC)
    assert newest.client == "198.51.100.7"


def test_mail_that_the_node_saw_live_is_not_learned_again(cli, tmp_path: Path, url: str) -> None:
    """Live, the id knows the envelope; and what a node delivered bears header fields that it added."""
    (tmp_path / "live.eml").write_bytes(mail(1))
    (tmp_path / "stream.jsonl").write_text(
        '{"type": "message", "id": "live", "path": "live.eml", "received_at": "2025-11-01T09:00:05Z", "dns": {},'
        ' "mail_from": "officer@agency.example", "rcpt_to": ["legal@bigco.test"]}\n'
    )
    assert cli("replay", tmp_path / "stream.jsonl", "--out", tmp_path / "out", "--store", url).code == 0
    (tmp_path / "delivered.eml").write_bytes(mail(1, top="X-EDRGuard-Disposition: forward\n"))
    (summary,) = cli("learn", tmp_path / "delivered.eml", "--store", url, "--json").rows
    assert (summary["known"], summary["learned"]) == (1, 0)
    assert len(history(url)) == 1


def test_what_would_be_held_today_widens_nothing(cli, tmp_path: Path, url: str, config) -> None:
    """An archive holds forgeries too: an address that anybody can open, dressed up as an agency's."""
    forged = (
        b'From: "Detective Frost, Metropolitan Police" <det.frost@freemail.test>\nTo: legal@bigco.test\n'
        b"Subject: Subscriber data\nDate: 01 Nov 2025 09:00:00 +0000\nMessage-ID: <1@freemail.test>\n\n"
        b"I am a police officer of the Metropolitan Police. Provide the content of the account a@mail.test.\n"
    )
    (tmp_path / "a.eml").write_bytes(forged)
    (summary,) = cli("learn", tmp_path / "a.eml", "--store", url, "--json", *config).rows
    (row,) = history(url, "mailbox:det.frost@freemail.test")
    assert (summary["learned"], summary["held"]) == (1, 1)
    assert row[0].held is True


def test_bad_files_are_named_and_the_rest_is_learned(cli, tmp_path: Path, url: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.eml").write_bytes(mail(1))
    (folder / "empty.eml").write_bytes(b"\n")
    (folder / "undated.eml").write_bytes(b"From: a@b.example\n\nx\n")
    (folder / "future.eml").write_bytes(mail(2).replace(b"2025", b"2999"))
    ran = cli("learn", folder, "--store", url, "--json")
    (summary,) = ran.rows
    assert (ran.code, summary["learned"]) == (0, 1)
    told = {Path(p["path"]).name: p["problem"].partition(":")[0] for p in summary["left_out"]}
    assert told == {"empty.eml": "empty", "undated.eml": "no time", "future.eml": "from the future"}
    assert "undated.eml: no time" in ran.err


def test_sent_mail_lets_threads_be_checked(cli, tmp_path: Path, url: str, config) -> None:
    ours = (
        b"From: Legal <legal@bigco.test>\nTo: Officer <Officer@agency.example>\nCc: b@agency.example\nBcc: c@bigco.test\n"
        b"Subject: Re: request\nDate: 02 Nov 2025 09:00:00 +0000\nMessage-ID: <reply-1@bigco.test>\n"
        b"In-Reply-To: <1@agency.example>\n\nPlease confirm.\n"
    )
    box = mailbox.mbox(tmp_path / "sent.mbox")
    box.add(ours)
    box.add(mail(7))  # somebody else's, in the wrong folder
    box.add(ours.replace(b"Message-ID: <reply-1@bigco.test>\n", b""))
    box.close()
    (summary,) = cli("learn", "--sent", tmp_path / "sent.mbox", "--store", url, "--json", *config).rows
    assert (summary["learned"], summary["sent"]) == (1, True)
    assert sorted(p["problem"][:14] for p in summary["left_out"]) == ["no Message-ID", "not written by"]
    store = open_store(url)
    try:
        sent = store.sent("<reply-1@bigco.test>")
        assert sent.to == ("officer@agency.example", "b@agency.example", "c@bigco.test")
        assert (sent.in_reply_to, sent.at) == ("1@agency.example", datetime(2025, 11, 2, 9, tzinfo=UTC))
        assert store.sent("<7@agency.example>") is None, "else every stranger's message would count as ours"
    finally:
        store.close()
    assert cli("learn", "--sent", tmp_path / "sent.mbox", "--store", url, "--json", *config).rows[0]["known"] == 1
    more = cli(
        "learn", "--sent", tmp_path / "sent.mbox", "--our-domain", "agency.example", "--store", url, "--json", *config
    )
    assert more.rows[0]["learned"] == 1


def test_the_nodes_own_store_is_used_and_its_key_is_made(cli, tmp_path: Path) -> None:
    path = tmp_path / "edrguard.yml"
    path.write_text(f"{CONFIG}storage: {{url: 'sqlite:///{tmp_path}/node/edrguard.db'}}\n")
    (tmp_path / "node").mkdir()
    (tmp_path / "a.eml").write_bytes(mail(1))
    (summary,) = cli("learn", tmp_path / "a.eml", "--config", path, "--json").rows
    assert summary["store"] == f"sqlite:///{tmp_path}/node/edrguard.db"
    assert (tmp_path / "node" / "history.key").stat().st_mode & 0o077 == 0


def test_standard_input_and_a_sentence_for_a_person(cli, url: str) -> None:
    ran = cli("learn", "-", "--store", url, stdin=mail(1))
    assert ran.out.startswith("1 read, 1 learned, 2025-11-01 to 2025-11-01, 0 known before.")
    assert ran.err == "", "no progress in a pipe"


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("/nowhere.mbox",), 66, "/nowhere.mbox: no such file"),
        ((), 64, "PATH"),
        (("-", "--nameserver", "127.0.0.1:1", "--dns-zone", "x.yml"), 64, "exclude each other"),
        (("-", "--store", "mysql://x"), 78, "mysql"),
        (("-",), 65, "no time"),
    ],
)
def test_errors_are_one_line_with_their_exit_code(cli, url: str, args: tuple[str, ...], code: int, says: str) -> None:
    store = () if "--store" in args else ("--store", url)
    ran = cli("learn", *args, *store, stdin=b"From: a@b.example\n\nx\n")
    assert (ran.code, len(ran.err.strip().splitlines())) == (code, 1)
    assert says in ran.err
