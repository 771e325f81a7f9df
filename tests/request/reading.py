"""One lexicon for all tests of the room, and a short way to read a text."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from edrguard.model.request import LegalRequest
from edrguard.request import Lexicon, Source, load_lexicon, understand

CONFIG = Path(__file__).parents[2] / "config"
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
HOME = frozenset({"bigco.example"})


@cache
def lexicon() -> Lexicon:
    return load_lexicon([CONFIG / "phrases", CONFIG / "statutes"])


def read(text: str, subject: str = "", recipients: str = "", **parts: str) -> LegalRequest:
    sources = [Source("subject", subject), Source("text", text), Source("recipients", recipients)]
    sources += [Source(f"part:{name[1:]}", value) for name, value in parts.items()]
    return understand(sources, NOW, lexicon(), HOME)
