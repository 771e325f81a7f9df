"""``evidence``: the bundle of a case, its proof, and the report to be printed."""

from pathlib import Path
from typing import Annotated

import typer

from edrguard.cli.audit import Actor, Config, Json, Key

app = typer.Typer(help="Bundles that prove a case, and reports of it.", no_args_is_help=True, rich_markup_mode=None)

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="A case's number, e.g. 2026-1187.")]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="Where it goes; it is written whole.")]


@app.command()
def export(case: CaseId, out: Out, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """Everything that led to a decision, and the decision, signed, in one file. That it was made is on record.

    Example: edrguard evidence export 2026-1187 -o case-2026-1187.zip
    """
    write_bundle(case, out, actor, as_json, config)


@app.command()
def report(case: CaseId, out: Out, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """The case as a PDF to be printed and filed. Needs the extra edrguard[report].

    Example: edrguard evidence report 2026-1187 -o case-2026-1187.pdf
    """
    from edrguard.cli.desk import open_desk
    from edrguard.cli.out import emit
    from edrguard.node.wholefile import write_whole

    with open_desk(config, actor) as desk:
        write_whole(out, [desk.report(case)])
    if as_json:
        emit({"case": case, "out": str(out)})
    else:
        typer.echo(f"The report of case {case} is in {out}")


@app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="What `evidence export` wrote.")],
    key: Key = None,
    as_json: Json = False,
) -> int:
    """Prove a bundle, on any machine, without database or network: hashes, signature, log; DKIM and verdict once more.

    Exit 65 where anything is not as it was signed.

    Example: edrguard evidence verify case-2026-1187.zip --key node-public-key.pem
    """
    from edrguard.cli.out import emit, printable
    from edrguard.node.proving import verify_bundle

    answer = verify_bundle(bundle, key)
    if as_json:
        emit(answer)
    else:
        for check in answer["checks"]:
            typer.echo(printable(f"{check['status']:<5} {check['name']:<15} {check['text']}"))
        typer.echo(
            f"Case {answer['case']}, made {answer['made_at']}: nothing was changed."
            if answer["good"]
            else "This bundle is NOT what was signed."
        )
    return 0 if answer["good"] else 65


def write_bundle(case: str, out: Path, actor: str | None, as_json: bool, config: Path | None) -> None:
    """Also ``cases export``."""
    from edrguard.cli.desk import open_desk
    from edrguard.cli.out import emit
    from edrguard.node.wholefile import write_whole

    with open_desk(config, actor) as desk:
        made = desk.bundle(case)
        write_whole(out, [made])
    if as_json:
        emit({"case": case, "out": str(out), "size": len(made)})
    else:
        typer.echo(f"The evidence of case {case} is in {out}; `edrguard evidence verify {out}` proves it")
