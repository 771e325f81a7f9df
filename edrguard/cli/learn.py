"""``learn``: import old mail as unverified history."""

from typing import Annotated, Any

import typer

from edrguard.cli.judging import Agencies, Config, DnsTimeout, DnsZone, Json, Nameserver, Networks

NOTED = 20  #: messages left out that are named on a terminal
NOTHING = 65  #: everything was left out


def learn(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help=".eml, mbox, Maildir, directory, or - for one.")
    ],
    sent: Annotated[bool, typer.Option("--sent", help="They are what the company sent, for thread checks.")] = False,
    our_domain: Annotated[
        list[str] | None,
        typer.Option(metavar="DOMAIN", help="With --sent: we write from it, beside the inboxes' domains; repeatable."),
    ] = None,
    dns: Annotated[
        bool, typer.Option("--dns", help="Authenticate as if it came today: for mail of the last days.")
    ] = False,
    nameserver: Nameserver = None,
    dns_zone: DnsZone = None,
    dns_timeout: DnsTimeout = None,
    agencies: Agencies = None,
    networks: Networks = None,
    store: Annotated[str | None, typer.Option(metavar="URL", help="Database to learn into; else the node's.")] = None,
    as_json: Json = False,
    config: Config = None,
) -> int:
    """Import old mail as unverified history. Nothing is delivered, held or paged; twice is as good as once.

    Without a DNS option no questions are asked: keys of old signatures are gone, so authentication is not evaluated.

    Example: edrguard learn /var/mail/legal-2025.mbox
    """
    from edrguard.cli.out import emit, note, printable
    from edrguard.node.learn import learn as run
    from edrguard.node.offline import OfflineOptions

    options = OfflineOptions(
        config=config,
        nameserver=nameserver,
        dns_zone=dns_zone,
        dns_timeout=dns_timeout,
        agencies=tuple(agencies or ()),
        networks=networks,
        store=store,
    )
    ask = dns or nameserver is not None or dns_zone is not None
    summary = run(paths, options, sent=sent, ask_dns=ask, ours=tuple(our_domain or ()))
    left_out = summary["left_out"]
    for one in left_out[:NOTED]:
        note(printable(f"left out: {one['path']}: {one['problem']}"))
    if len(left_out) > NOTED:
        note(f"left out: {len(left_out) - NOTED} more (--json names them all)")
    if as_json:
        emit(summary)
    else:
        typer.echo(printable(told(summary)))
    return NOTHING if left_out and len(left_out) == summary["read"] else 0


def told(summary: dict[str, Any]) -> str:
    """The summary as a sentence or two."""
    span = f", {summary['first'][:10]} to {summary['last'][:10]}" if summary["first"] else ""
    parts = [f"{summary['read']} read, {summary['learned']} learned{span}, {summary['known']} known before"]
    if summary["left_out"]:
        parts.append(f"{len(summary['left_out'])} left out")
    text = ", ".join(parts) + "."
    if summary["held"]:
        text += f" {summary['held']} would be held today: remembered, but not as habits."
    if summary["dated_by_author"] and not summary["sent"]:
        text += (
            f" {summary['dated_by_author']} dated by their authors alone: trace.trusted_hosts names who is believed."
        )
    return text


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command()(learn)
