"""``users``: console accounts."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from edrguard.cli import tokens

app = typer.Typer(help="Accounts of the review console.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(tokens.app, name="token")

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration of the node.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Whom the account is for: it goes on record.")]
Stdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin, one line.")]


@app.command()
def add(
    name: Name,
    role: Annotated[
        list[str],
        typer.Option(metavar="ROLE", help="reviewer, approver, operator, administrator or auditor; may be repeated."),
    ],
    password_stdin: Stdin = False,
    service: Annotated[bool, typer.Option("--service", help="For a program: tokens instead of a password.")] = False,
    reset: Annotated[bool, typer.Option("--reset", help="The account is there: new password, these roles.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Make an account. Without --password-stdin a password is made and shown once.

    Example: edrguard users add m.keller --role reviewer --role approver
    """
    from edrguard.cli.out import emit
    from edrguard.node.accounts import Accounts

    password = _read() if password_stdin else None
    with Accounts(config) as accounts:
        user, made = accounts.add(name, role, password, reset, service)
        closed = accounts.closes_bootstrap()
    if as_json:
        emit({"name": user.name, "roles": list(user.roles), "password": made or None})
        return
    if service:
        typer.echo(f"{user.name} is a program's account. Next: edrguard users token add {user.name}")
        return
    typer.echo(f"{user.name} may sign in as {', '.join(user.roles)}.")
    if made:
        typer.echo(f"Password, shown once: {made}")
    if closed:
        typer.echo(f"An administrator has an account, so the configured user {closed} signs in no more.")


@app.command("list")
def list_(as_json: Json = False, config: Config = None) -> None:
    """Every account with its roles.

    Example: edrguard users list
    """
    from edrguard.cli.out import emit, printable
    from edrguard.model.codec import rfc3339
    from edrguard.node.accounts import Accounts

    with Accounts(config) as accounts:
        for user in accounts.all():
            disabled = rfc3339(user.disabled_at) if user.disabled_at else None
            if as_json:
                emit(
                    {
                        "name": user.name,
                        "roles": list(user.roles),
                        "source": user.source.value,
                        "totp": bool(user.totp),
                        "keys": accounts.keys(user.name),
                        "disabled_at": disabled,
                    }
                )
            else:
                state = f"disabled {disabled}" if disabled else "code at sign-in" if user.totp else ""
                state = state or ("" if user.source == "local" else f"{user.source.value} account")
                typer.echo(printable(f"{user.name:<24} {', '.join(user.roles):<40} {state}".rstrip()))


@app.command()
def disable(name: Name, config: Config = None) -> None:
    """Sign somebody out and let them in no more. What they did stays on record.

    Example: edrguard users disable m.keller
    """
    from edrguard.node.accounts import Accounts

    with Accounts(config) as accounts:
        accounts.disable(name)
    typer.echo(f"{name} is disabled.")


@app.command()
def recover(name: Name, config: Config = None) -> None:
    """Take code and security keys from somebody who lost them: the password alone opens the account then.

    Example: edrguard users recover m.keller
    """
    from edrguard.node.accounts import Accounts

    with Accounts(config) as accounts:
        accounts.recover(name)
    typer.echo(f"{name} has neither code nor keys any more and is signed out.")


@app.command()
def link(
    name: Name,
    subject: Annotated[str, typer.Option(metavar="SUB", help="Who they are at the provider: the claim sub.")],
    config: Config = None,
) -> None:
    """Let the company's sign-in (console.oidc) open an account, and nothing else: its password is gone.

    Example: edrguard users link m.keller --subject 00u1a2b3c4
    """
    from edrguard.node.accounts import Accounts

    with Accounts(config) as accounts:
        accounts.link(name, subject)
    typer.echo(f"{name} signs in with the company's account from now on, and is signed out here.")


@app.command("hash")
def hash_(password_stdin: Stdin = False) -> None:
    """Print the hash of a password, for console.password_hash.

    Example: edrguard users hash
    """
    from edrguard.console.passwords import hash_password

    typer.echo(hash_password(_read() if password_stdin else typer.prompt("Password", hide_input=True, err=True)))


def _read() -> str:
    return sys.stdin.readline().rstrip("\r\n")
