"""``sender``: one officer's, mailbox's or agency's history and standing."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from edrguard.cli.judging import Agencies, Config, Json
from edrguard.cli.plots import Style, bars, columns, style_of

app = typer.Typer(help="Who writes to us, and how.", no_args_is_help=True, rich_markup_mode=None)

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
USUAL = (
    ("network", "networks"),
    ("operator", "operators"),
    ("client", "programs"),
    ("language", "languages"),
    ("signer", "signed by"),
    ("reply_to", "replies to"),
    ("date_offset", "time zones"),
)
TOP = 5
GREEN, RED, YELLOW = 32, 31, 33


@app.command()
def show(
    who: Annotated[str, typer.Argument(metavar="ADDRESS|DOMAIN|AGENCY-ID", help="Whose history.")],
    last: Annotated[int, typer.Option(min=1, max=100000, help="Examine so many of the newest messages.")] = 1000,
    no_unicode: Annotated[bool, typer.Option("--no-unicode", help="Plots in plain ASCII.")] = False,
    store: Annotated[str | None, typer.Option(metavar="URL", help="Database to read; else the node's.")] = None,
    agencies: Agencies = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """One officer's, mailbox's or agency's history and standing: counts, call-backs, doubts, habits.

    Hours are those of the agency's own time zone where the directory has it.

    Example: edrguard sender show a.rowe@cityxsheriff.example
    """
    from edrguard.cli.out import emit
    from edrguard.node.sender import show_sender

    found = show_sender(who, config_path=config, store_url=store, agencies=agencies or (), last=last)
    if as_json:
        emit(found)
    else:
        typer.echo("\n".join(sender_lines(found, style_of(no_unicode))))


def sender_lines(found: dict[str, Any], style: Style) -> Iterator[str]:
    """The history for a person."""
    from edrguard.cli.out import printable

    agency = found["agency"]
    of = f"  {agency['name']} ({agency['country']}, {agency['id']})" if agency else ""
    yield printable(f"{found['kind']} {found['name']}{of}")
    examined = f" (the newest {found['examined']} examined)" if found["examined"] < found["messages"] else ""
    yield (
        f"{found['messages']} messages{examined}, {_day(found['first_seen'])} to {_day(found['last_seen'])}; "
        f"{found['usual']} usual, {found['held']} held, {found['urgent']} urgent"
    )
    yield from _standing(found, style)
    for doubt in found["doubts"][:TOP]:
        told = f"doubt: {doubt['points']:.1f} points of {_day(doubt['at'])}, {doubt['mailbox']}"
        yield style.paint(printable(f"{told}: nobody has called since"), YELLOW)
    yield ""
    yield from (printable(line) for line in _plots(found, style))
    yield ""
    for trait, title in USUAL:
        seen = found["traits"].get(trait, [])
        if seen:
            more = f", {len(seen) - TOP} more" if len(seen) > TOP else ""
            told = ", ".join(f"{one['value']} ({one['count']})" for one in seen[:TOP])
            yield printable(f"{title:<12} {told}{more}")
    for one in found["mailboxes"][: 2 * TOP]:
        yield printable(f"mailbox      {one['mailbox']}  {one['messages']} messages, last {_day(one['last_seen'])}")
    yield ""
    for one in found["recent"]:
        case = f"  case {one['case']}" if one["case"] else ""
        label = f"  {one['label']}" if one["label"] else ""
        urgent = "  urgent" if one["urgent"] else ""
        yield printable(
            f"{one['received_at'][:16].replace('T', ' ')}  {one['disposition']:<10} risk {one['risk']:5.1f}  "
            f"{one['kind'] or '-':<12} {one['mailbox']}{urgent}{label}{case}"
        )


def _standing(found: dict[str, Any], style: Style) -> Iterator[str]:
    from edrguard.cli.out import printable

    standing = found["standing"]
    if standing["verified_at"]:
        when = f"{_day(standing['verified_at'])}, {standing['verified_days']} days ago"
        until = _day(standing["verified_until"])
        yield style.paint(f"standing: confirmed by call-back on {when}; counts for all mail until {until}", GREEN)
    elif not standing["confirmations"]:
        yield "standing: unverified, however much was written: nobody has called"
    for one in [c for c in standing["confirmations"] if c["scope"] == "request"][:TOP]:
        told = f"a request confirmed by call-back: {one['mailbox']} on {_day(one['at'])}"
        until = f"counts for mail about the same targets until {_day(one['until'])}"
        yield style.paint(printable(f"{told}; {until}"), GREEN)
    if standing["frauds"]:
        yield style.paint(f"fraud: {standing['frauds']} messages, recorded on {_day(standing['fraud_at'])}", RED)
    if standing["compromised"]:
        since = standing["compromised"].get("since") or "?"
        yield style.paint(printable(f"the directory calls its mailboxes hijacked since {since}"), RED)
    calls = standing["call_backs"]
    if any(calls.values()):
        yield (
            f"call-backs: {calls['genuine']} confirmed, {calls['fraud']} denied, {calls['unverified']} not reached; "
            f"labels: {standing['genuine']} genuine, {standing['frauds']} fraud"
        )


def _plots(found: dict[str, Any], style: Style) -> Iterator[str]:
    yield f"hours ({found['timezone']})   |{columns(found['hours'], style)}|"
    yield " " * (len(found["timezone"]) + 12) + "0     6     12    18   23"
    if len(found["months"]) > 1:
        months = list(found["months"].items())[-36:]
        yield f"months  |{columns([n for _, n in months], style)}|  {months[0][0]} to {months[-1][0]}"
    yield ""
    yield from bars(dict(zip(WEEKDAYS, found["weekdays"], strict=True)), style)
    yield ""
    yield from bars({one["value"]: one["count"] for one in found["traits"].get("kind", [])}, style)
    yield ""
    yield from bars({word: n for word, n in found["dispositions"].items() if n}, style)


def _day(when: str | None) -> str:
    return when[:10] if when else "never"
