"""The forms of a case page: what they do, forged ones, stale ones, and two reviewers at once."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from edrguard.console import ConsoleSettings
from edrguard.model.desk import Risk, Role
from edrguard.model.request import LegalRequest
from edrguard.model.words import CaseState, Disposition, Label, Scope
from edrguard.review import on_hold
from tests.console.asgi import HASH, Browser, World, stored
from tests.review.fakes import make_case, make_facts
from tests.review.test_release import LATER

ID = "2026-1187"
NUMBER = "+1 614 555 0100|directory, switchboard, official site, checked 1 Oct 2026"
WHY = {"reason": "the switchboard knows them"}


def world(case: Any = None, **settings: Any) -> World:
    here = World(stored(case or make_case()), ConsoleSettings(HASH, **settings))
    for name in ("kim", "lee"):
        here.account(name, Role.REVIEWER)
    here.account("max", Role.APPROVER)
    return here


def state(here: World) -> CaseState:
    case = here.store.case(ID)
    assert case
    return case.state


def last(here: World) -> Any:
    return here.store.events(ID)[-1]


def test_from_the_queue_to_a_release() -> None:
    here = world()
    kim = here.browser("kim")
    assert f"/cases/{ID}" in kim.get("/").body
    assert kim.act(ID, "claim").headers["location"] == f"/cases/{ID}?done=claimed"
    assert "You have this case now" in kim.get(f"/cases/{ID}?done=claimed").text
    assert "you have it" in kim.get(f"/cases/{ID}").text
    assert ID in kim.get("/?tab=mine").body
    answer = kim.act(ID, "call-back", outcome="confirmed", number=NUMBER, confirmed_by="Sgt. Poe")
    assert answer.headers["location"].endswith("done=call-confirmed")
    assert last(here).data["source"].startswith("directory, switchboard")
    assert [(r.label, r.actor) for r in here.labels] == [(Label.GENUINE, "kim")]
    page = kim.get(f"/cases/{ID}").text
    assert "optional: the call-back is on record" in page
    assert kim.act(ID, "release").status == 303
    assert state(here) is CaseState.RELEASED
    assert len(here.hop.mails) == 1
    assert (last(here).actor, last(here).kind) == ("kim", "released")


@pytest.mark.parametrize(("field", "scope"), [({}, "request"), ({"scope": "officer"}, "officer")])
def test_a_confirmation_covers_what_the_form_says(field: dict[str, str], scope: str) -> None:
    here = world()
    kim = here.browser("kim")
    assert re.search(r'name="scope" value="request" checked', kim.get(f"/cases/{ID}").body), "the narrower is ticked"
    kim.act(ID, "call-back", outcome="confirmed", number=NUMBER, confirmed_by="Sgt. Poe", **field)
    assert [r.scope for r in here.labels] == [Scope(scope)]
    covers = {"request": "mail about the same targets", "officer": "all mail of this officer"}[scope]
    assert re.search(rf"counts for [^;]*{covers}[^;]* until 2027-02-22", kim.get(f"/cases/{ID}").text)


def test_the_name_on_record_is_the_sessions() -> None:
    here = world()
    here.browser("kim").act(ID, "claim", actor="lee", name="lee", who="lee")
    assert last(here).actor == "kim"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"outcome": "confirmed", "number": NUMBER}, "Say who confirmed it"),
        ({"outcome": "confirmed", "number": "other", "confirmed_by": "x"}, "Say which number you called"),
        (
            {"outcome": "confirmed", "number": "+1 614 555 0177|directory", "confirmed_by": "x"},
            "Choose one of the numbers that are shown",
        ),
        ({"outcome": "maybe", "number": NUMBER}, "Say how the call ended"),
        (
            {"outcome": "confirmed", "number": NUMBER, "confirmed_by": "x", "scope": "everybody"},
            "Say what the confirmation covers",
        ),
        ({"number": NUMBER}, "Say how the call ended"),
        (
            {
                "outcome": "confirmed",
                "number": "other",
                "other_number": "+1 614 555 0199",
                "other_source": "their site",
                "confirmed_by": "Rowe",
            },
            "is the message's own number",
        ),
    ],
)
def test_a_call_that_cannot_be_recorded_says_why_and_keeps_what_was_typed(fields: dict[str, str], words: str) -> None:
    here = world()
    answer = here.browser("kim").act(ID, "call-back", note="she was friendly", **fields)
    assert answer.status == 422
    assert words in answer.text
    if fields.get("outcome"):
        assert "she was friendly" in answer.body
    assert here.labels == []
    assert not any(e.kind == "call-back" for e in here.store.events(ID))


def test_nobody_reached_calls_somebody_else() -> None:
    here = world()
    answer = here.browser("kim").act(ID, "call-back", outcome="not-reached", number=NUMBER)
    assert answer.headers["location"].endswith("done=not-reached-told")
    ((page, _),) = here.store.due_pages(here.now)
    assert "not reached, try 1" in page.text
    assert page.link == f"https://desk.example/cases/{ID}"
    assert "Nobody was reached in 1 call" in here.browser("kim").get(f"/cases/{ID}").text


def test_a_denied_request_is_led_to_a_refusal() -> None:
    here = world()
    kim = here.browser("kim")
    kim.act(ID, "call-back", outcome="denied", number=NUMBER)
    page = kim.get(f"/cases/{ID}").text
    assert "refuse it, and tell the agency" in page
    assert "although the agency denied it" in page
    assert kim.act(ID, "refuse").status == 422
    assert kim.act(ID, "refuse", reason="they never sent it").status == 303
    assert state(here) is CaseState.REFUSED
    assert kim.act(ID, "reopen", reason="wrong case").status == 303
    assert state(here) is CaseState.CLAIMED


def test_two_people_release() -> None:
    here = world(two_person=frozenset({Risk.UNCONFIRMED}))
    kim, lee, max_ = (here.browser(name) for name in ("kim", "lee", "max"))
    assert (
        "Two people have to agree to a release, because no call-back has confirmed it." in kim.get(f"/cases/{ID}").text
    )
    assert kim.act(ID, "release", **WHY).headers["location"].endswith("done=proposed")
    assert "second person wanted" in lee.get("/").text
    assert "You asked for it yourself" in kim.get(f"/cases/{ID}").text
    assert "An approver has to agree" in lee.get(f"/cases/{ID}").text
    for browser in (kim, lee):  # by a form of their own making: reviewers cannot agree
        assert browser.act(ID, "release", **WHY).status == 403
    assert here.hop.mails == []
    assert "Agree to the release" in max_.get(f"/cases/{ID}").text
    assert max_.act(ID, "release").headers["location"].endswith("done=released")
    assert len(here.hop.mails) == 1
    assert last(here).data == {"first": "kim"}


def test_an_approver_is_not_their_own_second() -> None:
    here = world(two_person=frozenset({Risk.UNCONFIRMED}))
    max_ = here.browser("max")
    max_.act(ID, "release", **WHY)
    answer = max_.act(ID, "release", **WHY)
    assert (answer.status, here.hop.mails) == (422, [])
    assert "somebody else has to agree" in answer.text
    assert max_.act(ID, "withdraw").status == 303
    assert state(here) is CaseState.CLAIMED


def test_breaking_the_glass() -> None:
    here = world(two_person=frozenset({Risk.UNCONFIRMED}))
    kim = here.browser("kim")
    assert "no second person is there" in kim.get(f"/cases/{ID}").text
    assert kim.act(ID, "release", break_glass="yes", reason="now").status == 422
    reason = "the girl is on the bridge, max does not answer"
    assert kim.act(ID, "release", break_glass="yes", reason=reason).headers["location"].endswith("done=glass")
    assert len(here.hop.mails) == 1
    assert any("released case 2026-1187 alone" in page.text for page, _ in here.store.due_pages(here.now))
    here = world(two_person=frozenset({Risk.UNCONFIRMED}))
    kim = here.browser("kim")
    kim.act(ID, "release", **WHY)  # asked for, and nobody comes
    assert "no second person is there" in kim.get(f"/cases/{ID}").text
    assert kim.act(ID, "release", break_glass="yes", reason=reason).headers["location"].endswith("done=glass")
    assert len(here.hop.mails) == 1
    calm = make_case(make_facts(request=LegalRequest()))
    here = world(calm, two_person=frozenset({Risk.UNCONFIRMED}))
    kim = here.browser("kim")
    assert "no second person is there" not in kim.get(f"/cases/{ID}").text
    assert kim.act(ID, "release", break_glass="yes", reason=reason).status == 422
    assert here.hop.mails == []


def test_labels_holds_and_giving_back() -> None:
    here = world()
    kim = here.browser("kim")
    kim.act(ID, "claim")
    assert kim.act(ID, "give-back").status == 303
    assert state(here) is CaseState.OPEN
    assert kim.act(ID, "label", label="fraud", by="document", note="pasted seal").status == 303
    assert here.labels[-1].label is Label.FRAUD
    assert kim.act(ID, "label", label="genuine", by="call-back").status == 422
    assert kim.act(ID, "label", label="nonsense").status == 422
    assert kim.act(ID, "hold", reason="litigation").status == 303
    assert on_hold(here.store.events(ID))
    assert "legal hold On legal hold since" in kim.get(f"/cases/{ID}").text
    assert kim.act(ID, "hold", reason="settled", lift="yes").status == 303


def test_two_reviewers_at_once_and_one_of_them_hears_it() -> None:
    here = world()
    kim, lee = here.browser("kim"), here.browser("lee")
    seen = {name: browser.hidden(f"/cases/{ID}") for name, browser in (("kim", kim), ("lee", lee))}
    assert kim.act(ID, "refuse", seen["kim"], reason="forged").status == 303
    answer = lee.act(ID, "release", seen["lee"], reason="I typed this for ten minutes")
    assert answer.status == 409
    assert "Somebody else changed this case while you were reading it" in answer.text
    assert "I typed this for ten minutes" in answer.body
    assert (state(here), here.hop.mails) == (CaseState.REFUSED, [])


def test_ten_releases_at_once_send_one_mail() -> None:
    here = world()
    kim = here.browser("kim")
    fields = {**kim.hidden(f"/cases/{ID}"), **WHY}

    async def race() -> list[int]:
        browsers = [replace(kim) for _ in range(10)]
        answers = await asyncio.gather(*(b.ask("POST", f"/cases/{ID}/release", fields) for b in browsers))
        return sorted(answer.status for answer in answers)

    found = asyncio.run(race())
    assert found.count(303) == 1
    assert set(found) <= {303, 409, 422}
    assert len(here.hop.mails) == 1


def test_taking_over_is_explicit() -> None:
    here = world()
    here.browser("kim").act(ID, "claim")
    lee = here.browser("lee")
    assert "Take it over from kim" in lee.get(f"/cases/{ID}").text
    assert "is being worked on by kim" in lee.act(ID, "claim").text
    assert lee.act(ID, "claim", take_over="yes").status == 303
    assert last(here).data == {"from": "kim"}


def test_a_next_hop_that_is_down_changes_nothing() -> None:
    here = world()
    here.hop.data_reply = LATER
    answer = here.browser("kim").act(ID, "release", **WHY)
    assert answer.status == 503
    assert "Nothing was released: The next hop did not take the message" in answer.text
    assert state(here) is CaseState.OPEN


def test_a_delivered_message_is_not_sent_again() -> None:
    here = world(make_case(held=False, disposition=Disposition.VERIFY))
    assert "a release says that data may be given" in here.browser("kim").get(f"/cases/{ID}").text
    assert here.browser("kim").act(ID, "release", **WHY).status == 303
    assert here.hop.mails == []


FORGED: list[tuple[str, dict[str, str], dict[str, str]]] = [
    ("no token", {"token": ""}, {}),
    ("another's token", {"token": "0" * 64}, {}),
    ("another site", {}, {"sec-fetch-site": "cross-site"}),
    ("a sister site", {}, {"sec-fetch-site": "same-site"}),
    ("another origin", {}, {"origin": "https://evil.example"}),
    ("a sandboxed frame", {}, {"origin": "null"}),
    ("another kind of form", {}, {"content-type": "multipart/form-data; boundary=x"}),
    ("text", {}, {"content-type": "text/plain"}),
]


@pytest.mark.parametrize(("what", "fields", "headers"), FORGED, ids=[f[0] for f in FORGED])
def test_forged_forms_do_nothing(what: str, fields: dict[str, str], headers: dict[str, str]) -> None:
    here = world()
    kim = here.browser("kim")
    honest = kim.hidden(f"/cases/{ID}")
    answer = kim.post(f"/cases/{ID}/claim", {**honest, **fields}, **headers)
    assert answer.status == 403
    assert (state(here), len(here.store.events(ID))) == (CaseState.OPEN, 1)
    assert kim.post(f"/cases/{ID}/claim", honest, origin="http://desk.example").status == 303


def test_a_token_of_an_earlier_session_is_worth_nothing() -> None:
    here = world()
    old = here.browser("kim").hidden(f"/cases/{ID}")
    assert here.browser("kim").post(f"/cases/{ID}/claim", old).status == 403


def test_a_form_without_the_version_it_saw_is_not_accepted() -> None:
    kim = world().browser("kim")
    for version in ("", "x", "-1", "9" * 20):
        assert kim.act(ID, "claim", {**kim.hidden(f"/cases/{ID}"), "version": version}).status == 422


def test_signed_out_meanwhile() -> None:
    here = world()
    answer = Browser(here.app).post(f"/cases/{ID}/claim", {"version": "1"})
    assert answer.status == 403
    assert "Nothing was saved" in answer.text


@pytest.mark.parametrize("body", [b"x=" + b"y" * 70_000, b"&".join(b"a%d=1" % n for n in range(100)), b"\xff\xfe"])
def test_a_form_that_nobody_fills_in_is_refused(body: bytes) -> None:
    kim = world().browser("kim")
    assert asyncio.run(kim.ask("POST", f"/cases/{ID}/claim", body)).status == 403


@pytest.mark.parametrize("path", ["/cases/2026-9/claim", f"/cases/{ID}/nonsense", f"/cases/{ID}/claim/x"])
def test_acts_on_nothing(path: str) -> None:
    kim = world().browser("kim")
    assert kim.post(path, kim.hidden(f"/cases/{ID}")).status == 404
