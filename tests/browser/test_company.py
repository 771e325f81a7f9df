"""Sign-in by a real provider in a real browser: there, back, into the case, and out at both."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import WIDTHS
from tests.browser.test_layout import FAULTS, Shoot
from tests.support import yamlfile
from tests.support.node_process import NodeProcess, merged
from tests.support.oidc_provider import Provider


@dataclass
class Corp:
    node: NodeProcess
    provider: Provider
    browser: Browser

    @property
    def home(self) -> str:
        return f"http://localhost:{self.node.console}"

    def page(self, width: int = 1280) -> Page:
        context = self.browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
        context.set_default_timeout(15_000)
        return context.new_page()


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Corp]:
    folder = tmp_path_factory.mktemp("company")
    with Provider(folder) as provider:
        node = NodeProcess(folder)
        console = {"base_url": f"http://localhost:{node.console}", "oidc": provider.options, "local_sign_in": False}
        node.config.write_text(yamlfile.dump(merged(node.options, {"console": console})))
        with node:
            yield Corp(node, provider, chromium)


def log_in(page: Page, login: str) -> None:
    page.get_by_role("link", name="Sign in with Corp").click()
    expect(page.get_by_role("heading", name="Corp sign-in")).to_be_visible()
    page.get_by_label("Login").fill(login)
    page.get_by_role("button", name="Continue").click()


def test_there_and_back_and_out(corp: Corp) -> None:
    page = corp.page()
    page.goto(f"{corp.home}/?tab=all")
    expect(page).to_have_title("Sign in · edrguard")
    assert page.get_by_label("Password").count() == 0
    log_in(page, "alice")
    expect(page).to_have_url(f"{corp.home}/?tab=all")
    page.get_by_role("link", name="alice").click()
    expect(page.get_by_text("With Corp. Passwords, codes and keys are changed there")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are signed out here")
    page.get_by_role("link", name="Sign out of Corp as well").click()
    expect(page.get_by_role("heading", name="Signed out of Corp")).to_be_visible()
    page.goto(f"{corp.home}/")
    expect(page).to_have_title("Sign in · edrguard")


def test_who_has_no_role_reads_why_and_can_try_again(corp: Corp) -> None:
    page = corp.page()
    page.goto(corp.home)
    log_in(page, "eve")
    expect(page.get_by_role("alert")).to_contain_text("Your account has no role here")
    log_in(page, "bob")
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing waits.")
    (row,) = [u for u in corp.node.cli("users", "list") if u["name"] == "bob"]
    assert (row["roles"], row["source"]) == (["approver"], "oidc")


@pytest.mark.parametrize("width", WIDTHS)
def test_its_pages(corp: Corp, shoot: Shoot, width: int) -> None:
    context = corp.browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{corp.home}/sign-in")
    shoot(page, f"company-sign-in-{width}")
    assert page.evaluate(FAULTS) == []
    log_in(page, "alice")
    page.goto(f"{corp.home}/account")
    shoot(page, f"company-account-{width}")
    assert page.evaluate(FAULTS) == []
    page.get_by_role("button", name="Sign out").click()
    shoot(page, f"company-signed-out-{width}")
    assert page.evaluate(FAULTS) == []
    context.close()
