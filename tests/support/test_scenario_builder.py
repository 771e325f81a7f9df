"""The scenario folders are what their definitions say, byte for byte, and say what they claim."""

import json
import re
from pathlib import Path

import dkim
import pytest

from tests.support import yamlfile
from tests.support.scenario_builder import SCENARIOS, stories, write

STORIES = stories()
#: Real names that detection needs: providers of free mail.  Nobody's mailbox: the local parts are made up.
FREEMAIL = {"protonmail.com", "proton.me", "gmail.com"}
RESERVED_HOSTS = re.compile(r"(?:[a-z0-9_-]+\.)*(?:test|example|in-addr\.arpa)$")
RESERVED_NETS = re.compile(r"(?:192\.0\.2|198\.51\.100|203\.0\.113|10\.20\.0|127\.0\.0)\.\d+$")


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.mark.parametrize("name", sorted(STORIES))
def test_building_again_changes_nothing(name, tmp_path):
    assert files(write(STORIES[name], tmp_path)) == files(SCENARIOS / name)


def test_no_folder_without_a_definition():
    assert {p.parent.name for p in SCENARIOS.glob("*/stream.jsonl")} == set(STORIES)


@pytest.mark.parametrize("name", sorted(STORIES))
def test_streams_are_in_time_order_with_unique_ids(name):
    rows = [json.loads(line) for line in (SCENARIOS / name / "stream.jsonl").read_text().splitlines()]
    times = [row.get("received_at") or row["at"] for row in rows]
    assert times == sorted(times)
    ids = [row["id"] for row in rows if row["type"] == "message"]
    assert len(ids) == len(set(ids))
    assert {row["id"] for row in rows if row["type"] == "label"} <= set(ids)


@pytest.mark.parametrize("name", sorted(STORIES))
def test_signatures_verify_exactly_where_expected(name):
    """dkimpy, which made them, must also find them good: a broken fixture would test nothing."""
    folder = SCENARIOS / name
    zone = yamlfile.load(folder / "zone.yml")["zones"]

    def key(query: bytes, timeout: int = 5) -> bytes | None:
        found = zone.get(query.decode().rstrip("."), {}).get("TXT")
        return found[0].encode() if found else None

    for mail_id, expected in yamlfile.load(folder / "expected.yml").items():
        wanted = expected.get("auth", {}).get("dkim")
        content = (folder / "mail" / f"{mail_id}.eml").read_bytes()
        if wanted == "pass":
            assert dkim.verify(content, dnsfunc=key), mail_id
        elif wanted is None:
            assert b"DKIM-Signature" not in content or not expected.get("auth"), mail_id


@pytest.mark.parametrize("name", sorted(STORIES))
def test_only_reserved_names_and_addresses(name):
    folder = SCENARIOS / name
    for mail in sorted((folder / "mail").iterdir()):
        text = mail.read_bytes().partition(b"\r\n\r\n")[0].decode()
        for host in re.findall(r"@([A-Za-z0-9.-]+\.[A-Za-z]+)", text):
            assert RESERVED_HOSTS.match(host.lower()) or host.lower() in FREEMAIL, f"{mail.name}: {host}"
        for address in re.findall(r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])", text):
            assert RESERVED_NETS.match(address), f"{mail.name}: {address}"
    for row in map(json.loads, (folder / "stream.jsonl").read_text().splitlines()):
        assert row["type"] != "message" or RESERVED_NETS.match(row["client_ip"])
