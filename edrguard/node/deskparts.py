"""What the review desk works with, out of the configuration: for the console on a node, and for the terminal."""

from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from edrguard.console import Desk
from edrguard.evidence import Notary
from edrguard.message import edit, html_part
from edrguard.model.desk import DeskStore
from edrguard.model.facts import Facts
from edrguard.model.ports import NextHop, Spool
from edrguard.model.verdict import Verdict
from edrguard.model.wire import HeaderEdits
from edrguard.node.auditing import bundle_maker, report_maker
from edrguard.node.options import Config
from edrguard.node.ties import Ties
from edrguard.pipeline import HeaderSettings, Pipeline, header_edits, judge, share_again
from edrguard.review import BurstRules, Prepare, Zone, calendar, preparer


def make_zone(config: Config) -> Zone:
    """Where we are, and which days are free there."""
    zone = UTC if config.console.timezone == "UTC" else ZoneInfo(config.console.timezone)
    return Zone(zone, calendar(config.clocks.country, frozenset(config.clocks.holidays)))


def make_burst_rules(config: Config) -> BurstRules:
    """When many cases are one matter."""
    return BurstRules(config.incidents.cases, timedelta(hours=config.incidents.hours))


def make_desk(config: Config, pipeline: Pipeline, spool: Spool, next_hop: NextHop, notary: Notary, ties: Ties) -> Desk:
    """What the console works with."""

    def html(content: bytes) -> str | None:
        return html_part(content, config.limits)

    return Desk(
        store=cast(DeskStore, pipeline.store),
        spool=spool,
        next_hop=next_hop,
        prepare=make_prepare(config),
        record_label=ties.label,
        judge=lambda facts: judge(facts, pipeline.assessor.ruleset),  # a reload changes it
        html=html,
        link=config.case_link,
        bundle=bundle_maker(config, pipeline.store, spool, notary),
        report=report_maker(config, pipeline.store, spool),
        where=make_zone(config),
    )


def make_ties(config: Config, pipeline: Pipeline) -> Ties:
    """How earlier messages are looked at again, by the rules and the key of the time."""

    def judged(facts: Facts) -> Verdict:
        return judge(facts, pipeline.assessor.ruleset)

    def shared(facts: Facts, now: datetime) -> Facts:
        return share_again(pipeline.store, facts, pipeline.assessor.sources.keyed, now)

    return Ties(pipeline.store, judged, shared, make_zone(config), config.case_link)


def make_header_settings(config: Config) -> HeaderSettings:
    """What goes into header fields."""
    return HeaderSettings(
        authserv_id=config.authserv,
        mode=config.mode,
        subject_prefix=config.subject_prefix,
        case_url=config.case_link("").removesuffix("/cases/"),
    )


def make_prepare(config: Config) -> Prepare:
    """How a held message is made ready for release: the node's own header fields, the decision on top."""
    settings = make_header_settings(config)

    def edits(facts: Facts, verdict: Verdict, case_id: str) -> HeaderEdits:
        return header_edits(facts, verdict, settings, case_id)

    return preparer(edit, edits)
