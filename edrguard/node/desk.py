"""What a command needs of a node that is not its own process: store, spool, and a way to the next hop."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edrguard.history import Keyed
from edrguard.model.audit import AuditRecord
from edrguard.model.errors import Unavailable
from edrguard.model.facts import Facts
from edrguard.model.history import LabelRecord
from edrguard.model.ports import Spool, Store
from edrguard.model.verdict import Verdict
from edrguard.node.auditing import audits, bundle_maker, make_notary, report_maker
from edrguard.node.config import load_config
from edrguard.node.deskparts import make_prepare, make_zone
from edrguard.node.historykey import history_key, key_path
from edrguard.node.options import Config
from edrguard.node.sources import make_ruleset
from edrguard.node.ties import Ties
from edrguard.node.vault import make_spool
from edrguard.node.wiresettings import make_next_hop_settings
from edrguard.pipeline import judge, share_again
from edrguard.protocols.smtp import SmtpNextHop
from edrguard.review import Prepare, Zone
from edrguard.rules import RuleSet
from edrguard.storage import open_store


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts."""

    config: Config
    store: Store
    spool: Spool
    prepare: Prepare
    record_label: Callable[[LabelRecord], bool]
    where: Zone
    judge: Callable[[Facts], Verdict]

    def next_hop(self) -> SmtpNextHop:
        """A way to the next hop. Make it inside the event loop that uses it."""
        return SmtpNextHop(make_next_hop_settings(self.config), self.config.limits)

    def audit(self, record: AuditRecord) -> None:
        """Write it into the log."""
        audits(self.store).audit(record)

    def bundle(self, case_id: str, actor: str, now: datetime) -> bytes:
        """The evidence of a case. Raises ConfigError where the node's key cannot be had."""
        notary = make_notary(self.config, self.store, lambda: datetime.now(UTC))
        return bundle_maker(self.config, self.store, self.spool, notary)(case_id, actor, now)

    def report(self, case_id: str, actor: str, now: datetime) -> bytes:
        """The case as a PDF. Raises Unavailable where the extra is not installed."""
        make = report_maker(self.config, self.store, self.spool)
        if make is None:
            raise Unavailable("the printable report needs an extra: pip install 'edrguard[report]'")
        return make(case_id, actor, now)


def open_parts(config_path: Path | None) -> Desk:
    """Open them. Raises ConfigError and StoreError."""
    config = load_config(config_path)
    store = open_store(config.storage.url)

    rules: list[RuleSet] = []  # read when they are needed, and once

    def judged(facts: Facts) -> Verdict:
        rules[:] = rules or [make_ruleset(config)]
        return judge(facts, rules[0])

    def shared(facts: Facts, now: datetime) -> Facts:
        return share_again(store, facts, Keyed(history_key(key_path(config.storage.key_file, config.storage.url))), now)

    return Desk(
        config=config,
        store=store,
        spool=make_spool(config),
        prepare=make_prepare(config),
        record_label=Ties(store, judged, shared, make_zone(config), config.case_link).label,
        where=make_zone(config),
        judge=judged,
    )
