"""The console's pages: what is on them, in which order, and behind which walls."""

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from edrguard.console import ConsoleSettings
from edrguard.console.cases import QUEUE_POLICY
from edrguard.model.document import Signature
from edrguard.model.errors import ConfigError, StoreError
from edrguard.model.words import CaseState, Disposition, Result
from edrguard.review import Outcome, call_back, claim
from tests.console.asgi import HASH, Browser, World, get, stored
from tests.review.fakes import NOW, make_case, make_facts
from tests.support.builders import document

CSP = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


CALM = make_facts(request=None)


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("&#39;", "'").split())


def test_the_queue_puts_the_urgent_first_with_its_clock() -> None:
    store = stored(
        make_case(CALM, id="2026-1", urgent=False, risk=99.0, opened_at=NOW - timedelta(hours=27)),
        make_case(id="2026-2", urgent=True, risk=1.0, held=False, disposition=Disposition.VERIFY),
        make_case(id="2026-3", state=CaseState.REFUSED),
    )
    page = get(store, "/").body
    assert page.index("/cases/2026-2") < page.index("/cases/2026-1")
    assert "2026-3" not in page
    assert "2 cases waiting, 1 urgent" in text(page)
    assert "0:40" in page
    assert "1 d 3:00" in page
    assert "delivered, call back before releasing data" in page
    assert '<meta http-equiv="refresh"' in page
    everything = get(store, "/?tab=all").body
    assert "2026-3" in everything


def test_an_empty_queue_says_so() -> None:
    assert "Nothing waits." in get(stored(), "/").body


def test_the_queue_goes_on() -> None:
    store = stored(*(make_case(id=f"2026-{n}", risk=100.0 - n) for n in range(1, 61)))
    browser = World(store).browser()
    first = browser.get("/").body
    assert "/cases/2026-50" in first
    assert "/cases/2026-51" not in first
    onward = re.search(r'href="(/\?behind=[^"]+)"', first)
    assert onward
    second = browser.get(onward[1]).body
    assert "/cases/2026-51" in second
    assert "/cases/2026-50" not in second
    everything = browser.get("/?tab=all").body
    onward = re.search(r'href="(/\?tab=all&amp;behind=[^"]+|/\?tab=all&behind=[^"]+)"', everything)
    assert onward
    more = browser.get(onward[1].replace("&amp;", "&")).body
    assert more.count("/cases/2026-") == 10


@pytest.mark.parametrize(
    "behind", ["0", "x" * 9999, "W10", "WzEsMiwzXQ", "bnVsbA", "eyJhIjoxfQ", "%00", "WzEsMiwzLDFlOTk5LCJ4Il0"]
)
def test_odd_places_show_the_first_page(behind: str) -> None:
    answer = get(stored(make_case()), f"/?behind={behind}")
    assert answer.status == 200
    assert "2026-1187" in answer.body


def test_a_case_is_found_by_its_number() -> None:
    browser = World(stored(make_case())).browser()
    answer = browser.get("/?case=2026-1187")
    assert (answer.status, answer.headers["location"]) == (303, "/cases/2026-1187")
    assert "There is no case 2026-9." in browser.get("/?case=2026-9").text


def test_what_is_only_claimed_is_not_shown_as_the_agency() -> None:
    facts = make_facts()
    forged = make_facts(auth=replace(facts.auth, dmarc=replace(facts.auth.dmarc, result=Result.FAIL)))
    page = get(stored(make_case(forged)), "/").text
    assert "says it is, not proven: City X Sheriff's Office" in page


def test_a_case_page_in_the_order_of_need() -> None:
    store = stored(make_case())
    claim(store, "2026-1187", actor="m.keller", now=NOW)
    page = text(get(store, "/cases/2026-1187", zone="Europe/Berlin").body)
    order = [
        "City X Sheriff's Office (US) asks for traffic data, and says that a life is in danger",
        "waiting 0:40",
        "answer due in 20 min (24 Nov 2026 03:30 CET)",
        "m.keller",
        "Call +1 614 555 0100 (directory, switchboard, official site, checked 1 Oct 2026)",
        "+1 614 555 0199",
        "from this message: do not call",
        "There it is now Monday 21:10 EST",
        "Which number did you call?",
        "A known agency, but unlike anything",
        "Release without a confirmation",
        "Refuse",
        "Who is asking The message says",
        "outside the author's organisation ≠ differs",
        "What is asked What is asked",
        "jane.roe@mail.example",
        "18 U.S.C. 2702(b)(8) (US)",
        "Missing name of a supervisor",
        "What we know of this officer",
        "No call-back speaks for this message",
        "AS64510 Hosting",
        "Related cases",
        "Sir or Madam",
        "request.pdf",
        "REPLY_TO_FOREIGN",
        "forged-agency",
        "v=DMARC1; p=reject",
        "What happened so far",
    ]
    places = [page.replace("&#39;", "'").find(part) for part in order]
    assert -1 not in places, [p for p, at in zip(order, places, strict=True) if at < 0]
    assert places == sorted(places)


