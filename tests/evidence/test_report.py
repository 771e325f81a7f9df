"""The report, looked at as paper: poppler reads it, and its pages are kept as pictures to be looked at."""

import re
import subprocess
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edrguard.evidence import make_report
from edrguard.model.audit import AuditStore
from edrguard.model.errors import MissingInput
from edrguard.model.message import Field, Mailbox, ParsedMessage
from edrguard.review import Outcome, call_back, hold, refuse
from tests.console.asgi import stored
from tests.review.fakes import NOW, RAW, FakeSpool, make_case, make_facts

SHOTS = Path(__file__).parents[1] / "out" / "report"
ID = "2026-1187"
HOSTILE = "\u202efdp.exe\u202c \x1b[31mred\x00 <b>bold</b> <font size=99>&amp;<para> \u2066x\u2069"


def report(store: Any, zone: str = "Europe/Berlin") -> bytes:
    spool = FakeSpool(**{"raw-1": RAW})
    return make_report(store, spool, "guard.corp.example", ZoneInfo(zone), ID, actor="ann", now=NOW)


def decided(case: Any = None) -> Any:
    store = stored(case or make_case())
    calling = {"number": "+1 614 555 0100", "source": "directory, official site", "confirmed_by": "Αξ. Π. Παπαδόπουλος"}
    call_back(
        store, lambda r: True, ID, actor="kim", now=NOW, outcome=Outcome.DENIED, note="Никто не просил", **calling
    )
    refuse(store, ID, actor="kim", now=NOW, reason="the agency denied it")
    hold(store, ID, actor="Жанна Ильина", now=NOW, reason="litigation " + "A" * 300)
    return store


def poppler(tmp_path: Path, data: bytes, tool: str, *words: str) -> str:
    (tmp_path / "r.pdf").write_bytes(data)
    out = ["-"] if tool == "pdftotext" else []
    return subprocess.run(
        [tool, *words, "r.pdf", *out], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout


def test_it_says_what_a_court_asks(tmp_path: Path) -> None:
    store = decided()
    data = report(store)
    text = " ".join(poppler(tmp_path, data, "pdftotext", "-layout").split())
    for words in (
        "Record of case 2026-1187",
        "24 Nov 2026 03:10 CET (2026-11-24T02:10:00Z) by ann on guard.corp.example",
        "City X Sheriff's Office (US) asks for traffic data, and says that a life is in danger",
        "It was held, and did not reach its reader.",
        "It was refused. The sender was told nothing. It is on legal hold.",
        "a.rowe@mail-secure.example",
        "≠ differs",
        "18 U.S.C. 2702(b)(8) (US)",
        "Replies go outside the author's organisation",
        "+1 614 555 0100",
        "Παπαδόπουλος",
        "denied: it is not theirs. Никто",
        "Жанна Ильина",
        "the agency denied it",
        "A child is missing",
        "page 1 of 2",
    ):
        assert words in text, words
    log: AuditStore = store
    last = log.audit_entries()[-1]
    assert (last.kind, last.case_id) == ("reported", ID)  # type: ignore[union-attr]
    assert last.hash[:40] in text.replace(" ", "")  # type: ignore[union-attr]


def test_it_is_a4_and_carries_its_fonts(tmp_path: Path) -> None:
    data = report(decided())
    assert re.search(r"Page size:\s+595.* x 841.* pts \(A4\)", poppler(tmp_path, data, "pdfinfo"))
    fonts = poppler(tmp_path, data, "pdffonts").splitlines()[2:]
    assert len(fonts) == 2
    assert all("Roboto" in line and line.split()[-5] == "yes" for line in fonts), fonts


def test_the_same_case_makes_the_same_pages(tmp_path: Path) -> None:
    one, other = (poppler(tmp_path, report(decided()), "pdftotext") for _ in range(2))
    assert re.sub("[0-9a-f]{64}", "", one) == re.sub("[0-9a-f]{64}", "", other)


def hostile() -> Any:
    author = Mailbox("\u202eeworR .A .peD", "a.rowe", "cityxsheriff.test")
    text = f"{HOSTILE}\n{'W' * 5000}\n" + "مرحبا שלום 你好\n" * 3 + "</para>" * 50 + "line\n" * 3000
    message = ParsedMessage(
        fields=tuple(Field(n, HOSTILE * 20) for n in ("From", "Subject", "To")),
        authors=(author,),
        text=text,
        subject=HOSTILE,
    )
    return make_case(make_facts(message=message), subject=HOSTILE, author=HOSTILE)


def test_hostile_mail_is_ink(tmp_path: Path) -> None:
    data = report(decided(hostile()))
    text = poppler(tmp_path, data, "pdftotext", "-layout")
    assert "\u202e" not in text and "\x1b" not in text and "\u2066" not in text
    assert "<b>bold</b>" in text, "markup of a stranger is text"
    assert "characters are of scripts that this report's font does not have" in " ".join(text.split())
    assert "Only the beginning is printed." in text
    boxes = subprocess.run(
        ["pdftotext", "-bbox", "r.pdf", "-"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    right = [float(x) for x in re.findall(r'xMax="([\d.]+)"', boxes.stdout)]
    assert len(right) > 1000
    assert max(right) <= 595.3 - 40, "nothing runs over the edge of the paper"
    assert b"/JavaScript" not in data and b"/URI" not in data


@pytest.mark.parametrize("case", [make_case(), make_case("not facts"), make_case(verdict="{}", facts="", spool=None)])
def test_a_case_of_any_kind(tmp_path: Path, case: Any) -> None:
    text = poppler(tmp_path, report(stored(case)), "pdftotext")
    assert "No call is on record." in text
    assert "Nothing was decided yet." in text


def test_no_case_no_report() -> None:
    store = stored(make_case(id="2026-1"))
    with pytest.raises(MissingInput):
        report(store)


@pytest.mark.parametrize("name", ["plain", "hostile"])
def test_pictures_to_be_looked_at(tmp_path: Path, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    data = report(decided(hostile() if name == "hostile" else None))
    (tmp_path / "r.pdf").write_bytes(data)
    words = ["pdftoppm", "-r", "70", "-l", "4", "-png", str(tmp_path / "r.pdf"), str(SHOTS / name)]
    subprocess.run(words, check=True)
    pictures = sorted(SHOTS.glob(f"{name}-*.png"))
    assert len(pictures) >= 2
    from PIL import Image

    for picture in pictures:
        with Image.open(picture) as image:
            assert image.size == (579, 819)
            assert len(image.convert("L").getcolors(256) or ()) > 10, "a blank page"
