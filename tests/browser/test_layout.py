"""No layout fault at 360, 800 and 1600 pixels, light and dark; and pictures of every page, to be looked at."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import WIDTHS, Desk

#: Everything that sticks out of the window, and every text that is wider than the box around it.
FAULTS = """() => {
  const wide = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > wide) found.push(`page is ${document.documentElement.scrollWidth} wide`);
  for (const e of document.querySelectorAll('main *, header *')) {
    const box = e.getBoundingClientRect();
    if (!box.width || e.closest('svg') || getComputedStyle(e).position === 'absolute') continue;
    if (box.right > wide + 1 || box.left < -1) found.push(`${e.tagName}.${e.className} ${Math.round(box.left)}..${Math.round(box.right)}`);
  }
  for (const e of document.querySelectorAll('button, input:not([type=hidden]):not([type=radio]), summary')) {
    const box = e.getBoundingClientRect();
    if (box.height && box.height < 24) found.push(`${e.tagName} "${e.textContent}" is only ${Math.round(box.height)} high`);
  }
  return found.slice(0, 10);
}"""

#: The least contrast (WCAG 2.2) of any text with the nearest background behind it.
CONTRAST = """() => {
  const rgb = s => (s.match(/[\\d.]+/g) || []).map(Number);
  const lum = c => { const [r, g, b] = c.map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
                     return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
                        if (c.length === 3 || c[3] === 1) return c.slice(0, 3); } return [255, 255, 255]; };
  let least = [21, ''];
  for (const e of document.querySelectorAll('main *')) {
    if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const a = lum(rgb(getComputedStyle(e).color).slice(0, 3)), b = lum(behind(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    if (ratio < least[0]) least = [ratio, `${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 40)}"`];
  }
  return least;
}"""

Shoot = Callable[[Page, str], None]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page(desk: Desk, shoot: Shoot, width: int, dark: bool) -> None:
    page = desk.open(width=width, dark=dark, scripts=True)
    shade = "dark" if dark else "light"
    pages = {"sign-in": "/sign-in", "queue": "/", "all": "/?tab=all", "mine": "/?tab=mine", "account": "/account"}
    pages |= {f"case-{kind}": f"/cases/{number}" for kind, number in desk.cases.items()}
    pages |= {"missing": "/cases/none", "hijacked": "/hijacked", "figures": "/figures?from=2026-01-01&to=2027-12-31"}
    for name, path in pages.items():
        if name == "queue":
            desk.sign_in(page, "kim")
        page.goto(desk.home + path)
        shoot(page, f"{name}-{width}-{shade}")
        assert page.evaluate(FAULTS) == [], name
        ratio, where = page.evaluate(CONTRAST)
        assert ratio >= 4.5, f"{name}: {where} has a contrast of {ratio:.1f}"
        if not name.startswith("case-"):
            continue
        page.evaluate("() => document.querySelectorAll('details').forEach(e => { e.open = true; })")
        shoot(page, f"{name}-{width}-{shade}-unfolded")
        assert page.evaluate(FAULTS) == [], f"{name}, unfolded"


@pytest.mark.parametrize("width", WIDTHS)
def test_accounts(desk: Desk, shoot: Shoot, width: int) -> None:
    page = desk.open("root", width=width, scripts=True)
    shoot(page, f"accounts-{width}-light")
    assert page.evaluate(FAULTS) == []


def test_every_field_has_a_name_and_every_button_words(desk: Desk) -> None:
    page = desk.open("kim", scripts=True)
    for path in ("/", f"/cases/{desk.cases['life']}", "/account", "/figures"):
        page.goto(desk.home + path)
        unnamed = page.evaluate(
            """() => [...document.querySelectorAll('input:not([type=hidden]), textarea, select')]
                 .filter(e => !e.labels.length).map(e => e.name)"""
        )
        assert unnamed == []
        assert all(words.strip() for words in page.locator("button").all_text_contents())
        ids = page.evaluate("() => [...document.querySelectorAll('[id]')].map(e => e.id)")
        assert len(ids) == len(set(ids))
