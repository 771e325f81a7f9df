"""A security key in a real browser: Chromium's virtual authenticator, the script of ours, the strict policy."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from edrguard.console import hash_password
from tests.browser.conftest import PASSWORD, WIDTHS
from tests.browser.test_layout import FAULTS, Shoot
from tests.support import yamlfile
from tests.support.node_process import NodeProcess, merged


@dataclass
class Keys:
    node: NodeProcess
    context: BrowserContext
    page: Page
    said: list[str]

    @property
    def home(self) -> str:
        return f"http://localhost:{self.node.console}"

    def sign_in(self) -> None:
        self.page.goto(f"{self.home}/sign-in?next=/account")
        self.page.get_by_label("Name").fill("kim")
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()

    def sign_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    node = NodeProcess(tmp_path_factory.mktemp("keys"))
    console = {"base_url": f"http://localhost:{node.console}", "password_hash": hash_password(PASSWORD)}
    node.config.write_text(yamlfile.dump(merged(node.options, {"console": console})))
    with node:
        yield node


@pytest.fixture
def keys(node: NodeProcess, chromium: Browser) -> Iterator[Keys]:
    import subprocess
    import sys

    argv = [sys.executable, "-m", "edrguard", "users", "add", "kim", "--role", "reviewer", "--reset"]
    argv += ["--password-stdin", "--config", str(node.config)]
    subprocess.run(argv, input=PASSWORD + "\n", text=True, check=True, timeout=60)
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield Keys(node, context, page, said)
    context.close()
    assert said == [], "a script or the policy complained"


def plug_in(keys: Keys, **changes: Any) -> tuple[Any, str]:
    wire = keys.context.new_cdp_session(keys.page)
    wire.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True} | changes
    return wire, wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]


def set_up(keys: Keys) -> None:
    keys.page.get_by_label("A name for the new key").fill("blue key")
    keys.page.locator("#pw-key").fill(PASSWORD)
    keys.page.get_by_role("button", name="Set up a key").click()
    keys.page.get_by_role("button", name="Set it up").click()
    expect(keys.page.get_by_role("status")).to_contain_text("The key is set up")


def test_a_key_from_setting_up_to_signing_in_with_it_alone(keys: Keys) -> None:
    plug_in(keys)
    keys.sign_in()
    set_up(keys)
    keys.sign_out()
    keys.sign_in()
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Now your security key")
    keys.page.get_by_role("button", name="Use the key").click()
    expect(keys.page.get_by_text("blue key")).to_be_visible()
    keys.sign_out()
    keys.page.get_by_role("link", name="Sign in with a passkey alone").click()
    keys.page.get_by_role("button", name="Use the key").click()
    expect(keys.page.get_by_role("heading", level=1)).to_have_text("Nothing waits.")
    (row,) = keys.node.cli("users", "list")
    assert row["keys"] == 1


def test_a_copied_key_opens_nothing(keys: Keys) -> None:
    """The same secret in a second authenticator: its count is behind."""
    wire, first = plug_in(keys)
    keys.sign_in()
    set_up(keys)
    (credential,) = wire.send("WebAuthn.getCredentials", {"authenticatorId": first})["credentials"]
    keys.sign_out()
    keys.sign_in()
    keys.page.get_by_role("button", name="Use the key").click()
    expect(keys.page.get_by_text("blue key")).to_be_visible()
    keys.sign_out()
    wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
    options = {"protocol": "ctap2", "transport": "usb", "hasResidentKey": True, "hasUserVerification": True}
    options |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    second = wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    wire.send("WebAuthn.addCredential", {"authenticatorId": second, "credential": {**credential, "signCount": 0}})
    keys.sign_in()
    keys.page.get_by_role("button", name="Use the key").click()
    expect(keys.page.get_by_role("alert")).to_contain_text("That did not work")
    assert "may have been copied" in keys.node.log()
    keys.said.clear()  # Chromium writes the 401 of the page to its console


def test_no_key_is_said_and_tried_again(keys: Keys) -> None:
    wire, first = plug_in(keys)
    keys.sign_in()
    set_up(keys)
    keys.sign_out()
    wire.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": {"protocol": "ctap2", "transport": "usb"}})
    keys.sign_in()
    keys.page.get_by_role("button", name="Use the key").click()
    expect(keys.page.get_by_role("status")).to_contain_text("Use your key now")


@pytest.mark.parametrize("width", WIDTHS)
def test_its_pages(keys: Keys, shoot: Shoot, width: int) -> None:
    plug_in(keys)
    keys.page.set_viewport_size({"width": width, "height": 900})
    keys.page.goto(f"{keys.home}/sign-in")
    shoot(keys.page, f"keys-sign-in-{width}")
    keys.sign_in()
    set_up(keys)
    keys.page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true; })")
    shoot(keys.page, f"keys-account-{width}")
    assert keys.page.evaluate(FAULTS) == []
    keys.page.get_by_label("A name for the new key").fill("green key")
    keys.page.locator("#pw-key").fill(PASSWORD)
    keys.page.get_by_role("button", name="Set up a key").click()
    shoot(keys.page, f"keys-new-{width}")
    assert keys.page.evaluate(FAULTS) == []
    keys.sign_out()
    keys.sign_in()
    shoot(keys.page, f"keys-ask-{width}")
    assert keys.page.evaluate(FAULTS) == []
