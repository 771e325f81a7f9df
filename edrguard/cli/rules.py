"""``rules``: the operators' workbench."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The operators' workbench.", no_args_is_help=True, rich_markup_mode=None)

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration that names the rules.")]


@app.callback()
def root() -> None:
    """The operators' workbench."""


@app.command()
def lint(
    scenarios: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Scenario folders that rules cite; none: names are not looked up."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")] = False,
    config: Config = None,
) -> int:
    """Load symbols and rules, and say what is wrong with file:line:column. Exit 78 where anything is.

    Example: edrguard rules lint --scenarios tests/scenarios
    """
    from edrguard.cli.out import emit, note
    from edrguard.node.workbench import lint_rules

    report = lint_rules(config, scenarios)
    if as_json:
        emit(report)
    else:
        for fault in report["faults"]:
            note(fault)
        if not report["faults"]:
            typer.echo(f"{report['rules']} rules, {report['symbols']} symbols: nothing wrong")
    return 78 if report["faults"] else 0
