"""Bundles of cases that are not as usual, and bundles that are not bundles."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edrguard.evidence import Answer, NodeFacts, Notary, Status, check_store, export, new_key, read_private, verify
from edrguard.evidence.archive import read_archive, write_archive
from edrguard.evidence.bundle import MANIFEST_NAME, SIGNATURE, readable
from edrguard.evidence.signing import MANIFEST
from edrguard.model.audit import AuditRecord
from edrguard.model.case import CaseEvent
from edrguard.model.errors import InputError, StoreError
from edrguard.review import claim, refuse
from tests.console.asgi import stored
from tests.review.fakes import NOW, RAW, FakeSpool, make_case, make_facts

ID = "2026-1187"
KEY = read_private(new_key())


def made(store: Any, key: Any = KEY, **more: Any) -> bytes:
    spool = FakeSpool(**{"raw-1": RAW})
    notary = Notary(store, key, None, lambda: NOW)
    return export(store, spool, notary, NodeFacts(name="n"), ID, actor="ann", now=NOW, **more)


def failed(answer: Answer) -> list[str]:
    return [c.text for c in answer.checks if c.status is Status.FAIL]


def notes(answer: Answer) -> str:
    return " | ".join(f"{c.name}: {c.text}" for c in answer.checks if c.status is Status.NOTE)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        (make_case(spool=None), "message: the message was not kept"),
        (make_case("not facts"), "record: the facts cannot be read by this edrguard"),
        (make_case(verdict='{"error": "KeyError while judging"}'), "verdict: the message could not be judged then"),
        (make_case(), "verdict: the rules were not kept"),
    ],
)
def test_what_cannot_be_checked_is_said(case: Any, says: str) -> None:
    answer = verify(made(stored(case)), KEY.public)
    assert answer.good, failed(answer)
    assert says in notes(answer)


def test_the_same_values_make_the_same_octets() -> None:
    store = stored(make_case())
    first = read_archive(made(store))
    assert list(first)[:3] == ["README.txt", MANIFEST_NAME, SIGNATURE]
    assert first["message.eml"] == RAW
    assert first["facts.json"].decode() == make_case().facts
    assert f"Evidence of case {ID}" in first["README.txt"].decode()
    second = read_archive(made(store))
    assert {n for n in first if first[n] != second[n]} == {"audit.json", MANIFEST_NAME, SIGNATURE}


def test_others_are_not_in_it_but_as_hashes() -> None:
    store = stored(make_case())
    for n in range(5):
        store.audit(AuditRecord(at=NOW, actor=f"somebody-{n}", kind="read", case_id="2026-4711"))
    claim(store, ID, actor="kim", now=NOW)
    data = made(store)
    assert b"somebody" not in data and b"2026-4711" not in data
    proof = json.loads(read_archive(data)["audit.json"])["proof"]
    assert [len(part["contents"]) for part in proof] == [8]
    assert verify(data, KEY.public).good


def test_each_entry_leads_to_its_own_checkpoint() -> None:
    store = stored(make_case())
    notary = Notary(store, KEY, None, lambda: NOW)
    notary.checkpoint()
    for _ in range(50):
        store.audit(AuditRecord(at=NOW, actor="x", kind="read"))
    notary.checkpoint()
    claim(store, ID, actor="kim", now=NOW)
    data = made(store)
    proof = json.loads(read_archive(data)["audit.json"])["proof"]
    assert [(p["after"], len(p["contents"])) for p in proof] == [(0, 1), (51, 2)], "the fifty between are not needed"
    assert verify(data, KEY.public).good


def test_a_checkpoint_of_somebody_else_is_passed_over() -> None:
    store = stored(make_case())
    Notary(store, read_private(new_key()), None, lambda: NOW).checkpoint()
    assert verify(made(store), KEY.public).good


def test_a_journal_that_was_changed_is_seen_in_the_bundle() -> None:
    store = stored(make_case())
    refuse(store, ID, actor="kim", now=NOW, reason="no")
    raw = store._database.engine.raw_connection()  # type: ignore[attr-defined]
    raw.execute("UPDATE events SET actor = 'max' WHERE kind = 'refused'")
    raw.commit()
    raw.close()
    assert not check_store(store, None, None).good
    assert "decisions.json is not the journal that the log tells of" in failed(verify(made(store), KEY.public))


def test_facts_that_were_changed_in_the_database_are_seen() -> None:
    store = stored(make_case())
    raw = store._database.engine.raw_connection()  # type: ignore[attr-defined]
    raw.execute("UPDATE cases SET verdict = replace(verdict, 'verify', 'forward')")
    raw.commit()
    raw.close()
    assert "verdict.json is not what the log says was stored" in failed(verify(made(store), KEY.public))


def test_another_message_than_the_one_that_was_accepted() -> None:
    store = stored()
    event = CaseEvent(case_id=ID, at=NOW, actor="edrguard", kind="opened", data={"sha256": "00" * 32})
    store.open_case(make_case(), event)
    assert "it is not the message that the log says was accepted" in failed(verify(made(store), KEY.public))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("salt = 7 WHERE seq = 1", "entry 1 of the audit log is damaged"),
        ("data = 'x' WHERE seq = 1", "entry 1 of the audit log is damaged"),
        ("data = 'x' WHERE seq = 2", "the audit log is damaged behind entry 1"),
        ("actor = 'y' WHERE seq = 2", "the audit log is damaged behind entry 1"),
    ],
)
def test_a_damaged_log_is_not_signed_over(change: str, says: str) -> None:
    store = stored(make_case())
    store.audit(AuditRecord(at=NOW, actor="x", kind="read"))
    raw = store._database.engine.raw_connection()  # type: ignore[attr-defined]
    raw.execute("DROP TRIGGER audit_no_update")
    raw.execute(f"UPDATE audit SET {change}")
    raw.commit()
    raw.close()
    with pytest.raises(InputError, match=says):
        made(store)


def test_a_spool_that_does_not_answer() -> None:
    store = stored(make_case(spool="elsewhere"))
    with pytest.raises(StoreError):
        made(store)


FILES = read_archive(made(stored(make_case())))


def sealed(files: dict[str, bytes], manifest: Any = None, key: Any = KEY) -> bytes:
    """With hashes and a signature of the real key: what the node itself would have to have done."""
    files = {n: c for n, c in files.items() if n not in (MANIFEST_NAME, SIGNATURE)}
    if manifest is None:
        listed = {n: {"sha256": hashlib.sha256(c).hexdigest(), "size": len(c)} for n, c in files.items()}
        manifest = {**json.loads(FILES[MANIFEST_NAME]), "files": listed}
    octets = manifest if isinstance(manifest, bytes) else readable(manifest)
    return write_archive({**files, MANIFEST_NAME: octets, SIGNATURE: key.sign(MANIFEST + octets).encode()})


def test_sealing_works() -> None:
    assert verify(sealed(FILES), KEY.public).good


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("audit.json", b"[]", "it is not what a bundle holds"),
        ("audit.json", b'{"entries": [], "proof": []}', "the last entry is not the making of a bundle"),
        ("audit.json", b'{"entries": [], "entries": [], "proof": []}', "a name stands twice"),
        ("audit.json", b"[" * 100_000, "is not JSON"),
        ("audit.json", b'{"entries": [{"seq": 1}], "proof": []}', "not an entry of the audit log"),
        ("decisions.json", b"[1]", "not a stored CaseEvent"),
        ("case.json", b"{}", "it is not what a bundle holds"),
        ("node.json", b"{}", "it is not what a bundle holds"),
        ("facts.json", b"\xff\xfe", "it is not what a bundle holds"),
        ("verdict.json", b"NaN", "verdict.json is not what the log says was stored"),
        ("rules.json", b'[{"place": 0, "folder": "..", "name": "../../x.yml", "text": ""}]', "is not the rule set"),
        ("public-key.pem", b"-----BEGIN", "not a public key in PEM"),
        ("dns.json", b"[]", "dns.json does not agree with facts.json"),
    ],
)
def test_hostile_contents_get_an_answer(name: str, content: bytes, says: str) -> None:
    answer = verify(sealed({**FILES, name: content}), KEY.public)
    assert not answer.good
    assert any(says in text for text in failed(answer)), failed(answer)


@pytest.mark.parametrize(
    ("manifest", "says"),
    [
        (b"[]", "the manifest is not of the format"),
        (b"{", "manifest.json is not JSON"),
        ({"format": "edrguard evidence 2", "files": {}}, "the manifest is not of the format"),
        ({"format": "edrguard evidence 1", "files": {"ghost": {}}}, "the manifest lists ghost, and it is not there"),
        ({"format": "edrguard evidence 1", "files": {}}, "facts.json is not in the manifest"),
    ],
)
def test_hostile_manifests(manifest: Any, says: str) -> None:
    answer = verify(sealed(FILES, manifest), KEY.public)
    assert any(says in text for text in failed(answer)), failed(answer)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_is_missing(name: str) -> None:
    answer = verify(write_archive({n: c for n, c in FILES.items() if n != name}), KEY.public)
    assert any(name in text for text in failed(answer)), failed(answer)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(name=st.sampled_from(sorted(FILES)), at=st.integers(0, 1 << 16), bit=st.integers(0, 7))
def test_one_bit_is_enough(name: str, at: int, bit: int) -> None:
    content = bytearray(FILES[name])
    content[at % len(content)] ^= 1 << bit
    answer = verify(write_archive({**FILES, name: bytes(content)}), KEY.public)
    assert not answer.good


@pytest.mark.parametrize("at", range(1, 90))
def test_one_bit_of_the_signature_is_enough(at: int) -> None:
    for bit in range(8):
        content = bytearray(FILES[SIGNATURE])
        content[-at % len(content)] ^= 1 << bit
        assert not verify(write_archive({**FILES, SIGNATURE: bytes(content)}), KEY.public).good


def test_a_bundle_under_a_rotated_key() -> None:
    store = stored(make_case())
    old_bundle = made(store)
    second, third = read_private(new_key()), read_private(new_key())
    Notary(store, KEY, None, lambda: NOW).rotate(second, "kim", {})
    claim(store, ID, actor="kim", now=NOW)
    Notary(store, second, None, lambda: NOW).rotate(third, "kim", {})
    data = made(store, third)
    for known in (KEY, second, third):
        answer = verify(data, known.public)
        assert answer.good, failed(answer)
    assert any("vouches for it" in c.text for c in verify(data, KEY.public).checks)
    assert verify(old_bundle, KEY.public).good, "bundles of before stay good"
    assert failed(verify(old_bundle, third.public)) == [f"signed by another key than {third.public.id}"]
    stranger = read_private(new_key()).public
    (said,) = failed(verify(data, stranger))
    assert said.startswith(f"signed by another key than {stranger.id}")


def test_a_chain_of_keys_that_was_made_up() -> None:
    """Whoever has the bundle but not the old key cannot hang a key of their own on it."""
    store = stored(make_case())
    second, thief = read_private(new_key()), read_private(new_key())
    Notary(store, KEY, None, lambda: NOW).rotate(second, "kim", {})
    files = dict(read_archive(made(store, second)))
    (told,) = json.loads(files["keys.json"])
    forged = {**told, "key": thief.public.plain}
    for keys in ([forged], [{**forged, "signature": thief.sign(b"x")}], [told, forged], [told, told], [], {}, [1]):
        changed = {**files, "keys.json": readable(keys), "public-key.pem": thief.public.pem.encode()}
        manifest = json.loads(files[MANIFEST_NAME])
        manifest["key"] = thief.public.id
        for name in ("keys.json", "public-key.pem"):
            octets = changed[name]
            manifest["files"][name] = {"sha256": hashlib.sha256(octets).hexdigest(), "size": len(octets)}
        changed[MANIFEST_NAME] = readable(manifest)
        changed[SIGNATURE] = thief.sign(MANIFEST + changed[MANIFEST_NAME]).encode() + b"\n"
        assert not verify(write_archive(changed), KEY.public).good
        assert not verify(write_archive(changed)).good, "nor without a key that is known"


def test_somebody_elses_bundle() -> None:
    store = stored(make_case())
    other = read_private(new_key())
    data = made(store, other)
    assert verify(data).good
    assert "only the bundle itself vouches for this key" in notes(verify(data))
    assert failed(verify(data, KEY.public)) == [f"signed by another key than {KEY.public.id}"]


@pytest.fixture
def config(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "edrguard.yml"
    path.write_text(
        f"storage: {{url: 'sqlite:///{tmp_path}/e.db', spool: {tmp_path}/spool}}\nagencies: {{starter: false}}\n"
    )
    yield path


def test_rules_that_were_kept_judge_again(config: Path) -> None:
    from edrguard.model import codec
    from edrguard.node.auditing import rule_texts
    from edrguard.node.config import load_config
    from edrguard.node.sources import make_ruleset
    from edrguard.pipeline import judge

    ruleset = make_ruleset(load_config(config))
    verdict = judge(make_facts(), ruleset)

    def bundle(change: Callable[[str], str] = lambda text: text) -> Answer:
        store = stored(make_case(verdict=change(codec.dump(verdict))))
        store.keep_rules(ruleset.version, rule_texts(ruleset), NOW)
        return verify(made(store), KEY.public)

    answer = bundle()
    assert answer.good, failed(answer)
    assert f"{verdict.disposition.value}, risk {verdict.risk:.1f}: judged anew, the same" in str(answer.checks)
    other = bundle(lambda text: text.replace(f'"disposition":"{verdict.disposition.value}"', '"disposition":"defer"'))
    assert any(text.startswith("was defer") for text in failed(other))


def test_a_case_that_was_redacted_says_so() -> None:
    store = stored(make_case())
    refuse(store, ID, actor="kim", now=NOW, reason="a name that has to go")
    raw = store._database.engine.raw_connection()  # type: ignore[attr-defined]
    raw.execute("UPDATE events SET data = '{}' WHERE kind = 'refused'")
    raw.commit()
    raw.close()
    store.add_event(
        CaseEvent(case_id=ID, at=NOW, actor="edrguard", kind="redacted", data={"reason": "its time is over"})
    )
    answer = verify(made(store), KEY.public)
    assert answer.good, failed(answer)
    assert "2 lines of decisions.json were redacted since" in notes(answer)