def test_calls_are_shown_with_who_said_what() -> None:
    store = stored(make_case())
    how = {"actor": "m.keller", "now": NOW, "confirmed_by": "Sgt. Poe"}
    number = {"number": "+16145550100", "source": "directory"}
    call_back(store, lambda _: True, "2026-1187", outcome=Outcome.CONFIRMED, **number, **how)
    page = text(get(store, "/cases/2026-1187").body)
    assert "confirmed by Sgt. Poe , +16145550100 (directory), 24 Nov 2026 02:10 UTC, called by m.keller" in page
    assert "Confirmed by Sgt. Poe on 24 Nov 2026" in page


def test_an_attachment_is_told_in_words() -> None:
    order = document(
        signatures=(Signature(kind="pades", state="broken", reason="what was signed is not what is here"),),
        links=("javascript:alert(1)",),
        modifier="<script>x</script>",
    )
    page = get(stored(make_case(make_facts(documents=(order,)))), "/cases/2026-1187").body
    assert "what was signed is not what is here" in page
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert 'href="javascript' not in page


def test_every_disclosure_is_folded_but_the_log() -> None:
    page = get(stored(make_case()), "/cases/2026-1187").body
    assert page.count("<details>") >= 6
    assert page.count("<details open>") == 1


@pytest.mark.parametrize(
    "case",
    [
        make_case(facts="", verdict=""),
        make_case(facts='{"version":1}', verdict="[]"),
        make_case(make_facts(agency=None, request=None, history=None, documents=(), network=None)),
        make_case(state=CaseState.RELEASED),
        make_case(author="", subject="", agency_id=None),
    ],
    ids=["no-facts", "broken-facts", "bare-facts", "released", "no-author"],
)
def test_a_case_page_needs_nothing(case: object) -> None:
    answer = get(stored(case), "/cases/2026-1187")  # type: ignore[arg-type]
    assert answer.status == 200
    assert "2026-1187" in answer.body


@pytest.mark.parametrize("path", ["/cases/2026-9", "/cases/" + "x" * 500, "/nothing", "/cases/", "/static/../app.py"])
def test_what_is_not_there(path: str) -> None:
    answer = get(stored(make_case()), path)
    assert answer.status == 404
    assert "x" * 100 not in answer.body


def test_a_store_that_fails_is_503(monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored(make_case())
    browser = World(store).browser()

    def broken(*_: object, **__: object) -> None:
        raise StoreError("the disk is gone")

    for name in ("queue", "case"):
        monkeypatch.setattr(store, name, broken)
    for path in ("/", "/cases/2026-1187"):
        answer = browser.get(path)
        assert answer.status == 503
        assert "does not answer" in answer.body
        assert answer.headers["content-security-policy"] == CSP


def test_our_own_fault_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    store = stored()
    browser = World(store).browser()

    def bug(*_: object, **__: object) -> None:
        raise RuntimeError("secret /etc/x detail")

    monkeypatch.setattr(store, "queue", bug)
    answer = browser.get("/")
    assert answer.status == 500
    assert "secret" not in answer.body
    assert answer.headers["content-security-policy"] == CSP


@pytest.mark.parametrize(
    "path", ["/", "/cases/2026-1187", "/cases/none", "/static/edrguard.css", "/nothing", "/sign-in"]
)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_answer_has_walls(path: str, signed_in: bool) -> None:
    world = World(stored(make_case()))
    headers = (world.browser() if signed_in else Browser(world.app)).get(path).headers
    assert headers["content-security-policy"] == (QUEUE_POLICY if path == "/" and signed_in else CSP)
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    if path != "/static/edrguard.css":
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_looking_changes_nothing(method: str) -> None:
    browser = World(stored(make_case())).browser()
    for path in ("/", "/cases/2026-1187", "/cases/2026-1187/message"):
        expected = 404 if method == "POST" and path.endswith("message") else 405
        assert asyncio.run(browser.ask(method, path, browser.hidden("/cases/2026-1187"))).status in (expected, 405)


def test_the_style_sheet_needs_no_sign_in_and_is_found() -> None:
    stranger = Browser(World(stored()).app)
    href = re.search(r'<link rel="stylesheet" href="([^"]+)"', stranger.get("/sign-in").body)
    assert href is not None
    answer = stranger.get(href[1])
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "prefers-color-scheme: dark" in answer.body
    assert "url(" not in answer.body
    assert "@import" not in answer.body


@pytest.mark.parametrize("path", ["/", "/cases/2026-1187"])
def test_pages_refer_to_nothing_outside(path: str) -> None:
    page = get(stored(make_case()), path).body
    assert re.findall(r'(?:src|href|action)="(?![/#])([^"]*)"', page) == []
    scripts = re.findall(r"<script[^>]*>", page)
    assert [s for s in scripts if not re.fullmatch(r'<script src="/static/queue\.js\?\w+" defer>', s)] == []
    assert len(scripts) == (1 if path == "/" else 0)
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)


def test_an_unknown_zone_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match="Europe/Atlantis"):
        World(stored(), ConsoleSettings(HASH, timezone="Europe/Atlantis"))
