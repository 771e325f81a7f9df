"""From page to decision, clicked through in a real browser without scripts, as a reviewer would."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Desk


def case(page: Page, desk: Desk, number: str) -> None:
    page.goto(f"{desk.home}/cases/{number}")


def confirm(page: Page) -> None:
    page.get_by_label("Whom did you speak to?").fill("Sgt. Adeyemi")
    page.get_by_role("button", name="It is theirs: confirmed").click()


def test_a_link_from_a_page_leads_through_sign_in_to_the_case(desk: Desk) -> None:
    page = desk.open()
    case(page, desk, desk.cases["life"])
    expect(page).to_have_title("Sign in · edrguard")
    desk.sign_in(page, "kim")
    expect(page.get_by_role("heading", level=1)).to_contain_text("says that a life is in danger")


def test_from_the_queue_to_a_release_in_a_minute(desk: Desk) -> None:
    number = desk.new_case("life")
    page = desk.open("kim")
    began = time.monotonic()
    row = page.locator("tr.urgent").filter(has=page.get_by_role("link", name=number, exact=True))
    expect(row).to_contain_text("life in danger?")
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", name="Call back")).to_be_visible()
    expect(page.locator(".next")).to_contain_text("Call +44 20 7946 0101 (directory")
    expect(page.get_by_role("heading", name="Why we ask you to look")).to_be_visible()
    page.get_by_role("button", name="I take this case").click()
    expect(page.get_by_role("status")).to_contain_text("You have this case now")
    confirm(page)
    expect(page.get_by_role("status")).to_contain_text("the agency confirms the request")
    expect(page.locator(".next")).to_contain_text("Confirmed by Sgt. Adeyemi")
    page.get_by_role("button", name="✓ Release").click()
    expect(page.get_by_role("status")).to_contain_text("Released.")
    assert time.monotonic() - began < 60
    assert next(c["state"] for c in desk.node.cases() if c["id"] == number) == "released"


def test_a_held_message_goes_out_when_it_is_released(desk: Desk) -> None:
    number, before = desk.new_case("held"), desk.sink.count
    page = desk.open("kim")
    case(page, desk, number)
    expect(page.get_by_text("A release sends the message on to lawenforcement@bigco.example.")).to_be_visible()
    page.get_by_label("Why although nobody confirmed it").fill("known to us: training message")
    page.get_by_role("button", name="Release unconfirmed").click()
    expect(page.get_by_role("status")).to_contain_text("Released.")
    kept = desk.sink.wait(before + 1)[-1]
    assert b"X-EDRGuard-Released: by kim" in kept.content


def test_a_browser_does_not_send_a_refusal_without_a_reason(desk: Desk) -> None:
    page = desk.open("kim")
    case(page, desk, desk.new_case("held"))
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("heading", name="Decide")).to_be_visible()
    expect(page.get_by_role("status")).to_have_count(0)
    page.locator("#refuse-reason").fill("look-alike domain")
    page.get_by_role("button", name="Refuse").click()
    expect(page.get_by_role("status")).to_contain_text("The sender is told nothing")
    page.locator("#reopen-reason").fill("wrong case")
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("status")).to_contain_text("Open again, and yours")


def test_two_people_release_what_the_agency_denied(desk: Desk) -> None:
    number = desk.new_case("held")
    page = desk.open("kim")
    case(page, desk, number)
    page.get_by_role("button", name="Not theirs: denied").click()
    expect(
        page.get_by_text("Two people have to agree to a release, because the agency denied the request.")
    ).to_be_visible()
    page.get_by_label("Why although the agency denied it").fill("their new clerk was wrong, the chief wrote to us")
    page.get_by_role("button", name="Ask for release").click()
    expect(page.get_by_text("You asked for it yourself, so somebody else has to agree.")).to_be_visible()
    second = desk.open("max")
    expect(second.locator("tr").filter(has_text=number)).to_contain_text("second person wanted")
    second.get_by_role("link", name=number, exact=True).click()
    expect(second.get_by_text("their new clerk was wrong").first).to_be_visible()
    second.get_by_role("button", name="Agree: release").click()
    expect(second.get_by_role("status")).to_contain_text("Released.")


def test_the_slower_of_two_hears_it_and_loses_no_word(desk: Desk) -> None:
    number = desk.new_case("held")
    fast, slow = desk.open("kim"), desk.open("max")
    case(fast, desk, number)
    case(slow, desk, number)
    fast.get_by_role("button", name="I take this case").click()
    slow.get_by_label("Why although nobody confirmed it").fill("half an hour of thought")
    slow.get_by_role("button", name="Release unconfirmed").click()
    expect(slow.get_by_role("alert")).to_contain_text("Somebody else changed this case")
    expect(slow.get_by_text("with kim")).to_be_visible()
    expect(slow.get_by_label("Why although nobody confirmed it")).to_have_value("half an hour of thought")


def test_by_keyboard_alone(desk: Desk) -> None:
    number = desk.new_case("held")
    page = desk.open()
    expect(page.get_by_label("Name")).to_be_focused()  # the first field has the focus
    page.keyboard.type("kim")
    page.keyboard.press("Tab")
    page.keyboard.type("a lamp over the desk")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("waiting")
    page.get_by_label("Case", exact=True).focus()
    page.keyboard.type(number)
    page.keyboard.press("Enter")
    expect(page).to_have_title(f"{number} · edrguard")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.locator("button:focus", has_text="I take this case").count():
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("You have this case now")


def test_nobody_reached_says_what_to_do_next(desk: Desk) -> None:
    page = desk.open("kim")
    case(page, desk, desk.new_case("life"))
    page.get_by_role("button", name="Nobody reached").click()
    expect(page.get_by_role("status")).to_contain_text("On-call was told")
    expect(page.locator(".next")).to_contain_text("Nobody was reached in 1 call: try +44 20 7946 0101 again")
    page.get_by_text("What may be done before anybody has confirmed it").click()
    expect(page.get_by_text("Preserve the data now")).to_be_visible()


def test_the_same_target_is_a_related_case(desk: Desk) -> None:
    number = desk.new_case("held")
    page = desk.open("kim")
    case(page, desk, number)
    page.locator(".related a").first.click()
    expect(page.get_by_role("heading", name="Related cases")).to_be_visible()
    expect(page.locator(".related")).to_contain_text("about the same 2 targets")


@pytest.mark.parametrize(
    ("name", "sees", "not_"),
    [
        ("ops", "All findings", "seller88"),
        ("ann", "Your role can look at this case, but not decide it.", "I take this case"),
    ],
)
def test_roles(desk: Desk, name: str, sees: str, not_: str) -> None:
    page = desk.open(name)
    case(page, desk, desk.cases["held"])
    expect(page.get_by_text(sees).first).to_be_visible()
    assert not_ not in page.content()


def test_an_administrator_lands_on_the_accounts(desk: Desk) -> None:
    page = desk.open("root")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("5 accounts"))
    case(page, desk, desk.cases["held"])
    expect(page.get_by_role("heading", level=1)).to_have_text("Not for your role")
    page.get_by_role("link", name="Back to the queue").click()  # no dead end
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("accounts"))


FAST = """
const clock = window.setInterval;
window.setInterval = (work, every) => clock(work, Math.min(every, 300));
"""


def counted(page: Page) -> int:
    return int(page.locator("h1").inner_text().split()[0])


def test_a_fresh_queue_leaves_the_keyboard_where_it_is(desk: Desk) -> None:
    """With scripts the list is put in place: focus, scroll and what was typed stay, also when rows come above it."""
    desk.new_case("held")
    page = desk.open("kim", scripts=True)
    page.add_init_script(FAST)
    page.goto(f"{desk.home}/")
    expect(page.locator("h1")).to_contain_text("waiting")
    page.set_viewport_size({"width": 1280, "height": 300})
    last = page.locator("#live-list tr a").last
    number = last.inner_text()
    last.focus()
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    page.get_by_label("Case", exact=True).evaluate("field => { field.value = '2026-11'; }")
    place = last.bounding_box()
    before = counted(page)
    desk.new_case("life")
    expect(page.locator("h1")).to_contain_text(f"{before + 1} cases waiting")
    focused = page.evaluate("document.activeElement.innerText")
    assert focused == number
    moved = page.locator("#live-list tr a", has_text=re.compile(f"^{number}$")).bounding_box()
    assert place and moved and abs(place["y"] - moved["y"]) < 2, "the row stays under the eyes"
    assert page.get_by_label("Case", exact=True).input_value() == "2026-11"
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.url.endswith(number)


def test_a_queue_that_is_not_fresh_says_so(desk: Desk) -> None:
    page = desk.open("kim", scripts=True)
    page.add_init_script(FAST)
    page.goto(f"{desk.home}/")
    expect(page.locator("#stale")).to_be_hidden()
    page.route("**/*", lambda route: route.abort())
    expect(page.locator("#stale")).to_be_visible()
    page.unroute("**/*")
    expect(page.locator("#stale")).to_be_hidden()


def test_who_is_signed_out_meanwhile_is_asked_to_sign_in(desk: Desk) -> None:
    page = desk.open("kim", scripts=True)
    page.add_init_script(FAST)
    page.goto(f"{desk.home}/")
    page.context.clear_cookies()
    expect(page).to_have_title("Sign in · edrguard")


def test_without_scripts_the_queue_loads_itself_anew(desk: Desk) -> None:
    page = desk.open("kim")
    assert page.locator("noscript meta[http-equiv=refresh], meta[http-equiv=refresh]").count() == 1
