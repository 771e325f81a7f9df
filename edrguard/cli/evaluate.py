"""``evaluate``: the figures of replayed years, for a person or as JSON."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

GATE_FAILED = 1


def evaluate(
    paths: Annotated[
        list[Path], typer.Argument(metavar="TRUTH RESULTS...", help="Truth and results of a year; several are pooled.")
    ],
    from_day: Annotated[
        float, typer.Option(metavar="DAY", help="Days before this one are warm-up and do not count.")
    ] = 75.0,
    gate: Annotated[bool, typer.Option("--gate", help="Exit 1 where a hard gate fails.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON on stdout and nothing else.")] = False,
) -> int:
    """Judge the results of replay by the truth: recall at budgets of false alarms, campaigns, gates, and who pays.

    Example: edrguard evaluate year/truth.jsonl results.jsonl --from-day 75
    """
    from edrguard.cli.out import emit, printable
    from edrguard.node.evaluate import evaluate as figures

    found = figures(paths, from_day)
    if as_json:
        emit(found)
    else:
        typer.echo("\n".join(printable(line) for line in table(found)))
    return GATE_FAILED if gate and not found["gates"]["passed"] else 0


def table(found: dict[str, Any]) -> Iterator[str]:
    """The figures as lines of text."""
    yield (
        f"{found['messages']} messages: {found['attacks']} attacks, {found['benign']} benign "
        f"({found['emergencies']} emergencies); {found['without_result']} without a result"
    )
    yield f"PR-AUC {found['pr_auc']:.3f}"
    yield from _recall(found)
    yield from _campaigns(found["campaigns"])
    yield from _dispositions(found["dispositions"])
    yield from _gates(found["gates"], found["emergencies"])
    for title, key in (("country", "by_country"), ("size of agency", "by_agency_size")):
        yield from _alarms(title, found["false_alarms"][key])


def _recall(found: dict[str, Any]) -> Iterator[str]:
    names = list(found["budgets"])
    yield ""
    yield "recall at a budget of false alarms among benign messages"
    yield f"{'kind':<28}{'n':>5}" + "".join(f"{name:>18}" for name in names)
    for title, row in (
        *found["recall"].items(),
        ("GENUINE ACCOUNT", found["recall_genuine_account"]),
        ("ALL", found["recall_all"]),
    ):
        yield f"{title:<28}{row['n']:>5}" + "".join(f"{_share(row[name]):>18}" for name in names)


def _campaigns(campaigns: dict[str, Any]) -> Iterator[str]:
    yield ""
    yield f"campaigns of two or more ({campaigns['n']}) caught by their n-th message"
    for name, caught in campaigns["caught_by_message"].items():
        yield f"  {name:<10}" + "".join(f"  n={n} {_percent(one['share']):>6}" for n, one in caught.items())


def _dispositions(groups: dict[str, Any]) -> Iterator[str]:
    words = ("forward", "tag", "verify", "quarantine", "refuse", "defer", "stopped_or_called_back")
    yield ""
    yield f"{'dispositions':<28}" + "".join(f"{w:>12}" for w in words[:-1]) + "   stopped or called back"
    for title, row in groups.items():
        shares = [_percent(row[word] / max(1, row["n"])) for word in words]
        yield f"{title:<28}" + "".join(f"{share:>12}" for share in shares)


def _gates(gates: dict[str, Any], emergencies: int) -> Iterator[str]:
    yield ""
    yield (
        f"benign kept from their reader: {gates['benign_held']} ({gates['false_quarantine_per_1000']:.2f}/1000); "
        f"claims of danger kept back without a page (attacks too): {gates['silent_held_emergencies']}"
    )
    yield (
        f"benign emergencies not marked urgent: {gates['emergencies_not_urgent']} of {emergencies}; other benign "
        f"marked urgent: {gates['other_benign_urgent_per_1000']:.1f}/1000, sent to call-back: "
        f"{gates['called_back_per_1000']:.1f}/1000"
    )
    yield f"hard gates: {'pass' if gates['passed'] else 'FAIL'}"


def _alarms(title: str, groups: list[dict[str, Any]]) -> Iterator[str]:
    """Benign messages without an emergency that were called back or held, by group."""
    names = list(groups[0]["over_budget"]) if groups else []
    yield ""
    yield f"false alarms by {title}: benign messages, no emergencies, that were called back or held"
    yield f"{title:<24}{'agencies':>9}{'benign':>8}{'alarmed':>18}{'held':>6}{'tagged':>8}" + "".join(
        f"{'over ' + name:>14}" for name in names
    )
    for row in groups:
        over = "".join(f"{_percent(row['over_budget'][name]['share']):>14}" for name in names)
        marked = f"  {row['stands_out']} than others" if row["stands_out"] else ""
        yield (
            f"{row['group']:<24}{row['agencies']:>9}{row['benign']:>8}{_share(row['alarmed']):>18}"
            f"{row['held']:>6}{row['tagged']:>8}{over}{marked}"
        )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}%"


def _share(one: dict[str, Any]) -> str:
    if one["interval"] is None:
        return "-"
    low, high = one["interval"]
    return f"{_percent(one['share'])} [{100 * low:3.0f}-{100 * high:3.0f}]"


def register(app: typer.Typer) -> None:
    """Add the verb to the application."""
    app.command()(evaluate)
