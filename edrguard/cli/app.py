"""The verbs, and nothing heavy: ``--help`` must answer in under 0.3 s, so verbs import what they need when called."""

from typing import Annotated

import typer

from edrguard import __version__
from edrguard.cli import (
    agencies,
    audit,
    cases,
    evaluate,
    evidence,
    judging,
    learn,
    retention,
    rules,
    running,
    sender,
    users,
    vault,
)

app = typer.Typer(
    name="edrguard",
    help="A filter for the inbox where a forged legal request can cost a life.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=True,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"edrguard {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """A filter for the inbox where a forged legal request can cost a life."""


judging.register(app)
running.register(app)
learn.register(app)
evaluate.register(app)
app.add_typer(cases.app, name="cases")
app.add_typer(evidence.app, name="evidence")
app.add_typer(audit.app, name="audit")
app.add_typer(users.app, name="users")
app.add_typer(retention.app, name="retention")
app.add_typer(vault.app, name="vault")
app.add_typer(rules.app, name="rules")
app.add_typer(agencies.app, name="agencies")
app.add_typer(sender.app, name="sender")
