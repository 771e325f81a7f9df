"""What is done with a case when it is written, and again and again while the node runs: its clocks are set, it joins an
incident; people are told before a clock ends, and incidents expire.

Laws: nothing here may hold a message up: whoever calls ``file_case`` goes on when it fails.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from edrguard.model.case import Case
from edrguard.model.errors import EdrguardError
from edrguard.model.facts import Facts
from edrguard.model.incident import IncidentStore
from edrguard.review.burst import BurstRules
from edrguard.review.clocks import ClockedStore, WarningStore, warn
from edrguard.review.deadlines import Zone, deadlines
from edrguard.review.incident import GroupingStore, group

_log = logging.getLogger("edrguard.cases")


class FilingStore(ClockedStore, GroupingStore, Protocol):
    """What is needed of the store for a new case."""


class TendingStore(WarningStore, IncidentStore, Protocol):
    """What is needed of the store while the node runs."""


def file_case(
    store: FilingStore,
    where: Zone,
    case: Case,
    facts: Facts,
    rules: BurstRules | None = None,
    link: Callable[[str], str] = lambda case_id: "",
) -> bool:
    """Set the clocks of a case that was just written, and group it. True where a group's page stands for its own."""
    store.set_clocks(case.id, deadlines(facts, store.events(case.id), where), case.opened_at)
    return rules is not None and group(store, rules, case, facts, link)


def tend(store: TendingStore, where: Zone, link: Callable[[str], str], now: datetime) -> int:
    """Write the pages of clocks that end soon; how many. One case that cannot be read does not stop the others."""
    for number in store.expire_incidents(now):
        _log.info("incident %d has expired; its cases are in the queue again", number)
    written = 0
    for case_id, clock in store.due_warnings(now):
        try:
            written += warn(store, now, link(case_id), case_id, clock, where)
        except EdrguardError as error:
            _log.warning("case %s: its deadline could not be told of: %s", case_id, error)
    return written
