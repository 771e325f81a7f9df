"""``check`` and ``replay``: judge messages in files, without delivering anything."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE", help="Configuration; else /etc/edrguard/edrguard.yml.")
]
Json = Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")]
ClientIp = Annotated[str | None, typer.Option(metavar="IP", help="Address of the client at our border.")]
Helo = Annotated[str | None, typer.Option(metavar="NAME", help="Name the client gave.")]
MailFrom = Annotated[str | None, typer.Option(metavar="ADDR", help="Reverse-path; '' is the null path.")]
RcptTo = Annotated[list[str] | None, typer.Option(metavar="ADDR", help="Forward-path; repeatable.")]
ReceivedAt = Annotated[
    str | None, typer.Option(metavar="RFC3339", help="When it arrived: the clock for signatures, history, deadlines.")
]
Nameserver = Annotated[str | None, typer.Option(metavar="IP[:PORT]", help="Ask this DNS server.")]
DnsZone = Annotated[Path | None, typer.Option(metavar="FILE", help="Answer DNS from this zone file alone.")]
DnsTimeout = Annotated[float | None, typer.Option(metavar="SECONDS", min=0.01, help="Time for one DNS question.")]
Agencies = Annotated[list[Path] | None, typer.Option(metavar="FILE", help="More agencies; repeatable.")]
Networks = Annotated[Path | None, typer.Option(metavar="FILE", help="Table of networks (tab-separated).")]
Store = Annotated[str | None, typer.Option(metavar="URL", help="Database with the history to use.")]


def check(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help=".eml, mbox, Maildir, directory, or - for one.")
    ],
    client_ip: ClientIp = None,
    helo: Helo = None,
    mail_from: MailFrom = None,
    rcpt_to: RcptTo = None,
    received_at: ReceivedAt = None,
    nameserver: Nameserver = None,
    dns_zone: DnsZone = None,
    dns_timeout: DnsTimeout = None,
    agencies: Agencies = None,
    networks: Networks = None,
    store: Store = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Every finding with its weight and evidence.")
    ] = False,
    explain: Annotated[
        bool, typer.Option("--explain", help="The way it came in words: each hop, who wrote it, believed or not, why.")
    ] = False,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Exit 0 forward, 10 tag, 15 verify, 20 quarantine, 30 refuse, 40 defer.")
    ] = False,
    as_json: Json = False,
    config: Config = None,
) -> int:
    """Judge messages without delivering or recording anything.

    Example: edrguard check request.eml --client-ip 192.0.2.7 --helo mx.example.org --mail-from officer@example.org
    """
    from edrguard.cli.out import emit, gravest, path_lines, verdict_lines
    from edrguard.node.offline import CheckOptions, OfflineOptions, check_files

    offline = OfflineOptions(
        config=config,
        nameserver=nameserver,
        dns_zone=dns_zone,
        dns_timeout=dns_timeout,
        agencies=tuple(agencies or ()),
        networks=networks,
        store=store,
    )
    options = CheckOptions(
        client_ip=client_ip, helo=helo, mail_from=mail_from, rcpt_to=tuple(rcpt_to or ()), received_at=received_at
    )
    seen: list[str] = []

    def show(verdict: dict[str, object]) -> None:
        seen.append(str(verdict["disposition"]))
        if as_json:
            emit(verdict)
        else:
            lines = [*verdict_lines(verdict, verbose), *(path_lines(verdict) if explain else ())]
            typer.echo("\n".join(lines))

    check_files(paths, options, offline, show)
    return gravest(seen) if exit_code else 0


def replay(
    stream: Annotated[Path, typer.Argument(metavar="STREAM.jsonl", help="The recorded stream.")],
    out: Annotated[str, typer.Option("--out", metavar="RESULTS.jsonl", help="Where results go; - is stdout.")] = "-",
    client_ip: ClientIp = None,
    helo: Helo = None,
    mail_from: MailFrom = None,
    rcpt_to: RcptTo = None,
    nameserver: Nameserver = None,
    dns_zone: DnsZone = None,
    dns_timeout: DnsTimeout = None,
    agencies: Agencies = None,
    networks: Networks = None,
    store: Store = None,
    as_json: Json = False,
    config: Config = None,
) -> int:
    """Judge a recorded stream, learning as live traffic would, in a store of its own (--store keeps it).

    Options of the envelope fill what a line leaves out.

    Example: edrguard replay year/stream.jsonl --dns-zone year/zone.yml --agencies year/agencies.yml --out results.jsonl
    """
    from edrguard.node.offline import CheckOptions, OfflineOptions
    from edrguard.node.replay import replay_file

    offline = OfflineOptions(
        config=config,
        nameserver=nameserver,
        dns_zone=dns_zone,
        dns_timeout=dns_timeout,
        agencies=tuple(agencies or ()),
        networks=networks,
        store=store,
    )
    defaults = CheckOptions(client_ip=client_ip, helo=helo, mail_from=mail_from, rcpt_to=tuple(rcpt_to or ()))
    summary = replay_file(stream, out, offline, defaults)
    if as_json and out != "-":
        from edrguard.cli.out import emit

        emit(summary)
    return 0


def register(app: typer.Typer) -> None:
    """Add the verbs to the application."""
    app.command()(check)
    app.command()(replay)
