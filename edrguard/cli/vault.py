"""``vault``: the key that opens quarantined mail."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The key that opens quarantined mail.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def root() -> None:
    """The key that opens quarantined mail."""


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the private key goes; never overwritten.")],
) -> None:
    """Make a key pair for storage.vault: keep FILE where cases are decided, and away from the node that takes mail in.

    Example: edrguard vault new desk.key
    """
    from edrguard.node.vault import new_key

    typer.echo(f"storage.vault.recipient: {new_key(file)}")
