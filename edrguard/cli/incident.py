"""``cases incident``: many cases that are one matter, decided together, from a terminal."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from edrguard.model.incident import Incident

app = typer.Typer(help="Bursts: one group, one decision.", no_args_is_help=True, rich_markup_mode=None)

Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="Configuration of the node.")]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
Number = Annotated[int, typer.Argument(metavar="INCIDENT", min=1, help="Its number.")]
Actor = Annotated[str | None, typer.Option("--as", metavar="NAME", help="Who acts; default: the login name.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes on record.")]


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Incidents that run, newest first.

    Example: edrguard cases incident list
    """
    from edrguard.cli.desk import open_desk
    from edrguard.cli.out import emit, printable

    with open_desk(config) as desk:
        for incident, cases, lives in desk.store.incidents(running=not every):
            row = {**_plain(incident), "waiting": cases, "waiting_life": lives}
            line = f"{incident.id:<5} {cases:>4} waiting, {lives} of them claim danger to life  {incident.title}"
            emit(row) if as_json else typer.echo(printable(line))


@app.command()
def show(number: Number, as_json: Json = False, config: Config = None) -> None:
    """One incident with its cases: first those that claim danger to life, which are decided one by one.

    Example: edrguard cases incident show 7
    """
    from edrguard.cli.desk import open_desk
    from edrguard.cli.out import emit, printable
    from edrguard.model.codec import plain
    from edrguard.review import find_incident

    with open_desk(config) as desk:
        incident = find_incident(desk.store, number)
        members = sorted(desk.store.members(number), key=lambda m: not m.life)
        if as_json:
            rows = [{"id": m.row.id, "state": m.row.state.value, "life_at_risk": m.life} for m in members]
            emit({**_plain(incident), "cases": rows})
            return
        over = f", over since {plain(incident.ended_at)}" if incident.ended_at else ""
        typer.echo(printable(f"Incident {incident.id}{over}: {incident.title}"))
        for m in members:
            alone = "LIFE: decide it by itself" if m.life else ""
            row = m.row
            typer.echo(
                printable(f"  {row.id:<10} {row.state:<9} {row.risk:5.1f}  {row.author}  {row.subject}  {alone}")
            )


@app.command()
def decide(
    number: Number,
    act: Annotated[str, typer.Argument(metavar="claim|call-back|hold|release|refuse")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it goes on record.")] = "",
    outcome: Annotated[str, typer.Option(metavar="confirmed|denied|not-reached", help="Of a call-back.")] = "",
    phone: Annotated[str, typer.Option("--number", metavar="PHONE", help="The number called.")] = "",
    source: Annotated[str, typer.Option(metavar="TEXT", help="Where that number comes from.")] = "",
    who: Annotated[str, typer.Option(metavar="NAME", help="Who answered.")] = "",
    actor: Actor = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """The same act on every undecided case of an incident, but for those that claim danger to life.

    Example: edrguard cases incident decide 7 refuse --reason 'the agency denies all of them'
    """
    import asyncio

    from edrguard.cli.desk import open_desk
    from edrguard.cli.out import emit, printable
    from edrguard.model.codec import plain
    from edrguard.review import Decision, Done, Hands
    from edrguard.review import decide as decide_all

    with open_desk(config, actor) as desk:
        parts, decision = (
            desk.parts,
            Decision(act=act, reason=reason, outcome=outcome, number=phone, source=source, confirmed_by=who),
        )

        async def run() -> list[Done]:
            hop = parts.next_hop()
            hands = Hands(
                spool=parts.spool,
                next_hop=hop,
                prepare=parts.prepare,
                record_label=parts.record_label,
                two_person=frozenset(parts.config.console.two_person),
            )
            try:
                return await decide_all(desk.store, hands, number, decision, actor=desk.actor, now=desk.now())
            finally:
                await hop.close()

        for done in asyncio.run(run()):
            words = done.words if done.ok else f"not done: {done.words}"
            emit(plain(done)) if as_json else typer.echo(printable(f"{done.case_id:<10} {words}"))


@app.command()
def end(number: Number, reason: Reason, actor: Actor = None, as_json: Json = False, config: Config = None) -> None:
    """An incident is over: its undecided cases stand in the queue one by one again.

    Example: edrguard cases incident end 7 --reason 'the agency has its mailbox back'
    """
    from edrguard.cli.desk import open_desk
    from edrguard.cli.out import emit
    from edrguard.review import end_incident

    with open_desk(config, actor) as desk:
        incident = end_incident(desk.store, number, actor=desk.actor, now=desk.now(), reason=reason)
        emit(_plain(incident)) if as_json else typer.echo(f"Incident {number} is over")


def _plain(incident: "Incident") -> dict[str, Any]:
    from edrguard.model.codec import plain

    found: dict[str, Any] = plain(incident)
    return found
