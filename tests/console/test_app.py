"""The console's pages: what is on them, in which order, and behind which walls."""

import asyncio
import re
from datetime import timedelta

import pytest

from edrguard.console import ConsoleSettings, create_app
from edrguard.model.document import Signature
from edrguard.model.errors import ConfigError
from edrguard.model.words import CaseState, Disposition
from edrguard.review import Outcome, call_back, claim
from tests.console.asgi import HASH, ask, basic, get
from tests.review.fakes import NOW, FakeStore, make_case, make_facts
from tests.support.builders import document

CSP = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_queue_puts_the_urgent_first_with_its_clock() -> None:
    store = FakeStore(
        make_case(id="2026-1", urgent=False, risk=99.0, opened_at=NOW - timedelta(hours=27)),
        make_case(id="2026-2", urgent=True, risk=1.0, held=False, disposition=Disposition.VERIFY),
        make_case(id="2026-3", state=CaseState.REFUSED),
    )
    page = get(store, "/").body
    assert page.index("2026-2") < page.index("2026-1")
    assert "2026-3" not in page
    assert "2 cases waiting, 1 urgent" in text(page)
    assert "0:40" in page
    assert "1 d 3:00" in page
    assert "delivered, call back before releasing data" in page
    assert '<meta http-equiv="refresh"' in page
    everything = get(store, "/?all=1").body
    assert "2026-3" in everything


def test_an_empty_queue_says_so() -> None:
    assert "Nothing waits." in get(FakeStore(), "/").body


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [("", "/cases/2026-50", "/cases/2026-51"), ("?page=2", "/cases/2026-51", "/cases/2026-50")],
)
def test_the_queue_goes_on(query: str, shown: str, hidden: str) -> None:
    store = FakeStore(*(make_case(id=f"2026-{n}", risk=100.0 - n) for n in range(1, 61)))
    page = get(store, f"/{query}").body
    assert f'"{shown}"' in page
    assert f'"{hidden}"' not in page


@pytest.mark.parametrize("page", ["0", "-1", "x", "9" * 30, "²"])
def test_odd_page_numbers_are_harmless(page: str) -> None:
    from urllib.parse import quote

    assert get(FakeStore(make_case()), f"/?page={quote(page)}").status == 200


def test_a_case_page_in_the_order_of_need() -> None:
    store = FakeStore(make_case())
    claim(store, "2026-1187", actor="m.keller", now=NOW)
    page = text(get(store, "/cases/2026-1187", zone="Europe/Berlin").body)
    order = [
        "City X Sheriff's Office (US) asks for traffic data, and says that a life is in danger",
        "waiting 0:40",
        "m.keller",
        "Call +1 614 555 0100 (directory, switchboard, official site, checked 1 Oct 2026)",
        "+1 614 555 0199",
        "from this message: do not call",
        "There it is now Monday 21:10 EST",
        "A known agency, but unlike anything",
        "Who is asking",
        "outside the author's organisation differs",
        "What is asked",
        "jane.roe@mail.example",
        "18 U.S.C. 2702(b)(8) (US)",
        "in 20 min (24 Nov 2026 03:30 CET)",
        "Missing supervisor",
        "What we know of this officer",
        "Never confirmed by a call-back",
        "AS64510 Hosting",
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
    store = FakeStore(make_case())
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
    page = get(FakeStore(make_case(make_facts(documents=(order,)))), "/cases/2026-1187").body
    assert "what was signed is not what is here" in page
    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert 'href="javascript' not in page


def test_every_disclosure_is_folded_but_the_log() -> None:
    page = get(FakeStore(make_case()), "/cases/2026-1187").body
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
    answer = get(FakeStore(case), "/cases/2026-1187")  # type: ignore[arg-type]
    assert answer.status == 200
    assert "2026-1187" in answer.body


@pytest.mark.parametrize("path", ["/cases/2026-9", "/cases/" + "x" * 500, "/nothing", "/cases/", "/static/../app.py"])
def test_what_is_not_there(path: str) -> None:
    answer = get(FakeStore(make_case()), path)
    assert answer.status == 404
    assert "x" * 100 not in answer.body


def test_a_store_that_fails_is_503() -> None:
    store = FakeStore(make_case())
    store.broken = {"cases", "case"}
    for path in ("/", "/cases/2026-1187"):
        answer = get(store, path)
        assert answer.status == 503
        assert "does not answer" in answer.body
        assert answer.headers["content-security-policy"] == CSP


def test_our_own_fault_tells_nothing() -> None:
    class Bug(FakeStore):
        def cases(self, *args: object, **kwargs: object) -> list[object]:  # type: ignore[override]
            raise RuntimeError("secret /etc/x detail")

    answer = get(Bug(), "/")
    assert answer.status == 500
    assert "secret" not in answer.body
    assert answer.headers["content-security-policy"] == CSP


@pytest.mark.parametrize("path", ["/", "/cases/2026-1187", "/cases/none", "/static/edrguard.css", "/nothing"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_answer_has_walls(path: str, signed_in: bool) -> None:
    headers = get(FakeStore(make_case()), path, None if signed_in else "").headers
    assert headers["content-security-policy"] == CSP
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    if path != "/static/edrguard.css":
        assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_is_read_only(method: str) -> None:
    app = create_app(FakeStore(make_case()), ConsoleSettings(HASH))
    for path in ("/", "/cases/2026-1187"):
        assert asyncio.run(ask(app, path, auth=basic(), method=method)).status == 405


def test_the_style_sheet_needs_no_sign_in_and_is_found() -> None:
    store = FakeStore()
    href = re.search(r'<link rel="stylesheet" href="([^"]+)"', get(store, "/").body)
    assert href is not None
    answer = get(store, href[1], "")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "prefers-color-scheme: dark" in answer.body
    assert "url(" not in answer.body
    assert "@import" not in answer.body


@pytest.mark.parametrize("path", ["/", "/cases/2026-1187"])
def test_pages_refer_to_nothing_outside(path: str) -> None:
    page = get(FakeStore(make_case()), path).body
    assert re.findall(r'(?:src|href|action)="(?!/)([^"]*)"', page) == []
    assert "<script" not in page
    assert "style=" not in page
    assert not re.search(r"\son\w+=", page)


def test_an_unknown_zone_is_a_fault_of_the_configuration() -> None:
    with pytest.raises(ConfigError, match="Europe/Atlantis"):
        create_app(FakeStore(), ConsoleSettings(HASH, timezone="Europe/Atlantis"))
