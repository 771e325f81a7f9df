"""Keys from DNS, before anything is verified (RFC 6376 3.6.2, 6.1.2)."""

import asyncio
from collections.abc import Iterable

from edrguard.auth.keys import Key, KeyFault, usable_keys
from edrguard.model.limits import Limits
from edrguard.model.ports import Lookup
from edrguard.model.words import DnsStatus

KeyOutcome = tuple[Key, ...] | KeyFault | DnsStatus  #: keys, why there are none, or why DNS could not tell


async def fetch_keys(names: Iterable[str], lookup: Lookup, limits: Limits) -> dict[str, KeyOutcome]:
    """What each key name holds; a temporary DNS status is itself the outcome, never an absence."""
    wanted = list(dict.fromkeys(names))
    answers = [lookup.at_hand(name, "TXT") for name in wanted]
    missing = [name for name, answer in zip(wanted, answers, strict=True) if answer is None]
    if missing:
        await asyncio.gather(*(lookup.ask(name, "TXT") for name in missing))
    outcomes: dict[str, KeyOutcome] = {}
    for name in wanted:
        answer = await lookup.ask(name, "TXT")
        if answer.status.temporary:
            outcomes[name] = answer.status
        elif answer.status is not DnsStatus.NOERROR:
            outcomes[name] = KeyFault("no key: the selector does not exist")
        else:
            try:
                outcomes[name] = usable_keys(answer.records, limits.dkim_key_bits_min, limits.dkim_key_bits_max)
            except KeyFault as fault:
                outcomes[name] = fault
    return outcomes
