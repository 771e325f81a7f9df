"""``serve``, ``demo``, ``init`` and ``doctor``: set a node up and run it."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Configuration; else /etc/edrguard/edrguard.yml.")
]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]


def serve(config: Config = None) -> None:
    """Run the node: SMTP proxy, console, health and metrics, as configured. SIGTERM drains, SIGHUP reloads rules.

    Example: edrguard serve --config /etc/edrguard/edrguard.yml
    """
    from edrguard.node.serve import serve as run

    run(config)


def demo(
    once: Annotated[bool, typer.Option("--once", help="End after the table; no console.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port of the console on 127.0.0.1.")] = 8025,
    as_json: Json = False,
) -> int:
    """See it work: a real proxy, DNS and inbox on loopback, real SMTP between them. Nothing is kept.

    Example: edrguard demo --once
    """
    from edrguard.cli.out import emit, note
    from edrguard.node.demo import run_demo

    return run_demo(note if as_json else typer.echo, once, port, emit if as_json else None)


def init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the configuration goes.")] = Path(
        "/etc/edrguard"
    ),
    gateway: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Behind a gateway: microsoft365, google or generic. Tells how to wire it."),
    ] = None,
) -> None:
    """Write a commented configuration, with folders for your own rules. Existing files are left alone.

    Example: edrguard init /etc/edrguard --gateway microsoft365
    """
    from edrguard.cli.out import note
    from edrguard.model.errors import UsageError
    from edrguard.node.initialise import write_configuration

    if gateway not in (None, "microsoft365", "google", "generic"):
        raise UsageError(f"--gateway {gateway}: one of microsoft365, google, generic")
    for line in write_configuration(folder, gateway):
        note(line)


def doctor(
    config_only: Annotated[bool, typer.Option("--config-only", help="Only what needs no network and no disk.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> int:
    """Test configuration, DNS, next hop, spool, clock, database, Postfix wiring and permissions; say what to do.

    Exit 78 where the configuration is wrong, 69 where anything else is.

    Example: edrguard doctor
    """
    from edrguard.cli.out import emit, printable
    from edrguard.node.doctor import examine

    failed = []
    for check in examine(config, config_only):
        if check.status == "FAIL":
            failed.append(check.name)
        if as_json:
            emit({"name": check.name, "status": check.status, "text": check.text, "fix": check.fix})
        else:
            fix = f"  -> {check.fix}" if check.fix and check.status != "ok" else ""
            typer.echo(printable(f"{check.status:<5} {check.name:<15} {check.text}{fix}"))
    if not failed:
        return 0
    return 78 if failed[0] in ("configuration", "rules", "directory") else 69


def register(app: typer.Typer) -> None:
    """Add the verbs to the application."""
    for verb in (serve, demo, init, doctor):
        app.command()(verb)
