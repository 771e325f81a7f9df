"""A hostile message in every place where a case page shows something of it."""

import json
import re
from dataclasses import fields, is_dataclass, replace
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest

from edrguard.console.text import visible
from edrguard.model.hijack import Hijack
from edrguard.model.message import Field, ParsedMessage
from edrguard.model.words import Scope
from edrguard.review import Outcome, call_back
from tests.console.asgi import get, stored
from tests.review.fakes import NOW, VERDICT, make_case, make_facts
from tests.review.test_figures import tally
from tests.storage.values import observation

ATTACKS = [
    "<script>alert(1)</script>",
    "</pre><img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "javascript:alert(1)",
    "{{ 7*7 }}{% include 'x' %}",
    "<meta http-equiv=refresh content=0;url=//evil.test>",
    "<style>*{display:none}</style><base href=//evil.test>",
    "</title><plaintext>",
    "<!--",
    "&#60;script&#62;",
    "\u202e\u2066txt.exe\u200b\x00\x1b[2J\ud800",
]

#: Everything that our templates use; anything else came out of the message.
TAG_WORDS = """html head meta title link body header main section h1 h2 h3 p a span strong small br hr table thead tbody
    tr th td ul ol li bdi s code pre details summary div nav form input button label textarea select option fieldset
    legend figure figcaption svg rect line text"""
ATTRIBUTE_WORDS = """lang charset name content http-equiv rel href class id aria-labelledby aria-label aria-current aria-hidden scope
    value open title method action type for rows required checked minlength maxlength autocomplete placeholder size
    tabindex role data-label viewbox preserveaspectratio width height x y x1 y1 x2 y2"""
KEY_WORDS = """disposition risk urgent rules id because then just_missed findings symbol group weight says evidence
    where observed expected error network hour"""
TAGS, ATTRIBUTES, KEYS = set(TAG_WORDS.split()), set(ATTRIBUTE_WORDS.split()), set(KEY_WORDS.split())


class Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")


def poison(value: Any, attack: str) -> Any:
    """The same value with ``attack`` behind every string in it but those that are closed vocabularies."""
    if isinstance(value, str) and type(value) is str:
        return value + attack
    if isinstance(value, tuple):
        return tuple(poison(v, attack) for v in value)
    if isinstance(value, dict):
        return {poison(k, attack) if k not in KEYS else k: poison(v, attack) for k, v in value.items()}
    if isinstance(value, list):
        return [poison(v, attack) for v in value]
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: poison(getattr(value, f.name), attack) for f in fields(value)})
    return value


def outline(html: str) -> Outline:
    parser = Outline()
    parser.feed(html)
    parser.close()
    return parser


def attack_path(attack: str) -> str:
    return quote(attack, safe="", errors="replace")


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_breaks_out(attack: str) -> None:
    clean = outline(get(stored(make_case()), "/cases/2026-1187").body)
    facts = poison(make_facts(), attack)
    # field names stay what they are, or the message's fields would not be shown at all
    shown = tuple(Field(n, attack) for n in ("From", "Sender", "Reply-To", "To", "Cc", "Date", "Subject"))
    facts = replace(facts, message=replace(facts.message, fields=shown))
    verdict = json.dumps(poison(VERDICT, attack))
    changes = {"author": attack, "subject": attack, "agency_id": attack, "claimed_by": attack}
    store = stored(make_case(facts, verdict=verdict, **changes))
    how = {"number": "+16145550100", "source": attack, "actor": attack + "x", "confirmed_by": attack, "note": attack}
    call_back(store, lambda _: True, "2026-1187", outcome=Outcome.NOT_REACHED, now=NOW, **how)
    how |= {"number": "+1 614 555 0177", "now": NOW}
    call_back(store, lambda _: True, "2026-1187", outcome=Outcome.CONFIRMED, scope=Scope.REQUEST, **how)
    for n in range(5):
        store.observe(observation(f"h{n}", minutes=6000, tally=tally(law=attack, country=attack, kind=attack)))
    report = Hijack(id=0, kind="mailbox", subject=attack, since=NOW.date(), note=attack, actor=attack, at=NOW)
    store.add_hijack(report)
    figures = "/figures?from=2026-11-24&to=2026-11-24"
    for path in (
        "/cases/2026-1187",
        "/",
        "/?tab=all",
        "/hijacked",
        "/hijacked/1",
        figures,
        f"/figures?from={attack_path(attack)}",
    ):
        answer = get(store, path)
        assert answer.status == (422 if path.startswith("/figures") and path != figures else 200)
        seen = outline(answer.body)
        ours = {"noscript", "script"} if path.startswith("/") and path.partition("?")[0] == "/" else set()
        assert set(seen.tags) <= TAGS | ours
        assert re.findall(r"<script[^>]*>", answer.body) == re.findall(
            r'<script src="/static/queue\.js\?\w+" defer>', answer.body
        )
        assert seen.tags.count("script") == len(ours) // 2
        assert {name for name, _ in seen.attributes} <= ATTRIBUTES | (
            {"src", "defer", "data-live", "hidden"} if ours else set()
        )
        links = [value for name, value in seen.attributes if name == "href"]
        assert all(value and value[0] in "/#" for value in links)
        assert "49" not in "".join(v or "" for n, v in seen.attributes if n == "content")
        assert not any(c in answer.body for c in "\u202e\u2066\u200b\x00\x1b\ud800")
        if path.startswith("/cases"):
            assert seen.tags.count("h1") == 1
            assert len(seen.tags) >= len(clean.tags)


def test_a_hostile_case_number_is_escaped_in_links() -> None:
    store = stored(make_case(id='"><script>x'))
    page = get(store, "/").body
    assert re.findall(r"<script[^>]*>", page) == re.findall(r'<script src="/static/queue\.js\?\w+" defer>', page)
    assert outline(page).tags.count("script") == 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a[U+000D]b"),
        ("\u202eevil", "[U+202E]evil"),
        ("z\u200bw", "z[U+200B]w"),
        ("\u2028", "[U+2028]"),
        ("\ud800", "[U+D800]"),
        ("Grüße, 警察", "Grüße, 警察"),
        (7, "7"),
    ],
)
def test_visible(text: object, shown: str) -> None:
    assert visible(text) == shown


def test_visible_is_bounded() -> None:
    assert visible("x" * 100, 10) == "xxxxxxxxxx\n[cut here: 100 characters in all]"


def test_a_huge_message_is_cut() -> None:
    facts = make_facts(message=ParsedMessage(fields=(), text="\u202e" * 250_000, text_truncated=True))
    page = get(stored(make_case(facts)), "/cases/2026-1187").body
    assert len(page) < 1_000_000
    assert "cut here" in page
