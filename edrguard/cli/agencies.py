"""``agencies``: the directory."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="The directory of agencies.", no_args_is_help=True, rich_markup_mode=None)

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration of the node.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
Actor = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who acts; default: the login name.")]
Into = Annotated[
    Path | None,
    typer.Option(
        "--into", metavar="FILE", help="The YAML file to write; default: agencies.yml beside the configuration."
    ),
]


@app.command("list")
def list_(
    country: Annotated[str | None, typer.Option(metavar="CC", help="Only this country (ISO 3166-1).")] = None,
    match: Annotated[str | None, typer.Option(metavar="TEXT", help="Only where id, name or a domain has it.")] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """The agencies that are known.

    Example: edrguard agencies list --country DE --match polizei
    """
    from edrguard.cli.out import emit, printable
    from edrguard.node.workbench import list_agencies

    for entry in list_agencies(config, country, match):
        if as_json:
            emit(entry)
        else:
            domains = ", ".join(entry["domains"])
            typer.echo(
                printable(f"{entry['id']:<32} {entry['country']} {entry['confidence']:<9} {entry['name']}  {domains}")
            )


@app.command()
def add(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Stable, e.g. us-cityx-sheriff.")],
    name: Annotated[str, typer.Option(metavar="TEXT", help="The agency's name.")],
    country: Annotated[str, typer.Option(metavar="CC", help="ISO 3166-1.")],
    domain: Annotated[list[str], typer.Option(metavar="HOST", help="Mail domain, or *.suffix; repeatable.")],
    kind: Annotated[str, typer.Option(metavar="KIND", help="police, prosecution, court, ...")] = "police",
    timezone: Annotated[str | None, typer.Option(metavar="ZONE", help="IANA name.")] = None,
    source: Annotated[str, typer.Option(metavar="TEXT", help="How you know.")] = "",
    phone: Annotated[str | None, typer.Option(metavar="PHONE", help="Switchboard, from an independent source.")] = None,
    phone_source: Annotated[str, typer.Option(metavar="TEXT", help="That source, e.g. official site.")] = "",
    into: Into = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Add one agency to your own file.

    Example: edrguard agencies add us-cityx-sheriff --name "City X Sheriff" --country US --domain cityxsheriff.example
    """
    from edrguard.cli.out import emit, note
    from edrguard.node.workbench import add_agency

    report = add_agency(
        config, into, identity, name, country, tuple(domain), kind, timezone, source, phone, phone_source
    )
    emit(report) if as_json else note(f"{report['into']}: {report['added']} added")


@app.command()
def compromised(
    who: Annotated[str, typer.Argument(metavar="ID|MAILBOX|DOMAIN", help="An agency's id, a mailbox, or a domain.")],
    since: Annotated[str, typer.Option(metavar="DATE", help="In the wrong hands since, YYYY-MM-DD.")],
    reason: Annotated[str, typer.Option(metavar="TEXT", help="How you know; it goes on record.")],
    actor: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who acts; default: the login name.")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """A sender is in the wrong hands: judge again what it sent, freeze its open cases, list what was given.

    Example: edrguard agencies compromised a.rowe@cityxsheriff.example --since 2026-11-01 --reason 'the sheriff called'
    """
    from edrguard.cli.hijack import report_compromised, report_lines
    from edrguard.cli.out import emit, printable

    row, found = report_compromised(config, actor, who, since, reason)
    emit(row) if as_json else typer.echo("\n".join(printable(line) for line in report_lines(found)))


@app.command()
def cleaned(
    who: Annotated[str, typer.Argument(metavar="ID|MAILBOX|DOMAIN", help="As it was reported.")],
    actor: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who acts; default: the login name.")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """A sender has its mailbox back: it is watched for a time (incidents.probation_days).

    Example: edrguard agencies cleaned a.rowe@cityxsheriff.example
    """
    from edrguard.cli.hijack import report_cleaned
    from edrguard.cli.out import emit, note

    row = report_cleaned(config, actor, who)
    emit(row) if as_json else note(f"{row['kind']} {row['subject']} is watched until {row['watched_until']}")


@app.command("import")
def import_(
    path: Annotated[Path, typer.Argument(metavar="FILE", help="YAML, CSV, or CISA's .gov list.")],
    into: Into = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Import agencies into your own file. Conflicts and look-alikes are reported, not guessed.

    Example: edrguard agencies import current-full.csv
    """
    from edrguard.cli.out import emit, note
    from edrguard.node.workbench import import_agencies

    report = import_agencies(config, path, into)
    if as_json:
        emit(report)
        return
    for warning in report["warnings"]:
        note(f"warning: {warning}")
    note(f"{report['into']}: {report['added']} added, {report['replaced']} replaced")
