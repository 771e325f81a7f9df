"""What is done with a case when it is written, and again and again while the node runs: its clocks are set, people are
told before one ends.

Laws: nothing here may hold a message up: whoever calls ``file_case`` goes on when it fails.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from edrguard.model.case import Case
from edrguard.model.errors import EdrguardError
from edrguard.model.facts import Facts
from edrguard.review.clocks import ClockedStore, WarningStore, warn
from edrguard.review.deadlines import Zone, deadlines

_log = logging.getLogger("edrguard.cases")


def file_case(store: ClockedStore, where: Zone, case: Case, facts: Facts) -> None:
    """Set the clocks of a case that was just written."""
    store.set_clocks(case.id, deadlines(facts, store.events(case.id), where), case.opened_at)


def tend(store: WarningStore, where: Zone, link: Callable[[str], str], now: datetime) -> int:
    """Write the pages of clocks that end soon; how many. One case that cannot be read does not stop the others."""
    written = 0
    for case_id, clock in store.due_warnings(now):
        try:
            written += warn(store, now, link(case_id), case_id, clock, where)
        except EdrguardError as error:
            _log.warning("case %s: its deadline could not be told of: %s", case_id, error)
    return written
