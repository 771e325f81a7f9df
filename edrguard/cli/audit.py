"""``audit``: the tamper-evident log."""

from pathlib import Path
from typing import Annotated, Any

import typer

app = typer.Typer(help="The tamper-evident log.", no_args_is_help=True, rich_markup_mode=None)

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration of the node.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
Key = Annotated[
    Path | None, typer.Option("--key", metavar="PUBKEY", help="The node's public key (PEM), got from elsewhere.")
]
Actor = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who acts; default: the login name.")]


@app.command()
def verify(
    exported: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="What `audit export` wrote; none: the node's own log.")
    ] = None,
    key: Key = None,
    as_json: Json = False,
    config: Config = None,
) -> int:
    """Is every entry as it was written, and none missing? Exit 65 where the log is broken, with the entries that are.

    Example: edrguard audit verify
    """
    from edrguard.cli.out import emit, note, printable
    from edrguard.node.auditlog import verify_log

    health = verify_log(config, key, exported)
    if as_json:
        emit(health)
    else:
        for fault in health["faults"]:
            note(printable(fault["text"]))
        if health["more_faults"]:
            note(f"and {health['more_faults']} faults more")
        for text in health["notes"]:
            note(printable(f"note: {text}"))
        if health["good"]:
            typer.echo(
                f"{health['entries']} entries, none missing or altered; {health['signed']} of them under a signature"
            )
    return 0 if health["good"] else 65


@app.command()
def show(
    case: Annotated[str | None, typer.Option("--case", metavar="CASE", help="Entries of this case.")] = None,
    who: Annotated[str | None, typer.Option("--by", metavar="NAME", help="What this person did.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", metavar="WORD", help="read, released, signed in, ...")] = None,
    since: Annotated[str | None, typer.Option("--since", metavar="RFC3339", help="From this time on.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100000, help="At most so many, the newest.")] = 50,
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """What is in the log, the newest last. That you looked is an entry, too.

    Example: edrguard audit show --case 2026-1187
    """
    from edrguard.cli.out import emit, printable
    from edrguard.node.auditlog import show_log
    from edrguard.node.terminal import login

    for row in show_log(config, actor or login(), case_id=case, who=who, kind=kind, since=since, limit=limit):
        if as_json:
            emit(row)
        else:
            typer.echo(printable(_line(row)))


@app.command()
def export(
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where it goes; it is written whole.")],
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """The whole log, signed, as JSON lines that `audit verify FILE` checks on any machine.

    Example: edrguard audit export -o audit.jsonl
    """
    from edrguard.cli.out import emit
    from edrguard.node.auditlog import export_log
    from edrguard.node.terminal import login

    told = export_log(config, out, actor or login())
    if as_json:
        emit(told)
    else:
        typer.echo(f"{told['entries']} entries are in {told['out']}, signed by the key {told['key']}")


@app.command()
def rotate(actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """Another key for the log: the old one signs it, in an entry, and is gone. Prints the new public key.

    Whoever knows the first key goes on verifying with it. A running node follows by itself.

    Example: edrguard audit rotate > node-public-key-2.pem
    """
    from edrguard.cli.out import emit, note
    from edrguard.node.rotation import rotate as work
    from edrguard.node.terminal import login

    told = work(config, actor or login())
    if as_json:
        emit(told)
    else:
        typer.echo(told["pem"], nl=False)
        note(f"fingerprint {told['key']}; entry {told['entry']} is signed by the key before it, {told['old']}")


@app.command()
def key(as_json: Json = False, config: Config = None) -> None:
    """The public key that proves what this node signed. Give it to somebody who does not run the node.

    Example: edrguard audit key > node-public-key.pem
    """
    from edrguard.cli.out import emit, note
    from edrguard.node.auditlog import public_key

    pem, fingerprint = public_key(config)
    if as_json:
        emit({"key": fingerprint, "pem": pem})
    else:
        typer.echo(pem, nl=False)
        note(f"fingerprint {fingerprint}")


def _line(row: dict[str, Any]) -> str:
    if "damaged" in row:
        return f"{row['seq']:>7}  DAMAGED: {row['damaged']}"
    told = ", ".join(f"{k}: {v}" for k, v in row["data"].items() if k not in ("digest", "facts", "verdict", "envelope"))
    case = f"case {row['case']}  " if row["case"] else ""
    return f"{row['seq']:>7}  {row['at']}  {row['kind']:<16} {row['actor'] or '?':<16} {case}{told}"
