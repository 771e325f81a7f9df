"""The evidence of a case, taken away with a real browser."""

import subprocess
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from edrguard.evidence import read_public, verify
from tests.browser.conftest import WIDTHS, Desk


def test_bundle_and_report_come_out_of_the_page(desk: Desk, tmp_path: Path) -> None:
    number = desk.cases["held"]
    page = desk.open("ann")
    page.goto(f"{desk.home}/cases/{number}")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Evidence bundle").click()
    assert downloading.value.suggested_filename == f"edrguard-{number}-evidence.zip"
    downloading.value.save_as(tmp_path / "b.zip")
    key = read_public(desk.node.cli("audit", "key")[0]["pem"].encode())
    answer = verify((tmp_path / "b.zip").read_bytes(), key)
    assert answer.good, answer.checks
    assert answer.manifest["made_by"] == "ann"
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Report").click()
    downloading.value.save_as(tmp_path / "r.pdf")
    told = subprocess.run(["pdftotext", tmp_path / "r.pdf", "-"], capture_output=True, text=True, check=True).stdout
    assert f"Record of case {number}" in told
    kinds = [row["kind"] for row in desk.node.cli("audit", "show", "--by", "ann", "--case", number)]
    assert {"read", "exported", "reported"} <= set(kinds)


def test_an_operator_is_not_offered_it(desk: Desk) -> None:
    page = desk.open("ops")
    page.goto(f"{desk.home}/cases/{desk.cases['held']}")
    assert page.get_by_role("button", name="Evidence bundle").count() == 0


def test_the_section_at_every_width(desk: Desk, shoot: Callable[[Page, str], None]) -> None:
    for width in WIDTHS:
        page = desk.open("kim", width=width)
        page.goto(f"{desk.home}/cases/{desk.cases['life']}#evidence")
        section = page.locator("section[aria-labelledby=evidence]")
        assert section.get_by_role("button").count() == 2
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        shoot(page, f"evidence-{width}")
