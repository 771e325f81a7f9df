"""Authentication of a message: SPF, DKIM, ARC, DMARC and iprev.

Laws: *pass, fail, none, temperror, permerror* and *not evaluated* (``None``) are six
different words; nothing passes because it broke, was late, or was not run. The only
clock is ``Session.received_at``; every DNS answer used is part of the result. Names
are imported on first use: settings need none of the machinery.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from edrguard.auth.methods import authenticate
    from edrguard.auth.others import Findings, weigh
    from edrguard.auth.settings import AuthSettings
    from edrguard.auth.unasked import unasked
    from edrguard.auth.walk import organizational_domain

__all__ = ["AuthSettings", "Findings", "authenticate", "organizational_domain", "unasked", "weigh"]

_HOMES = {
    "AuthSettings": "settings",
    "Findings": "others",
    "authenticate": "methods",
    "organizational_domain": "walk",
    "unasked": "unasked",
    "weigh": "others",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(name)
    value = getattr(import_module(f"edrguard.auth.{home}"), name)
    globals()[name] = value
    return value
