"""Further lines of people, from the configuration to their pagers."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from edrguard.model.errors import ConfigError
from edrguard.model.ports import NextHop
from edrguard.node.carriers import make_lines
from edrguard.node.config import load_config

HOP = cast(NextHop, object())


def lines(tmp_path: Path, text: str) -> Any:
    path = tmp_path / "edrguard.yml"
    path.write_text(f"pages: {{smtp: {{to: [duty@corp.example]}}, lines: {text}}}\n")
    return make_lines(load_config(path), HOP, lambda: datetime.now(UTC))


def test_each_line_has_its_time_and_its_ways(tmp_path: Path) -> None:
    (tmp_path / "duty.secret").write_text("0123456789abcdef\n")
    hook = "webhook: {url: 'https://hooks.example/x', secret_file: duty.secret}"
    made = lines(tmp_path, f"[{{after: 20, smtp: {{to: [lead@corp.example]}}}}, {{after: 45, {hook}}}]")
    assert [(after, [pager.name for pager in pagers]) for after, pagers in made] == [
        (timedelta(minutes=20), ["smtp"]),
        (timedelta(minutes=45), ["webhook"]),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[{after: 20}]", "nobody would be called"),
        ("[{smtp: {to: [a@corp.example]}}]", "after"),
        ("[{after: 0, smtp: {to: [a@corp.example]}}]", "after"),
        ("[{after: 20, smtp: {to: [a@corp.example]}}, {after: 20, smtp: {to: [b@corp.example]}}]", "comes later"),
    ],
)
def test_a_line_that_cannot_be(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        lines(tmp_path, text)
