"""``users token``: bearer tokens of service accounts, for the JSON API."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Tokens of service accounts, for the JSON API.", no_args_is_help=True, rich_markup_mode=None)

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration of the node.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]


@app.command()
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A service account (`users add NAME --service`).")],
    days: Annotated[int, typer.Option(min=1, max=730, help="For how long it is valid.")] = 90,
    role: Annotated[
        list[str] | None, typer.Option(metavar="ROLE", help="Only these of the account's roles; may be repeated.")
    ] = None,
    note: Annotated[str, typer.Option(metavar="TEXT", help="What it is for.")] = "",
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Make a token. It is shown once; the node keeps a digest.

    Example: edrguard users token add tickets --days 90 --note 'ticket system'
    """
    from edrguard.cli.out import emit
    from edrguard.model.codec import rfc3339
    from edrguard.node.accounts import Accounts

    with Accounts(config) as accounts:
        token, secret = accounts.add_token(name, role or (), days, note)
    if as_json:
        emit({"id": token.id, "token": secret, "roles": list(token.roles), "expires_at": rfc3339(token.expires_at)})
        return
    typer.echo(f"Token {token.id} of {name} for {', '.join(token.roles)}, until {rfc3339(token.expires_at)}.")
    typer.echo(f"Shown once: {secret}")


@app.command("list")
def list_(as_json: Json = False, config: Config = None) -> None:
    """Every token: whose, for what, until when, last used.

    Example: edrguard users token list
    """
    from edrguard.cli.out import emit, printable
    from edrguard.model.codec import plain
    from edrguard.node.accounts import Accounts

    with Accounts(config) as accounts:
        for token in accounts.tokens():
            row = plain(token)
            del row["digest"]
            if as_json:
                emit(row)
                continue
            state = f"revoked {row['revoked_at']}" if row["revoked_at"] else f"until {row['expires_at']}"
            used = f"last used {row['used_at']}" if row["used_at"] else "never used"
            typer.echo(
                printable(f"{token.id} {token.user:<20} {' '.join(token.roles):<20} {state}, {used} {token.note}")
            )


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as `users token list` shows it.")],
    config: Config = None,
) -> None:
    """End a token at once.

    Example: edrguard users token revoke 3f9a1c2b4d5e
    """
    from edrguard.node.accounts import Accounts

    with Accounts(config) as accounts:
        accounts.revoke_token(token)
    typer.echo(f"Token {token} is revoked.")
