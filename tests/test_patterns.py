"""What no expression of the product may use, because some Python that we run on reads it in another way."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1] / "edrguard"
_GROUP = re.compile(r"(?<!\\)\)(?:[*+?]|\{\d*,?\d*\})\+")  # of a group, not of a character or class
_CODE = re.compile(r"""r?[bf]?r?(?:\"{3}.*?\"{3}|\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')""", re.DOTALL)


def test_no_group_is_repeated_possessively() -> None:
    """Python 3.11.0 to 3.11.4, and so Debian 12's, go on behind a repetition that failed half way (gh-106052): a path
    such as <a.@b.example> was taken. ``(?>(?:...)*)`` means the same and is read rightly everywhere."""
    assert _GROUP.search(r"(?:ab)*+") and not _GROUP.search(r"(?>(?:ab)*)x++[a]?+")
    found = []
    for file in sorted(ROOT.rglob("*.py")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if any(_GROUP.search(text) for text in _CODE.findall(line)):
                found.append(f"{file.relative_to(ROOT)}:{number}")
    assert not found
