"""``cases``: the review desk from a terminal, by the same functions as the console."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from edrguard.cli import incident

app = typer.Typer(help="The review desk from a terminal.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(incident.app, name="incident")

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration of the node.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
CaseId = Annotated[str, typer.Argument(metavar="CASE", help="A case's number, e.g. 2026-1187.")]
Actor = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who acts; default: the login name.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes on record.")]


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Decided cases too.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=10000, help="At most so many.")] = 50,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Cases, most pressing first.

    Example: edrguard cases list
    """
    from edrguard.cli.desk import list_lines, open_desk

    with open_desk(config) as desk:
        _show(desk.list(every, limit), list_lines, as_json)


@app.command()
def show(case: CaseId, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """One case: what happened, why, whom to call. That you read it is on record.

    Example: edrguard cases show 2026-1187
    """
    from edrguard.cli.desk import case_lines, open_desk

    with open_desk(config, actor) as desk:
        _show([desk.show(case)], case_lines, as_json)


@app.command()
def claim(case: CaseId, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """Take a case: others see that you have it.

    Example: edrguard cases claim 2026-1187
    """
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([desk.claim(case)], state_lines, as_json)


@app.command()
def callback(
    case: CaseId,
    outcome: Annotated[str, typer.Option(metavar="confirmed|denied|not-reached", help="What the agency said.")],
    number: Annotated[str, typer.Option(metavar="PHONE", help="The number called: never one from the message.")],
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where that number comes from, e.g. directory.")],
    who: Annotated[str, typer.Option(metavar="NAME", help="Who answered.")] = "",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Anything worth keeping.")] = "",
    scope: Annotated[
        str,
        typer.Option(
            metavar="request|officer",
            help="What a confirmation covers: this officer's mail about the same targets, or all mail of the mailbox.",
        ),
    ] = "request",
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Record a call-back. A confirmation counts for 90 days, within its scope.

    Example: edrguard cases callback 2026-1187 --outcome confirmed --number '+1 614 555 0100' --source directory
    """
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([desk.callback(case, outcome, number, source, who, note, scope)], state_lines, as_json)


@app.command()
def label(
    case: CaseId,
    label: Annotated[str, typer.Argument(metavar="genuine|fraud|unverified")],
    by: Annotated[
        str, typer.Option(metavar="document|other", help="How you know; a call-back has its own verb.")
    ] = "other",
    note: Annotated[str, typer.Option(metavar="TEXT", help="Anything worth keeping.")] = "",
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Say what a message was. Later labels replace earlier ones.

    Example: edrguard cases label 2026-1187 fraud --note 'the agency never sent it'
    """
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([desk.label(case, label, by, note)], state_lines, as_json)


@app.command()
def release(case: CaseId, reason: Reason, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """Deliver a held message to its original recipients, or lift the data-release hold of a delivered one.

    Where console.two_person says that two people have to agree, the first one's release waits for the second's.

    Example: edrguard cases release 2026-1187 --reason 'switchboard confirmed Dep. Rowe sent it'
    """
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([desk.release(case, reason)], state_lines, as_json)


@app.command()
def refuse(case: CaseId, reason: Reason, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """Close a case without delivering it. Nothing is sent to the sender: it would warn an attacker.

    Example: edrguard cases refuse 2026-1187 --reason 'the agency denies it'
    """
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([desk.refuse(case, reason)], state_lines, as_json)


@app.command()
def hold(
    case: CaseId,
    reason: Reason,
    lift: Annotated[bool, typer.Option("--lift", help="End the hold.")] = False,
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Legal hold: nothing of the case may be deleted until the hold is lifted.

    Example: edrguard cases hold 2026-1187 --reason 'litigation'
    """
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([desk.hold(case, reason, lift)], state_lines, as_json)


@app.command()
def indicators(
    case: CaseId,
    form: Annotated[
        str, typer.Option("--format", metavar="stix|misp", help="STIX 2.1 bundle, or MISP event.")
    ] = "stix",
    config: Config = None,
) -> None:
    """What peers may be told of a confirmed fraud, as JSON: never whom it was about, never its words.

    Example: edrguard cases indicators 2026-1187 --format misp
    """
    from edrguard.cli.desk import open_desk
    from edrguard.cli.out import emit
    from edrguard.model.errors import InputError
    from edrguard.review import misp, stix

    if form not in ("stix", "misp"):
        raise InputError(f"--format must be stix or misp, not {form!r}")
    with open_desk(config) as desk:
        make = stix if form == "stix" else misp
        emit(make(desk.read(case), desk.parts.config.host, desk.now()))


@app.command()
def clocks(case: CaseId, as_json: Json = False, config: Config = None) -> None:
    """The deadlines that run for a case, with the law or the person that set them.

    Example: edrguard cases clocks 2026-1187
    """
    from edrguard.cli.clocks import clock_lines, clocks_json
    from edrguard.cli.desk import open_desk

    with open_desk(config) as desk:
        _show(clocks_json(desk.parts, desk.read(case)), clock_lines, as_json)


@app.command()
def deadline(
    case: CaseId,
    reason: Reason,
    to: Annotated[str, typer.Option("--set", metavar="RFC3339", help="A deadline of your own.")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="With --set: data must be kept until then.")] = False,
    extend: Annotated[str, typer.Option("--extend", metavar="NAME", help="By what its law allows.")] = "",
    end: Annotated[str, typer.Option("--end", metavar="NAME", help="It was answered, or binds no more.")] = "",
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Set, extend or end a deadline; `cases clocks` shows their names.

    Example: edrguard cases deadline 2026-1187 --extend epoc-pr --reason 'asked for by the issuing court on 3 Nov'
    """
    from edrguard.cli.clocks import change_deadline
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([change_deadline(desk, case, to, extend, end, keep, reason)], state_lines, as_json)


@app.command()
def export(
    case: CaseId,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where it goes; it is written whole.")],
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Write the evidence bundle; the same as `evidence export`.

    Example: edrguard cases export 2026-1187 -o case-2026-1187.zip
    """
    from edrguard.cli.evidence import write_bundle

    write_bundle(case, out, actor, as_json, config)


@app.command()
def figures(
    first: Annotated[str, typer.Option("--from", metavar="DAY", help="First day, e.g. 2026-10-01 (UTC).")] = "",
    last: Annotated[str, typer.Option("--to", metavar="DAY", help="Last day. Without both: last month.")] = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="figure,value,count on stdout.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Figures for a transparency report: requests by kind, country and law, decisions, waits; never people or targets.

    Counts from 1 to 4 are not told.

    Example: edrguard cases figures --from 2026-07-01 --to 2026-12-31 --csv
    """
    from edrguard.cli.desk import open_desk
    from edrguard.cli.figures import figure_lines

    with open_desk(config) as desk:
        found = desk.figures(first, last)
    if as_csv:
        from edrguard.review import figures_csv

        typer.echo(figures_csv(found), nl=False)
    else:
        _show([found], figure_lines, as_json)


@app.command()
def redact(
    case: CaseId,
    reason: Reason,
    original: Annotated[bool, typer.Option("--original", help="Only the raw message.")] = False,
    words: Annotated[bool, typer.Option("--words", help="The reasons that people gave, too.")] = False,
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Delete a decided case's content for good: hash, decision and counts stay. A legal hold forbids it.

    Example: edrguard cases redact 2026-1187 --reason 'erasure asked for, DSR-17'
    """
    from edrguard.cli.desk import open_desk, redacted_lines

    with open_desk(config, actor) as desk:
        _show([desk.redact(case, reason, original, words)], redacted_lines, as_json)


@app.command()
def reopen(case: CaseId, reason: Reason, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """Undo a refusal; or withdraw a release that waits for a second person.

    Example: edrguard cases reopen 2026-1187 --reason 'the switchboard called back'
    """
    from edrguard.cli.desk import open_desk, state_lines

    with open_desk(config, actor) as desk:
        _show([desk.reopen(case, reason)], state_lines, as_json)


def _show(rows: list[dict[str, Any]], lines: Callable[[dict[str, Any]], list[str]], as_json: bool) -> None:
    from edrguard.cli.out import emit, printable

    for row in rows:
        if as_json:
            emit(row)
        else:
            typer.echo("\n".join(printable(line) for line in lines(row)))
