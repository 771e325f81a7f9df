"""A real browser before a real node: Debian's chromium, driven by Playwright; mail came in over SMTP."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from edrguard.console import hash_password
from edrguard.dns import ZoneServer
from tests.browser.mails import hostile
from tests.e2e import mails
from tests.e2e.conftest import node_options, send
from tests.support.node_process import NodeProcess, merged
from tests.support.smtp_sink import Sink

CHROMIUM = "/usr/bin/chromium"
SHOTS = Path(__file__).parents[1] / "out" / "browser"
PASSWORD = "a lamp over the desk"
WIDTHS = (360, 800, 1600)
PEOPLE = {
    "kim": ("reviewer",),
    "max": ("approver",),
    "ops": ("operator",),
    "ann": ("auditor",),
    "root": ("administrator",),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass
class Desk:
    """A node with cases, its browser, and everything that the browser asked for."""

    node: NodeProcess
    browser: Browser
    sink: Sink
    cases: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def home(self) -> str:
        return f"http://127.0.0.1:{self.node.console}"

    def open(self, name: str = "", *, width: int = 1280, dark: bool = False, scripts: bool = False) -> Page:
        """A page of its own, signed in as ``name``. Without scripts, as the console promises to work."""
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(15_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        page.goto(f"{self.home}/")
        if name:
            self.sign_in(page, name)
        return page

    def sign_in(self, page: Page, name: str) -> None:
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()

    def new_case(self, kind: str) -> str:
        """One more case of this kind, for a test that decides it."""
        known = {case["id"] for case in self.node.cases()}
        mail = {"held": mails.lookalike, "life": mails.emergency, "tagged": mails.first_contact, "hostile": hostile}[
            kind
        ]()
        assert send(self.node, mail)[0] == 250
        (new,) = {case["id"] for case in self.node.cases()} - known
        return new


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def shared_desk(tmp_path_factory: pytest.TempPathFactory, chromium: Browser) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("desk")
    with ZoneServer(mails.ZONE) as dns, Sink() as sink:
        console = {"enabled": True, "password_hash": hash_password(PASSWORD), "two_person": ["denied", "action"]}
        node = NodeProcess(folder, merged(node_options(folder, dns, sink.port), {"console": console}))
        with node:
            desk = Desk(node, chromium, sink)
            for name, roles in PEOPLE.items():
                words = [word for role in roles for word in ("--role", role)]
                (made,) = node.cli("users", "add", name, *words)
                assert made["password"]
            set_passwords(node)
            for kind in ("held", "life", "tagged", "hostile"):
                desk.cases[kind] = desk.new_case(kind)
            yield desk


def set_passwords(node: NodeProcess) -> None:
    """Everybody's is PASSWORD."""
    import subprocess
    import sys

    for name, roles in PEOPLE.items():
        words = [word for role in roles for word in ("--role", role)]
        argv = [sys.executable, "-m", "edrguard", "users", "add", name, *words, "--reset", "--password-stdin"]
        subprocess.run([*argv, "--config", str(node.config)], input=PASSWORD + "\n", text=True, check=True, timeout=60)


@pytest.fixture
def desk(shared_desk: Desk) -> Iterator[Desk]:
    shared_desk.asked.clear()
    shared_desk.said.clear()
    yield shared_desk
    for context in shared_desk.contexts:
        context.close()
    shared_desk.contexts.clear()
    strangers = [url for url in shared_desk.asked if not url.startswith((shared_desk.home, "about:"))]
    assert strangers == [], "the browser was made to ask somebody else"
    assert shared_desk.said == [], "a script ran"


@pytest.fixture(scope="package")
def shoot() -> Callable[[Page, str], None]:
    """Keeps a picture of the whole page in tests/out/browser, to be looked at."""
    SHOTS.mkdir(parents=True, exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    return take
