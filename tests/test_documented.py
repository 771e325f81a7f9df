"""Nothing ships undocumented: verbs, options, limits, symbols, rules."""

from pathlib import Path

import pytest
from typer.main import get_command

from edrguard.cli.app import app
from edrguard.model.steps import Step
from edrguard.node.config import shipped_dir
from edrguard.node.options import limit_docs, options
from tests.cli.test_help import verbs

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("verb", [" ".join(path) for path, _ in verbs(get_command(app))])
def test_every_verb_is_in_the_readme(verb: str) -> None:
    assert f"`{verb}`" in README or f"`{verb} " in README


def test_the_readme_opens_with_the_two_commands() -> None:
    block = README.split("```sh\n", 1)[1].split("```", 1)[0]
    commands = [line.split("#")[0].strip() for line in block.splitlines()]
    assert commands == [
        "python3 -m venv .venv && .venv/bin/pip install -q . && .venv/bin/edrguard demo",
        "bash tests/run",
    ]


def test_the_readme_shows_what_the_demo_prints() -> None:
    for line in ("Nothing was lost.", "8 sent, 5 delivered to the inbox, 3 held for review, 8 accepted."):
        assert line in README


def test_every_option_and_limit_has_words_and_stands_in_the_file() -> None:
    text = (shipped_dir() / "edrguard.yml").read_text()
    for name, _, words in options():
        assert words, name
        assert f"{name.rpartition('.')[2]}:" in text, name
    assert all(limit_docs().values())


def test_every_commit_step_is_in_its_order_in_the_docs() -> None:
    rows = [line.split("`")[1] for line in (ROOT / "docs" / "no-loss.md").read_text().splitlines() if line[:3] == "| `"]
    assert rows == [step.value for step in Step]


def test_ci_runs_the_readmes_command() -> None:
    assert "bash tests/run" in (ROOT / ".ci" / "run").read_text()
