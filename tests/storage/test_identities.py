"""Identities, ceremonies, keys, tokens, and followers of events: one behaviour for every back end."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

from edrguard.model.hooks import Follower
from edrguard.model.identity import ApiToken, Ceremony, Identity, Passkey
from edrguard.model.words import Role
from tests.storage.values import NOW, at, case, event

ISSUER = "https://id.corp.example"


def identity(subject: str = "s-1", user: str = "kim") -> Identity:
    return Identity(issuer=ISSUER, subject=subject, user=user, linked_at=NOW, seen_at=NOW)


def ceremony(key: str = "k", minutes: float = 0) -> Ceremony:
    return Ceremony(key=key, kind="oidc", user="", data='{"a":1}', created_at=at(minutes))


def test_a_pair_of_issuer_and_subject_opens_one_account(store: Any) -> None:
    assert store.identity(ISSUER, "s-1") is None
    assert store.link(identity())
    assert not store.link(identity(user="mallory")), "a pair that is linked stays where it is"
    assert store.identity(ISSUER, "s-1") == identity()
    assert store.identity("https://other.example", "s-1") is None
    store.touch_identity(ISSUER, "s-1", at(5))
    assert store.identities("kim") == [replace(identity(), seen_at=at(5))]
    assert store.unlink("kim") == 1
    assert store.identities("kim") == []


def test_a_ceremony_is_taken_once_whoever_asks_at_once(store: Any) -> None:
    assert store.begin_ceremony(ceremony(), at(-10), 100)
    with ThreadPoolExecutor(8) as pool:
        taken = [c for c in pool.map(lambda _: store.take_ceremony("k"), range(16)) if c]
    assert taken == [ceremony()]


def test_ceremonies_are_bounded_and_forgotten(store: Any) -> None:
    assert store.begin_ceremony(ceremony("old"), at(-10), 2)
    assert store.begin_ceremony(ceremony("new", 5), at(-5), 2)
    assert not store.begin_ceremony(ceremony("more", 5), at(-5), 2)
    assert store.begin_ceremony(ceremony("more", 11), at(1), 2)
    assert store.take_ceremony("old") is None


def test_a_sign_count_is_raised_once(store: Any) -> None:
    key = Passkey(id="A" * 1300, user="kim", label="blue", public_key="pk", sign_count=3, created_at=NOW)
    assert store.add_passkey(key)
    assert not store.add_passkey(replace(key, user="mallory"))
    assert store.passkey(key.id) == key
    assert store.use_passkey(key.id, 3, 4, at(1))
    assert not store.use_passkey(key.id, 3, 5, at(1)), "somebody used it meanwhile"
    assert store.passkeys("kim") == [replace(key, sign_count=4, used_at=at(1))]
    assert not store.remove_passkey("mallory", key.id)
    assert store.remove_passkey("kim", key.id)
    assert store.passkey(key.id) is None


def test_tokens(store: Any) -> None:
    token = ApiToken(
        id="t1",
        user="jira",
        digest="d",
        roles=(Role.AUDITOR, Role.REVIEWER),
        created_at=NOW,
        expires_at=NOW + timedelta(days=90),
        note="tickets",
    )
    store.add_token(token)
    assert store.token("t1") == token
    assert store.tokens("jira") == [token] == store.tokens()
    assert store.tokens("kim") == []
    store.touch_token("t1", at(1))
    assert store.revoke_token("t1", at(2))
    assert not store.revoke_token("t1", at(3))
    assert not store.revoke_token("none", at(3))
    assert store.token("t1") == replace(token, used_at=at(1), revoked_at=at(2))


def test_who_follows_misses_nothing_and_is_told_nothing_old(store: Any) -> None:
    store.open_case(case(), event())
    follower = store.follower("jira")
    assert store.events_after(follower.seq, 10) == []
    store.add_event(event("claimed", "2026-1", 1))
    store.add_event(event("released", "2026-1", 2))
    (first, one), (second, two) = store.events_after(follower.seq, 10)
    assert [one.kind, two.kind] == ["claimed", "released"]
    assert first < second
    failed = replace(follower, tries=2, first_try=NOW, next_try=at(1), error="503")
    store.save_follower(failed)
    assert store.follower("jira") == failed
    store.save_follower(Follower(name="jira", seq=first))
    assert [e.kind for _, e in store.events_after(store.follower("jira").seq, 10)] == ["released"]
