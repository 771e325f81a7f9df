"""A hostile message in a browser that would run it, if it could."""

from playwright.sync_api import expect

from tests.browser.conftest import Desk


def test_nothing_of_a_hostile_message_runs_or_loads(desk: Desk) -> None:
    page = desk.open("kim", scripts=True)
    number = desk.cases["hostile"]
    for path in ("/", "/?tab=all", f"/cases/{number}"):
        page.goto(desk.home + path)
        page.wait_for_timeout(200)
        assert "pwned" not in page.title()
        assert page.locator('script:not([src^="/static/queue.js?"]), img, main svg[onload], base').count() == 0
    expect(page).to_have_title(f"{number} · edrguard")
    # ``desk`` asserts that nothing was asked of anybody else, and that no dialog came up


def test_its_html_is_readable_in_a_frame_that_cannot_reach_the_page(desk: Desk) -> None:
    page = desk.open("kim", scripts=True)
    page.goto(f"{desk.home}/cases/{desk.cases['hostile']}")
    page.get_by_text("As it was formatted").click()
    frame = page.frame_locator("iframe.mail-frame")
    expect(frame.get_by_role("heading", name="ORDER of the court")).to_be_visible()
    expect(frame.get_by_text("You must comply within the hour.")).to_be_visible()
    assert frame.locator("form, input, a, img, script, iframe, svg, video, object").count() == 0
    assert page.locator("iframe").get_attribute("sandbox") == ""
    page.wait_for_timeout(300)
    assert page.title() == f"{desk.cases['hostile']} · edrguard"
    decide = page.get_by_role("heading", name="Decide").bounding_box()
    assert decide, "the message covers the page"


def test_the_frames_page_alone_is_as_harmless(desk: Desk) -> None:
    """Somebody may open it in a tab of its own."""
    page = desk.open("kim", scripts=True)
    page.goto(f"{desk.home}/cases/{desk.cases['hostile']}/message")
    page.wait_for_timeout(200)
    assert page.locator("script, img, form, a").count() == 0
    assert page.evaluate("() => self.origin") == "null", "it has an origin of its own: no cookie, no form of ours"
