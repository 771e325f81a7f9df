"""Every verb says what it does, with an example; nothing heavy is loaded to say it."""

import subprocess
import sys

import pytest
from typer.main import get_command

from edrguard.cli.app import app


def verbs(command: object, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], object]]:
    children = getattr(command, "commands", None)
    if not children:
        return [(path, command)]
    return [found for name, child in children.items() for found in verbs(child, (*path, name))]


ALL = verbs(get_command(app))


@pytest.mark.parametrize(("path", "command"), ALL, ids=[" ".join(path) for path, _ in ALL])
def test_every_verb_and_option_is_documented(path: tuple[str, ...], command) -> None:
    assert f"Example: edrguard {' '.join(path)}" in command.help
    for param in command.params:
        if getattr(param, "help", None) is None:
            assert param.param_type_name == "argument", f"{path}: {param.name} has no help"


def test_the_contracts_verbs_are_there() -> None:
    names = {" ".join(path) for path, _ in ALL}
    cases = {f"cases {v}" for v in ("list", "show", "claim", "callback", "label", "release", "refuse")}
    agencies = {f"agencies {v}" for v in ("list", "add", "import")}
    evidence = {"evidence verify", "evidence export", "audit verify", "audit export", "cases export"}
    assert names >= evidence
    assert names >= {"check", "replay", "serve", "demo", "init", "doctor", "rules lint"} | cases | agencies


def test_help_loads_nothing_heavy() -> None:
    code = "import sys; sys.argv = ['edrguard', '--help']\nfrom edrguard.cli import main\ntry: main()\nexcept SystemExit: pass\n"
    code += "print(sorted({m.split('.')[0] for m in sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for heavy in (
        "dns",
        "dkim",
        "spf",
        "checkdmarc",
        "sqlalchemy",
        "cel_expr_python",
        "starlette",
        "pydantic",
        "pypdf",
    ):
        assert f"'{heavy}'" not in ran.stdout


def test_version(cli) -> None:
    from edrguard import __version__

    assert cli("--version").out == f"edrguard {__version__}\n"
