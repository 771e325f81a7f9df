"""``retention``: what may no longer be kept is deleted."""

import getpass
from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="Delete what may no longer be kept.", no_args_is_help=True, rich_markup_mode=None)

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration of the node.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]


@app.command()
def run(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Delete everything whose time is over (retention: in edrguard.yml). The node does so once a day by itself.

    Example: edrguard retention run --dry-run
    """
    from datetime import UTC, datetime
    from typing import cast

    from edrguard.cli.out import emit
    from edrguard.model.codec import plain
    from edrguard.model.desk import DeskStore
    from edrguard.node.desk import open_parts
    from edrguard.node.retention import make_keep
    from edrguard.review import run_retention

    parts = open_parts(config)
    try:
        done = run_retention(
            cast(DeskStore, parts.store),
            parts.spool,
            make_keep(parts.config),
            actor=getpass.getuser(),
            now=datetime.now(UTC),
            dry_run=dry_run,
        )
    finally:
        parts.store.close()
    row = {**plain(done), "dry_run": dry_run}
    if as_json:
        emit(row)
        return
    typer.echo(("Would be deleted: " if dry_run else "Deleted: ") + _words(row))


@app.command("list")
def list_(as_json: Json = False, config: Config = None) -> None:
    """Earlier runs, newest first: when, by whom, how much.

    Example: edrguard retention list
    """
    from typing import cast

    from edrguard.cli.out import emit, printable
    from edrguard.model.codec import plain
    from edrguard.model.desk import DeskStore
    from edrguard.node.desk import open_parts

    parts = open_parts(config)
    try:
        for one in cast(DeskStore, parts.store).runs(100):
            row = plain(one)
            if as_json:
                emit(row)
            else:
                typer.echo(printable(f"{row['at']} by {row['actor']}: {_words(row)}"))
    finally:
        parts.store.close()


def _words(row: dict[str, Any]) -> str:
    return (
        f"{row['cases']} cases, {row['originals']} originals ({row['octets']} octets), "
        f"{row['observations']} observations, {row['marks']} marks; kept for a legal hold: {row['protected']}."
    )
