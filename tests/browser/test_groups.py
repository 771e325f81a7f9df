"""A burst and an order with a deadline of law, as a person meets them: mail comes in, one group stands in the queue."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from edrguard.console import hash_password
from edrguard.dns import ZoneServer
from tests.browser.conftest import PASSWORD, PEOPLE, WIDTHS, Desk, set_passwords
from tests.browser.test_layout import CONTRAST, FAULTS
from tests.e2e import mails
from tests.e2e.conftest import node_options, send
from tests.support.node_process import NodeProcess, merged
from tests.support.smtp_sink import Sink
from tests.support.webhook import Webhook

BURST = 7
ORDER = """
European Preservation Order Certificate (EPOC-PR) under Regulation (EU) 2023/1543

We order you to preserve the subscriber data and the traffic data of the account bargain.boots@mail.example.

Chief Walt Dunmore, Badge 1, Fernhollow Police, +1 614 555 0161"""


@pytest.fixture(scope="module")
def burst(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[tuple[Desk, Webhook]]:
    folder = tmp_path_factory.mktemp("burst")
    with ZoneServer(mails.ZONE) as dns, Sink() as sink, Webhook() as hook:
        options = {
            "console": {"enabled": True, "password_hash": hash_password(PASSWORD), "timezone": "Europe/Dublin"},
            "clocks": {"country": "IE"},
            "pages": hook.options,
        }
        with NodeProcess(folder, merged(node_options(folder, dns, sink.port), options)) as node:
            desk = Desk(node, chromium, sink)
            for name, roles in PEOPLE.items():
                node.cli("users", "add", name, *[word for role in roles for word in ("--role", role)])
            set_passwords(node)
            for _ in range(BURST):
                assert send(node, mails.lookalike())[0] == 250
            order = replace(mails.first_contact(mails.OTHER_TOWN), subject="EPOC-PR", body=ORDER)
            assert send(node, order)[0] == 250
            yield desk, hook


def looked_at(page: Page, shoot: Callable[[Page, str], None], name: str) -> None:
    shoot(page, name)
    assert page.evaluate(FAULTS) == [], name
    ratio, where = page.evaluate(CONTRAST)
    assert ratio >= 4.5, f"{name}: {where}"


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_a_burst(burst: tuple[Desk, Webhook], shoot: Callable[[Page, str], None], width: int) -> None:
    desk, _ = burst
    page = desk.open("kim", width=width, scripts=True)
    expect(page.get_by_text(f"{BURST} cases wait for one decision")).to_have_count(1)
    assert page.locator("table.queue tbody tr").count() == 1  # the order, which is of another agency
    looked_at(page, shoot, f"group-queue-{width}")
    page.get_by_role("link", name="Look at all of them").click()
    expect(page.locator("table.queue tbody tr")).to_have_count(BURST)
    page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true; })")
    looked_at(page, shoot, f"group-incident-{width}")
    page.goto(f"{desk.home}/")
    page.locator("table.queue a").first.click()
    expect(page.get_by_text("Preserve data (European Preservation Order)")).to_have_count(1)
    page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true; })")
    looked_at(page, shoot, f"group-deadlines-{width}")


def test_one_page_for_all_and_one_decision(burst: tuple[Desk, Webhook], shoot: Callable[[Page, str], None]) -> None:
    desk, hook = burst
    (call,) = hook.wait(1)  # none of them is urgent by itself: the burst alone called somebody
    assert b"north-moor.example" in call.body
    assert b"/incidents/1" in call.body
    page = desk.open("kim")
    page.get_by_role("link", name="Look at all of them").click()
    page.get_by_label("Why").first.fill("Northmoor knows none of them")
    page.get_by_role("button", name="Refuse all").click()
    expect(page.get_by_text("✓ refused")).to_have_count(BURST)
    shoot(page, "group-decided-1280")
    states = [case["state"] for case in desk.node.cases()]
    assert (states.count("refused"), states.count("open")) == (BURST, 1)
    page.get_by_label("Why").fill("all of them are decided")
    page.get_by_role("button", name="End the incident").click()
    page.get_by_role("link", name="Queue").first.click()
    assert page.get_by_text("cases wait for one decision").count() == 0
    assert len(hook.calls) == 1


@pytest.mark.parametrize("width", (360, 1600))
def test_pages_of_a_hijacked_sender(
    burst: tuple[Desk, Webhook], shoot: Callable[[Page, str], None], width: int
) -> None:
    desk, _ = burst
    page = desk.open("kim", width=width, scripts=True)
    page.get_by_role("link", name="Hijacked").click()
    looked_at(page, shoot, f"hijacks-{width}")
    page.get_by_label("Which").fill("chief@stonebridge.example")
    page.get_by_label("In the wrong hands since").fill(f"{datetime.now(UTC):%Y-%m-%d}")
    page.get_by_label("How you know").fill("Chief Dunmore came by in person")
    page.get_by_role("button", name="Report it").click()
    assert page.get_by_text("Whom to warn").count() == 1
    looked_at(page, shoot, f"hijack-{width}")
    page.locator("table a").first.click()
    assert page.get_by_text("It can be released after a new call-back confirms it").count() == 1
    looked_at(page, shoot, f"hijack-case-{width}")


def test_what_comes_from_a_hijacked_sender_is_known_as_that(burst: tuple[Desk, Webhook]) -> None:
    desk, _ = burst
    node = desk.node
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    (told,) = node.cli("agencies", "compromised", "us-fernhollow", "--since", today, "--reason", "their IT called")
    assert told["hijack"]["subject"] == "us-fernhollow"
    before = {case["id"] for case in node.cases()}
    assert send(node, mails.first_contact())[0] == 250
    (new,) = [case for case in node.cases() if case["id"] not in before]
    assert (new["disposition"], new["urgent"]) == ("verify", True)
    (done,) = node.cli("agencies", "cleaned", "us-fernhollow")
    assert done["watched_until"] > today
